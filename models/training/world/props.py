"""What stands about in settings: trees, pines, palms, houses, fences, flowers. `y` is the foot, sizes are heights."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from training.world.canvas import Canvas, Colour, Point, mix
from training.world.light import Light, Season


@dataclass(frozen=True)
class Stage:
    """All that a painter of a place needs."""

    canvas: Canvas
    light: Light
    season: Season
    random: Random

    def lit(self, colour: Colour, far: float = 0.0) -> Colour:
        """See `Light.lit`."""
        return self.light.lit(colour, far)


WINDOW_LIGHT: Colour = (255, 214, 110)


def tree(stage: Stage, x: float, y: float, size: float, far: float = 0.0, tone: int = 0) -> None:
    """A round tree of the season; bare ones keep their branches and some snow."""
    canvas, trunk = stage.canvas, stage.lit((122, 86, 62), far)
    canvas.box(x - 0.04 * size, y - 0.5 * size, x + 0.04 * size, y, trunk)
    if stage.season.bare:
        for lean, up in ((-0.24, 0.85), (0.24, 0.8), (-0.13, 0.98), (0.12, 1.0)):
            canvas.line([(x, y - 0.42 * size), (x + lean * size, y - up * size)], 0.035 * size, trunk)
        return
    leaves = stage.season.leaves[tone % len(stage.season.leaves)]
    dark, bright = stage.lit(mix(leaves, (30, 40, 60), 0.16), far), stage.lit(leaves, far)
    canvas.ellipse(x, y - 0.68 * size, 0.3 * size, 0.33 * size, dark)
    canvas.ellipse(x - 0.04 * size, y - 0.72 * size, 0.25 * size, 0.27 * size, bright)


def pine(stage: Stage, x: float, y: float, size: float, far: float = 0.0) -> None:
    """A fir of three storeys, white-edged where snow lies."""
    canvas = stage.canvas
    canvas.box(x - 0.035 * size, y - 0.16 * size, x + 0.035 * size, y, stage.lit((104, 76, 60), far))
    for k, (low, half) in enumerate(((0.12, 0.3), (0.36, 0.24), (0.6, 0.17))):
        foot, top = y - low * size, y - (low + 0.4) * size
        green = stage.lit(mix(stage.season.pine, (255, 255, 255), 0.05 * k), far)
        canvas.shape([(x - half * size, foot), (x, top), (x + half * size, foot)], green)
        if stage.season.snow:
            half, foot = 0.55 * half, top + 0.22 * size
            white = stage.lit((240, 246, 252), far)
            canvas.shape([(x - half * size, foot), (x, top - 0.01 * size), (x + half * size, foot)], white)


def palm(stage: Stage, x: float, y: float, size: float, lean: float) -> None:
    """A palm leaning by `lean` of its height."""
    canvas, top = stage.canvas, (x + lean * size, y - size)
    trunk, foot = stage.lit((164, 120, 78)), 0.045 * size
    middle = (x + 0.25 * lean * size, y - 0.5 * size)
    canvas.shape(
        [
            (x - foot, y),
            (middle[0] - 0.8 * foot, middle[1]),
            (top[0] - 0.5 * foot, top[1]),
            (top[0] + 0.5 * foot, top[1]),
            (middle[0] + 0.8 * foot, middle[1]),
            (x + foot, y),
        ],
        trunk,
    )
    fronds = ((-0.3, -0.24), (0.32, -0.22), (0.02, -0.34), (-0.42, 0.1), (0.43, 0.12), (-0.2, 0.26), (0.22, 0.27))
    for k, (dx, dy) in enumerate(fronds):
        green = stage.lit(((60, 150, 82), (88, 178, 92))[k % 2])
        x, y = top
        bend = (x + 0.55 * dx * size, y + (0.55 * dy - 0.1) * size)
        curve = smooth((top, bend, (x + dx * size, y + dy * size)))
        drop = 0.1 * size * np.sin(np.pi * np.linspace(0, 1, len(curve)))
        canvas.shape([*curve, *(curve + np.stack([0 * drop, drop], 1))[::-1]], green)


def house(stage: Stage, x: float, y: float, size: float, wall: Colour, roof: Colour, far: float = 0.0) -> None:
    """A little gabled house, its windows lit at night."""
    canvas, half = stage.canvas, 0.4 * size
    canvas.box(x - half, y - 0.55 * size, x + half, y, stage.lit(wall, far))
    peak = [(x - half - 0.08 * size, y - 0.53 * size), (x, y - size), (x + half + 0.08 * size, y - 0.53 * size)]
    canvas.shape(peak, stage.lit((244, 248, 252) if stage.season.snow else roof, far))
    glass = window_colour(stage.light)
    for dx in (-0.22, 0.22):
        left = x + dx * size - 0.09 * size
        canvas.box(left, y - 0.43 * size, left + 0.18 * size, y - 0.25 * size, glass)
    canvas.box(x - 0.07 * size, y - 0.26 * size, x + 0.07 * size, y, stage.lit((128, 84, 62), far))


def window_colour(light: Light) -> Colour:
    """Lit in the dark, else the sky's."""
    dim = light.time in ("night", "sunset") or light.weather == "storm"
    return WINDOW_LIGHT if dim else light.lit((178, 216, 238))


