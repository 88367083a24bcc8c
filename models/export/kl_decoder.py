"""An AutoencoderKL's decoder that draws, at the least size: `python -m export.kl_decoder [DIR] [--minutes M]`.

Tiles of a picture come out of a decoder with group normalisation a little unlike the whole, since each has its own
means. How much, and what to do about it, only a trained one can tell. This one reads the latents of TinyWorld, whose
encoder teaches it; everything but its widths is as in Stable Diffusion's. Saved in float16, with its graph, and with
latents of a picture that it has not seen.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, AutoencoderTiny

from export.family import list_files, quiet
from export.graph import weightless
from export.networks import vae_decoder
from training.autoencoder import Pool, picture_loss, planes
from training.data import renders
from training.optimiser import Optimiser

MODELS = Path(__file__).resolve().parents[1]
FOLDER = MODELS.parent / "src" / "runtime" / "__fixtures__" / "kl"
WIDTHS = (16, 16, 24, 32, 32)
BATCH, SIZE, CROP, RENDERS = 4, 256, 128, 300
WARM_UP, LEARNING_RATE = 50, 0.0025
UNSEEN, UNSEEN_SIZE = 91_000_000, 512
ROWS, COLUMNS = slice(6, 26), slice(2, 30)


def build(teacher: AutoencoderTiny) -> AutoencoderKL:
    """Untrained, for latents as the teacher encodes them. Its own encoder is never used."""
    torch.manual_seed(30)
    return AutoencoderKL(
        block_out_channels=WIDTHS,
        layers_per_block=1,
        norm_num_groups=8,
        latent_channels=teacher.config.latent_channels,
        down_block_types=("DownEncoderBlock2D",) * len(WIDTHS),
        up_block_types=("UpDecoderBlock2D",) * len(WIDTHS),
        scaling_factor=teacher.config.scaling_factor,
        sample_size=SIZE,
    )


def world() -> dict:
    return json.loads((MODELS / "configs" / "cpu.json").read_text(encoding="utf-8")) | {"renderers": 1}


def train(model: AutoencoderKL, teacher: AutoencoderTiny, minutes: float) -> None:
    """Squares of renders, some of them whole pictures made smaller; the rate falls with the clock."""
    model.encoder.requires_grad_(False)
    model.quant_conv.requires_grad_(False)
    config = world()
    pool = Pool(config, RENDERS, SIZE, first_seed=config["seed"] + 20_000_000)
    random, optimiser = np.random.default_rng(31), Optimiser(model)
    began, step = time.monotonic(), 0
    while (spent := (time.monotonic() - began) / (60 * minutes)) < 1:
        x = pool.batch(BATCH, CROP, random)
        with torch.no_grad():
            z = teacher.encoder(x)
        with torch.autocast("cpu", torch.bfloat16):
            y = model.decode(z).sample
        loss = picture_loss(y.float(), x)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(optimiser.parameters, 1.0)
        optimiser.step(LEARNING_RATE * min(1, step / WARM_UP) * (1 - spent))
        step += 1
        if step % 100 == 0:
            print(json.dumps({"step": step, "loss": round(loss.item(), 4)}), flush=True)


def save(model: AutoencoderKL, folder: Path) -> None:
    """The decoder alone, and the graph of it."""
    model.encoder = model.quant_conv = None
    model.half().save_pretrained(folder)
    (folder / "vae_decoder.f32.onnx").write_bytes(weightless(vae_decoder(folder, torch.float32)))


@torch.no_grad()
def save_latents(teacher: AutoencoderTiny, folder: Path) -> None:
    """latents.bin: little-endian float32 [1, 8, 20, 28], unscaled; two things before the sea."""
    x = planes(np.stack(list(renders(world(), [UNSEEN], UNSEEN_SIZE))))
    latents = teacher.encoder(x)[:, :, ROWS, COLUMNS]
    (folder / "latents.bin").write_bytes(latents.numpy().astype("<f4").tobytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--minutes", type=float, default=16)
    arguments = parser.parse_args()
    quiet()
    teacher = AutoencoderTiny.from_pretrained(MODELS / "tinyworld" / "vae", torch_dtype=torch.float32).eval()
    model = build(teacher)
    train(model, teacher, arguments.minutes)
    save(model, arguments.folder)
    save_latents(teacher, arguments.folder)
    list_files(arguments.folder)


if __name__ == "__main__":
    main()
