"""Painters of where people live and of what is beyond: city, street, park, road, castle, rooms, cave, moon, space."""

from training.world.canvas import Colour, mix
from training.world.props import WINDOW_LIGHT, Stage, flowers, tree, window_colour
from training.world.sky import paint_sky, paint_stars


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


def room(stage: Stage) -> None:
    """A living room: wall, window, picture, lamp, floor boards, rug."""
    canvas = stage.canvas
    wall = stage.random.choice(((246, 226, 204), (216, 230, 226), (232, 222, 240)))
    canvas.fill((mix(wall, (255, 255, 255), 0.3), wall), 0, 0.68)
    mirrored = stage.random.random() < 0.5

    def across(left: float, right: float) -> tuple[float, float]:
        return (1 - right, 1 - left) if mirrored else (left, right)

    left, right = across(0.07, 0.33)
    canvas.box(left, 0.12, right, 0.46, (255, 252, 246))
    canvas.box(left + 0.018, 0.138, right - 0.018, 0.442, (142, 204, 240), (214, 238, 246))
    canvas.ellipse((left + right) / 2, 0.44, 0.1, 0.05, (140, 196, 120))
    canvas.box((left + right) / 2 - 0.006, 0.138, (left + right) / 2 + 0.006, 0.442, (255, 252, 246))
    canvas.box(left + 0.018, 0.284, right - 0.018, 0.296, (255, 252, 246))
    for x in (left - 0.02, right + 0.02):
        canvas.box(x - 0.032, 0.09, x + 0.032, 0.52, (236, 142, 122))
    left, right = across(0.5, 0.66)
    canvas.box(left, 0.16, right, 0.34, (176, 126, 86))
    canvas.box(left + 0.014, 0.174, right - 0.014, 0.326, (250, 240, 214))
    canvas.ellipse((left + right) / 2, 0.25, 0.04, 0.04, (242, 168, 96))
    left, right = across(0.83, 0.97)
    middle = (left + right) / 2
    canvas.glow(middle, 0.36, 0.22, (255, 240, 180), 0.7)
    canvas.box(middle - 0.008, 0.4, middle + 0.008, 0.7, (120, 96, 84))
    canvas.shape([(left + 0.03, 0.28), (right - 0.03, 0.28), (right, 0.42), (left, 0.42)], (255, 216, 120))
    canvas.fill(((206, 156, 108), (180, 128, 84)), 0.68, 1)
    canvas.box(0, 0.66, 1, 0.685, (255, 252, 246))
    for k in range(-3, 4):
        canvas.line([(0.5 + 0.2 * k, 0.69), (0.5 + 0.36 * k, 1.01)], 0.006, (170, 118, 78))
    canvas.ellipse(0.5, 0.87, 0.42, 0.095, (122, 150, 182))
    canvas.ellipse(0.5, 0.87, 0.36, 0.075, (166, 190, 212))


def kitchen(stage: Stage) -> None:
    """Cupboards, tiles, a stove, a worktop to stand on."""
    canvas = stage.canvas
    mint = stage.random.choice(((136, 190, 176), (150, 182, 214), (232, 190, 130)))
    canvas.fill(((250, 244, 230), (244, 234, 214)))
    for row in range(3):
        for k in range(8):
            tone = ((252, 252, 248), (228, 238, 238))[(row + k) % 2]
            canvas.box(0.125 * k, 0.31 + 0.115 * row, 0.125 * (k + 1), 0.31 + 0.115 * (row + 1), tone)
    for k in (0, 1, 3, 4):
        x = 0.2 * k
        canvas.box(x + 0.01, 0.0, x + 0.19, 0.29, mint)
        canvas.box(x + 0.032, 0.025, x + 0.168, 0.265, mix(mint, (255, 255, 255), 0.25))
        canvas.ellipse(x + (0.16 if k % 2 == 0 else 0.04), 0.235, 0.012, 0.012, (250, 246, 232))
    canvas.shape([(0.42, 0.0), (0.58, 0.0), (0.6, 0.16), (0.4, 0.16)], (190, 196, 204))
    canvas.box(0.37, 0.16, 0.63, 0.21, (164, 172, 184))
    for k in range(4):
        x = 0.1 + 0.052 * k
        canvas.line([(x, 0.36), (x, 0.46)], 0.008, (150, 150, 160))
        canvas.ellipse(x, 0.48, 0.018, 0.024, ((214, 120, 90), (150, 150, 160))[k % 2])
    canvas.box(0.82, 0.5, 0.94, 0.66, (226, 122, 98))
    canvas.box(0.85, 0.47, 0.91, 0.5, (176, 84, 70))
    canvas.fill(((214, 168, 122), (196, 146, 100)), 0.655, 0.95)
    canvas.box(0, 0.65, 1, 0.67, (234, 194, 150))
    canvas.box(0, 0.95, 1, 1.01, mix(mint, (0, 0, 0), 0.15))


