"""Draws the prompts of strangers, and asks the judge whether the things that they name are there.

`python -m training.evaluation.strangers --config configs/cpu.json` (from `models/`). Each of the 60 prompts of
`strangers.json` is drawn by the app (`npm run generate`) twice with one seed: every word sent as it is, and only what
the model knows. Prints both shares of named known things that the judge finds, and which prompts lost one.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from training import precision
from training.evaluation import learning
from training.evaluation.judge import Judge, look
from training.world import scenes

MODELS = Path(__file__).parent.parent.parent
PROMPTS = Path(__file__).with_suffix(".json")


TITLE = "## Prompts as strangers type them"


def drawn(texts: list[str], folder: Path, every_word: bool, seed: int) -> tuple[list[Path | None], list[str]]:
    """A picture for each text, by the app itself, None where it refused to draw; and what the model was sent."""
    paths = [folder / f"{'every' if every_word else 'known'}-{i}.png" for i in range(len(texts))]
    flag = ["--every-word"] if every_word else []
    lines = [
        json.dumps([text, "--seed", str(seed), "--out", str(path), *flag])
        for text, path in zip(texts, paths, strict=True)
    ]
    command = ["npm", "run", "--silent", "generate", "--", "--lines"]
    done = subprocess.run(
        command, input="\n".join(lines), text=True, cwd=MODELS.parent, stdout=subprocess.PIPE, check=False
    )
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    return [path if path.exists() else None for path in paths], [report.get("draws", "") for report in reports]


def found(judge: Judge, asked: list[dict], paths: list[Path | None]) -> list[int]:
    """Of each prompt, how many of its things the judge sees."""
    there = [i for i, path in enumerate(paths) if path is not None]
    pictures = np.stack([np.asarray(Image.open(paths[i]).convert("RGB")) for i in there])
    sights = dict(zip(there, look(judge, pictures)[0], strict=True))
    seen = [{d.noun for d in sights[i].detections} if i in sights else set() for i in range(len(asked))]
    return [len(seen[i] & set(prompt["things"])) for i, prompt in enumerate(asked)]


def section(asked: list[dict], draws: list[str], before: list[int], after: list[int]) -> str:
    """The table of all prompts, in Markdown: what was found when every word was sent, and of what the model knows."""
    total = sum(len(prompt["things"]) for prompt in asked)
    rows = [
        f"| {prompt['text']} | {sent} | {one} of {len(prompt['things'])} | {two} of {len(prompt['things'])} |"
        for prompt, sent, one, two in zip(asked, draws, before, after, strict=True)
    ]
    lead = (
        f"{len(asked)} prompts that name something this model knows, one picture each, the same seed. Of the things "
        f"that they name, the judge finds {sum(before) / total:.2f} where every word is sent, and "
        f"{sum(after) / total:.2f} where only the words that the model knows are sent."
    )
    table = ["| typed | drawn | found, every word | found, known words |", "|---|---|---|---|", *rows]
    return "\n".join([TITLE, "", lead, "", *table, ""])


def replaced(document: str, part: str) -> str:
    """The document with the section in place of an earlier one, else before its last section."""
    sections = document.split("\n## ")
    others = [one for one in sections if not f"## {one}".startswith(TITLE)]
    return "\n## ".join([*others[:-1], part.removeprefix("## "), others[-1]])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    config = precision.settled(json.loads(options.config.read_text()) | {"bf16": "auto"})
    asked = [prompt for prompt in json.loads(PROMPTS.read_text(encoding="utf-8")) if prompt["things"]]
    judge = learning.train(
        scenes.world_of(config), MODELS / "runs" / config["name"] / "judge.pt",
        learning.Schedule(**config["gate"]["judge"]), bf16=config["bf16"],
    )  # fmt: skip
    texts = [prompt["text"] for prompt in asked]
    counts, draws = {}, []
    with tempfile.TemporaryDirectory() as name:
        for every_word in (True, False):
            paths, draws = drawn(texts, Path(name), every_word, options.seed)
            counts[every_word] = found(judge, asked, paths)
            print(json.dumps({"everyWord": every_word, "found": counts[every_word]}), flush=True)
    path = MODELS / "tinyworld" / "EVALUATION.md"
    part = section(asked, draws, counts[True], counts[False])
    path.write_text(replaced(path.read_text(encoding="utf-8"), part), encoding="utf-8")


if __name__ == "__main__":
    main()
