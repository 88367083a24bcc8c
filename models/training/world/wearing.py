"""What people and animals wear, and where on them it is: on the head, over the eyes, round the neck."""

from dataclasses import dataclass

import numpy as np

from training.world import nouns


@dataclass(frozen=True)
class Head:
    """Where a sprite's head is: fractions of its width and height, the head's width of its width."""

    x: float
    top: float
    eyes: float
    neck: float
    width: float


@dataclass(frozen=True)
class Garment:
    """`noun` is whose sprite it has, `words` the ways to say it, `at` the line of the head that it is drawn at.

    `width` is of the head's; `rise` of the garment's own height lies above the line, the rest below; `aside` is how far
    right of the head's middle it sits, of the head's width.
    """

    noun: str
    words: tuple[str, ...]
    at: str
    width: float
    rise: float
    aside: float = 0.0


WEARING: dict[str, Garment] = {
    "hat": Garment("hat", ("a hat", "a top hat"), "top", 0.95, 0.85),
    "crown": Garment("crown", ("a crown",), "top", 0.7, 0.85),
    "glasses": Garment("pair of glasses", ("glasses", "a pair of glasses"), "eyes", 0.95, 0.5),
    "scarf": Garment("scarf", ("a scarf",), "neck", 0.75, 0.3),
    "headphones": Garment("pair of headphones", ("headphones", "a pair of headphones"), "eyes", 1.15, 0.72),
    "bow": Garment("ribbon", ("a bow", "a hair bow"), "top", 0.5, 0.6, 0.3),
}

_FACE = Head(0.5, 0.12, 0.5, 0.93, 0.8)
_BUST = Head(0.5, 0.06, 0.3, 0.56, 0.5)
HEADS: dict[str, Head] = {
    "cat": Head(0.15, 0.28, 0.34, 0.55, 0.28), "dog": Head(0.5, 0.08, 0.35, 0.95, 0.7),
    "mouse": Head(0.2, 0.22, 0.34, 0.6, 0.32), "squirrel": Head(0.2, 0.18, 0.27, 0.52, 0.3),
    "fox": Head(0.5, 0.3, 0.58, 0.95, 0.75), "bear": Head(0.5, 0.1, 0.45, 0.95, 0.8),
    "panda": Head(0.5, 0.1, 0.45, 0.95, 0.8), "koala": Head(0.5, 0.15, 0.56, 0.95, 0.62),
    "raccoon": Head(0.5, 0.18, 0.53, 0.95, 0.7), "lion": Head(0.5, 0.16, 0.45, 0.9, 0.55),
    "monkey": Head(0.27, 0.06, 0.15, 0.45, 0.32), "gorilla": Head(0.14, 0.04, 0.14, 0.4, 0.26),
    "elephant": Head(0.2, 0.06, 0.32, 0.62, 0.34), "giraffe": Head(0.13, 0.08, 0.14, 0.3, 0.2),
    "horse": Head(0.15, 0.06, 0.15, 0.4, 0.22), "pig": Head(0.2, 0.08, 0.36, 0.8, 0.34),
    "cow": Head(0.14, 0.14, 0.25, 0.52, 0.24), "sheep": Head(0.18, 0.12, 0.24, 0.5, 0.28),
    "bird": Head(0.3, 0.04, 0.26, 0.5, 0.42), "chick": Head(0.24, 0.06, 0.22, 0.5, 0.36),
    "duck": Head(0.28, 0.04, 0.17, 0.42, 0.3), "owl": Head(0.5, 0.06, 0.27, 0.5, 0.8),
    "penguin": Head(0.5, 0.04, 0.19, 0.4, 0.4), "parrot": Head(0.3, 0.04, 0.16, 0.4, 0.4),
    "frog": Head(0.5, 0.1, 0.2, 0.93, 0.8), "robot": Head(0.5, 0.1, 0.44, 0.95, 0.7),
    "ghost": Head(0.5, 0.05, 0.25, 0.62, 0.6), "teddy bear": Head(0.5, 0.06, 0.23, 0.42, 0.4),
    "alien": Head(0.5, 0.06, 0.5, 0.93, 0.75),
    **dict.fromkeys(("boy", "girl", "baby", "man", "woman", "grandfather", "grandmother"), _FACE),
    **dict.fromkeys(("doctor", "judge", "elf", "vampire", "scientist"), _BUST),
}  # fmt: skip
"""Who can wear things. Those that wear a hat or a helmet already are left out."""


def worn(noun: str, garment: str, body: tuple[int, int], flip: bool) -> tuple[np.ndarray, int, int]:
    """A garment's pixels uint8 [h, w, 4], and its left and top in those of a body (width, height) of `noun`."""
    head, chosen = HEADS[noun], WEARING[garment]
    width = max(1, round(head.width * chosen.width * body[0]))
    whole = nouns.picture(chosen.noun, 192, None, False)
    longest = max(1, round(width * max(whole.size) / whole.width))
    pixels = np.asarray(nouns.picture(chosen.noun, longest, None, flip))
    across = head.x + chosen.aside * head.width
    middle = (1 - across if flip else across) * body[0]
    line = getattr(head, chosen.at) * body[1]
    return pixels, round(middle - pixels.shape[1] / 2), round(line - chosen.rise * pixels.shape[0])
