"""Painters of water: beach, sea, lake, river, island, waterfall, ice, underwater."""

import numpy as np

from training.world.canvas import Colour, mix
from training.world.props import Stage, palm, pine, smooth, snowcap, tree
from training.world.sky import paint_sky


def _sea_colours(stage: Stage) -> tuple[Colour, Colour]:
    near = stage.lit((34, 130, 180))
    return mix(stage.lit((92, 188, 214)), stage.light.haze, 0.35), near


def _waves(stage: Stage, rows: tuple[float, ...], colour: Colour) -> None:
    for row, y in enumerate(rows):
        for k in range(3):
            x = 0.2 + 0.34 * k + (0.14 if row % 2 else 0.0) + stage.random.uniform(-0.03, 0.03)
            half = 0.05 + 0.05 * (y - rows[0])
            stage.canvas.line(
                [(x - half, y), (x - half / 2, y - 0.008), (x, y), (x + half / 2, y - 0.008), (x + half, y)],
                0.009,
                colour,
            )


def beach(stage: Stage) -> None:
    """Sea, surf and sand, a palm at one side."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.46)
    canvas, phase = stage.canvas, stage.random.uniform(0, 1)
    far, near = _sea_colours(stage)
    canvas.fill((mix(near, stage.light.haze, 0.1), mix(far, (120, 220, 216), 0.3)), 0.46, 0.7)
    _waves(stage, (0.51, 0.56), mix(far, (255, 255, 255), 0.4))
    canvas.hill(0.62, 0.014, phase, stage.lit((250, 252, 252)), None, 1.5)
    canvas.hill(0.64, 0.014, phase, stage.lit((224, 196, 140)), stage.lit((240, 214, 158)), 1.5, bottom=0.75)
    canvas.hill(0.665, 0.014, phase, stage.lit((250, 226, 170)), stage.lit((240, 206, 142)), 1.5)
    side = stage.random.choice((0, 1))
    palm(stage, 0.07 + 0.86 * side, 0.78, 0.46, 0.22 if side == 0 else -0.22)


def sea(stage: Stage) -> None:
    """Open water in rolling bands."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.5)
    canvas, phase = stage.canvas, stage.random.uniform(0, 1)
    far, near = _sea_colours(stage)
    canvas.fill((far, near), 0.5, 1.0)
    deep = mix(near, (10, 40, 90), 0.3)
    for k, y in enumerate((0.57, 0.66, 0.77, 0.9)):
        tone = mix(far, deep, (k + 1) / 4.4)
        canvas.hill(y, 0.008 + 0.005 * k, phase + 0.37 * k, mix(tone, (255, 255, 255), 0.28), None, 3.5 - 0.5 * k)
        canvas.hill(y + 0.013, 0.008 + 0.005 * k, phase + 0.37 * k, tone, mix(tone, deep, 0.3), 3.5 - 0.5 * k)


