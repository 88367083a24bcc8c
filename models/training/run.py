"""Trains a model from nothing and writes it: `python -m training.run --config configs/cpu.json` (from `models/`).

Autoencoder, tokenizer, text encoder and U-Net, then the diffusers folder `tinyworld/` and its graphs. What has been
done is kept in `runs/<name>/`: started again, it goes on from there. `--dry-run` takes the same path at toy size, on
the CPU, in seconds, to see that a configuration runs to its last line.
"""

import argparse
import json
from copy import deepcopy
from pathlib import Path

import torch

from export.family import export_family, quiet
from training import autoencoder, tokenizer, train
from training.export import export

MODELS = Path(__file__).parent.parent


def toy(config: dict) -> dict:
    """The same configuration made small: every key and every stage stays, numbers shrink."""
    small = deepcopy(config)
    small.update(device="cpu", bf16=False, compile=False, shards=1, threads=1, picture_size=64, log_every=1)
    small["autoencoder"]["width"] = 8
    for phase in (small["autoencoder"], small["decoder"]):
        phase.pop("minutes", None)
        phase.update(renders=8, batch=2, crop=32, picture_size=64, steps=2)
    small["text_encoder"] = {"width": 32, "layers": 1, "heads": 2}
    levels = len(small["unet"]["widths"])
    small["unet"].update(widths=[16] * levels, heads=[1] * levels, norm_groups=4)
    for stage in small["stages"]:
        stage.pop("minutes", None)
        stage.update(picture_size=64, renders=16, batch=4, steps=2)
    return small


def run(config: dict, work: Path, out: Path, graphs: Path, as_it_is: bool = False) -> dict:
    """Everything; returns the measured numbers. `as_it_is` trains no further and writes what the checkpoint holds."""
    torch.set_num_threads(config["threads"])
    work.mkdir(parents=True, exist_ok=True)
    vae = autoencoder.train(config, work)
    words = tokenizer.save(work / "tokenizer")
    finished = train.Run(config, words, work) if as_it_is else train.train(config, vae, words, work)
    if not as_it_is:
        autoencoder.refine(vae, config, work)
    numbers = export(config, finished, vae, words, out)
    quiet()
    export_family(out, out.name, graphs)
    return numbers


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--as-it-is", action="store_true", help="write the model from its checkpoint, train no further")
    parser.add_argument("--dry-run", action="store_true", help="toy size, on the CPU, into runs/<name>-dry")
    options = parser.parse_args()
    config = json.loads(options.config.read_text())
    if options.dry_run:
        config = toy(config)
        work = MODELS / "runs" / f"{config['name']}-dry"
        numbers = run(config, work, work / "tinyworld", work / "graphs")
    else:
        numbers = run(
            config,
            MODELS / "runs" / config["name"],
            MODELS / "tinyworld",
            MODELS / "graphs" / "tinyworld",
            options.as_it_is,
        )
    print(json.dumps(numbers, indent=2))


if __name__ == "__main__":
    main()
