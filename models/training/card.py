"""The two cards of a model: `afterimage.json` for the app, `README.md` for people."""

from training import world

LICENCE = "MIT; the pictures it learnt from are drawn with Noto Emoji sprites (SIL OFL 1.1)"


def summary(config: dict) -> str:
    """One sentence on what the model draws."""
    size, nouns = config["picture_size"], len(world.NOUNS)
    return (
        f"A small latent diffusion model trained from nothing: {nouns} things in simple settings, {size}x{size} pixels."
    )


def _budget(options: dict) -> str:
    return f"{options['steps']:,} steps" if "steps" in options else f"{options['minutes']} minutes"


def _styles(config: dict) -> str:
    """Styles that show, by eye (`config["styles"]`), and those that were in the training pictures but do not."""
    faint = [style for style in world.STYLES if style not in config["styles"]]
    shown = f"- styles: {', '.join(config['styles'])}\n" if config["styles"] else ""
    return shown + (f"- in the training pictures, but hardly learnt: {', '.join(faint)}" if faint else "")


def sidecar(config: dict, numbers: dict) -> dict:
    """What the app wants to know and diffusers has no place for. `preview` maps scaled latents to RGB in [-1, 1]."""
    size = config["picture_size"]
    return {
        "name": "TinyWorld",
        "summary": summary(config),
        "licence": LICENCE,
        "defaults": {**config["defaults"], "width": size, "height": size},
        "preview": numbers["preview"],
        "vocabulary": {
            "nouns": list(world.NOUNS),
            "settings": list(world.GROUNDS),
            "skies": list(world.SKIES),
            "colours": list(world.COLOURS),
            "styles": config["styles"],
            "words": list(world.words()),
        },
        "examples": config["examples"],
        "training": {"config": config["name"], **numbers["training"], "parameters": numbers["parameters"]},
    }


def readme(config: dict, numbers: dict) -> str:
    """The model card, every number of it measured by the run that wrote it."""
    count, training = numbers["parameters"], numbers["training"]
    defaults, stages = config["defaults"], config["stages"]
    sizes = ", then ".join(dict.fromkeys(f"{s['picture_size']}x{s['picture_size']}" for s in stages))
    example = config["examples"][0]
    return f"""# TinyWorld

{summary(config)}

A diffusers folder (`StableDiffusionPipeline`): a CLIP-style text encoder ({count["text_encoder"]:,} parameters), a
`UNet2DConditionModel` ({count["unet"]:,}) and an `AutoencoderTiny` ({count["vae"]:,}; 4 channels, 8x smaller), in
float16. `afterimage.json` holds the app's defaults, the linear preview, the vocabulary and example prompts with seeds.

    python -m training.sample tinyworld --prompt "{example["prompt"]}" --seed {example["seed"]} --out picture.png

## What it knows

- things: {", ".join(world.NOUNS)}
- places: {", ".join(world.GROUNDS)}; times: {", ".join(world.SKIES)}
- plain backgrounds: {", ".join(world.COLOURS)}
{_styles(config)}

Prompts read like "a cat on grass at sunset", "an owl on a blue background", "a car in the desert". The
vocabulary is closed: {numbers["words"]} words. Any other word becomes bytes it has never seen.

## What it does not know

Two things in one picture, counts, sizes, colours of things, positions, and whatever else is not in the list. Small
details (faces, windows, whiskers) come out soft: the autoencoder keeps little of them, and training was short.

## Training

From nothing, on pictures drawn by `training/world.py` (no photographs, nobody's drawings but the sprites), with
`python -m training.run --config configs/{config["name"]}.json`: {training["pictures"]:,} pictures in
{training["minutes"]} minutes at {sizes} pixels, after {_budget(config["autoencoder"])} of
the autoencoder and before {_budget(config["decoder"])} of its decoder alone.
v-prediction on a scaled-linear schedule with zero terminal signal, prompts dropped {config["prompt_dropout"]:.0%} of
the time, averaged weights. Made for DDIM, about {defaults["steps"]} steps, guidance about {defaults["guidanceScale"]}.

| measured on 256 pictures it has not seen | |
|---|---|
| autoencoder, PSNR of the round trip | {numbers["psnr"]} dB |
| linear preview, R² | {numbers["preview"]["r2"]} |

## Licence

Weights and code: MIT. The sprites in the training pictures are glyphs of Noto Emoji, Copyright Google Inc., under the
SIL Open Font License 1.1 (`training/sprites/OFL.txt`).
"""
