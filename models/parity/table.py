"""Writes the table of what runs into `README.md` beside it, from what the tests measured: `python -m parity.table`.

What they have not measured on this machine is measured now.
"""

import math
import tempfile
from pathlib import Path

import torch

from export.family import quiet
from parity import results
from parity.cases import TABLED
from parity.compare import LATENTS_TOLERANCE, PSNR_LEAST, Agreement
from parity.families import FAMILIES
from parity.lab import Lab

README = Path(__file__).resolve().parent / "README.md"
BEGIN, END = "<!-- what runs: models/parity/table.py -->\n", "<!-- /what runs -->\n"
HEAD = ("Family", "Form", "Scheduler", "Steps", "Guidance", "Latents differ by", "Pictures agree to")


def row(family: str, form: str, agreement: Agreement) -> tuple[str, ...]:
    how = FAMILIES[family]
    scheduler = how.scheduler.name.removesuffix("Scheduler")
    picture = f"{agreement.psnr:.0f} dB" if math.isfinite(agreement.psnr) else "the bit"
    return family, form, scheduler, str(how.steps), f"{how.guidance:g}", f"{agreement.latents:.0e}", picture


def table(measured: dict[results.Case, Agreement]) -> str:
    rows = [HEAD, ("---",) * len(HEAD), *(row(*case, measured[case]) for case in TABLED)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def written() -> str:
    """The table that `README.md` has."""
    text = README.read_text(encoding="utf-8")
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)]


def write(content: str) -> None:
    text = README.read_text(encoding="utf-8")
    README.write_text(text.replace(BEGIN + written() + END, BEGIN + content + END), encoding="utf-8")


def main() -> None:
    quiet()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        for case in TABLED:
            agreement = results.read().get(case) or lab.measure(*case)
            if not agreement.holds:
                raise SystemExit(f"{case}: {agreement}; want {LATENTS_TOLERANCE} and {PSNR_LEAST} dB")
            print(*case, agreement, flush=True)
    measured = results.read()
    write(table({case: measured[case] for case in TABLED}))


if __name__ == "__main__":
    main()