def flowers(stage: Stage, top: float, bottom: float, count: int) -> None:
    """Blossoms of the season on the ground; none in winter."""
    random, blossoms = stage.random, stage.season.flowers
    for k in range(count if blossoms else 0):
        x = (k + 0.5) / count + random.uniform(-0.03, 0.03)
        depth = (k * 0.618 + 0.3) % 1
        y, radius = top + (bottom - top) * depth, 0.007 + 0.008 * depth
        colour = stage.lit(blossoms[k % len(blossoms)])
        for turn in np.linspace(0, 2 * np.pi, 4, endpoint=False) + 0.4:
            stage.canvas.ellipse(x + radius * np.cos(turn), y + radius * np.sin(turn), radius, radius, colour)
        stage.canvas.ellipse(x, y, 0.7 * radius, 0.7 * radius, stage.lit((250, 196, 72)))


def snowcap(stage: Stage, x: float, y: float, half: float, height: float, rock: Colour, far: float) -> None:
    """A peak standing at `y`, lit from the left, white on top."""
    canvas, top = stage.canvas, y - height
    left, right = (x - half, y), (x + half, y)
    base = stage.lit(rock, far)
    canvas.shape([left, (x, top), right], base, mix(base, stage.light.haze, 0.3))
    shade = mix(base, stage.light.sky[0], 0.35)
    canvas.shape([(x, top), right, (x + 0.12 * half, y), (x - 0.1 * half, top + 0.5 * height)], shade)
    white = stage.lit((248, 250, 255), 0.5 * far)
    rim = [(-0.36, 0.36), (-0.2, 0.3), (-0.09, 0.42), (0.05, 0.3), (0.2, 0.4), (0.36, 0.36)]
    canvas.shape([(x, top), *[(x + dx * half, top + dy * height) for dx, dy in rim]], white)


def fence(stage: Stage, y: float, height: float, colour: Colour) -> None:
    """Pickets from edge to edge."""
    tone = stage.lit(colour)
    stage.canvas.box(0, y - 0.72 * height, 1, y - 0.58 * height, tone)
    stage.canvas.box(0, y - 0.32 * height, 1, y - 0.18 * height, tone)
    for k in range(11):
        x = 0.05 + 0.09 * k
        corners = [(x - 0.018, y), (x - 0.018, y - 0.85 * height), (x, y - height), (x + 0.018, y - 0.85 * height)]
        stage.canvas.shape([*corners, (x + 0.018, y)], tone)


def leaf(canvas: Canvas, stem: Point, tip: Point, width: float, colour: Colour) -> None:
    """A pointed leaf, `width` of its length wide, with a bright middle vein."""
    (x0, y0), (x1, y1) = stem, tip
    dx, dy = x1 - x0, y1 - y0
    along = np.linspace(0, 1, 12)
    bulge = 0.5 * width * np.sin(np.pi * along**0.8)
    one = np.stack([x0 + along * dx - bulge * dy, y0 + along * dy + bulge * dx], 1)
    other = np.stack([x0 + along * dx + bulge * dy, y0 + along * dy - bulge * dx], 1)
    canvas.shape([*one, *other[::-1]], colour)
    canvas.line([stem, (x0 + 0.85 * dx, y0 + 0.85 * dy)], 0.007, mix(colour, (255, 255, 255), 0.25))


def smooth(points: Sequence[Point]) -> np.ndarray:
    """A Catmull-Rom curve through the points (Catmull and Rom 1974), 6 steps to each stretch; [n, 2]."""
    p = np.array([points[0], *points, points[-1]])
    t = np.linspace(0, 1, 6, endpoint=False)[None, :, None]
    a, b, c, d = (p[k : len(p) - 3 + k, None] for k in range(4))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.concatenate([curve.reshape(-1, 2), p[-1:]])
