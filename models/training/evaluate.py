"""Measures a trained model: `python -m training.evaluate --config configs/cpu.json` (from `models/`).

Trains the judge if there is none, then measures part by part and writes `EVALUATION.md`, `evaluation.json` and the
figures into the model's folder. What has been measured is kept in `runs/<name>/evaluation/` for as long as model and
judge stay the same: started again, it goes on from there. `--only obedience,cost` measures those parts alone; the page
then holds them and whatever else is kept. `--minutes 10` begins nothing after ten minutes; the page is written after
every part, and tables have the rows that are done. `--dry-run` measures the toy model of `training.run --dry-run`, with
a judge that has hardly learnt, in seconds.
"""

import argparse
import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from training import data, precision
from training.evaluation import cost, learning, plots, report, sections
from training.evaluation.sampling import Model
from training.world import scenes

MODELS = Path(__file__).parent.parent
PARTS = ("judge", "obedience", "sheet", "autoencoder", "cost", "guidance", "samplers")
"""In the order in which they are measured, the slow ones last."""
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


def digest(model: Model, judge: Path) -> str:
    """sha256 of what decides a measurement: the weights, how the app draws with them, and the judge."""
    card = model.card()
    total = hashlib.sha256(json.dumps([card["defaults"], card.get("few_step")], sort_keys=True).encode())
    weights = sorted(path for path in model.folder.rglob("*") if path.suffix == ".safetensors")
    for path in [*weights, model.folder / "scheduler" / "scheduler_config.json", judge]:
        total.update(path.read_bytes())
    return total.hexdigest()


def evaluate(
    config: dict,
    model: Model,
    work: Path,
    only: tuple[str, ...] = PARTS,
    scale: float = 1.0,
    schedule: learning.Schedule | None = None,
    speed: Path | None = None,
    minutes: float = math.inf,
) -> dict:
    """Measures the parts in `only`, writes the page of all that is known, and returns that."""
    deadline = time.monotonic() + 60 * minutes
    world = scenes.world_of(data.learnt(config))
    judge = learning.train(
        scenes.world_of(config),
        work / "judge.pt",
        schedule or learning.Schedule(**config["gate"]["judge"]),
        bf16=config["bf16"],
    )
    kept = Kept(work / "evaluation", f"{digest(model, work / 'judge.pt')} {scale:g}")
    bench = sections.Bench(model, world, judge, sections.amounts(scale))
    figures = model.folder / "evaluation"
    figures.mkdir(exist_ok=True)
    results = _known(bench, kept, speed)
    for name, measure in _measures(bench, only, figures, kept):
        if time.monotonic() > deadline:
            break
        if kept.get(name) is None:
            kept.result(name, measure)
            results = _known(bench, kept, speed)
            _write(results, model, config["name"], figures)
    _write(results, model, config["name"], figures)
    return results


def _measures(
    bench: sections.Bench, only: tuple[str, ...], figures: Path, kept: Kept
) -> Iterator[tuple[str, Callable[[], dict]]]:
    """Everything that `only` asks for, in order: the name that it is kept under, and how it is measured."""

    def sheet() -> dict:
        made, texts, right = sections.sheet(bench)
        plots.sheet(made, texts, right, figures / "sheet.png")
        return {"pictures": len(made), "right": sum(right)}

    parts: dict[str, Callable[[], dict]] = {
        "judge": lambda: sections.judge_accuracy(bench),
        "obedience": lambda: sections.obedience(bench),
        "sheet": sheet,
        "autoencoder": lambda: sections.autoencoder(bench),
        "cost": lambda: cost.measure(bench.model),
    }
    yield from ((name, parts[name]) for name in parts if name in only)
    rows = [row for name, recipes in sections.TABLES.items() if name in only for row in recipes(bench)]
    if all(kept.get(sections.name_of(*row)) is not None for row in rows):
        return
    real = sections.reference(bench)
    yield "floor", lambda: sections.floor(bench, real)
    for recipe, per_task in rows:
        yield sections.name_of(recipe, per_task), partial(sections.row, bench, real, recipe, per_task)


def _known(bench: sections.Bench, kept: Kept, speed: Path | None) -> dict:
    """All that is kept; a table has the rows that are done."""
    results: dict = {name: kept.get(name) for name in (*PARTS, "floor")}
    for name, recipes in sections.TABLES.items():
        done = [kept.get(sections.name_of(*row)) for row in recipes(bench)]
        results[name] = [row for row in done if row is not None]
    if results["cost"] and speed is not None:
        results["cost"] |= cost.seconds_per_picture(speed)
    return {name: result for name, result in results.items() if result}


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
    parser.add_argument("--model", type=Path, help="a model's folder; tinyworld if left out")
    parser.add_argument("--graphs", type=Path, help="the folder of its graphs; graphs/tinyworld if left out")
    parser.add_argument("--only", help=f"parts, with commas between: {','.join(PARTS)}; all if left out")
    parser.add_argument("--pictures", type=float, default=1.0, help="how many, 1 being twenty minutes of two cores")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--bench", type=Path, help="what `npm run -s bench -- --only node --json` printed")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin nothing after so long")
    parser.add_argument("--dry-run", action="store_true", help="the toy model of runs/<name>-dry")
    options = parser.parse_args()
    only = tuple(options.only.split(",")) if options.only else PARTS
    if unknown := set(only) - set(PARTS):
        parser.error(f"--only wants some of {', '.join(PARTS)}, got {', '.join(sorted(unknown))}")
    torch.set_num_threads(options.threads)
    config = precision.settled(json.loads(options.config.read_text()))
    work = MODELS / "runs" / config["name"]
    folder, graphs = options.model or MODELS / "tinyworld", options.graphs or MODELS / "graphs" / "tinyworld"
    if options.dry_run:
        work = work.with_name(f"{config['name']}-dry")
        folder, graphs = work / "tinyworld", work / "graphs"
    evaluate(
        config, Model(folder, graphs, options.threads), work, only,
        TOY_SCALE if options.dry_run else options.pictures, TOY if options.dry_run else None, options.bench,
        options.minutes,
    )  # fmt: skip


if __name__ == "__main__":
    main()
