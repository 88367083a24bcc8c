"""What a prompt asks for, what the judge saw, and whether the one meets the other: GenEval's rules (Ghosh et al. 2023,
arXiv 2310.11513, section 3) in TinyWorld's vocabulary.

Each task judges only what it is named after: a prompt of "counting" may say where and in what colour, and that is not
asked again.
"""

from collections import Counter
from dataclasses import dataclass, replace
from random import Random

from training.world.scene import Scene, World

GENEVAL = ("single object", "two objects", "counting", "colours", "position", "attribute binding")
"""The six whose mean is the score."""
TASKS = (*GENEVAL, "setting", "style")
SETTING_PARTS = ("colour", "place", "time", "weather", "season")
OPPOSITE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
BESIDE = 0.1
"""GenEval's margin: centres must be apart by more than this share of both boxes' sizes."""
SLANT = 0.5
"""GenEval's cut: that much of the offset's length must be along the axis."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Detection:
    """One thing that the judge saw; `box` is (x0, y0, x1, y1) in fractions of the picture's side."""

    noun: str
    colour: str
    score: float
    box: Box


@dataclass(frozen=True)
class Sight:
    """All that the judge says of one picture. `setting` has a value, or None for "none of it", for each part."""

    detections: tuple[Detection, ...]
    setting: dict[str, str | None]
    style: str | None


@dataclass(frozen=True)
class Asked:
    """One noun, asked for `count` times, in `colour` unless None."""

    noun: str
    count: int = 1
    colour: str | None = None


@dataclass(frozen=True)
class Question:
    """What must be true of a picture. `relation` is that of the first asked thing to the second."""

    things: tuple[Asked, ...] = ()
    exactly: bool = False
    relation: str | None = None
    setting: tuple[tuple[str, str], ...] = ()
    style: str | None = None


def question(scene: Scene, task: str) -> Question:
    """What `task` asks of a picture of `scene`."""
    counts = Counter(thing.noun for thing in scene.things)
    things = tuple(Asked(noun, count) for noun, count in counts.items())
    tinted = tuple(Asked(t.noun, 1, t.colour) for t in scene.things)
    parts = tuple((part, value) for part in SETTING_PARTS if (value := getattr(scene.setting, part)) is not None)
    forms = {
        "single object": Question(things),
        "two objects": Question(things),
        "counting": Question(things, exactly=True),
        "colours": Question(tinted),
        "position": Question(things, relation=scene.relation),
        "attribute binding": Question(tinted),
        "setting": Question(setting=parts),
        "style": Question(style=scene.style),
    }
    return forms[task]


def is_met(asked: Question, sight: Sight) -> bool:
    """Whether all that is asked is there."""
    if any(sight.setting[part] != value for part, value in asked.setting):
        return False
    if asked.style is not None and sight.style != asked.style:
        return False
    if not all(_is_there(thing, sight.detections, asked.exactly) for thing in asked.things):
        return False
    if asked.relation is None:
        return True
    first, second = (_surest(thing.noun, sight.detections) for thing in asked.things)
    return stands(first.box, second.box, asked.relation)


def _is_there(thing: Asked, detections: tuple[Detection, ...], exactly: bool) -> bool:
    found = [d for d in detections if d.noun == thing.noun]
    coloured = [d for d in found if thing.colour in (None, d.colour)]
    return len(coloured) >= thing.count and not (exactly and len(found) != thing.count)


def _surest(noun: str, detections: tuple[Detection, ...]) -> Detection:
    return max((d for d in detections if d.noun == noun), key=lambda d: d.score)


def stands(a: Box, b: Box, relation: str) -> bool:
    """Whether box a is left of, right of, above or below box b, by GenEval's rule.

    The offset of the centres, each axis shortened by a tenth of both boxes' sizes, must keep more than half of its
    length along the axis in question.
    """
    offset = [(a[i] + a[i + 2] - b[i] - b[i + 2]) / 2 for i in (0, 1)]
    length = (offset[0] ** 2 + offset[1] ** 2) ** 0.5
    axis, sign = {"left of": (0, -1), "right of": (0, 1), "above": (1, -1), "below": (1, 1)}[relation]
    margin = BESIDE * (a[axis + 2] - a[axis] + b[axis + 2] - b[axis])
    return length > 0 and (sign * offset[axis] - margin) / length > SLANT


def falsehood(asked: Question, task: str, world: World, random: Random) -> Question:
    """The same question made false in the very thing that the task is about: a judge must say no to it."""
    things = asked.things
    if task == "counting":
        return replace(asked, things=(replace(things[0], count=things[0].count + random.choice((-1, 1))),))
    if task == "colours":
        return replace(asked, things=(replace(things[0], colour=_another(world.colours, things[0].colour, random)),))
    if task == "position":
        return replace(asked, relation=OPPOSITE[asked.relation])
    if task == "attribute binding":
        colours = [thing.colour for thing in reversed(things)]
        return replace(asked, things=tuple(replace(t, colour=c) for t, c in zip(things, colours, strict=True)))
    if task == "style":
        return replace(asked, style=_another(world.styles, asked.style, random))
    if task == "setting":
        return replace(asked, setting=_false_setting(asked.setting, world, random))
    i = random.randrange(len(things))
    nouns = [noun for noun in world.nouns if noun not in {thing.noun for thing in things}]
    return replace(asked, things=(*things[:i], replace(things[i], noun=random.choice(nouns)), *things[i + 1 :]))


def _another(values: tuple[str, ...], value: str, random: Random) -> str:
    return random.choice([other for other in values if other != value])


def _false_setting(parts: tuple[tuple[str, str], ...], world: World, random: Random) -> tuple[tuple[str, str], ...]:
    """One part with another value than the right one, of the parts that have several."""
    values = {"colour": world.colours, "place": world.places, "time": world.times,
              "weather": world.weathers, "season": world.seasons}  # fmt: skip
    wrong = random.choice([part for part, _ in parts if len(values[part]) > 1])
    return tuple((part, _another(values[part], value, random) if part == wrong else value) for part, value in parts)
