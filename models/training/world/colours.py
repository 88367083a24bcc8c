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

DARKEST, LIGHTEST = 0.20, 0.70
"""What is black in a thing keeps this much of the colour; what is white goes this far from it to white,
less in a thing that is mostly light: it must read as its colour at a glance."""
HUE, CONTRAST = 0.35, 0.85
"""How much of a difference of hue becomes one of lightness; small differences of lightness are raised to this power."""


def oklab(rgb: np.ndarray) -> np.ndarray:
    """OKLab (Ottosson 2020) of sRGB bytes [..., 3]: lightness 0 to 1, then two signed axes of hue and chroma."""
    linear = (rgb / 255.0) ** 2.2
    cone = linear @ np.array(
        [[0.4122214708, 0.2119034982, 0.0883024619],
         [0.5363325363, 0.6806995451, 0.2817188376],
         [0.0514459929, 0.1073969566, 0.6299787005]]
    )  # fmt: skip
    return np.cbrt(cone) @ np.array(
        [[0.2104542553, 1.9779984951, 0.0259040371],
         [0.7936177850, -2.4285922050, 0.7827717662],
         [-0.0040720468, 0.4505937099, -0.8086757660]]
    )  # fmt: skip


def main_shade(lab: np.ndarray, area: np.ndarray) -> np.ndarray:
    """The OKLab shade that becomes the colour: what covers most, of shades [n, 3] with areas [n].

    White and black count less than they cover, and vivid shades more: a penguin is its back and not its belly, a
    ladybird its red and not its spots.
    """
    most = np.argsort(area)[-64:]
    lab, area = lab[most], area[most]
    light = lab[:, 0]
    vivid = np.minimum(np.linalg.norm(lab[:, 1:], axis=1) / 0.15, 1)
    felt = area * np.where(light > 0.93, 0.8, np.where(light < 0.32, 0.4, 1.0)) * (1 + 0.5 * vivid)
    alike = np.linalg.norm(lab[:, None] - lab[None], axis=-1) < 0.08
    near = alike[int((alike @ felt).argmax())]
    return lab[int((area * near).argmax())]


def tinted(rgba: np.ndarray, area: np.ndarray, colour: str) -> np.ndarray:
    """Shades uint8 [n, 4] of a thing, each covering `area` [n] of it, in a colour of `COLOURS`; alpha is kept.

    The main shade becomes the colour, darker ones go towards black, lighter ones towards white; a shade of another hue
    goes further, so that parts that differed by hue alone still differ. White things keep gray shading; in black
    things the darkest details are lifted, for eyes must show.
    """
    lab = oklab(rgba[:, :3].astype(np.float64))
    main = main_shade(lab, area * (rgba[:, 3] / 255.0) + 1e-9)
    step = lab[:, 0] - main[0]
    hue = np.linalg.norm(lab[:, 1:] - main[1:], axis=1)
    step = step + np.where(step > 0.02, 1, -1) * HUE * np.maximum(hue - 0.06, 0)
    darker = np.clip(-step / max(main[0], 0.3), 0, 1)[:, None] ** CONTRAST
    lighter = np.clip(step / max(1 - main[0], 0.2), 0, 1)[:, None] ** CONTRAST
    covered = area * rgba[:, 3]
    lighter *= LIGHTEST * (1 - 0.5 * float(covered @ lighter[:, 0]) / float(covered.sum()))
    base = np.array(COLOURS[colour], dtype=np.float64)
    if colour == "black":
        lifted = np.where(darker > 0.5, 105.0, base * (1 - 0.6 * darker))
        mixed = np.where(step[:, None] < 0, lifted, base + (225 - base) * lighter)
    elif colour == "white":
        mixed = np.where(step[:, None] < 0, base * (1 - 0.85 * darker), base - 50 * lighter)
    else:
        mixed = base * (1 - (1 - DARKEST) * darker) + (255 - base) * lighter
    return np.concatenate([mixed.round().clip(0, 255).astype(np.uint8), rgba[:, 3:]], axis=1)
