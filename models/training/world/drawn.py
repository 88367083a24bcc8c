"""Things drawn by our own code."""

from collections.abc import Callable

from PIL import Image

DRAWN: dict[str, Callable[[int], Image.Image]] = {}
