"""Flat drawing in fractions of the side: shapes with crisp edges, soft gradients, glows. Colours are RGB, 0 to 255."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import cv2
import numpy as np

Colour = tuple[int, int, int]
Point = tuple[float, float]

cv2.setNumThreads(1)
_FRACTION_BITS = 4  # of a pixel, in OpenCV's fixed-point corners
_TURN = np.linspace(0, 2 * np.pi, 40, endpoint=False)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)


def mix(first: Sequence[float], second: Sequence[float], share: float) -> Colour:
    """`share` of the second colour in the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


@lru_cache(maxsize=512)
def gradient(stops: tuple[Colour, ...], rows: int) -> np.ndarray:
    """Evenly spaced stops from top to bottom, uint8 [rows, 1, 3]."""
    at = np.linspace(0, len(stops) - 1, rows)
    columns = [np.interp(at, range(len(stops)), [stop[k] for stop in stops]) for k in range(3)]
    return np.rint(np.stack(columns, axis=1)).astype(np.uint8)[:, None]


@lru_cache(maxsize=256)
def _glow(radius: int) -> np.ndarray:
    """255 in the middle, 0 at the rim, falling smoothly; uint8 [2 radius + 1, 2 radius + 1]."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1] / radius
    inside = np.clip(1 - np.sqrt(x * x + y * y), 0, 1)
    return np.rint(255 * inside * inside * (3 - 2 * inside)).astype(np.uint8)


def blend(under: np.ndarray, paint: np.ndarray, cover: np.ndarray, alpha: float = 1.0) -> None:
    """`paint` over `under` in place where `cover` (uint8 [h, w]) says; 128ths, so that int16 holds the product."""
    share = np.rint(cover * np.float32(alpha * 128 / 255)).astype(np.int16)[..., None]
    under[...] = (under + (((paint.astype(np.int16) - under) * share) >> 7)).astype(np.uint8)


class Canvas:
    """A square picture under way."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.pixels = np.empty((side, side, 3), np.uint8)

    def fill(self, stops: tuple[Colour, ...], top: float = 0.0, bottom: float = 1.0) -> None:
        """Rows from `top` to `bottom` in a gradient."""
        first, last = round(top * self.side), round(bottom * self.side)
        self.pixels[first:last] = gradient(stops, last - first)

    def shape(self, corners: Iterable[Point], colour: Colour, to: Colour | None = None, alpha: float = 1.0) -> None:
        """A filled polygon; with `to`, fading from `colour` at its top to `to` at its bottom."""
        places = np.asarray(list(corners), float) * self.side - 0.5
        fixed = np.rint(places * (1 << _FRACTION_BITS)).astype(np.int32)
        if to is None and alpha == 1:
            cv2.fillPoly(self.pixels, [fixed], colour, cv2.LINE_AA, _FRACTION_BITS)
            return
        low = np.clip(np.floor(places.min(0)).astype(int) - 1, 0, self.side)
        high = np.clip(np.ceil(places.max(0)).astype(int) + 2, 0, self.side)
        if (high <= low).any():
            return
        cover = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
        cv2.fillPoly(cover, [fixed - (low << _FRACTION_BITS).astype(np.int32)], 255, cv2.LINE_AA, _FRACTION_BITS)
        paint = gradient((colour, to or colour), cover.shape[0])
        blend(self.pixels[low[1] : high[1], low[0] : high[0]], paint, cover, alpha)

    def ellipse(
        self,
        x: float,
        y: float,
        across: float,
        down: float,
        colour: Colour,
        to: Colour | None = None,
        alpha: float = 1.0,
    ) -> None:
        """By centre and radii."""
        self.shape(_CIRCLE * (across, down) + (x, y), colour, to, alpha)

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        colour: Colour,
        to: Colour | None = None,
        alpha: float = 1.0,
    ) -> None:
        """An upright rectangle."""
        self.shape([(left, top), (right, top), (right, bottom), (left, bottom)], colour, to, alpha)

    def line(self, points: Iterable[Point], width: float, colour: Colour) -> None:
        """An open line `width` of the side thick."""
        fixed = np.rint((np.asarray(list(points), float) * self.side - 0.5) * (1 << _FRACTION_BITS)).astype(np.int32)
        thick = max(1, round(width * self.side))
        cv2.polylines(self.pixels, [fixed], False, colour, thick, cv2.LINE_AA, _FRACTION_BITS)

    def hill(
        self,
        top: float,
        swell: float,
        phase: float,
        colour: Colour,
        to: Colour | None = None,
        waves: float = 1.0,
        bottom: float = 1.0,
    ) -> None:
        """Ground under a wavy line about `top`, `swell` up and down, `waves` of them across."""
        x = np.linspace(-0.02, 1.02, 40)
        y = top - swell * np.sin(2 * np.pi * (waves * x + phase))
        self.shape([(-0.02, bottom + 0.02), *zip(x, y, strict=True), (1.02, bottom + 0.02)], colour, to)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """A soft round light."""
        reach = max(1, round(radius * self.side))
        cover = _glow(reach)
        left, top = round(x * self.side) - reach, round(y * self.side) - reach
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + 2 * reach + 1, self.side), min(top + 2 * reach + 1, self.side)
        if x1 <= x0 or y1 <= y0:
            return
        part = cover[y0 - top : y1 - top, x0 - left : x1 - left]
        blend(self.pixels[y0:y1, x0:x1], np.array(colour, np.uint8), part, strength)
