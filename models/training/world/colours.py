"""Colours by name, and tinting: a thing takes on a colour but keeps its shading, its eyes and its outline."""

import numpy as np

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (216, 32, 38),
    "orange": (247, 124, 22),
    "yellow": (252, 212, 36),
    "green": (46, 160, 67),
    "blue": (38, 92, 214),
    "purple": (130, 58, 190),
    "pink": (250, 128, 182),
    "brown": (124, 76, 42),
    "white": (246, 246, 246),
    "black": (34, 34, 38),
    "gray": (140, 145, 152),
}
"""sRGB, 0 to 255. The keys are the words of captions."""

DARKEST, LIGHTEST = 0.16, 0.80
"""What is black in a thing keeps this much of the colour; what is white goes this far from it to white."""


def lightness(rgb: np.ndarray) -> np.ndarray:
    """Perceived lightness L of OKLab (Ottosson 2020), 0 to 1, of sRGB bytes [..., 3]."""
    linear = (rgb / 255.0) ** 2.2
    cone = linear @ np.array(
        [[0.4122214708, 0.2119034982, 0.0883024619],
         [0.5363325363, 0.6806995451, 0.2817188376],
         [0.0514459929, 0.1073969566, 0.6299787005]]
    )  # fmt: skip
    return np.cbrt(cone) @ np.array([0.2104542553, 0.7936177850, -0.0040720468])


def main_lightness(light: np.ndarray, weight: np.ndarray) -> float:
    """The tone that covers most of a thing, [n] lightnesses of weights [n]: this is what becomes the colour.

    White counts a third, so that a penguin is its back and not its belly.
    """
    bins = np.clip((light * 24).astype(int), 0, 23)
    area = np.bincount(bins, weight, 24)
    area[22:] /= 3
    area = area + 0.5 * (np.roll(area, 1) + np.roll(area, -1))
    best = int(area[:23].argmax())
    near = np.abs(bins - best) <= 1
    return float(np.average(light[near], weights=weight[near]))


def tinted(rgba: np.ndarray, weight: np.ndarray, colour: str) -> np.ndarray:
    """Shades uint8 [n, 4] of a thing, each covering `weight` [n] of it, in a colour of `COLOURS`; alpha is kept.

    Only lightness is left of the shades: the main one becomes the colour, darker ones go towards black, lighter ones
    towards white. White things get gray shading all over; in black things the darkest details are lifted, for eyes
    must show.
    """
    light = lightness(rgba[:, :3].astype(np.float64))
    main = main_lightness(light, weight * (rgba[:, 3] / 255.0) + 1e-9)
    darker = np.clip((main - light) / max(main, 0.2), 0, 1)[:, None]
    lighter = np.clip((light - main) / max(1 - main, 0.12), 0, 1)[:, None]
    base = np.array(COLOURS[colour], dtype=np.float64)
    if colour == "black":
        lifted = np.where(darker > 0.45, 112.0, base * (1 - 0.8 * darker))
        mixed = np.where(darker > 0, lifted, base + (150 - base) * lighter)
    elif colour == "white":
        mixed = np.where(darker > 0, base * (1 - 0.85 * darker**0.8), base - 26 * lighter)
    else:
        mixed = np.where(darker > 0, base * (1 - (1 - DARKEST) * darker), base + (255 - base) * LIGHTEST * lighter)
    return np.concatenate([mixed.round().clip(0, 255).astype(np.uint8), rgba[:, 3:]], axis=1)
