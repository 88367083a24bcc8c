"""The same picture twice, from the same latents: by diffusers' own pipeline, and by `npm run generate`."""

import math
from dataclasses import dataclass
from pathlib import Path

import diffusers
import numpy as np
import torch
from PIL import Image

from golden.float64 import injected_noise
from parity.command import generate
from parity.families import Family, load
from training.noise import normals

PROMPT, NEGATIVE, SEED = "a red cat on the dog", "the dog", 7
WIDTH, HEIGHT, FACTOR = 96, 64, 8
LATENTS_TOLERANCE, PSNR_LEAST = 1e-3, 45.0


@dataclass(frozen=True)
class Drawn:
    """Latents [1, c, h, w] as the sampler leaves them, float32, and the picture [H, W, 3], uint8."""

    latents: np.ndarray
    picture: np.ndarray


@dataclass(frozen=True)
class Agreement:
    """The largest difference of two latents over the largest element, and of two pictures the PSNR in dB."""

    latents: float
    psnr: float

    @property
    def holds(self) -> bool:
        return self.latents <= LATENTS_TOLERANCE and self.psnr >= PSNR_LEAST


def agree(got: Drawn, want: Drawn) -> Agreement:
    assert got.latents.shape == want.latents.shape, (got.latents.shape, want.latents.shape)
    assert got.picture.shape == want.picture.shape, (got.picture.shape, want.picture.shape)
    latents = np.abs(got.latents - want.latents).max() / np.abs(want.latents).max()
    squares = np.mean((got.picture.astype(float) - want.picture.astype(float)) ** 2)
    return Agreement(float(latents), 10 * math.log10(255**2 / squares) if squares else math.inf)


def by_diffusers(folder: Path, family: Family, negative: str = NEGATIVE, **options: object) -> Drawn:
    """What the folder's own pipeline draws, in float32; `options` go to `from_pretrained`.

    An empty negative prompt is given as none at all: for SDXL the two differ, and ours is the second.
    """
    pipeline = load(folder, **options)
    arguments = {"num_inference_steps": family.steps, "guidance_scale": family.guidance, "output_type": "latent"}
    if not isinstance(pipeline, diffusers.LatentConsistencyModelPipeline):
        arguments["negative_prompt"] = negative or None
    shape = (1, pipeline.unet.config.in_channels, HEIGHT // FACTOR, WIDTH // FACTOR)
    with torch.no_grad(), injected_noise(lambda draw: normals(SEED, shape, draw + 1)):
        latents = normals(SEED, shape)
        latents = pipeline(PROMPT, height=HEIGHT, width=WIDTH, latents=latents, **arguments).images
        planes = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor).sample
    pixels = pipeline.image_processor.postprocess(planes, output_type="np")[0]
    return Drawn(latents.numpy(), (255 * pixels).round().astype(np.uint8))


def by_us(
    model: Path, graphs: Path, family: Family, folder: Path, negative: str = NEGATIVE, papers: Path | None = None
) -> Drawn:
    """What `npm run generate` draws; `model` is a folder or a file of any form, `folder` takes the results.

    A single file is read with `papers`, a folder of a model's configurations. Sampler, prediction type, padding and
    scales are for the command to find in the model's papers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    picture, latents = folder / "picture.png", folder / "latents.npy"
    options = {
        "--seed": SEED,
        "--steps": family.steps,
        "--guidance": family.guidance,
        "--size": f"{WIDTH}x{HEIGHT}",
        "--model": model,
        "--graphs": graphs,
        "--threads": 1,
        "--out": picture,
        "--latents": latents,
    }
    if papers is not None:
        options["--papers"] = papers
    words = [str(word) for option in options.items() for word in option]
    answer = generate([PROMPT, f"--negative={negative}", *words])
    assert answer.get("out") == str(picture), f"generate refused {model}: {answer}"
    return Drawn(np.load(latents), np.asarray(Image.open(picture).convert("RGB")))
