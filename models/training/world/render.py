"""Paints scenes: the setting, then its things with their shadows, then the style."""

import numpy as np

from training.world import nouns, settings, styles
from training.world.canvas import Canvas, blend, mix
from training.world.light import light
from training.world.scene import Scene, Setting, Thing
from training.world.wearing import worn

_DRAWN_AT = 256


def render(scene: Scene, size: int) -> np.ndarray:
    """The picture, uint8 RGB [size, size, 3]; drawn at 256 at least and averaged down.

    Raises ValueError for a size below 256 that does not divide it.
    """
    side = max(_DRAWN_AT, size)
    if side % size:
        raise ValueError(f"want a size that divides {_DRAWN_AT}, or at least {_DRAWN_AT}, got {size}")
    canvas = Canvas(side)
    canvas.pixels = settings.draw(scene.setting, side, scene.seed)
    mask = np.zeros((side, side), np.uint8)
    for thing in scene.things:
        _shadow(canvas, scene, thing)
    for thing in scene.things:
        _paste(canvas.pixels, mask, thing, scene.setting)
    picture = canvas.pixels
    if scene.style is not None:
        picture = styles.apply(scene.style, picture, mask, scene.seed)
    if side == size:
        return picture
    step = side // size
    blocks = picture.reshape(size, step, size, step, 3).mean(axis=(1, 3))
    return np.rint(blocks).astype(np.uint8)


def boxes(scene: Scene) -> list[tuple[float, float, float, float]]:
    """The box of each thing as drawn, (left, top, right, bottom) in fractions, cut at the picture's edge."""
    found = []
    for thing in scene.things:
        left, top, right, bottom = _box(thing)
        found.append((max(0.0, left), max(0.0, top), min(1.0, right), min(1.0, bottom)))
    return found


def _sprite(thing: Thing, side: int) -> np.ndarray:
    picture = nouns.picture(thing.noun, round(thing.side * side), thing.colour, thing.flip, thing.variant)
    return np.asarray(picture)


def _box(thing: Thing) -> tuple[float, float, float, float]:
    height, width = (n / _DRAWN_AT for n in _sprite(thing, _DRAWN_AT).shape[:2])
    return (thing.x - width / 2, thing.y - height / 2, thing.x + width / 2, thing.y + height / 2)


def _shadow(canvas: Canvas, scene: Scene, thing: Thing) -> None:
    """Where it stands: dark on the ground, a bright ripple on the sea, nothing in the air or over another thing."""
    setting = scene.setting
    left, _, right, bottom = _box(thing)
    if _aloft(scene, thing, bottom):
        return
    place = settings.PLACES[setting.place] if setting.place else None
    x, half = (left + right) / 2, 0.46 * (right - left)
    if place is None or not place.water:
        canvas.ellipse(x, bottom - 0.008, half, 0.18 * half, (30, 30, 60), alpha=0.16)
        canvas.ellipse(x, bottom - 0.008, 0.8 * half, 0.12 * half, (30, 30, 60), alpha=0.22)
    elif place.name == "sea":
        foam = mix(light(setting.time, setting.weather).haze, (255, 255, 255), 0.4)
        canvas.ellipse(x, bottom - 0.012, 1.15 * half, 0.16 * half, foam, alpha=0.6)


def _aloft(scene: Scene, thing: Thing, bottom: float) -> bool:
    """Whether it stands on nothing that shows a shadow; on a plain background everything stands where it is."""
    if nouns.NOUNS[thing.noun].rests == "air":
        return True
    if scene.relation in ("above", "below", "on") and thing.y < max(other.y for other in scene.things):
        return True
    return scene.setting.place is not None and bottom < settings.floor(scene.setting, scene.seed) - 0.02


def _paste(picture: np.ndarray, mask: np.ndarray, thing: Thing, setting: Setting) -> None:
    side = picture.shape[0]
    sprite = _sprite(thing, side)
    height, width = sprite.shape[:2]
    left, top = round(thing.x * side - width / 2), round(thing.y * side - height / 2)
    _lay(picture, mask, sprite, left, top, setting)
    if thing.wears:
        garment, across, down = worn(thing.noun, thing.wears, (width, height), thing.flip)
        _lay(picture, mask, garment, left + across, top + down, setting)


def _lay(picture: np.ndarray, mask: np.ndarray, sprite: np.ndarray, left: int, top: int, setting: Setting) -> None:
    """A sprite uint8 [h, w, 4] over the picture, and what it covers into the mask."""
    side, (height, width) = picture.shape[0], sprite.shape[:2]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, side), min(top + height, side)
    if x1 <= x0 or y1 <= y0:
        return
    part = sprite[y0 - top : y1 - top, x0 - left : x1 - left]
    blend(picture[y0:y1, x0:x1], _lit(part[..., :3], setting), part[..., 3])
    mask[y0:y1, x0:x1] = np.maximum(mask[y0:y1, x0:x1], part[..., 3])


def _lit(colours: np.ndarray, setting: Setting) -> np.ndarray:
    """Things take a little of the light, so little that their colours keep their names."""
    tint = np.array(light(setting.time, setting.weather).tint, np.float32)
    return (colours * (1 - 0.28 * (1 - tint))).astype(np.uint8)
