"""Painters of where no sky is: room, kitchen, library, theatre, classroom, cave, and the moon and space."""

from training.world.canvas import Colour, mix
from training.world.props import Stage
from training.world.sky import paint_stars


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
