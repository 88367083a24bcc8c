"""The picture world: an endless, captioned, deterministic source of small pictures.

A scene is one object (a sprite of Noto Emoji, see `sprites/README.md`) in a setting: a ground under a sky at some
time of day, or a plain coloured background; now and then as pixel art. `scene(seed)` draws what
is in the picture, `render(scene, size)` draws the picture, `caption(scene, phrasing)` says what is in it. The same
seed gives the same scene, pixels and words on every machine. The words are a closed set: see `words()`.

Variety is low on purpose: with little time to train, few things drawn well are better than many drawn badly.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageDraw

SPRITES = Path(__file__).parent / "sprites"

NOUNS = (
    "cat", "dog", "rabbit", "fox", "owl", "penguin", "fish", "butterfly", "turtle", "tree", "sunflower", "tulip",
    "cactus", "mushroom", "apple", "house", "castle", "car", "sailboat", "rocket", "balloon", "robot", "ghost",
    "snowman",
)  # fmt: skip
SKIES = {
    "day": ((90, 170, 240), (200, 230, 255)),
    "sunset": ((90, 60, 130), (255, 150, 80)),
    "night": ((8, 10, 40), (40, 50, 100)),
    "dawn": ((150, 170, 220), (255, 210, 190)),
}
GROUNDS = {
    "grass": (80, 160, 70),
    "beach": (225, 200, 140),
    "snow": (240, 245, 250),
    "sea": (40, 100, 170),
    "desert": (210, 150, 80),
}
COLOURS = {
    "red": (220, 50, 50),
    "green": (60, 170, 80),
    "blue": (60, 90, 220),
    "yellow": (240, 210, 60),
    "purple": (140, 70, 180),
    "pink": (245, 150, 190),
    "orange": (245, 140, 40),
    "white": (248, 248, 248),
    "black": (25, 25, 28),
}
STYLES = ("pixel art",)

_DAYLIGHT = {"day": 1.0, "sunset": 0.75, "night": 0.35, "dawn": 0.9}
_WHERE = {
    "grass": "on grass", "beach": "on the beach", "snow": "in the snow", "sea": "on the sea", "desert": "in the desert",
}  # fmt: skip
_WHEN = {"day": ("", " by day"), "sunset": (" at sunset",), "night": (" at night",), "dawn": (" at dawn",)}
PHRASINGS = ("a {n} {place}", "{n}, {list}", "a photo of a {n} {place}", "a picture of a {n} {place}", "a {n}")
_PHRASING_WEIGHTS = (0.56, 0.14, 0.1, 0.1, 0.1)


@dataclass(frozen=True)
class Scene:
    """What is in a picture. `colour` is set or else `sky` and `ground`; numbers are fractions of the picture's side."""

    noun: str
    colour: str | None
    sky: str | None
    ground: str | None
    style: str | None
    width: float
    x: float
    y: float
    flip: bool
    horizon: float
    light: tuple[float, float]
    seed: int


def scene(seed: int, style_share: float = 0.06) -> Scene:
    """The scene of a seed; `style_share` is the share of each style."""
    random = Random(seed)
    noun = random.choice(NOUNS)
    plain = random.random() < 0.35
    colour = random.choice(list(COLOURS)) if plain else None
    sky = None if plain else random.choice(list(SKIES))
    ground = None if plain else random.choice(list(GROUNDS))
    draw = random.random()
    style = STYLES[int(draw / style_share)] if draw < style_share * len(STYLES) else None
    return Scene(
        noun, colour, sky, ground, style,
        width=random.uniform(0.6, 0.68),
        x=0.5 + random.uniform(-0.05, 0.05),
        y=(0.5 if plain else 0.6) + random.uniform(-0.03, 0.03),
        flip=random.random() < 0.25,
        horizon=random.uniform(0.56, 0.64),
        light=(random.choice((0.14, 0.86)), random.uniform(0.12, 0.18)),
        seed=seed,
    )  # fmt: skip


