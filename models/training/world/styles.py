"""The styles a picture may be drawn in, by the names that captions use."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from training.world import styles_drawn as drawn
from training.world import styles_printed as printed


@dataclass(frozen=True)
class Style:
    """`synonyms` are other names, fit for "in the style of …"; `prefixes` come before what the picture shows.

    `colours`: the colours of things still show.
    """

    synonyms: tuple[str, ...]
    prefixes: tuple[str, ...]
    apply: Callable[[np.ndarray, np.ndarray, int], np.ndarray]
    colours: bool = True


STYLES: dict[str, Style] = {
    "pixel art": Style(("pixels",), ("pixel art of",), printed.pixel_art),
    "pencil sketch": Style(
        ("pencil drawing", "pencil"), ("a pencil sketch of", "a pencil drawing of"), drawn.pencil, colours=False
    ),
    "watercolour": Style(("watercolor", "aquarelle"), ("a watercolour of", "a watercolor of"), drawn.watercolour),
    "oil painting": Style(("oil paint",), ("an oil painting of",), drawn.oil),
    "neon": Style(("neon lights", "neon sign"), ("a neon sign of",), drawn.neon),
    "blueprint": Style(("technical drawing",), ("a blueprint of",), drawn.blueprint, colours=False),
    "mosaic": Style(("mosaic tiles",), ("a mosaic of",), printed.mosaic),
    "paper cut": Style(("cut paper", "paper craft"), ("a paper cut of",), printed.paper_cut),
    "comic": Style(("cartoon", "comic book"), ("a comic of", "a cartoon of"), printed.comic),
    "stained glass": Style(("church window",), ("stained glass of",), printed.stained_glass),
    "chalk": Style(("chalk drawing", "blackboard"), ("a chalk drawing of",), drawn.chalk),
    "woodcut": Style(("linocut", "black and white print"), ("a woodcut of",), drawn.woodcut, colours=False),
    "sepia": Style(("old photograph",), ("an old photograph of",), drawn.sepia, colours=False),
    "cross stitch": Style(("embroidery",), ("an embroidery of",), printed.cross_stitch),
}


def apply(style: str, picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """A flat picture redrawn: uint8 RGB [s, s, 3] with `mask` uint8 [s, s], the coverage of things, 0 to 255."""
    if style not in STYLES:
        raise ValueError(f"unknown style {style!r}; known are {', '.join(STYLES)}")
    return STYLES[style].apply(picture, mask, seed)
