"""Rendering: alike every time, things where the scene says, boxes that hold them."""

import numpy as np
import pytest

from training.world import render as painter
from training.world.scene import Scene, Setting, Thing


def thing(noun: str = "apple", x: float = 0.5, y: float = 0.6, side: float = 0.5, colour: str | None = None) -> Thing:
    """One thing, by default in the middle."""
    return Thing(noun, colour, None, x, y, side, flip=False)


def scene(*things: Thing, relation: str | None = None, style: str | None = None, **setting: str) -> Scene:
    """On a white background unless told."""
    return Scene(things, relation, Setting(**(setting or {"colour": "white"})), style, seed=4)


def test_a_scene_is_the_same_every_time() -> None:
    for style in (None, "oil painting"):
        what = scene(thing("cat", colour="blue"), place="grass", time="sunset", weather="rain", style=style)
        assert np.array_equal(painter.render(what, 256), painter.render(what, 256))


def test_a_small_picture_is_the_mean_of_the_large_one() -> None:
    what = scene(thing(), place="sea", time="day")
    large, little = painter.render(what, 256), painter.render(what, 64)
    assert little.shape == (64, 64, 3)
    assert np.abs(large.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3)) - little).max() <= 0.5


def test_a_box_holds_what_was_drawn() -> None:
    for what in (thing(), thing("cat", 0.3, 0.5, 0.4), thing("airplane", 0.9, 0.3, 0.44)):
        with_thing, without = (painter.render(scene(*things, colour="white"), 256) for things in ((what,), ()))
        changed = np.abs(with_thing.astype(int) - without).max(axis=2) > 24
        rows, columns = np.nonzero(changed)
        left, top, right, bottom = painter.boxes(scene(what))[0]
        assert abs(columns.min() / 256 - left) < 0.03 and abs((columns.max() + 1) / 256 - right) < 0.03
        assert abs(rows.min() / 256 - top) < 0.03 and rows.max() / 256 < bottom + 0.06
        assert max(right - left, bottom - top) <= what.side + 0.01


def test_boxes_end_at_the_picture() -> None:
    left, top, right, bottom = painter.boxes(scene(thing(x=0.95, y=0.95)))[0]
    assert (right, bottom) == (1.0, 1.0) and left < 0.95 and top < 0.95


def test_later_things_are_in_front() -> None:
    back, front = thing(colour="red"), thing(colour="blue", side=0.3)
    red, _, blue = painter.render(scene(back, front), 256)[158, 128].astype(int)
    assert blue > red


def shadows(what: Scene) -> int:
    """How many pixels below the things are darker than the empty background."""
    empty = Scene((), None, what.setting, None, what.seed)
    darker = painter.render(empty, 256).astype(int).sum(axis=2) - painter.render(what, 256).astype(int).sum(axis=2)
    lowest = max(bottom for *_, bottom in painter.boxes(what))
    return int((darker[round(256 * lowest) + 1 :] > 20).sum())


def test_things_on_the_ground_cast_a_shadow_and_things_in_the_air_do_not() -> None:
    assert shadows(scene(thing(y=0.6))) > 50
    assert shadows(scene(thing(y=0.6), place="grass", time="day")) > 50
    assert shadows(scene(thing(y=0.3, side=0.3), place="grass", time="day")) == 0
    assert shadows(scene(thing("airplane", y=0.5))) == 0


def test_a_thing_above_another_casts_none() -> None:
    above = scene(thing(y=0.25, side=0.3), thing("airplane", y=0.75, side=0.3), relation="above")
    assert shadows(above) == 0
    upper, empty = (painter.render(s, 256).astype(int) for s in (above, scene()))
    under = round(256 * painter.boxes(above)[0][3]) + 1
    assert np.abs(upper - empty)[under : under + 6].max() < 4


def test_a_size_that_does_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="want a size that divides 256"):
        painter.render(scene(thing()), 96)
