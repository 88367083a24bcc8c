"""Things drawn by our own code, in the flat manner of the sprites: on a square of 32 units, y downwards."""

from collections.abc import Callable
from math import cos, pi, sin, tau

from PIL import Image

from .pen import Pen, Points, arc

RED, DARK_RED = "#e5363b", "#a81f35"
ORANGE, YELLOW, GOLD, CREAM = "#f58a2b", "#ffd23f", "#e0a526", "#ffe9c2"
GREEN, DARK_GREEN = "#3fb455", "#27853b"
TEAL, DARK_TEAL, LIGHT_TEAL = "#1fb5a6", "#128074", "#8fe3d8"
BLUE, DARK_BLUE, SKY = "#3b82e6", "#2358b0", "#a9d8fb"
PURPLE, DARK_PURPLE, LIGHT_PURPLE = "#8a5bd6", "#5b349c", "#c3a6f2"
PINK, DARK_PINK = "#f47bb0", "#c44784"
WOOD, DARK_WOOD, LIGHT_WOOD = "#b97a45", "#7f4d2a", "#dfa56c"
SNOW, ICE, GRAY, DARK_GRAY, BLACK = "#f4f7fb", "#bcd7ec", "#a3a9b5", "#666d7a", "#2b2b33"


def cube(pen: Pen) -> None:
    pen.shape([(2, 10), (9, 3), (30, 3), (23, 10)], LIGHT_PURPLE)
    pen.shape([(23, 10), (30, 3), (30, 23), (23, 30)], DARK_PURPLE)
    pen.shape([(2, 10), (23, 10), (23, 30), (2, 30)], PURPLE)


def sphere(pen: Pen) -> None:
    for step in range(24):
        share = step / 23
        shade = tuple(round(a + (b - a) * share) for a, b in ((10, 232), (140, 255), (132, 250)))
        pen.disc(16 - 4.5 * share, 16 - 5 * share, 14 * (1 - share) ** 0.8 + 0.2, "#{:02x}{:02x}{:02x}".format(*shade))


def cone(pen: Pen) -> None:
    pen.shape([(16, 1), *arc(16, 27, 12, 4, 0, 180)], PINK)
    pen.shape([(16, 1), *arc(16, 27, 12, 4, 0, 75)], DARK_PINK)


def cylinder(pen: Pen) -> None:
    pen.shape([(26, 5), *arc(16, 27, 10, 4, 0, 180), (6, 5)], BLUE)
    pen.shape([(26, 5), *arc(16, 27, 10, 4, 0, 65), (20.2, 5)], DARK_BLUE)
    pen.oval(6, 1, 26, 9, SKY)


def pyramid(pen: Pen) -> None:
    pen.shape([(16, 4), (21, 28), (1, 28)], YELLOW)
    pen.shape([(16, 4), (31, 28), (21, 28)], GOLD)
    for y in (10, 16, 22):
        pen.line([(16 - 15 * (y - 4) / 24 + 0.6, y), (16 + 5 * (y - 4) / 24, y)], GOLD, 0.8)


def hexagon(pen: Pen) -> None:
    def ring(radius: float) -> Points:
        return [(16 + radius * cos(tau * k / 6), 16 + radius * sin(tau * k / 6)) for k in range(6)]

    pen.shape(ring(15), DARK_TEAL)
    pen.shape(ring(12), TEAL)


def cross(pen: Pen) -> None:
    pen.box(11, 2, 21, 30, RED, 2)
    pen.box(2, 11, 30, 21, RED, 2)


def arrow(pen: Pen) -> None:
    pen.shape([(2, 11), (17, 11), (17, 4), (30, 16), (17, 28), (17, 21), (2, 21)], GREEN)
    pen.shape([(2, 16), (30, 16), (17, 28), (17, 21), (2, 21)], DARK_GREEN)


