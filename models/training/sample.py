"""Pictures from a trained model with diffusers' own pipeline, and sheets of them with their prompts below.

The command: python -m training.sample tinyworld --prompt "a cat on grass at sunset" --seed 1 --out picture.png
"""

import argparse
import textwrap
from collections.abc import Iterable
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from PIL import Image, ImageDraw

from training.noise import normals
from training.world import captions, scenes

SHEET_PICTURES = 24
_SHEET_SEED = 80_000_000


def prompts(config: dict) -> list[str]:
    """The prompts of a sheet: two of each of GenEval's tasks and some settings and styles, none trained on."""
    world = scenes.world_of(config)
    return [
        captions.prompt(scenes.for_task(world, scenes.TASKS[i % len(scenes.TASKS)], _SHEET_SEED + i))
        for i in range(SHEET_PICTURES)
    ]


def pipeline(text_encoder, unet, vae, tokenizer, scheduler) -> StableDiffusionPipeline:
    """diffusers' pipeline over these networks, quiet and without a safety checker (the world is closed)."""
    pipe = StableDiffusionPipeline(
        vae=vae, text_encoder=text_encoder, tokenizer=tokenizer, unet=unet, scheduler=scheduler,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipe.set_progress_bar_config(disable=True)
    return pipe


@torch.no_grad()
def draw(
    pipe: StableDiffusionPipeline,
    prompts: list[str],
    seeds: Iterable[int],
    size: int,
    steps: int = 25,
    guidance: float = 4.0,
    bf16: bool = False,
) -> list[Image.Image]:
    """One picture per prompt and seed, from the noise that the app makes of that seed."""
    shape = (pipe.unet.config.in_channels, size // pipe.vae_scale_factor, size // pipe.vae_scale_factor)
    noise = torch.stack([normals(seed, shape) for seed in seeds])
    with torch.autocast(pipe.device.type, torch.bfloat16, enabled=bf16):
        out = pipe(
            prompts, height=size, width=size, latents=noise.to(pipe.device), num_inference_steps=steps,
            guidance_scale=guidance, output_type="pt",
        )  # fmt: skip
    pixels = out.images.float().clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    return [Image.fromarray(picture) for picture in pixels]


def sheet(images: list[Image.Image], prompts: list[str], columns: int = 6) -> Image.Image:
    """The pictures in rows, at 128 pixels or more, each with its prompt."""
    side, line = max(128, images[0].width), 26
    rows = -(-len(images) // columns)
    out = Image.new("RGB", (columns * (side + 4), rows * (side + line + 4)), "white")
    pen = ImageDraw.Draw(out)
    for i, (image, prompt) in enumerate(zip(images, prompts, strict=True)):
        x, y = i % columns * (side + 4), i // columns * (side + line + 4)
        out.paste(image.resize((side, side), Image.Resampling.BICUBIC), (x, y))
        pen.multiline_text((x + 2, y + side), textwrap.fill(prompt, 22), fill="black", spacing=0)
    return out


def main() -> None:
    """Command line: prompts to a picture, or to a sheet if there are several."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a diffusers folder, for instance tinyworld")
    parser.add_argument("--prompt", action="append", required=True, help="may be given several times")
    parser.add_argument("--seed", type=int, default=0, help="the first picture's; each next one has the next seed")
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--size", type=int, help="the model's own if left out")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    pipe = StableDiffusionPipeline.from_pretrained(options.folder, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    size = options.size or pipe.unet.config.sample_size * pipe.vae_scale_factor
    seeds = range(options.seed, options.seed + len(options.prompt))
    images = draw(pipe, options.prompt, seeds, size, options.steps, options.guidance)
    (images[0] if len(images) == 1 else sheet(images, options.prompt)).save(options.out)


if __name__ == "__main__":
    main()
