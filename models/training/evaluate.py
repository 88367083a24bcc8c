"""Measures a trained model: `python -m training.evaluate --config configs/cpu.json` (from `models/`).

Trains the judge if there is none, then measures part by part and writes `EVALUATION.md`, `evaluation.json` and the
figures into the model's folder. What has been measured is kept in `runs/<name>/evaluation/` for as long as model and
judge stay the same: started again, it goes on from there. `--only obedience,cost` measures those parts alone; the page
then holds them and whatever else is kept. `--dry-run` measures the toy model of `training.run --dry-run`, with a judge
that has hardly learnt, in seconds.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training.evaluation import cost, learning, plots, report, sections
from training.evaluation.sampling import Model
from training.world import scenes

MODELS = Path(__file__).parent.parent
PARTS = ("judge", "obedience", "samplers", "guidance", "autoencoder", "cost", "sheet")
TOY = learning.Schedule(renders=32, small_steps=2, steps=2, batch=8)
TOY_SCALE = 0.01


@dataclass(frozen=True)
class Kept:
    """Results in files of `folder`, each with the key of what it was measured on."""

    folder: Path
    key: str

    def get(self, name: str) -> dict | None:
        """What is kept under a name, unless of another model or judge."""
        path = self.folder / f"{name}.json"
        if not path.exists():
            return None
        saved = json.loads(path.read_text(encoding="utf-8"))
        return saved["result"] if saved["key"] == self.key else None

    def result(self, name: str, compute: Callable[[], dict]) -> dict:
        """What is kept, or what `compute` gives, which is then kept."""
        kept = self.get(name)
        if kept is not None:
            return kept
        began = time.monotonic()
        value = compute()
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"key": self.key, "result": value}, indent=1)
        (self.folder / f"{name}.json").write_text(text, encoding="utf-8")
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
        return value


def digest(paths: list[Path]) -> str:
    """sha256 of files' bytes, in order."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def evaluate(
    config: dict,
    model: Model,
    work: Path,
    only: tuple[str, ...] = PARTS,
    scale: float = 1.0,
    schedule: learning.Schedule | None = None,
    bench: Path | None = None,
) -> dict:
    """Measures the parts in `only`, writes the page of all that is known, and returns it."""
    world = scenes.world_of(config)
    judge_path = work / "judge.pt"
    judge = learning.train(world, judge_path, schedule or learning.Schedule())
    files = [path for path in model.folder.rglob("*") if path.suffix == ".safetensors"]
    settings = [model.folder / "afterimage.json", model.folder / "scheduler" / "scheduler_config.json"]
    kept = Kept(work / "evaluation", digest([*sorted(files), *settings, judge_path]) + f" {scale:g}")
    table = sections.Bench(model, world, judge, sections.amounts(scale))
    figures = model.folder / "evaluation"
    figures.mkdir(exist_ok=True)
    measured = {part: measure for part, measure in _measures(table, kept, figures).items() if part in only}
    for part, measure in measured.items():
        kept.result(part, measure)
    results = {part: found["is"] for part in PARTS if (found := kept.get(part)) is not None}
    if (floor := kept.get("floor")) is not None:
        results["floor"] = floor
    if bench is not None and "cost" in results:
        results["cost"] |= cost.seconds_per_picture(bench)
    _write(results, model, config["name"], figures)
    return results


def _measures(table: sections.Bench, kept: Kept, figures: Path) -> dict[str, Callable[[], dict]]:
    """How each part is measured; a result is {"is": …}, since some are lists."""
    real: list[np.ndarray] = []

    def reference() -> np.ndarray:
        if not real:
            real.append(sections.reference(table))
            kept.result("floor", lambda: sections.floor(table, real[0]))
        return real[0]

    def rows(recipes: Callable) -> list[dict]:
        return sections.rows(table, reference(), recipes(table), kept.result)

    def sheet() -> dict:
        made, texts, right = sections.sheet(table)
        plots.sheet(made, texts, right, figures / "sheet.png")
        return {"pictures": len(made), "right": sum(right)}

    measures: dict[str, Callable] = {
        "judge": lambda: sections.judge_accuracy(table),
        "obedience": lambda: sections.obedience(table),
        "sheet": sheet,
        "autoencoder": lambda: sections.autoencoder(table),
        "guidance": lambda: rows(sections.guidance_recipes),
        "samplers": lambda: rows(sections.sampler_recipes),
        "cost": lambda: cost.measure(table.model),
    }
    return {part: lambda measure=measure: {"is": measure()} for part, measure in measures.items()}


def _write(results: dict, model: Model, name: str, figures: Path) -> None:
    if "obedience" in results:
        plots.obedience(results["obedience"], figures / "obedience.png")
    if "samplers" in results:
        rows = [{**row, "label": report.label(row)} for row in results["samplers"]]
        plots.samplers(rows, results["floor"], figures / "samplers.png")
    if "guidance" in results:
        rows = [{**row, "guidanceScale": row["guidance_scale"]} for row in results["guidance"]]
        plots.guidance(rows, results["floor"], figures / "guidance.png")
    text = json.dumps(report.summary(results), indent=2) + "\n"
    (model.folder / "evaluation.json").write_text(text, encoding="utf-8")
    (model.folder / "EVALUATION.md").write_text(report.document(results, name), encoding="utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--only", help=f"parts, with commas between: {','.join(PARTS)}; all if left out")
    parser.add_argument("--pictures", type=float, default=1.0, help="how many, 1 being twenty minutes of two cores")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--bench", type=Path, help="what `npm run -s bench -- --json` printed, for seconds per picture")
    parser.add_argument("--dry-run", action="store_true", help="the toy model of runs/<name>-dry")
    options = parser.parse_args()
    only = tuple(options.only.split(",")) if options.only else PARTS
    if unknown := set(only) - set(PARTS):
        parser.error(f"--only wants some of {', '.join(PARTS)}, got {', '.join(sorted(unknown))}")
    torch.set_num_threads(options.threads)
    config = json.loads(options.config.read_text())
    work, folder, graphs = MODELS / "runs" / config["name"], MODELS / "tinyworld", MODELS / "graphs" / "tinyworld"
    if options.dry_run:
        work = work.with_name(f"{config['name']}-dry")
        folder, graphs = work / "tinyworld", work / "graphs"
    evaluate(
        config, Model(folder, graphs, options.threads), work, only,
        TOY_SCALE if options.dry_run else options.pictures, TOY if options.dry_run else None, options.bench,
    )  # fmt: skip


if __name__ == "__main__":
    main()