def spiral(pen: Pen) -> None:
    for k in range(1501):
        angle = k / 1500 * 2.6 * tau
        radius = 1 + 12.5 * k / 1500
        pen.disc(16 + radius * cos(angle), 16 + radius * sin(angle), 1.5, PURPLE)


def ball(pen: Pen) -> None:
    for k, fill in enumerate((RED, SNOW, BLUE, SNOW, YELLOW, SNOW)):
        pen.slice(2, 2, 30, 30, 60 * k - 20, 60 * k + 40, fill)
    pen.disc(16, 16, 3.2, ORANGE)


def table(pen: Pen) -> None:
    for x in (6, 23):
        pen.box(x, 12, x + 3, 27, DARK_WOOD)
    pen.box(4, 12, 28, 16, WOOD)
    pen.box(1, 8, 31, 13, LIGHT_WOOD, 1.5)


def lamp(pen: Pen) -> None:
    pen.box(14.8, 15, 17.2, 28, GOLD)
    pen.oval(8, 26, 24, 31, DARK_WOOD)
    pen.shape([(10, 2), (22, 2), (28, 17), (4, 17)], ORANGE)
    pen.shape([(4, 17), (4.8, 15), (27.2, 15), (28, 17)], YELLOW)


def sofa(pen: Pen) -> None:
    for x in (5, 24):
        pen.box(x, 25, x + 3, 29, DARK_WOOD)
    pen.box(4, 6, 28, 22, DARK_RED, 4)
    pen.box(5, 16, 27, 26, RED, 2)
    pen.box(15.6, 17, 16.4, 24, DARK_RED)
    for x in (1, 25):
        pen.box(x, 13, x + 6, 27, "#f0656a", 3)


def bench(pen: Pen) -> None:
    for x in (4, 25):
        pen.box(x, 6, x + 3, 28, DARK_GRAY, 1)
    for y in (7, 12):
        pen.box(1, y, 31, y + 3.4, LIGHT_WOOD, 1)
    pen.box(1, 18.5, 31, 22, WOOD, 1)


def bookshelf(pen: Pen) -> None:
    pen.box(4, 1, 28, 31, DARK_WOOD, 1)
    fills = (RED, YELLOW, BLUE, GREEN, PINK, ORANGE, TEAL)
    for row, y in enumerate((3, 12.5, 22)):
        pen.box(6, y, 26, y + 7.5, "#553018")
        for k in range(6):
            pen.box(6.5 + 3.2 * k, y + (k * 5 + row) % 3 * 0.8, 9.1 + 3.2 * k, y + 7.5, fills[(3 * row + k) % 7])


def barrel(pen: Pen) -> None:
    curve = [(5 + 3 * abs(k - 10) ** 2 / 100, 2 + 1.4 * k) for k in range(21)]
    pen.shape([*curve, *((32 - x, y) for x, y in reversed(curve))], WOOD)
    for x in (11, 16, 21):
        pen.line([(x, 2.5), (x, 29.5)], DARK_WOOD, 0.7)
    for y, x in ((7, 6.1), (21.5, 6.1)):
        pen.box(x - 0.3, y, 32.3 - x, y + 3.5, DARK_GRAY)


def fence(pen: Pen) -> None:
    for y in (13, 22):
        pen.box(1, y, 31, y + 3, WOOD)
    for x in (2, 9.5, 17, 24.5):
        pen.shape([(x, 10), (x + 2.75, 6), (x + 5.5, 10), (x + 5.5, 29), (x, 29)], LIGHT_WOOD)


def signpost(pen: Pen) -> None:
    pen.box(14.5, 2, 17.5, 31, DARK_WOOD)
    pen.shape([(3, 5), (24, 5), (29, 9), (24, 13), (3, 13)], LIGHT_WOOD)
    pen.shape([(29, 15), (8, 15), (3, 19), (8, 23), (29, 23)], WOOD)


