"""Painters of where people live: city, street, park, road, castle; and of the open sky."""

from training.world.canvas import mix
from training.world.props import WINDOW_LIGHT, Stage, flowers, tree, window_colour
from training.world.sky import paint_sky


def city(stage: Stage) -> None:
    """Two rows of towers with windows, a square in front."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.64)
    canvas, shift = stage.canvas, stage.random.uniform(-0.02, 0.02)
    heights = (0.2, 0.3, 0.24, 0.36, 0.26, 0.33, 0.22, 0.29)
    for k, height in enumerate(heights):
        x = 0.13 * k + shift
        canvas.box(x - 0.01, 0.66 - height, x + 0.12, 0.68, stage.lit((136, 156, 190), 0.5))
    towers = ((-0.02, 0.15, 0.44, 0), (0.14, 0.11, 0.3, 1), (0.76, 0.1, 0.34, 1), (0.87, 0.16, 0.5, 0))
    for x, wide, height, tone in (*towers, (0.27, 0.1, 0.17, 2), (0.64, 0.11, 0.2, 2)):
        wall = stage.lit(((86, 104, 146), (112, 124, 166), (128, 144, 182))[tone], 0.08)
        canvas.box(x, 0.68 - height, x + wide, 0.69, wall)
        glass = mix(wall, window_colour(stage.light), 0.85)
        columns = 3 if wide > 0.12 else 2
        for row in range(int((height - 0.03) / 0.055)):
            for column in range(columns):
                if (row * 3 + column * 5 + tone) % 7 < 5:
                    left = x + wide * (column + 0.5) / columns - 0.013
                    top = 0.68 - height + 0.03 + 0.055 * row
                    canvas.box(left, top, left + 0.026, top + 0.03, glass)
    white = stage.season.snow
    canvas.box(0, 0.67, 1, 1, stage.lit((226, 234, 242) if white else (178, 182, 194)), stage.lit((148, 152, 168)))
    canvas.box(0, 0.67, 1, 0.69, stage.lit((132, 138, 156)))
    for x in (0.06, 0.94):
        tree(stage, x, 0.74, 0.18)


def street(stage: Stage) -> None:
    """A row of coloured house fronts, pavement and road."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.4)
    canvas = stage.canvas
    fronts = ((238, 168, 140), (250, 220, 160), (166, 206, 196), (236, 188, 196), (176, 196, 226))
    first = stage.random.randrange(5)
    for k in range(5):
        x, top = 0.2 * k, (0.24, 0.3, 0.2, 0.28, 0.23)[k]
        wall = stage.lit(fronts[(k + first) % 5], 0.12)
        canvas.box(x, top, x + 0.2, 0.68, wall)
        roof = stage.lit((244, 248, 252) if stage.season.snow else (150, 96, 88), 0.12)
        if k % 2:
            canvas.shape([(x - 0.01, top), (x + 0.1, top - 0.1), (x + 0.21, top)], roof)
        else:
            canvas.box(x - 0.008, top - 0.03, x + 0.208, top, roof)
        glass = mix(window_colour(stage.light), wall, 0.1)
        for row in range(2):
            for dx in (0.035, 0.115):
                y = top + 0.05 + 0.13 * row
                canvas.box(x + dx - 0.007, y - 0.007, x + dx + 0.057, y + 0.082, mix(wall, (255, 255, 255), 0.4))
                canvas.box(x + dx, y, x + dx + 0.05, y + 0.075, glass)
        canvas.box(x + 0.07, 0.55, x + 0.13, 0.68, mix(wall, (80, 60, 80), 0.5))
    canvas.box(0, 0.66, 1, 0.73, stage.lit((244, 248, 252) if stage.season.snow else (206, 204, 204)))
    canvas.box(0, 0.725, 1, 1, stage.lit((122, 126, 138)), stage.lit((96, 100, 114)))
    for x in (0.13, 0.87):
        tree(stage, x, 0.72, 0.3)
    for k in range(4):
        canvas.box(0.06 + 0.26 * k, 0.94, 0.2 + 0.26 * k, 0.958, stage.lit((244, 236, 200)))
    for x in (0.03, 0.97):
        canvas.box(x - 0.008, 0.4, x + 0.008, 0.72, stage.lit((70, 78, 96)))
        if stage.light.time in ("night", "sunset"):
            canvas.glow(x, 0.39, 0.12, WINDOW_LIGHT, 0.7)
        canvas.ellipse(x, 0.39, 0.03, 0.03, WINDOW_LIGHT if stage.light.time == "night" else stage.lit((255, 248, 220)))