def library(stage: Stage) -> None:
    """Shelves of books, warm light."""
    canvas = stage.canvas
    canvas.fill(((112, 74, 54), (96, 62, 46)))
    books: tuple[Colour, ...] = ((172, 84, 72), (206, 164, 96), (92, 124, 116), (96, 106, 148), (190, 128, 92))
    first = stage.random.randrange(5)
    for shelf in range(4):
        foot = 0.165 + 0.165 * shelf
        x, k = 0.02, first + shelf * 3
        while x < 0.96:
            wide, tall = (0.034, 0.042, 0.03)[k % 3], (0.12, 0.1, 0.128, 0.11)[k % 4]
            canvas.box(x, foot - tall, x + wide - 0.004, foot, mix(books[k % 5], (96, 62, 46), 0.25))
            x, k = x + wide, k + 1
        canvas.box(0, foot, 1, foot + 0.02, (150, 102, 70))
    for x in (0.0, 0.335, 0.665, 1.0):
        canvas.box(x - 0.014, 0, x + 0.014, 0.69, (150, 102, 70))
    canvas.fill(((158, 106, 74), (128, 84, 60)), 0.69, 1)
    canvas.ellipse(0.5, 0.87, 0.44, 0.1, (150, 62, 66))
    canvas.ellipse(0.5, 0.87, 0.38, 0.08, (180, 84, 80))
    canvas.glow(0.5, 0.3, 0.6, (255, 214, 140), 0.35)


def theatre(stage: Stage) -> None:
    """Red curtains, boards, a spotlight."""
    canvas = stage.canvas
    canvas.fill(((58, 20, 40), (92, 28, 48)), 0, 0.72)
    canvas.shape(
        [(0.42, -0.02), (0.58, -0.02), (0.92, 0.86), (0.08, 0.86)], (255, 232, 180), (190, 110, 100), alpha=0.35
    )
    canvas.fill(((150, 92, 62), (112, 64, 48)), 0.7, 1)
    canvas.ellipse(0.5, 0.86, 0.42, 0.1, (232, 180, 122))
    for k in range(4):
        for x, inward in ((0.055 * k, 1), (1 - 0.055 * k, -1)):
            tone = ((184, 36, 50), (214, 56, 64))[k % 2]
            reach = 0.03 + stage.random.uniform(-0.004, 0.004)
            corners = [(x - reach, -0.02), (x + reach, -0.02), (x + reach + inward * 0.01, 0.8), (x - reach, 0.8)]
            canvas.shape(corners, tone, mix(tone, (60, 0, 20), 0.35))
    for k in range(6):
        canvas.ellipse(0.1 + 0.16 * k, 0.02, 0.095, 0.1, ((196, 42, 54), (220, 62, 68))[k % 2])
        canvas.ellipse(0.1 + 0.16 * k, 0.105, 0.012, 0.012, (255, 208, 96))


def classroom(stage: Stage) -> None:
    """A blackboard with chalk marks, a shelf, a wooden floor."""
    canvas = stage.canvas
    canvas.fill(((250, 240, 214), (244, 228, 192)), 0, 0.68)
    canvas.box(0.12, 0.08, 0.88, 0.5, (168, 116, 76))
    canvas.box(0.14, 0.1, 0.86, 0.48, (50, 98, 84), (42, 84, 74))
    chalk = (190, 214, 202)
    kind = stage.random.randrange(2)
    left = 0.2 if kind else 0.64
    canvas.line([(left, 0.2), (left + 0.07, 0.34), (left + 0.14, 0.2), (left, 0.2)], 0.01, chalk)
    for k in range(3):
        canvas.line([(0.84 - left - 0.04, 0.19 + 0.07 * k), (0.98 - left - 0.02 * k, 0.19 + 0.07 * k)], 0.01, chalk)
    canvas.box(0.12, 0.5, 0.88, 0.525, (196, 144, 98))
    canvas.fill(((214, 172, 122), (190, 142, 94)), 0.68, 1)
    canvas.box(0, 0.665, 1, 0.69, (190, 136, 92))
    for x in (0.06, 0.94):
        canvas.box(x - 0.035, 0.6, x + 0.035, 0.68, (206, 104, 78))
        for dx, dy in ((-0.03, -0.06), (0.03, -0.07), (0.0, -0.12)):
            canvas.ellipse(x + dx, 0.6 + dy, 0.026, 0.055, (88, 158, 96))


