"""Trains a model from nothing and writes it: `python -m training.run --config configs/cpu.json` (from `models/`).

The autoencoder learns to see and passes its gate, the text encoder learns to read, then text encoder and U-Net to draw;
the diffusers folder `runs/<name>/tinyworld/` is written; on it a student learns to draw in few steps, and the prompt
match to judge. At last come the graphs, `runs/<name>/graphs/`. What has been done is kept in `runs/<name>/`: started
again, it goes on from there. `--dry-run` takes the same path at toy size, on the CPU, in seconds, to see that a
configuration runs to its last line. `runs/<name>/process-group` holds the number by which all of it is paused:
`kill -STOP -- -$(cat runs/<name>/process-group)`, and `-CONT`.
"""

import argparse
import json
import os
from copy import deepcopy
from pathlib import Path
from shutil import copyfile

import torch
from transformers import CLIPTokenizer

from export.family import export_family, quiet
from training import autoencoder, data, distil, gate, match, precision, reading, tokenizer, train
from training.export import export
from training.world import captions, scenes

MODELS = Path(__file__).parent.parent
INHERITED = ("autoencoder-*.pt", "decoder.pt", "reading.pt", "autoencoder/evaluation.json")


def toy(config: dict) -> dict:
    """The same configuration made small: every key and every stage stays, numbers shrink."""
    small = deepcopy(config)
    small.pop("inherit", None)
    small.update(
        device="cpu", bf16=False, compile=False, shards=1, threads=1, renderers=1, picture_size=64, log_every=1,
        held_out=8,
    )  # fmt: skip
    small["autoencoder"]["width"] = 28
    for phase in (*small["autoencoder"]["stages"], small["decoder"]):
        phase.pop("minutes", None)
        size = 64 * phase["picture_size"] // config["picture_size"]
        phase.update(renders=8, batch=2, crop=size // 2, picture_size=size, steps=2)
    small["gate"] = {"renders": 12, "judge": {"renders": 16, "small_steps": 1, "steps": 1}, "insist": False}
    small["text_encoder"].update(width=32, layers=1, heads=2)
    small["reading"].pop("minutes", None)
    small["reading"].update(batch=4, steps=2, held_out=4)
    levels = len(small["unet"]["widths"])
    small["unet"].update(widths=[16] * levels, heads=[1] * levels, norm_groups=4)
    for stage in small["stages"]:
        stage.pop("minutes", None)
        stage.update(picture_size=64, renders=16, batch=4, steps=2)
    student = small["student"]
    for phase in (student, student["ways"]):
        phase.pop("minutes", None)
    student.update(rank=2, batch=8, steps=2, ways={"batch": 2, "steps": 1})
    network = {"widths": [4, 8, 8, 8], "blocks": [0, 0, 0, 1], "head_width": 4, "text_width": 16, "projection_width": 8}
    small["match"] = {
        "renders": 12, "captions": 2, "altered": 2, "batch": 6, "steps": 3, "tests": 12, "network": network
    }  # fmt: skip
    return small


def save_tokenizer(config: dict, folder: Path) -> CLIPTokenizer:
    """The tokenizer of the words that this configuration's world can say."""
    words = captions.words(scenes.world_of(config))
    return tokenizer.save(folder, words, config["text_encoder"]["max_length"])


def inherit(config: dict, work: Path) -> None:
    """Takes over autoencoder, gate and reader of the run that `config` names, as far as they are not there yet."""
    if "inherit" not in config:
        return
    given = work.parent / config["inherit"]
    for pattern in INHERITED:
        for path in given.glob(pattern):
            taken = work / path.relative_to(given)
            if not taken.exists():
                taken.parent.mkdir(exist_ok=True)
                copyfile(path, taken)


def run(config: dict, work: Path, out: Path, until: str = "all") -> dict:
    """Trains what is not yet trained and writes the folder `out`; returns the measured numbers.

    `until` ends it after the U-Net's training ("drawing"), or goes on to the student and the prompt match ("all").
    """
    torch.set_num_threads(config["threads"])
    work.mkdir(parents=True, exist_ok=True)
    (work / "process-group").write_text(f"{os.getpgrp()}\n")
    inherit(config, work)
    config = precision.settled(config)
    vae = autoencoder.train(config, work)
    autoencoder.refine(vae, config, work)
    gate.require(config, vae, work)
    words = save_tokenizer(config, work / "tokenizer")
    reader = reading.train(config, words, work)
    finished = train.train(config, vae, words, reader, work)
    numbers = export(config, finished, vae, words, out)
    if until == "drawing":
        return numbers
    known = data.learnt(config)
    distil.distil(known, out)
    return {**numbers, "promptMatch": match.train(known, out, work)}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--dry-run", action="store_true", help="toy size, on the CPU, into runs/<name>-dry")
    parser.add_argument(
        "--until", choices=("drawing", "all"), default="all", help="drawing: without student, match and graphs"
    )
    options = parser.parse_args()
    config = json.loads(options.config.read_text())
    work = MODELS / "runs" / config["name"]
    if options.dry_run:
        config, work = toy(config), work.with_name(f"{config['name']}-dry")
    out = work / "tinyworld"
    quiet()
    print(json.dumps(run(config, work, out, options.until), indent=2))
    if options.until == "all":
        export_family(out, "tinyworld", work / "graphs")


if __name__ == "__main__":
    main()