def street_lamp(pen: Pen) -> None:
    pen.box(14.8, 11, 17.2, 29, DARK_GRAY)
    pen.box(11.5, 28, 20.5, 31, BLACK, 1)
    pen.box(11, 11, 21, 12.8, BLACK, 0.8)
    pen.shape([(11, 4), (21, 4), (19.4, 11), (12.6, 11)], YELLOW)
    pen.shape([(9.5, 4.4), (16, 0.8), (22.5, 4.4)], BLACK)


def tower(pen: Pen) -> None:
    pen.shape([(9, 10), (23, 10), (25, 31), (7, 31)], GRAY)
    pen.box(6, 5, 26, 11, "#8b919e")
    for x in (6, 11.5, 17, 22.5):
        pen.box(x, 1, x + 3.5, 6, "#8b919e")
    pen.box(14, 14, 18, 20, BLACK, 2)
    pen.box(13, 24, 19, 31, DARK_WOOD, 2.5)
    pen.box(13, 28, 19, 31, DARK_WOOD)


def windmill(pen: Pen) -> None:
    pen.shape([(12, 12), (20, 12), (23, 31), (9, 31)], CREAM)
    pen.shape([(11, 13), (16, 6), (21, 13)], RED)
    pen.box(14, 25, 18, 31, DARK_WOOD, 1)
    for k in range(4):
        angle = pi / 4 + k * pi / 2
        along, across = (cos(angle), sin(angle)), (-sin(angle), cos(angle))

        def at(far: float, off: float, along: tuple = along, across: tuple = across) -> tuple[float, float]:
            return 16 + far * along[0] + off * across[0], 13 + far * along[1] + off * across[1]

        pen.shape([at(3.5, 0), at(14, 0), at(14, 4), at(3.5, 4)], BLUE)
        pen.line([at(0, 0), at(14, 0)], DARK_WOOD, 1.1)
    pen.disc(16, 13, 1.8, DARK_WOOD)


def lighthouse(pen: Pen) -> None:
    def part(top: float, bottom: float, fill: str) -> None:
        half = [(y, 3.4 + 2.8 * (y - 9) / 19) for y in (top, bottom)]
        (y0, a), (y1, b) = half
        pen.shape([(16 - a, y0), (16 + a, y0), (16 + b, y1), (16 - b, y1)], fill)

    for k in range(5):
        part(9 + 4 * k, 13 + 4 * k, SNOW if k % 2 else RED)
    pen.box(7, 28.5, 25, 31, DARK_GRAY, 0.6)
    pen.box(13.4, 4.5, 18.6, 9, YELLOW)
    pen.box(11.4, 8.2, 20.6, 9.8, DARK_GRAY, 0.5)
    pen.shape([(12.2, 4.8), (16, 1), (19.8, 4.8)], DARK_RED)


def barn(pen: Pen) -> None:
    pen.shape([(3, 15), (7, 7), (16, 2), (25, 7), (29, 15), (29, 30), (3, 30)], RED)
    pen.line([(2.2, 15.5), (7, 7), (16, 2.2), (25, 7), (29.8, 15.5)], DARK_RED, 2)
    pen.box(10, 17, 22, 30, SNOW)
    pen.box(11.4, 18.4, 20.6, 30, DARK_RED)
    pen.line([(12, 19), (20, 29.4)], SNOW, 1.2)
    pen.line([(20, 19), (12, 29.4)], SNOW, 1.2)
    pen.box(13.4, 8.5, 18.6, 13.5, SNOW, 0.4)


def tent(pen: Pen) -> None:
    pen.line([(14.6, 2.6), (17.4, 6)], DARK_WOOD, 1)
    pen.line([(17.4, 2.6), (14.6, 6)], DARK_WOOD, 1)
    pen.shape([(16, 5), (31, 29), (1, 29)], GREEN)
    pen.shape([(16, 5), (23, 29), (9, 29)], DARK_GREEN)
    pen.shape([(16, 9), (20.5, 29), (11.5, 29)], "#16351f")
    pen.shape([(16, 9), (20.5, 29), (17.6, 29)], YELLOW)