def park(stage: Stage) -> None:
    """Lawn, a curving path, a bench, lamps and trees."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.54)
    canvas, season, shift = stage.canvas, stage.season, stage.random.uniform(-0.02, 0.02)
    for k in range(7):
        tree(stage, 0.04 + 0.155 * k + shift, 0.56, 0.2 + 0.05 * (k % 2), 0.4, k)
    canvas.hill(0.54, 0.008, shift * 9, stage.lit(season.far_grass, 0.1), stage.lit(season.grass), 1.2)
    path = stage.lit(mix((232, 210, 172), (255, 255, 255), 0.4 if season.snow else 0.0))
    canvas.shape([(0.44, 0.55), (0.5, 0.55), (0.62, 0.66), (0.92, 1.02), (0.14, 1.02), (0.44, 0.68)], path)
    wood = stage.lit((150, 96, 62))
    for y in (0.58, 0.61, 0.65):
        canvas.box(0.73, y, 0.93, y + 0.02, wood)
    for x in (0.76, 0.9):
        canvas.box(x - 0.009, 0.58, x + 0.009, 0.71, stage.lit((84, 84, 96)))
    canvas.box(0.215, 0.36, 0.23, 0.7, stage.lit((70, 78, 96)))
    if stage.light.time in ("night", "sunset"):
        canvas.glow(0.222, 0.35, 0.14, WINDOW_LIGHT, 0.75)
    canvas.ellipse(
        0.222, 0.35, 0.035, 0.035, WINDOW_LIGHT if stage.light.time == "night" else stage.lit((255, 250, 226))
    )
    tree(stage, 0.09, 0.72, 0.4)


def road(stage: Stage) -> None:
    """An open road running to the horizon."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.54)
    canvas, season, phase = stage.canvas, stage.season, stage.random.uniform(0, 1)
    canvas.hill(0.51, 0.035, phase, stage.lit(season.far_grass, 0.45), stage.lit(season.far_grass, 0.25), 1.2)
    canvas.box(0, 0.56, 1, 1, stage.lit(season.far_grass), stage.lit(season.grass))
    canvas.shape(
        [(0.47, 0.56), (0.53, 0.56), (1.0, 1.02), (0.0, 1.02)], stage.lit((128, 130, 142)), stage.lit((98, 100, 114))
    )
    for far, near in ((0.02, 0.1), (0.2, 0.34), (0.5, 0.7), (0.86, 1.02)):
        y0, y1 = 0.56 + 0.46 * far, 0.56 + 0.46 * near
        w0, w1 = 0.003 + 0.024 * far, 0.003 + 0.024 * near
        canvas.shape([(0.5 - w0, y0), (0.5 + w0, y0), (0.5 + w1, y1), (0.5 - w1, y1)], stage.lit((252, 236, 160)))
    for x, y, size in ((0.12, 0.64, 0.24), (0.9, 0.66, 0.28), (0.27, 0.59, 0.12), (0.74, 0.59, 0.11)):
        tree(stage, x, y, size, 0.15)


def castle(stage: Stage) -> None:
    """Towers with pointed roofs on a hill."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.56)
    canvas, season, shift = stage.canvas, stage.season, stage.random.uniform(-0.02, 0.02)
    canvas.hill(0.54, 0.04, 0.3, stage.lit(season.far_grass, 0.35), stage.lit(season.far_grass, 0.1), 1.0)
    stone, dark = stage.lit((196, 194, 206), 0.15), stage.lit((168, 166, 184), 0.15)
    canvas.box(0.22 + shift, 0.4, 0.78 + shift, 0.64, stone)
    for k in range(9):
        canvas.box(0.22 + shift + 0.065 * k, 0.375, 0.255 + shift + 0.065 * k, 0.41, stone)
    roof = stage.lit((240, 246, 252) if season.snow else (104, 98, 172), 0.1)
    for x, half, top in ((0.22, 0.07, 0.27), (0.78, 0.07, 0.27), (0.4, 0.055, 0.22), (0.6, 0.055, 0.22)):
        x += shift
        canvas.box(x - half, top, x + half, 0.64, dark)
        canvas.shape([(x - half - 0.02, top), (x, top - 0.16), (x + half + 0.02, top)], roof)
        canvas.box(x - 0.016, top + 0.06, x + 0.016, top + 0.12, window_colour(stage.light))
    canvas.box(0.455 + shift, 0.54, 0.545 + shift, 0.65, stage.lit((124, 88, 72), 0.1))
    canvas.ellipse(0.5 + shift, 0.54, 0.045, 0.045, stage.lit((124, 88, 72), 0.1))
    canvas.hill(0.62, 0.012, 0.1 + shift * 9, stage.lit(season.far_grass), stage.lit(season.grass), 1.2)
    flowers(stage, 0.74, 0.95, 7)


def aloft(stage: Stage) -> None:
    """High in the air, clouds above and below."""
    paint_sky(stage.canvas, stage.light, stage.random, 1.0)
    canvas, shift = stage.canvas, stage.random.uniform(-0.03, 0.03)
    for row, (y, tone) in enumerate(((0.83, 0.5), (0.92, 0.22), (1.01, 0.0))):
        colour = mix(stage.light.cloud, stage.light.sky[1], tone)
        for k in range(6):
            canvas.ellipse(0.1 * (row % 2) + 0.2 * k + shift, y, 0.13, 0.08 + 0.03 * (k % 2), colour)
        canvas.box(0, y, 1, 1.01, colour)
