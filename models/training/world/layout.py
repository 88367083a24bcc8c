"""Where things stand. Few arrangements and little jitter: what a caption says is what places things.

All numbers are fractions of the picture's side, y from the top. In a place, things rest on the ground between its
floor (`settings.floor`) and `NEAR`; on a plain background they are about the middle.
"""

from functools import cache
from random import Random

from training.world import nouns
from training.world.scene import Thing

NEAR = 0.92
_SIDES = {None: (0.52, 0.66), "small": (0.26, 0.31), "big": (0.76, 0.84)}


@cache
def extent(noun: str) -> tuple[float, float]:
    """Width and height of a noun's picture as fractions of its longest side."""
    width, height = nouns.picture(noun, 96, None, False).size
    return width / max(width, height), height / max(width, height)


def one(noun: str, colour: str | None, size: str | None, floor: float | None, random: Random) -> tuple[Thing, ...]:
    """A thing in the middle; of the air a little higher, others standing on the floor if there is one."""
    side = random.uniform(*_SIDES[size])
    height = side * extent(noun)[1]
    x = 0.5 + random.uniform(-0.04, 0.04)
    if floor is None:
        y = 0.5 + random.uniform(-0.03, 0.03)
    elif nouns.NOUNS[noun].rests == "air":
        y = 0.42 + random.uniform(-0.03, 0.03)
    else:
        low = NEAR - 0.1 if size == "small" else NEAR - 0.03
        y = max(low, floor + 0.03) + random.uniform(-0.03, 0.03) - height / 2
    return (_thing(noun, colour, size, x, _inside(y, height), side, *_looks(noun, random)),)


def several(noun: str, colour: str | None, count: int, floor: float | None, random: Random) -> tuple[Thing, ...]:
    """2 side by side; 3 and 4 in a far and a near row, so that none hides another."""
    flip, variant = _looks(noun, random)
    rows = {2: [2], 3: random.choice(([1, 2], [2, 1])), 4: [2, 2]}[count]
    side = random.uniform(0.36, 0.4) if count == 2 else random.uniform(0.31, 0.35)
    height = side * extent(noun)[1]
    if len(rows) == 1:
        middles = [_standing(height, floor, random)]
    elif floor is None:
        middles = [0.27, 0.73]
    else:
        far = min(max(floor, 0.46), NEAR - height - 0.06)
        middles = [_inside(far - height / 2, height), NEAR - height / 2]
    things = []
    for across, middle in zip(rows, middles, strict=True):
        for x in (0.5,) if across == 1 else (0.26, 0.74):
            dx, dy = random.uniform(-0.02, 0.02), random.uniform(-0.01, 0.01)
            things.append(_thing(noun, colour, None, x + dx, middle + dy, side, flip, variant))
    return tuple(things)


def two(
    names: tuple[str, str],
    colours: tuple[str | None, str | None],
    relation: str | None,
    floor: float | None,
    random: Random,
) -> tuple[Thing, ...]:
    """Two things, the first in `relation` to the second; without a relation side by side, either at the left."""
    if relation == "on":
        sides = (random.uniform(0.34, 0.37), random.uniform(0.44, 0.48))
    else:
        sides = (random.uniform(0.36, 0.41), random.uniform(0.36, 0.41))
    heights = tuple(side * extent(noun)[1] for side, noun in zip(sides, names, strict=True))
    xs, ys = _centres(relation, heights, floor, random)
    looks = [_looks(name, random) for name in names]
    return tuple(_thing(names[i], colours[i], None, xs[i], ys[i], sides[i], *looks[i]) for i in range(2))


def _centres(
    relation: str | None, heights: tuple[float, ...], floor: float | None, random: Random
) -> tuple[tuple[float, float], tuple[float, float]]:
    jitter = (random.uniform(-0.02, 0.02), random.uniform(-0.02, 0.02))
    if relation == "on":
        bottom = NEAR - 0.06 if floor is None else NEAR
        top = bottom - heights[1]
        return (0.5 + jitter[0], 0.5 + jitter[1]), (top + 0.02 - heights[0] / 2, bottom - heights[1] / 2)
    if relation in ("above", "below"):
        high, low = 0.25 + jitter[0], 0.75 + jitter[1]
        if floor is not None:
            lower = heights[1] if relation == "above" else heights[0]
            low = max(NEAR + jitter[1] / 2 - lower / 2, 0.71)
        return (0.5 + jitter[1], 0.5 - jitter[0]), ((high, low) if relation == "above" else (low, high))
    ahead = relation == "left of" or (relation is None and random.random() < 0.5)
    left, right = 0.26 + jitter[0], 0.74 + jitter[1]
    ys = (_standing(heights[0], floor, random), _standing(heights[1], floor, random))
    return ((left, right) if ahead else (right, left)), ys


def _standing(height: float, floor: float | None, random: Random) -> float:
    jitter = random.uniform(-0.02, 0.02)
    return 0.5 + jitter if floor is None else _inside(max(0.84, floor + 0.02) + jitter - height / 2, height)


def _inside(y: float, height: float) -> float:
    return min(max(y, height / 2 + 0.02), 0.98 - height / 2)


def _looks(noun: str, random: Random) -> tuple[bool, int]:
    """Whether it is mirrored, and which of its pictures is shown."""
    flip = random.random() < 0.3 and nouns.NOUNS[noun].mirrors
    variants = nouns.NOUNS[noun].variants
    return flip, random.randrange(variants) if variants > 1 else 0


def _thing(
    noun: str, colour: str | None, size: str | None, x: float, y: float, side: float, flip: bool, variant: int
) -> Thing:
    return Thing(noun, colour, size, round(x, 4), round(y, 4), round(side, 4), flip, variant)
