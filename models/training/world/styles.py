"""The styles a picture may be drawn in, by the names that captions use."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from training.world import styles_drawn as drawn
from training.world import styles_printed as printed


@dataclass(frozen=True)
class Style:
    """`after` are wordings that follow what the picture shows, the first is canonical; `before` end in "of".

    `colours`: colours of things still show.
    """

    after: tuple[str, ...]
    before: tuple[str, ...]
    apply: Callable[[np.ndarray, np.ndarray, int], np.ndarray]
    colours: bool = True


STYLES: dict[str, Style] = {
    "pixel art": Style(("pixel art", "in pixel art", "as pixel art"), ("pixel art of",), printed.pixel_art),
    "pencil sketch": Style(
        ("pencil sketch", "as a pencil sketch", "drawn in pencil"),
        ("a pencil sketch of", "a pencil drawing of"),
        drawn.pencil,
    ),
    "watercolour": Style(
        ("watercolour", "in watercolour", "in watercolor", "as a watercolor painting"),
        ("a watercolour of", "a watercolor of", "a watercolour painting of"),
        drawn.watercolour,
    ),
    "oil painting": Style(("oil painting", "as an oil painting", "in oil"), ("an oil painting of",), drawn.oil),
    "neon": Style(("neon", "in neon", "in neon lights"), ("a neon sign of",), drawn.neon),
    "blueprint": Style(("blueprint", "as a blueprint"), ("a blueprint of",), drawn.blueprint, colours=False),
    "mosaic": Style(("mosaic", "as a mosaic"), ("a mosaic of",), printed.mosaic),
    "paper cut": Style(("paper cut", "cut from paper", "in paper cut style"), ("a paper cut of",), printed.paper_cut),
    "comic": Style(("comic", "as a comic", "in comic style"), ("a comic drawing of", "a cartoon of"), printed.comic),
    "stained glass": Style(
        ("stained glass", "in stained glass", "as a stained glass window"),
        ("a stained glass window of",),
        printed.stained_glass,
    ),
    "chalk": Style(("chalk", "in chalk", "drawn in chalk"), ("a chalk drawing of",), drawn.chalk),
}


def apply(style: str, picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """A flat picture redrawn: uint8 RGB [s, s, 3] with `mask` uint8 [s, s], the coverage of things, 0 to 255."""
    if style not in STYLES:
        raise ValueError(f"unknown style {style!r}; known are {', '.join(STYLES)}")
    return STYLES[style].apply(picture, mask, seed)