def cave(stage: Stage) -> None:
    """Dark rock, stone teeth, glowing crystals, a bluish way out."""
    canvas, random = stage.canvas, stage.random
    canvas.fill(((52, 44, 60), (82, 68, 82)))
    x = 0.5 + random.uniform(-0.06, 0.06)
    for radius, tone in ((0.43, (74, 64, 82)), (0.35, (98, 88, 106)), (0.27, (132, 130, 150)), (0.19, (186, 206, 220))):
        canvas.ellipse(x, 0.5, radius, 1.1 * radius, tone)
    canvas.hill(0.66, 0.02, random.uniform(0, 1), (116, 98, 102), (74, 60, 68), 1.3)
    for k, (left, drop) in enumerate(
        ((0.02, 0.34), (0.14, 0.2), (0.27, 0.13), (0.42, 0.08), (0.6, 0.09), (0.73, 0.15), (0.86, 0.24), (0.98, 0.36))
    ):
        canvas.shape(
            [(left - 0.07, -0.02), (left + 0.07, -0.02), (left + 0.01, drop)], ((44, 36, 50), (60, 50, 64))[k % 2]
        )
    for left, tall in ((0.03, 0.24), (0.13, 0.13), (0.9, 0.15), (0.98, 0.26)):
        canvas.shape([(left - 0.06, 0.8), (left, 0.8 - tall), (left + 0.06, 0.8)], (64, 54, 66))
    for left, tone in ((0.18, (120, 214, 232)), (0.83, (214, 140, 236))):
        canvas.glow(left, 0.76, 0.13, tone, 0.5)
        for dx, tall in ((-0.03, 0.08), (0.0, 0.13), (0.03, 0.07)):
            corners = [(left + dx - 0.018, 0.81), (left + 1.4 * dx, 0.81 - tall), (left + dx + 0.018, 0.81)]
            canvas.shape(corners, mix(tone, (255, 255, 255), 0.3), tone)


def moon(stage: Stage) -> None:
    """Gray ground with craters, black sky, the Earth."""
    canvas, random = stage.canvas, stage.random
    canvas.fill(((8, 10, 26), (22, 24, 50)), 0, 0.7)
    paint_stars(canvas, random, 0.56, 18, (240, 242, 255))
    x = random.choice((0.2, 0.8))
    canvas.glow(x, 0.2, 0.24, (90, 150, 230), 0.6)
    canvas.ellipse(x, 0.2, 0.115, 0.115, (62, 140, 222))
    for dx, dy, across, down in ((-0.04, -0.03, 0.045, 0.035), (0.04, 0.03, 0.04, 0.05), (0.03, -0.07, 0.03, 0.018)):
        canvas.ellipse(x + dx, 0.2 + dy, across, down, (110, 190, 120))
    canvas.hill(0.62, 0.02, random.uniform(0, 1), (206, 208, 216), (158, 160, 174), 1.0)
    for dx, dy, across in (
        (0.12, 0.69, 0.09),
        (0.87, 0.72, 0.1),
        (0.3, 0.645, 0.045),
        (0.68, 0.64, 0.04),
        (0.06, 0.92, 0.1),
        (0.92, 0.95, 0.09),
    ):
        canvas.ellipse(dx, dy, across, 0.3 * across, (132, 134, 150))
        canvas.ellipse(dx, dy + 0.06 * across, 0.86 * across, 0.22 * across, (172, 174, 188))


def space(stage: Stage) -> None:
    """Violet depth, stars, a ringed planet and a small one."""
    canvas, random = stage.canvas, stage.random
    canvas.fill(((16, 14, 48), (40, 26, 84), (20, 18, 60)))
    canvas.glow(0.3, 0.62, 0.5, (128, 60, 150), 0.55)
    canvas.glow(0.76, 0.4, 0.42, (50, 90, 170), 0.5)
    paint_stars(canvas, random, 1.0, 26, (244, 244, 255))
    side = random.choice((-1, 1))
    x, y = 0.5 + 0.33 * side, 0.19
    canvas.ellipse(x, y, 0.1, 0.1, (244, 190, 126), (206, 120, 96))
    canvas.box(x - 0.093, y - 0.035, x + 0.093, y - 0.01, (250, 214, 160))
    canvas.line(
        [(x - 0.17, y + 0.05), (x - 0.06, y + 0.045), (x + 0.06, y + 0.01), (x + 0.17, y - 0.05)],
        0.018,
        (255, 228, 190),
    )
    x, y = 0.5 - 0.36 * side, 0.84
    canvas.ellipse(x, y, 0.075, 0.075, (126, 214, 214), (60, 130, 170))
    for dx, dy, radius in ((-0.03, -0.02, 0.018), (0.03, 0.0, 0.013), (-0.005, 0.035, 0.012)):
        canvas.ellipse(x + dx, y + dy, radius, radius, (84, 166, 182))


def aloft(stage: Stage) -> None:
    """High in the air, clouds above and below."""
    paint_sky(stage.canvas, stage.light, stage.random, 1.0)
    canvas, shift = stage.canvas, stage.random.uniform(-0.03, 0.03)
    for row, (y, tone) in enumerate(((0.83, 0.5), (0.92, 0.22), (1.01, 0.0))):
        colour = mix(stage.light.cloud, stage.light.sky[1], tone)
        for k in range(6):
            canvas.ellipse(0.1 * (row % 2) + 0.2 * k + shift, y, 0.13, 0.08 + 0.03 * (k % 2), colour)
        canvas.box(0, y, 1, 1.01, colour)
