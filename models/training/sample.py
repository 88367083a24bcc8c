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

SHEET = [
    "a cat on grass at sunset", "a dog on a blue background", "a rabbit in the snow", "a fox in the desert at dawn",
    "an owl on grass at night", "a penguin in the snow by day", "a fish on a yellow background", "a butterfly on grass",
    "a turtle on the beach", "a tree on grass at dawn", "a sunflower on a pink background", "a tulip on grass by day",
    "a cactus in the desert at sunset", "a mushroom on grass", "an apple on a white background",
    "a house in the snow at night",
    "a castle on grass at sunset", "a car in the desert", "a sailboat on the sea at sunset",
    "a rocket on a black background",
    "a balloon on a green background", "a robot on the beach at dawn", "a ghost on grass at night", "snowman, snow",
]  # fmt: skip


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
    shape = (pipe.unet.config.in_channels, size // 8, size // 8)
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
    parser.add_argument("--prompt", action="append", help="may be given several times; the fixed sheet if left out")
    parser.add_argument("--seed", type=int, default=0, help="the first picture's; each next one has the next seed")
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--size", type=int, help="the model's own if left out")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    pipe = StableDiffusionPipeline.from_pretrained(options.folder, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    prompts = options.prompt or SHEET
    size = options.size or pipe.unet.config.sample_size * 8
    seeds = range(options.seed, options.seed + len(prompts))
    images = draw(pipe, prompts, seeds, size, options.steps, options.guidance)
    (images[0] if len(images) == 1 else sheet(images, prompts)).save(options.out)


if __name__ == "__main__":
    main()
