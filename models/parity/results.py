"""Keeps what the tests measured between runs; the table of `parity/README.md` is made from it."""

import json
import math
from dataclasses import asdict
from pathlib import Path

from parity.compare import Agreement

PATH = Path(__file__).resolve().parents[1] / "runs" / "parity.json"
Case = tuple[str, str]


def read() -> dict[Case, Agreement]:
    """The latest measurement of each (family, form)."""
    rows = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else []
    return {
        (row["family"], row["form"]): Agreement(row["latents"], math.inf if row["psnr"] is None else row["psnr"])
        for row in rows
    }


def record(case: Case, agreement: Agreement) -> None:
    rows = [
        {"family": family, "form": form} | asdict(measured) | {"psnr": _finite(measured.psnr)}
        for (family, form), measured in (read() | {case: agreement}).items()
    ]
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _finite(psnr: float) -> float | None:
    return psnr if math.isfinite(psnr) else None