def igloo(pen: Pen) -> None:
    pen.slice(2, 5, 30, 51, 180, 360, SNOW)
    for y in (12, 20):
        pen.line([(7.5 if y == 12 else 3.5, y), (24.5 if y == 12 else 28.5, y)], ICE, 0.9)
    for x, y in ((12, 6.5), (20, 6.5), (9, 13), (16, 13), (23, 13), (6, 21), (26, 21)):
        pen.line([(x, y), (x, y + 5.5)], ICE, 0.9)
    pen.box(9.5, 16.5, 22.5, 28, ICE, 6)
    pen.box(9.5, 23, 22.5, 28, ICE)
    pen.box(12, 19, 20, 28, DARK_BLUE, 4)
    pen.box(12, 24, 20, 28, DARK_BLUE)


def bridge(pen: Pen) -> None:
    pen.shape([(1, 26), (1, 13), (8, 9), (16, 7.5), (24, 9), (31, 13), (31, 26)], GRAY)
    pen.line([(1.3, 13), (8, 9), (16, 7.5), (24, 9), (30.7, 13)], DARK_GRAY, 1.8)
    for x in (4.5, 17.5):
        pen.slice(x, 15, x + 10, 37, 180, 360, "#00000000")
    for x, y in ((2.5, 17), (29.5, 17), (16, 12), (8, 12.5), (24, 12.5)):
        pen.line([(x - 0.9, y), (x + 0.9, y)], DARK_GRAY, 0.8)


def hot_air_balloon(pen: Pen) -> None:
    for x in (11.6, 20.4):
        pen.line([(x, 19), (13.6 if x < 16 else 18.4, 26)], DARK_WOOD, 0.7)
    widths, fills = (11.5, 8, 4), (RED, YELLOW, BLUE)
    for half, fill in zip(widths, fills, strict=True):
        pen.oval(16 - half, 0.5, 16 + half, 22, fill)
    pen.shape([(9, 18), (23, 18), (19, 23), (13, 23)], DARK_RED)
    pen.box(12.8, 25.5, 19.2, 31, WOOD, 1)
    pen.box(12.4, 25.2, 19.6, 26.8, DARK_WOOD, 0.6)


def submarine(pen: Pen) -> None:
    pen.line([(17, 9), (17, 3.5), (21, 3.5)], DARK_GRAY, 1.6)
    pen.box(12, 7, 21, 16, GOLD, 2)
    pen.shape([(24, 20.5), (31, 14), (31, 27)], GOLD)
    pen.box(1, 13, 27.5, 28, YELLOW, 7.5)
    for x in (7.5, 14.2, 21):
        pen.disc(x, 20, 2.6, GOLD)
        pen.disc(x, 20, 1.8, DARK_BLUE)


_ALL = (
    cube, sphere, cone, cylinder, pyramid, hexagon, cross, arrow, spiral, ball, table, lamp, sofa, bench, bookshelf,
    barrel, fence, signpost, street_lamp, tower, windmill, lighthouse, barn, tent, igloo, bridge, hot_air_balloon,
    submarine,
)  # fmt: skip

DRAWN: dict[str, Callable[[Pen], None]] = {draw.__name__.replace("_", " "): draw for draw in _ALL}
"""By noun: draws it with a pen."""


def drawn(noun: str, side: int) -> Image.Image:
    """A thing of `DRAWN` as RGBA, cropped to it, its longest side `side` pixels."""
    pen = Pen(side)
    DRAWN[noun](pen)
    whole = pen.image.crop(pen.image.getbbox())
    scale = side / max(whole.size)
    return whole.resize((round(whole.width * scale), round(whole.height * scale)), Image.Resampling.LANCZOS)
