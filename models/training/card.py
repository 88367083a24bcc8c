"""The two cards of a model: `afterimage.json` for the app, `README.md` for people."""

from training import autoencoder
from training.world import captions, scenes
from training.world.nouns import NOUNS
from training.world.scene import World

LICENCE = "MIT; the pictures it learnt from are drawn with Fluent Emoji sprites (MIT, Microsoft)"


def summary(config: dict) -> str:
    """One sentence on what the model draws."""
    size, world = config["picture_size"], scenes.world_of(config)
    return (
        f"A small latent diffusion model trained from nothing: {len(world.nouns)} things in {len(world.places)} places "
        f"and {len(world.styles) + 1} styles, {size}x{size} pixels."
    )


def _budget(*stages: dict) -> str:
    unit = "steps" if "steps" in stages[0] else "minutes"
    return f"{sum(stage[unit] for stage in stages):,} {unit}"


def _unknown(world: World) -> str:
    return "Letters" if any(NOUNS[noun].group == "person" for noun in world.nouns) else "People, letters"


def sidecar(config: dict, numbers: dict) -> dict:
    """What the app wants to know and diffusers has no place for. `preview` maps scaled latents to RGB in [-1, 1]."""
    size = config["picture_size"]
    return {
        "name": "TinyWorld",
        "summary": summary(config),
        "licence": LICENCE,
        "defaults": {**config["defaults"], "width": size, "height": size},
        "preview": numbers["preview"],
        "vocabulary": captions.vocabulary(scenes.world_of(config)),
        "examples": config["examples"],
        "training": {"config": config["name"], **numbers["training"], "parameters": numbers["parameters"]},
    }


def readme(config: dict, numbers: dict) -> str:
    """The model card, every number of it measured by the run that wrote it."""
    count, training, world = numbers["parameters"], numbers["training"], scenes.world_of(config)
    defaults, stages = config["defaults"], config["stages"]
    sizes = ", then ".join(dict.fromkeys(f"{s['picture_size']}x{s['picture_size']}" for s in stages))
    example = config["examples"][0]
    return f"""# TinyWorld

{summary(config)}

A diffusers folder (`StableDiffusionPipeline`): a CLIP-style text encoder ({count["text_encoder"]:,} parameters), a
`UNet2DConditionModel` ({count["unet"]:,}) and an `AutoencoderTiny` ({count["vae"]:,};
{config["autoencoder"]["latent_channels"]} channels, {autoencoder.factor(config)}x smaller), in float16.
`afterimage.json` holds the app's defaults, the linear preview, the vocabulary and example prompts with seeds.

    python -m training.sample tinyworld --prompt "{example["prompt"]}" --seed {example["seed"]} --out picture.png

How well it does what it is asked is measured in `EVALUATION.md`.

## What it knows

- things: {", ".join(world.nouns)}
- their colours, and plain backgrounds: {", ".join(world.colours)}
- up to {world.max_count} of a thing; two things {", ".join(world.relations)} each other; small and big things
- places: {", ".join(world.places)}; times: {", ".join(world.times)}
- weather: {", ".join(world.weathers) or "clear only"}; seasons: {", ".join(world.seasons) or "summer only"}
- styles: {", ".join(world.styles)}

Prompts read like "{example["prompt"]}" or "{config["examples"][-1]["prompt"]}". The vocabulary is closed:
{len(captions.words(world))} words. Any other word becomes bytes it has never seen.

## What it does not know

{_unknown(world)}, anything that is not in the list, more than two kinds of thing at once. Some pairs of thing and
colour, place or style were never shown to it (`scenes.pair_held_out`), so that it can be measured on them.

## Training

From nothing, on pictures drawn by `training/world/` (no photographs, nobody's drawings but the sprites), with
`python -m training.run --config configs/{config["name"]}.json`: {training["pictures"]:,} pictures in
{training["minutes"]} minutes at {sizes} pixels, after {_budget(config["reading"])} of learning to read captions and
{_budget(*config["autoencoder"]["stages"])} of the autoencoder, and before {_budget(config["decoder"])} of its decoder
alone. v-prediction on a scaled-linear schedule with zero terminal signal, Muon for the matrices and AdamW for the rest,
prompts dropped {config["prompt_dropout"]:.0%} of the time, averaged weights. Made for DDIM, about {defaults["steps"]}
steps, guidance about {defaults["guidanceScale"]}.

`few_step/` holds a LoRA with which it draws in {config["student"]["sampling_steps"]} steps without guidance, and
`prompt_match/` the judge of the app's prompt match.

| measured on 256 pictures it has not seen | |
|---|---|
| autoencoder, PSNR of the round trip | {numbers["psnr"]} dB |
| linear preview, R² | {numbers["preview"]["r2"]} |

## Licence

Weights and code: MIT. The sprites in the training pictures are Fluent Emoji, Copyright Microsoft Corporation, MIT: see
`training/world/sprites/`.
"""
