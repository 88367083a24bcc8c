"""Scenes that differ from another in one fact: what a picture must not be mistaken for.

Captions of such scenes are hard negatives (as in Yuksekgonul et al. 2022, arXiv 2210.01936): whoever reads them as a
bag of words cannot tell them from the true ones. Altered scenes are said, never painted, so places of things stay.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from training.world import scenes
from training.world.compose import tintable
from training.world.scene import Scene, Thing, World

_OTHER_RELATION = {"left of": "above", "right of": "below", "above": "left of", "below": "right of", "on": "left of"}
_FAR = 2**32


def _other(options: tuple, now: object, random: Random) -> object:
    """One of the options that is not the present one; the present one if there is no other."""
    others = [option for option in options if option != now]
    return random.choice(others) if others else now


def _change_all(scene: Scene, chosen: Thing, **changes: object) -> Scene:
    """The scene with `chosen`, and what counts as one with it, changed."""
    same = (chosen.noun, chosen.colour)
    things = tuple(replace(t, **changes) if (t.noun, t.colour) == same else t for t in scene.things)
    return replace(scene, things=things)


def _noun(scene: Scene, world: World, random: Random) -> Scene:
    chosen = random.choice(scene.things)
    pool = tintable(world) if chosen.colour else world.nouns
    pool = tuple(noun for noun in pool if noun not in {thing.noun for thing in scene.things})
    return _change_all(scene, chosen, noun=_other(pool, chosen.noun, random)) if pool else scene


def _colour(scene: Scene, world: World, random: Random) -> Scene:
    coloured = [thing for thing in scene.things if thing.colour]
    chosen = random.choice(coloured)
    return _change_all(scene, chosen, colour=_other(world.colours, chosen.colour, random))


def _binding(scene: Scene, _world: World, _random: Random) -> Scene:
    a, b = scene.things
    return replace(scene, things=(replace(a, colour=b.colour), replace(b, colour=a.colour)))


def _order(scene: Scene, _world: World, _random: Random) -> Scene:
    return replace(scene, things=scene.things[::-1])


def _relation(scene: Scene, _world: World, _random: Random) -> Scene:
    return replace(scene, relation=_OTHER_RELATION[scene.relation or "on"])


def _count(scene: Scene, world: World, random: Random) -> Scene:
    count = _other(tuple(range(2, world.max_count + 1)), len(scene.things), random)
    return replace(scene, things=(scene.things * world.max_count)[:count])


def _size(scene: Scene, _world: World, _random: Random) -> Scene:
    thing = scene.things[0]
    return replace(scene, things=(replace(thing, size="big" if thing.size == "small" else "small"),))


def _setting(scene: Scene, world: World, random: Random) -> Scene:
    return replace(scene, setting=scenes.draw(world, random.randrange(_FAR)).setting)


def _time(scene: Scene, world: World, random: Random) -> Scene:
    time = _other(world.times, scene.setting.time, random)
    return replace(scene, setting=replace(scene.setting, time=time))


def _style(scene: Scene, world: World, random: Random) -> Scene:
    return replace(scene, style=_other((*world.styles, None), scene.style, random))


# What can be altered, and of which scenes.
_KINDS: dict[str, tuple[Callable[[Scene], bool], Callable[[Scene, World, Random], Scene]]] = {
    "noun": (lambda s: bool(s.things), _noun),
    "colour": (lambda s: any(thing.colour for thing in s.things), _colour),
    "binding": (lambda s: _is_pair(s) and s.things[0].colour != s.things[1].colour, _binding),
    "order": (lambda s: s.relation is not None, _order),
    "relation": (lambda s: s.relation is not None, _relation),
    "count": (lambda s: len(s.things) > 1 and not _is_pair(s), _count),
    "size": (lambda s: len(s.things) == 1 and s.things[0].size is not None, _size),
    "setting": (lambda s: True, _setting),
    "time": (lambda s: s.setting.time is not None, _time),
    "style": (lambda s: True, _style),
}
KINDS = tuple(_KINDS)


def _is_pair(scene: Scene) -> bool:
    return len(scene.things) == 2 and scene.things[0].noun != scene.things[1].noun


def altered(scene: Scene, world: World, random: Random, kind: str) -> Scene | None:
    """The scene with one thing about it changed; None where `kind` does not apply.

    None too if what comes out is the same, or is held out: a caption that no training picture has would be known for
    false by that alone.
    """
    applies, alter = _KINDS[kind]
    if not applies(scene):
        return None
    other = alter(scene, world, random)
    same = scenes.facts(other, world) == scenes.facts(scene, world)
    return None if same or (scenes.is_held_out(other) and not scenes.is_held_out(scene)) else other


def alterations(scene: Scene, world: World, random: Random, count: int) -> list[Scene]:
    """`count` scenes altered in different kinds, kinds in a shuffled order; repeated if there are fewer."""
    kinds = random.sample(KINDS, len(KINDS))
    found = [other for kind in kinds if (other := altered(scene, world, random, kind)) is not None]
    while found and len(found) < count:
        found += found
    return found[:count] or [scenes.draw(world, random.randrange(_FAR)) for _ in range(count)]