def lake(stage: Stage) -> None:
    """Still water mirroring peaks and firs, a near bank."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.5)
    canvas, shift = stage.canvas, stage.random.uniform(-0.04, 0.04)
    for x, half, height, far in ((0.28, 0.3, 0.22, 0.4), (0.72, 0.34, 0.27, 0.35)):
        snowcap(stage, x + shift, 0.5, half, height, (124, 142, 176), far)
    for k in range(12):
        pine(stage, 0.02 + 0.088 * k, 0.51, 0.09 + 0.035 * (k * 5 % 3), 0.3)
    side = canvas.side
    top, bottom = round(0.5 * side), round(0.78 * side)
    mirror = canvas.pixels[2 * top - bottom : top][::-1]
    water = mix(stage.lit((74, 152, 190)), stage.light.sky[1], 0.25)
    canvas.pixels[top:bottom] = mirror
    canvas.box(0, 0.5, 1, 0.8, water, stage.lit((58, 136, 178)), alpha=0.68)
    _waves(stage, (0.57, 0.65), mix(water, (255, 255, 255), 0.4))
    canvas.hill(0.735, 0.018, shift * 9, stage.lit(stage.season.far_grass), stage.lit(stage.season.grass), 0.9)
    for x, size in ((0.04, 0.15), (0.09, 0.11), (0.96, 0.15), (0.91, 0.1)):
        reed = stage.lit((120, 148, 78))
        canvas.line([(x, 0.78), (x, 0.78 - size)], 0.01, reed)
        canvas.line([(x, 0.78 - size), (x, 0.78 - 0.7 * size)], 0.022, stage.lit((132, 88, 58)))


def river(stage: Stage) -> None:
    """A bright river winding down a valley."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.5)
    canvas, season = stage.canvas, stage.season
    phase = stage.random.uniform(0, 1)
    canvas.hill(0.47, 0.05, phase, stage.lit(season.far_grass, 0.4), stage.lit(season.far_grass, 0.2), 1.2)
    canvas.box(0, 0.53, 1, 1, stage.lit(season.far_grass, 0.1), stage.lit(season.grass))
    left = (
        (0.5, 0.53),
        (0.36, 0.57),
        (0.5, 0.63),
        (0.7, 0.69),
        (0.62, 0.75),
        (0.3, 0.82),
        (-0.02, 0.88),
        (-0.02, 1.02),
    )
    right = ((0.45, 1.02), (0.66, 0.86), (0.86, 0.76), (0.86, 0.68), (0.6, 0.61), (0.42, 0.57), (0.53, 0.53))
    water = mix(stage.lit((84, 178, 220)), stage.light.sky[1], 0.2)
    canvas.shape([*smooth(left), *smooth(right)], water, stage.lit((50, 140, 198)))
    for x, y, half in ((0.74, 0.71, 0.05), (0.5, 0.8, 0.07), (0.2, 0.92, 0.09)):
        canvas.line([(x - half, y + 0.012), (x + half, y - 0.012)], 0.01, mix(water, (255, 255, 255), 0.5))
    for x, y, size in ((0.08, 0.62, 0.26), (0.2, 0.57, 0.16), (0.93, 0.62, 0.24)):
        tree(stage, x, y, size, 0.1)


def island(stage: Stage) -> None:
    """One hump of sand with two palms in the sea."""
    sea(stage)
    canvas = stage.canvas
    far, _ = _sea_colours(stage)
    canvas.ellipse(0.5, 0.87, 0.5, 0.15, mix(far, (150, 236, 226), 0.4))
    canvas.ellipse(0.5, 0.855, 0.45, 0.13, stage.lit((250, 250, 246)))
    canvas.ellipse(0.5, 0.85, 0.435, 0.125, stage.lit((250, 226, 166)), stage.lit((238, 200, 136)))
    lean = stage.random.uniform(0.1, 0.2)
    palm(stage, 0.2, 0.81, 0.42, -lean * 0.5)
    palm(stage, 0.84, 0.82, 0.34, lean * 0.4)