def caption(what: Scene, phrasing: Random) -> str:
    """One of several ways to say what is in the picture; `phrasing` chooses, and is advanced."""
    pattern = phrasing.choices(PHRASINGS, _PHRASING_WEIGHTS)[0]
    if what.colour:
        place, listed = f"on a {what.colour} background", f"{what.colour} background"
        if what.colour == "orange":
            place = "on an orange background"
    else:
        when = phrasing.choice(_WHEN[what.sky])
        place = _WHERE[what.ground] + when
        listed = ", ".join(filter(None, (when.split()[-1] if when else "", what.ground)))
    text = pattern.format(n=what.noun, place=place, list=listed)
    if what.noun[0] in "aeiou":
        text = text.replace(f"a {what.noun}", f"an {what.noun}")
    return f"{text}, {what.style}" if what.style else text


@lru_cache
def words() -> tuple[str, ...]:
    """Every word of any caption, sorted."""
    text: list[str] = [*NOUNS, *COLOURS, *GROUNDS, *_WHERE.values(), *STYLES, "on a an orange background"]
    text += [phrase for phrases in _WHEN.values() for phrase in phrases]
    text += [pattern.format(n="cat", place="", list="") for pattern in PHRASINGS]
    return tuple(sorted({word for line in text for word in line.replace(",", " ").split()}))


@lru_cache
def _sprite(noun: str, flip: bool) -> Image.Image:
    image = Image.open(SPRITES / f"{noun}.png").convert("RGBA")
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else image


def _setting(what: Scene, side: int) -> Image.Image:
    if what.colour:
        return Image.new("RGB", (side, side), COLOURS[what.colour])
    horizon = round(side * what.horizon)
    top, bottom = (np.array(c, np.float32) for c in SKIES[what.sky])
    down = np.linspace(0, 1, horizon, dtype=np.float32)[:, None]
    rows = np.empty((side, 3), np.float32)
    rows[:horizon] = top + (bottom - top) * down
    near = np.linspace(0, 1, side - horizon, dtype=np.float32)[:, None]
    daylight = _DAYLIGHT[what.sky] ** (0.4 if what.ground == "snow" else 1.0)
    rows[horizon:] = np.array(GROUNDS[what.ground], np.float32) * daylight * (1 - 0.25 * near)
    image = Image.fromarray(np.repeat(rows[:, None], side, 1).clip(0, 255).astype(np.uint8))
    _draw_light(what, ImageDraw.Draw(image), side, horizon)
    return image


def _draw_light(what: Scene, draw: ImageDraw.ImageDraw, side: int, horizon: int) -> None:
    x, y = what.light[0] * side, what.light[1] * side
    if what.sky == "night":
        random = Random(what.seed)
        for _ in range(14):
            u, v, r = random.uniform(0, side), random.uniform(0, horizon * 0.9), side / 160
            draw.ellipse((u - r, v - r, u + r, v + r), (235, 235, 210))
        r = side * 0.075
        draw.ellipse((x - r, y - r, x + r, y + r), (240, 240, 210))
    elif what.sky == "day":
        r = side * 0.085
        draw.ellipse((x - r, y - r, x + r, y + r), (255, 240, 130))
    elif what.sky == "sunset":
        r = side * 0.11
        draw.pieslice((x - r, horizon - r, x + r, horizon + r), 180, 360, (255, 220, 120))


def _pixel_art(image: Image.Image, side: int) -> Image.Image:
    return image.resize((32, 32), Image.Resampling.BOX).resize((side, side), Image.Resampling.NEAREST)


def render(what: Scene, size: int) -> np.ndarray:
    """The picture, uint8 [size, size, 3]. Drawn at 128 or at `size`, whichever is larger, then averaged down."""
    side = max(128, size)
    image = _setting(what, side)
    sprite = _sprite(what.noun, what.flip)
    scale = what.width * side / max(sprite.size)
    w, h = (max(1, round(n * scale)) for n in sprite.size)
    sprite = sprite.resize((w, h), Image.Resampling.BILINEAR if scale > 0.6 else Image.Resampling.LANCZOS)
    image.paste(sprite, (round(what.x * side - w / 2), round(what.y * side - h / 2)), sprite)
    if what.style == "pixel art":
        image = _pixel_art(image, side)
    if side != size:
        image = image.resize((size, size), Image.Resampling.BOX if side % size == 0 else Image.Resampling.LANCZOS)
    return np.asarray(image)
