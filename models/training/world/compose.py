"""Scenes of a given kind: which nouns, which colours, in what setting, so that each can be told in the picture."""

from dataclasses import replace
from functools import cache
from random import Random

import numpy as np

from training.world import layout, nouns, settings, styles
from training.world.colours import COLOURS
from training.world.scene import Scene, Setting, Thing, World
from training.world.wearing import HEADS

_FLAT_TOPPED = frozenset({
    "cake", "house", "car", "truck", "bus", "train", "suitcase", "gift", "piano", "book", "television",
    "toolbox", "box", "bed", "bathtub", "cube", "cylinder", "table", "sofa", "bench", "barrel", "cheese", "log",
})  # fmt: skip
_CLASH = 80.0
_DRESSED_SHARE = 0.3


def compose(
    world: World, kind: str, relation: str | None, plain: bool, style: str | None, random: Random, seed: int
) -> Scene:
    """A scene of a kind (a key of `scenes.SHARES`), all else by chance.

    `relation` is for pairs; "on" becomes none if the world has nothing to stand on.
    """
    names = _names(world, kind, relation, random)
    if relation == "on" and not names:
        relation, names = None, _names(world, kind, None, random)
    tints = _tints(world, kind, names, random)
    if style and not styles.STYLES[style].colours:
        # Such a style would hide the colours that the caption says.
        plain = plain and not world.places
        style = random.choice(_colourful(world) or (None,)) if any(tints) else style
    setting = _setting(world, plain and kind != "empty", names, tints, random)
    floor = None if setting.place is None else settings.floor(setting, seed)
    return Scene(_things(world, kind, relation, names, tints, floor, random), relation, setting, style, seed)


def _things(
    world: World,
    kind: str,
    relation: str | None,
    names: tuple[str, ...],
    tints: tuple[str | None, ...],
    floor: float | None,
    random: Random,
) -> tuple[Thing, ...]:
    if kind == "empty":
        return ()
    if len(names) == 2:
        return layout.two((names[0], names[1]), (tints[0], tints[1]), relation, floor, random)
    if kind == "counted":
        return layout.several(names[0], tints[0], random.randint(2, world.max_count), floor, random)
    size = random.choice(("small", "big")) if kind == "sized" else None
    return layout.one(names[0], tints[0], size, floor, random)


def dressed(scene: Scene, world: World, random: Random) -> Scene:
    """The scene with things to wear on some of those who can; never on several of a kind."""
    if not world.wearing or len({thing.noun for thing in scene.things}) < len(scene.things):
        return scene
    things = tuple(
        replace(thing, wears=random.choice(world.wearing))
        if thing.noun in HEADS and random.random() < _DRESSED_SHARE
        else thing
        for thing in scene.things
    )
    return replace(scene, things=things)


@cache
def tintable(world: World) -> tuple[str, ...]:
    """The nouns that may be drawn in a colour."""
    return tuple(noun for noun in world.nouns if nouns.NOUNS[noun].tints)


@cache
def _flat_topped(world: World) -> tuple[str, ...]:
    return tuple(noun for noun in world.nouns if noun in _FLAT_TOPPED)


@cache
def _others(pool: tuple[str, ...], noun: str) -> tuple[str, ...]:
    """The nouns of `pool` easy to tell from `noun`: of another group, if there are any."""
    group = nouns.NOUNS[noun].group
    apart = tuple(other for other in pool if nouns.NOUNS[other].group != group)
    return apart or tuple(other for other in pool if other != noun)


def _names(world: World, kind: str, relation: str | None, random: Random) -> tuple[str, ...]:
    """Nouns of the things, one or two; none for a setting alone, or if nothing of the world can be stood on."""
    if kind == "empty":
        return ()
    pool = tintable(world) if kind.startswith("coloured") else world.nouns
    if not kind.endswith("pair"):
        return (random.choice(pool),)
    if relation == "on":
        bases = tuple(noun for noun in _flat_topped(world) if noun in pool)
        if not bases:
            return ()
        base = random.choice(bases)
        return random.choice(_others(pool, base)), base
    first = random.choice(pool)
    return first, random.choice(_others(pool, first))


@cache
def _colourful(world: World) -> tuple[str, ...]:
    return tuple(style for style in world.styles if styles.STYLES[style].colours)


def _tints(world: World, kind: str, names: tuple[str, ...], random: Random) -> tuple[str | None, ...]:
    """A colour or None for each noun: by the kind of scene, or now and then if sized or counted."""
    if kind == "coloured pair":
        return tuple(random.sample(world.colours, 2))
    if kind == "coloured":
        return (random.choice(world.colours),)
    if kind in ("sized", "counted") and nouns.NOUNS[names[0]].tints and random.random() < 0.3:
        return (random.choice(world.colours),)
    return (None,) * len(names)


@cache
def _like(noun: str) -> frozenset[str]:
    """The colours that a noun in its own colours would be lost against."""
    rgba = np.asarray(nouns.picture(noun, 32, None, False).convert("RGBA"), np.float32)
    mean = rgba[rgba[..., 3] > 128][:, :3].mean(0)
    return frozenset(name for name, rgb in COLOURS.items() if np.linalg.norm(mean - np.array(rgb)) < _CLASH)


def _setting(
    world: World, plain: bool, names: tuple[str, ...], tints: tuple[str | None, ...], random: Random
) -> Setting:
    if plain:
        lost: set[str] = set()
        for noun, tint in zip(names, tints, strict=True):
            lost |= {tint} if tint else _like(noun)
        return Setting(colour=random.choice([c for c in world.colours if c not in lost] or world.colours))
    place = random.choice(world.places)
    if not settings.PLACES[place].sky:
        return Setting(place=place)
    time = random.choice(world.times)
    weather = random.choice(world.weathers) if world.weathers and random.random() < 0.3 else None
    season = random.choice(world.seasons) if world.seasons and random.random() < 0.25 else None
    return Setting(
        place=place,
        time=time,
        weather=weather if _weather_fits(place, time, weather) else None,
        season=season if settings.PLACES[place].seasons else None,
    )


_SNOWLESS = frozenset(("desert", "volcano", "jungle", "beach", "canyon", "island"))


def _weather_fits(place: str, time: str, weather: str | None) -> bool:
    if weather == "rainbow":
        return time == "day"
    return not (weather == "snowfall" and place in _SNOWLESS)