def waterfall(stage: Stage) -> None:
    """Water falling between cliffs into a pool."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.4)
    canvas, shift = stage.canvas, stage.random.uniform(-0.03, 0.03)
    rock, dark = stage.lit((158, 146, 142), 0.1), stage.lit((112, 108, 118))
    for k in range(8):
        x = 0.02 + 0.14 * k + shift
        if abs(x - 0.5) > 0.17:
            tree(stage, x, 0.24, 0.16 + 0.04 * (k % 2), 0.2, k)
    cliff = smooth([(-0.05, 0.2), (0.2, 0.22), (0.36, 0.19), (0.64, 0.19), (0.8, 0.22), (1.05, 0.2)])
    canvas.shape([*cliff, (1.05, 0.75), (-0.05, 0.75)], rock, dark)
    for x, y, tall in ((0.1, 0.3, 0.2), (0.24, 0.4, 0.2), (0.9, 0.32, 0.22), (0.77, 0.42, 0.18)):
        canvas.shape(
            [(x - 0.035, y), (x + 0.035, y - 0.02), (x + 0.02, y + tall), (x - 0.02, y + tall)], mix(rock, dark, 0.55)
        )
    turf = stage.lit(stage.season.grass)
    canvas.line([(x, y + 0.01) for x, y in cliff], 0.035, turf)
    falls = mix(stage.lit((206, 236, 248)), stage.light.haze, 0.1)
    left, right = 0.34 + shift, 0.66 + shift
    flow = [(left, 0.185), (right, 0.185), (right + 0.02, 0.72), (left - 0.02, 0.72)]
    canvas.shape(flow, falls, stage.lit((150, 212, 236)))
    for k in range(4):
        x = left + 0.05 + 0.068 * k
        canvas.box(x, 0.24 + 0.05 * (k % 2), x + 0.02, 0.6 - 0.06 * (k % 2), stage.lit((244, 251, 255)))
    canvas.box(0, 0.69, 1, 1, stage.lit((120, 204, 220)), stage.lit((58, 150, 178)))
    for k in range(6):
        canvas.ellipse(left - 0.02 + 0.072 * k, 0.695, 0.055, 0.035, stage.lit((246, 251, 254)))
    for x, half in ((0.06, 0.12), (0.2, 0.07), (0.95, 0.12), (0.82, 0.08)):
        canvas.ellipse(x, 0.7, half, 0.6 * half, mix(dark, stage.lit((150, 150, 160)), 0.5), dark)
    canvas.hill(0.82, 0.02, shift * 9, stage.lit(stage.season.far_grass), turf, 0.8)


def ice(stage: Stage) -> None:
    """Icebergs in a cold sea and a floe to stand on."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.5)
    canvas, shift = stage.canvas, stage.random.uniform(-0.03, 0.03)
    canvas.fill((stage.lit((112, 184, 208), 0.2), stage.lit((36, 112, 150))), 0.5, 1.0)
    bergs = ((0.16, 0.17, 0.2), (0.84, 0.2, 0.26), (0.52, 0.12, 0.1))
    for x, half, height in bergs:
        body = [(-1, 0), (-0.7, -0.6), (-0.3, -0.55), (0, -1), (0.35, -0.8), (0.6, -0.4), (1, 0)]
        canvas.shape([(x + shift + dx * half, 0.56 + dy * height) for dx, dy in body], stage.lit((240, 249, 253), 0.1))
        shade = [(0, -1), (0.35, -0.8), (0.6, -0.4), (1, 0), (0.1, 0), (0.2, -0.5)]
        canvas.shape([(x + shift + dx * half, 0.56 + dy * height) for dx, dy in shade], stage.lit((172, 214, 232), 0.1))
    _waves(stage, (0.61, 0.66), stage.lit((190, 226, 238)))
    floe = [(-0.02, 0.76), (0.12, 0.72), (0.4, 0.705), (0.78, 0.715), (1.02, 0.75), (1.02, 1.02), (-0.02, 1.02)]
    canvas.shape([(x, y + 0.035) for x, y in floe], stage.lit((140, 198, 222)))
    canvas.shape(floe, stage.lit((250, 253, 255)), stage.lit((212, 232, 244)))


def underwater(stage: Stage) -> None:
    """Blue depth with shafts of light, weeds, corals and bubbles."""
    canvas, random = stage.canvas, stage.random
    canvas.fill(((104, 212, 230), (38, 150, 204), (18, 92, 158)))
    for k in range(3):
        x = 0.12 + 0.3 * k + random.uniform(-0.04, 0.04)
        beam = [(x, -0.02), (x + 0.1, -0.02), (x + 0.3, 0.85), (x + 0.06, 0.85)]
        canvas.shape(beam, (176, 240, 246), (60, 160, 206), alpha=0.35)
    phase = random.uniform(0, 1)
    canvas.hill(0.76, 0.03, phase, (52, 128, 170), (40, 112, 156), 1.4)
    canvas.hill(0.84, 0.02, phase + 0.4, (226, 206, 158), (196, 172, 128), 1.1)
    for x, height, tone in ((0.05, 0.4, 0), (0.12, 0.28, 1), (0.95, 0.44, 1), (0.88, 0.27, 0), (0.18, 0.18, 0)):
        green = ((34, 146, 112), (72, 184, 122))[tone]
        stalk = smooth([(x + 0.018 * (-1) ** k, 0.92 - height * k / 5) for k in range(6)])
        half = 0.018 * (1 - np.linspace(0, 0.9, len(stalk)))
        sides = [stalk + np.stack([way * half, 0 * half], 1) for way in (-1, 1)]
        canvas.shape([*sides[0], *sides[1][::-1]], green)
    for x, tone in ((0.25, (240, 112, 128)), (0.79, (250, 160, 92))):
        for dx, dy, radius in ((-0.035, 0.0, 0.03), (0.0, -0.03, 0.034), (0.035, 0.0, 0.03)):
            canvas.ellipse(x + dx, 0.87 + dy, radius, radius, tone)
        canvas.box(x - 0.02, 0.87, x + 0.02, 0.91, tone)
    for k in range(8):
        x = (0.16, 0.84)[k % 2] + random.uniform(-0.06, 0.06)
        y, radius = 0.08 + 0.085 * k, 0.011 + 0.005 * (k % 3)
        canvas.ellipse(x, y, radius, radius, (196, 240, 248))
        canvas.ellipse(x, y, 0.7 * radius, 0.7 * radius, (120, 208, 232))
