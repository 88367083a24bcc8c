"""Scenes by chance: the same (world, seed) gives the same scene on every machine.

Compositional generalisation is measured on combinations that training never shows (as in Keysers et al. 2020, arXiv
1912.09713): a stable hash holds out some pairs (noun, style), (noun, place) and (noun, colour). The tasks are the six
of GenEval (Ghosh et al. 2023, arXiv 2310.11513), and settings and styles besides.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from random import Random
from zlib import crc32

from training.world import nouns, settings, styles, wanted, wearing
from training.world.colours import COLOURS
from training.world.compose import compose, dressed
from training.world.scene import Scene, World

RELATIONS = ("left of", "right of", "above", "below", "on")
SHARES = {
    "single": 0.28, "coloured": 0.2, "sized": 0.06, "counted": 0.16, "pair": 0.1, "coloured pair": 0.16, "empty": 0.04,
}  # fmt: skip
TASKS = (
    "single object", "two objects", "counting", "colours", "position", "attribute binding", "setting", "style",
)  # fmt: skip
HELD_OUT_PERCENT = 8
_UNRELATED_SHARE = 0.25
_TRIES = 5000
_TABLES = {
    "nouns": nouns.NOUNS, "colours": COLOURS, "relations": RELATIONS, "places": settings.PLACES,
    "times": settings.TIMES, "weathers": settings.WEATHERS, "seasons": settings.SEASONS, "styles": styles.STYLES,
    "wearing": wearing.WEARING,
}  # fmt: skip


def world_of(config: dict) -> World:
    """The world of a config: `config["world"]` has fields of `World`; lists are checked against the tables.

    `nouns` may be a number: so many of those that a visitor would want most.
    """
    chosen = dict(config.get("world", {}))
    unknown = set(chosen) - {f.name for f in fields(World)}
    if unknown:
        raise ValueError(f"config['world'] wants fields of World, got {', '.join(sorted(unknown))}; remove them")
    if isinstance(chosen.get("nouns"), int):
        chosen["nouns"] = wanted.order()[: chosen["nouns"]]
    for name, table in _TABLES.items():
        missing = [entry for entry in chosen.get(name, ()) if entry not in table]
        if missing:
            raise ValueError(f"config['world']['{name}'] names {', '.join(missing)}, not in the world; see its table")
        kept = set(chosen.get(name, table))
        chosen[name] = tuple(entry for entry in table if entry in kept)
    strange = set(chosen.get("shares", {})) - set(SHARES)
    if strange:
        raise ValueError(f"config['world']['shares'] wants kinds of {', '.join(SHARES)}; got {', '.join(strange)}")
    if chosen.get("speech", "plain") not in ("plain", "wide"):
        raise ValueError(f"config['world']['speech'] wants plain or wide, got {chosen['speech']!r}")
    chosen["shares"] = {**SHARES, **chosen.get("shares", {})}
    return World(**chosen)


def draw(world: World, seed: int, held_out: bool = False) -> Scene:
    """A scene of any kind: of training (never held out), or with a held-out combination."""
    random = Random(seed)
    if held_out:
        return _search(lambda: _scene(world, _kind(world, random), random, seed), True)
    kind = _kind(world, random)
    return _search(lambda: _scene(world, kind, random, seed), False)


def for_task(world: World, task: str, seed: int, held_out: bool = False) -> Scene:
    """A scene that asks what `task`, one of `TASKS`, asks; all but "style" are in the plain style."""
    random = Random(seed)
    if task not in TASKS:
        raise ValueError(f"task wants one of {', '.join(TASKS)}; got {task!r}")
    return _search(lambda: _task_scene(world, task, random, seed), held_out)


def is_held_out(scene: Scene) -> bool:
    """Whether training must not show this scene: one of its things is held out with its colour, place or style."""
    place, style = scene.setting.place, scene.style
    return any(
        pair_held_out(thing.noun, what)
        for thing in scene.things
        for what in (thing.colour, place, style)
        if what is not None
    )


@cache
def pair_held_out(noun: str, what: str) -> bool:
    """Whether a noun never appears in training with this colour, place or style."""
    return crc32(f"{noun}|{what}".encode()) % 100 < HELD_OUT_PERCENT


def _search(attempt: Callable[[], Scene], held_out: bool) -> Scene:
    for _ in range(_TRIES):
        scene = attempt()
        if is_held_out(scene) == held_out:
            return scene
    raise ValueError(f"no scene with held_out={held_out} in {_TRIES} tries; give the world more nouns and places")


def _kind(world: World, random: Random) -> str:
    shares = world.shares or SHARES
    return random.choices(tuple(shares), tuple(shares.values()))[0]


def _scene(world: World, kind: str, random: Random, seed: int) -> Scene:
    style = random.choice(world.styles) if world.styles and random.random() < world.style_share else None
    plain = not world.places or random.random() < world.plain_share
    relation = None
    if kind.endswith("pair") and random.random() >= _UNRELATED_SHARE and world.relations:
        relation = random.choice(world.relations)
    return dressed(compose(world, kind, relation, plain, style, random, seed), world, random)


def _task_scene(world: World, task: str, random: Random, seed: int) -> Scene:
    plain = not world.places or (task != "setting" and random.random() < world.plain_share)
    style = random.choice(world.styles) if task == "style" else None
    around = [r for r in world.relations if r != "on"]
    relation = random.choice(around) if task == "position" else None
    kinds = {
        "two objects": "pair",
        "counting": "counted",
        "colours": "coloured",
        "position": "pair",
        "attribute binding": "coloured pair",
    }
    return compose(world, kinds.get(task, "single"), relation, plain, style, random, seed)


FACTS = (
    "noun0", "colour0", "size0", "wears0", "noun1", "colour1", "wears1", "count", "relation", "place", "background",
    "time", "weather", "season", "style",
)  # fmt: skip
_SIZES = ("small", "big")
_FACT_RELATIONS = ("left of", "above", "on")
MIRRORED = {"right of": "left of", "below": "above"}


def fact_sizes(world: World) -> dict[str, int]:
    """How many classes each of `FACTS` has; class 0 is "none"."""
    tables = {
        "noun": world.nouns, "colour": world.colours, "size": _SIZES, "count": range(world.max_count),
        "relation": _FACT_RELATIONS, "place": world.places, "background": world.colours, "time": world.times,
        "weather": world.weathers, "season": world.seasons, "style": world.styles, "wears": world.wearing,
    }  # fmt: skip
    return {fact: 1 + len(tables[fact.rstrip("01")]) for fact in FACTS}


def facts(scene: Scene, world: World) -> dict[str, int]:
    """What a caption may say, as class indices; 0 is none, others are places in the world's tuples, from 1.

    Thing 0 is the left, the upper or the standing one ("left of", "above", "on" are the only relations, so mirrored
    wordings have equal facts); of two things in no relation it is `things[0]`. `count` is that of thing 0's noun.
    """
    things = scene.things
    if scene.relation in MIRRORED:
        things = (things[1], things[0])
    relation = MIRRORED.get(scene.relation or "", scene.relation)
    paired = len(things) == 2 and things[0].noun != things[1].noun
    first = things[0] if things else None
    second = things[1] if paired else None
    setting = scene.setting
    index = _indices(world)
    return {
        "noun0": index["noun"][first and first.noun],
        "colour0": index["colour"][first and first.colour],
        "size0": index["size"][first and first.size],
        "wears0": index["wears"][first and first.wears],
        "noun1": index["noun"][second and second.noun],
        "colour1": index["colour"][second and second.colour],
        "wears1": index["wears"][second and second.wears],
        "count": 1 if paired else len(things),
        "relation": index["relation"][relation],
        "place": index["place"][setting.place],
        "background": index["colour"][setting.colour],
        "time": index["time"][setting.time],
        "weather": index["weather"][setting.weather],
        "season": index["season"][setting.season],
        "style": index["style"][scene.style],
    }


@cache
def _indices(world: World) -> dict[str, dict[str | None, int]]:
    tables = {
        "noun": world.nouns, "colour": world.colours, "size": _SIZES, "relation": _FACT_RELATIONS,
        "place": world.places, "time": world.times, "weather": world.weathers, "season": world.seasons,
        "style": world.styles, "wears": world.wearing,
    }  # fmt: skip
    return {name: {None: 0, **{key: i for i, key in enumerate(table, 1)}} for name, table in tables.items()}
