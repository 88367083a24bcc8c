"""A pen for flat shapes on a square of 32 units, y downwards, oversampled so that averaging down smooths the edges."""

from collections.abc import Sequence
from math import cos, pi, sin

from PIL import Image, ImageDraw

UNITS = 32
OVERSAMPLING = 4

Points = Sequence[tuple[float, float]]


def arc(x: float, y: float, wide: float, high: float, start: float, end: float) -> list[tuple[float, float]]:
    """Points of an oval around (x, y) with half axes `wide` and `high`, between angles in degrees clockwise."""
    angles = [pi / 180 * (start + (end - start) * k / 60) for k in range(61)]
    return [(x + wide * cos(angle), y + high * sin(angle)) for angle in angles]


class Pen:
    """Draws in units of the square, oversampled."""

    def __init__(self, side: int) -> None:
        self.scale = side * OVERSAMPLING / UNITS
        self.image = Image.new("RGBA", (side * OVERSAMPLING, side * OVERSAMPLING))
        self.draw = ImageDraw.Draw(self.image)

    def _px(self, *units: float) -> list[float]:
        return [unit * self.scale for unit in units]

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: str, radius: float = 0) -> None:
        self.draw.rounded_rectangle(self._px(x0, y0, x1, y1), radius * self.scale, fill)

    def oval(self, x0: float, y0: float, x1: float, y1: float, fill: str) -> None:
        self.draw.ellipse(self._px(x0, y0, x1, y1), fill)

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        self.oval(x - radius, y - radius, x + radius, y + radius, fill)

    def slice(self, x0: float, y0: float, x1: float, y1: float, start: float, end: float, fill: str) -> None:
        """Part of an oval, between angles in degrees clockwise from the right."""
        self.draw.pieslice(self._px(x0, y0, x1, y1), start, end, fill)

    def shape(self, points: Points, fill: str) -> None:
        self.draw.polygon([(x * self.scale, y * self.scale) for x, y in points], fill)

    def line(self, points: Points, fill: str, width: float) -> None:
        """A stroke with round joints and ends."""
        self.draw.line([(x * self.scale, y * self.scale) for x, y in points], fill, round(width * self.scale))
        for x, y in points:
            self.disc(x, y, width / 2, fill)
