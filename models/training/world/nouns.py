"""What can stand in a picture, and the picture of it. The list itself is `sprites/nouns.csv`."""

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from .colours import COLOURS, tinted
from .drawn import DRAWN, drawn

SPRITES = Path(__file__).parent / "sprites"
SIDE = 192
"""Longest side of every sprite, in pixels."""
CONTOURS = {"white": (150, 154, 162), "black": (92, 92, 98)}
"""Outlines, so that white things show on snow and black ones at night."""


@dataclass(frozen=True)
class Noun:
    """A noun, as captions say it and as pictures show it."""

    plural: str
    group: str
    """animal, person, plant, food, building, vehicle, furniture, instrument, clothes, toy, tool, object, shape, sky."""
    synonyms: tuple[str, ...]
    """Other words for one of it, with regular plurals; no two nouns share one."""
    tints: bool
    """It may be drawn in a colour and still be told."""
    mirrors: bool
    """It may be mirrored left to right."""
    rests: str
    """Where it is at home: "ground", "air", "water" or "any"."""
    variants: int
    """How many pictures there are of it: people come in several tones of skin, of which no caption speaks."""


def plural(word: str) -> str:
    """The regular English plural."""
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"


def _read() -> dict[str, Noun]:
    with (SPRITES / "nouns.csv").open(encoding="utf8", newline="") as file:
        return {
            row["noun"]: Noun(
                plural=row["plural"] or plural(row["noun"]),
                group=row["group"],
                synonyms=tuple(filter(None, row["synonyms"].split(";"))),
                tints="!t" not in row["flags"],
                mirrors="!m" not in row["flags"],
                rests=row["rests"],
                variants=1 + row["glyph"].count(";"),
            )
            for row in csv.DictReader(file)
        }


NOUNS: dict[str, Noun] = _read()


@cache
def _shades(noun: str, variant: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The sprite as uint8 shades [n, 4], the share of each [n], and which one each pixel has, [height, width]."""
    name = noun.replace(" ", "_") + (f"-{variant}" if variant else "")
    whole = drawn(noun, SIDE) if noun in DRAWN else Image.open(SPRITES / f"{name}.png")
    pixels = np.asarray(whole.convert("RGBA"))
    codes = pixels.copy().view(np.uint32)[..., 0]
    shades, index, counts = np.unique(codes, return_inverse=True, return_counts=True)
    return shades[:, None].view(np.uint8), counts / codes.size, index.reshape(codes.shape).astype(np.uint16)


@lru_cache(maxsize=2048)
def _whole(noun: str, colour: str | None, variant: int) -> Image.Image:
    shades, shares, index = _shades(noun, variant)
    whole = Image.fromarray((shades if colour is None else tinted(shades, shares, colour))[index])
    if colour in CONTOURS:
        alpha = np.asarray(whole)[..., 3]
        inside = cv2.erode(alpha, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
        line = Image.new("RGBA", whole.size, CONTOURS[colour])
        line.putalpha(whole.getchannel("A"))
        line.paste(whole, mask=Image.fromarray(inside))
        return line
    return whole


def picture(noun: str, side: int, colour: str | None, flip: bool, variant: int = 0) -> Image.Image:
    """A noun on nothing: RGBA, cropped to it, its longest side `side` pixels.

    In its own colours, or in a colour of `COLOURS`; `flip` mirrors it left to right; `variant` counts its pictures.
    """
    if noun not in NOUNS:
        raise ValueError(f"want a noun of the world, got {noun!r}: choose one of NOUNS")
    if colour is not None and colour not in COLOURS:
        raise ValueError(f"want a colour of {', '.join(COLOURS)} or None, got {colour!r}")
    if side < 1:
        raise ValueError(f"want a side of at least 1 pixel, got {side}")
    if not 0 <= variant < NOUNS[noun].variants:
        raise ValueError(f"want a variant below {NOUNS[noun].variants} of {noun}, got {variant}")
    whole = _whole(noun, colour, variant)
    scale = side / max(whole.size)
    size = (max(1, round(whole.width * scale)), max(1, round(whole.height * scale)))
    fitted = whole.resize(size, Image.Resampling.LANCZOS if scale > 1 else Image.Resampling.BOX)
    return fitted.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else fitted
