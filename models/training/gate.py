"""The gate between autoencoder and U-Net: what the latents lose, no diffusion model can draw.

Four numbers over renders that no training has seen, each with what it must reach, and a strip of renders above their
round trips. They are written, with the autoencoder in half precision, into a folder of their own: `EVALUATION.md`,
`evaluation.json`, `round-trips.png` and `vae/`. `training.run` stops here if one is missed.

The command, on the last checkpoint of a run: python -m training.gate --config configs/wide.json
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from training import autoencoder, precision
from training.evaluation import learning, sections
from training.evaluation.judge import Judge, look
from training.export import save_half
from training.tokenizer import write_json
from training.world import scenes
from training.world.scene import World

MODELS = Path(__file__).parent.parent
GOALS = {"psnr": 31.0, "edgeEnergy": 0.75, "judgeAgrees": 0.97, "pooledLoss": 1.5}
NAMES = {
    "psnr": "PSNR of the round trip, dB, at least",
    "edgeEnergy": "energy of edges after it, over that before, at least",
    "judgeAgrees": "what the judge finds after it, over what it finds before, at least",
    "pooledLoss": "dB lost if latents are pooled instead of the picture, at most",
}
STRIP = 12


def signal_to_noise(y: Tensor, x: Tensor) -> float:
    """PSNR in dB over all pictures, peak to peak 2."""
    return 10 * torch.log10(4 / F.mse_loss(y, x)).item()


def edge_energy(y: Tensor, x: Tensor) -> float:
    """Sum of squared differences between neighbours in y, over that in x; 1 is as sharp, less is softer."""
    energy = [sum(p.diff(dim=d).square().sum().item() for d in (2, 3)) for p in (y, x)]
    return energy[0] / energy[1]


def pooled_loss(vae: AutoencoderTiny, x: Tensor) -> float:
    """PSNR of the smaller picture's round trip less that of the decoded pooled latents, in dB.

    Latents that may be pooled like pictures are easier for a diffusion model (arXiv 2502.14831, 2502.09509).
    """
    smaller = F.avg_pool2d(x, 2)
    proper = signal_to_noise(autoencoder.decode(vae, autoencoder.encode(vae, smaller)), smaller)
    return proper - signal_to_noise(autoencoder.decode(vae, F.avg_pool2d(autoencoder.encode(vae, x), 2)), smaller)


def judge_agrees(vae: AutoencoderTiny, judge: Judge, world: World, per_task: int, side: int) -> float:
    """The share of pictures in which the judge finds what was asked after the round trip, over that before."""
    asked = sections.prompts(world, sections.AUTOENCODER_SEED, per_task, held_out=True)
    real = sections.renders(asked, side)
    back = autoencoder.pictures(autoencoder.decode(vae, autoencoder.encode(vae, autoencoder.planes(real))))
    before, after = (sections.share_met(asked, look(judge, some)[0]) for some in (real, back))
    return after / max(before, 1e-9)


def missed(numbers: dict[str, float]) -> list[str]:
    """The names of the goals that are not reached."""
    lost = numbers["pooledLoss"] > GOALS["pooledLoss"]
    return [name for name, goal in GOALS.items() if (lost if name == "pooledLoss" else numbers[name] < goal)]


def document(numbers: dict[str, float], count: int, config: str) -> str:
    """`EVALUATION.md` of an autoencoder."""
    rows = [f"| {NAMES[name]} {goal:g} | {numbers[name]:.4g} |" for name, goal in GOALS.items()]
    return f"""# The autoencoder, measured

Over {count} renders of the whole world that no training has seen. Written by
`python -m training.gate --config configs/{config}.json`.

| | |
|---|---|
{chr(10).join(rows)}

![renders above their round trips](round-trips.png)

Renders above, their round trips below: the first {STRIP} of them, unpicked.
"""


def strip(vae: AutoencoderTiny, x: Tensor, path: Path) -> None:
    """Pictures above their round trips."""
    back = autoencoder.decode(vae, autoencoder.encode(vae, x))
    rows = [np.concatenate(list(autoencoder.pictures(some)), axis=1) for some in (x, back)]
    Image.fromarray(np.concatenate(rows)).save(path, optimize=True)


def measure(config: dict, vae: AutoencoderTiny, work: Path) -> dict[str, float]:
    """Measures `vae` and writes `work/autoencoder/`; returns the numbers. Trains the judge if there is none."""
    options, folder, side = config["gate"], work / "autoencoder", config["picture_size"]
    folder.mkdir(parents=True, exist_ok=True)
    world = scenes.world_of(config)
    judge = learning.train(world, work / "judge.pt", learning.Schedule(**options["judge"]), bf16=config["bf16"])
    x = autoencoder.held_out(config, options["renders"], side)
    back = autoencoder.decode(vae, autoencoder.encode(vae, x))
    numbers = {
        "psnr": signal_to_noise(back, x),
        "edgeEnergy": edge_energy(back, x),
        "judgeAgrees": judge_agrees(vae, judge, world, options["renders"] // len(sections.TASKS), side),
        "pooledLoss": pooled_loss(vae, x),
    }
    numbers = {name: float(f"{value:.4g}") for name, value in numbers.items()}
    save_half(vae, folder / "vae")
    strip(vae, x[:STRIP], folder / "round-trips.png")
    write_json(folder / "evaluation.json", {**numbers, "renders": len(x)})
    (folder / "EVALUATION.md").write_text(document(numbers, len(x), config["name"]))
    print("gate", json.dumps(numbers), flush=True)
    return numbers


def require(config: dict, vae: AutoencoderTiny, work: Path) -> None:
    """Measures, unless this has been done, and stops the run if a goal is missed and `config["gate"]` insists."""
    written = work / "autoencoder" / "evaluation.json"
    numbers = json.loads(written.read_text()) if written.exists() else measure(config, vae, work)
    if (names := missed(numbers)) and config["gate"]["insist"]:
        raise SystemExit(
            f"the autoencoder misses {', '.join(names)} of its gate: {numbers}. Add a stage to config['autoencoder'], "
            f"remove {work / 'decoder.pt'} and {work / 'autoencoder'}, and run again; or set gate.insist to false."
        )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    options = parser.parse_args()
    config = precision.settled(json.loads(options.config.read_text()))
    torch.set_num_threads(config["shards"])
    work = MODELS / "runs" / config["name"]
    measure(config, autoencoder.latest(config, work), work)


if __name__ == "__main__":
    main()
