"""What is worn is drawn where the head is, on those who have one, and changes nothing else."""

import numpy as np
import pytest

from training.world import render, scenes
from training.world.nouns import NOUNS
from training.world.scene import Scene, Setting, Thing
from training.world.wearing import HEADS, WEARING, worn

PLAIN = Setting(colour="white")


def scene(noun: str, wears: str | None, flip: bool = False) -> Scene:
    return Scene((Thing(noun, None, None, 0.5, 0.5, 0.6, flip, wears=wears),), None, PLAIN, None, 1)


def test_heads_and_garments_are_of_nouns():
    assert set(HEADS) <= set(NOUNS) and {garment.noun for garment in WEARING.values()} <= set(NOUNS)
    for head in HEADS.values():
        assert 0 <= head.top < head.eyes < head.neck <= 1 and 0 < head.x < 1 and 0 < head.width <= 1


@pytest.mark.parametrize("garment", WEARING)
@pytest.mark.parametrize("noun", ["cat", "owl", "woman"])
def test_a_garment_changes_the_picture_about_the_head_alone(noun: str, garment: str):
    bare, dressed = (render.render(scene(noun, wears), 256).astype(int) for wears in (None, garment))
    rows, columns = np.nonzero(np.abs(bare - dressed).max(-1) > 20)
    assert len(rows) > 100
    left, top, right, bottom = (edge * 256 for edge in render.boxes(scene(noun, None))[0])
    head, (width, height) = HEADS[noun], (right - left, bottom - top)
    line = top + height * getattr(head, WEARING[garment].at)
    assert abs(columns.mean() - left - width * head.x) < 0.5 * head.width * width
    assert abs(rows.mean() - line) < head.width * width


def test_a_mirrored_head_wears_it_on_the_other_side():
    pixels, left, top = worn("cat", "bow", (100, 100), flip=False)
    mirrored, other, same = worn("cat", "bow", (100, 100), flip=True)
    assert abs(left + other + pixels.shape[1] - 100) <= 1 and top == same
    assert np.array_equal(pixels[:, ::-1], mirrored)


def test_some_are_dressed_and_none_of_several_or_of_those_without_a_head():
    world = scenes.world_of({})
    drawn = [scenes.draw(world, seed) for seed in range(8000)]
    things = [(thing, s) for s in drawn for thing in s.things]
    assert all(thing.noun in HEADS for thing, _ in things if thing.wears)
    assert not any(thing.wears for s in drawn for thing in s.things if len(s.things) > 2)
    able = [
        thing.wears for thing, s in things if thing.noun in HEADS and len({t.noun for t in s.things}) == len(s.things)
    ]
    assert 0.2 < sum(map(bool, able)) / len(able) < 0.4 and set(filter(None, able)) == set(WEARING)
    naked = scenes.world_of({"world": {"wearing": []}})
    assert not any(thing.wears for seed in range(500) for thing in scenes.draw(naked, seed).things)
