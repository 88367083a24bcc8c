"""The rules of the tasks: what is right passes, and each planted fault fails the task that it is a fault of."""

from dataclasses import replace
from random import Random

import pytest

from training.evaluation.judge import distinct
from training.evaluation.obedience import (
    SETTING_PARTS,
    TASKS,
    Detection,
    Sight,
    falsehood,
    is_met,
    question,
    stands,
)
from training.world import render, scenes
from training.world.scene import Scene, Setting, Thing

WORLD = scenes.world_of({})
LEFT, RIGHT, HIGH, LOW = (0.1, 0.3, 0.5, 0.7), (0.5, 0.3, 0.9, 0.7), (0.3, 0.05, 0.7, 0.45), (0.3, 0.55, 0.7, 0.95)


def thing(noun: str, colour: str | None = None, x: float = 0.5) -> Thing:
    return Thing(noun, colour, None, x, 0.5, 0.4, False)


def scene(*things: Thing, relation: str | None = None, style: str | None = None) -> Scene:
    return Scene(things, relation, Setting(place="beach", time="night"), style, 1)


def sight(*seen: tuple, place: str = "beach", time: str | None = "night", style: str | None = None) -> Sight:
    """Sightings of (noun, colour, box)."""
    setting = {**dict.fromkeys(SETTING_PARTS), "place": place, "time": time}
    return Sight(tuple(Detection(noun, colour, 0.9, box) for noun, colour, box in seen), setting, style)


CAT, DOG = thing("cat", "red", 0.3), thing("dog", "blue", 0.7)


def test_single_object():
    asked = question(scene(thing("cat")), "single object")
    assert is_met(asked, sight(("cat", "blue", LEFT)))
    assert is_met(asked, sight(("dog", "red", LEFT), ("cat", "red", RIGHT)))
    assert not is_met(asked, sight(("dog", "red", LEFT)))
    assert not is_met(asked, sight())


def test_two_objects_want_both():
    asked = question(scene(CAT, DOG), "two objects")
    assert is_met(asked, sight(("dog", "red", LEFT), ("cat", "red", RIGHT)))
    assert not is_met(asked, sight(("cat", "red", LEFT), ("cat", "blue", RIGHT)))


def test_counting_wants_no_fewer_and_no_more():
    boxes = [(x, y, x + 0.3, y + 0.3) for x in (0.1, 0.6) for y in (0.1, 0.6)]
    asked = question(scene(*[thing("cat")] * 4), "counting")
    four = [("cat", "red", box) for box in boxes]
    assert is_met(asked, sight(*four))
    assert not is_met(asked, sight(*four[:3]))
    assert not is_met(question(scene(*[thing("cat")] * 3), "counting"), sight(*four))
    assert is_met(asked, sight(*four, ("dog", "red", (0.4, 0.4, 0.6, 0.6))))


def test_a_wrong_colour_fails_colours_only():
    asked = question(scene(CAT), "colours")
    assert is_met(asked, sight(("cat", "red", LEFT)))
    assert is_met(asked, sight(("cat", "blue", LEFT), ("cat", "red", RIGHT)))
    wrong = sight(("cat", "blue", LEFT))
    assert not is_met(asked, wrong)
    assert is_met(question(scene(CAT), "single object"), wrong)


@pytest.mark.parametrize(
    ("relation", "first", "second"),
    [("left of", LEFT, RIGHT), ("right of", RIGHT, LEFT), ("above", HIGH, LOW), ("below", LOW, HIGH)],
)
def test_swapped_positions_fail_position(relation, first, second):
    asked = question(scene(CAT, DOG, relation=relation), "position")
    assert is_met(asked, sight(("cat", "red", first), ("dog", "red", second)))
    assert not is_met(asked, sight(("cat", "red", second), ("dog", "red", first)))
    assert not is_met(asked, sight(("cat", "red", first)))
    assert is_met(question(scene(CAT, DOG), "two objects"), sight(("cat", "red", second), ("dog", "red", first)))


def test_position_takes_the_surest_of_several():
    asked = question(scene(CAT, DOG, relation="left of"), "position")
    seen = sight(("cat", "red", RIGHT), ("dog", "red", (0.4, 0.3, 0.6, 0.7)))
    unsure = replace(seen.detections[0], box=LEFT, score=0.5)
    assert not is_met(asked, replace(seen, detections=(*seen.detections, unsure)))


def test_a_slant_or_a_hair_is_no_position():
    """By GenEval's numbers: what is left of the offset must be more than half of its length."""
    assert stands((0.0, 0.0, 0.2, 0.2), (0.3, 0.1, 0.5, 0.3), "left of")
    assert not stands((0.0, 0.0, 0.2, 0.2), (0.3, 0.7, 0.5, 0.9), "left of")
    assert stands((0.0, 0.0, 0.2, 0.2), (0.3, 0.7, 0.5, 0.9), "above")
    assert not stands((0.30, 0.3, 0.5, 0.5), (0.35, 0.3, 0.55, 0.5), "left of")
    assert not stands(LEFT, LEFT, "left of")


def test_swapped_colours_fail_attribute_binding():
    asked = question(scene(CAT, DOG), "attribute binding")
    assert is_met(asked, sight(("cat", "red", LEFT), ("dog", "blue", RIGHT)))
    swapped = sight(("cat", "blue", LEFT), ("dog", "red", RIGHT))
    assert not is_met(asked, swapped)
    assert is_met(question(scene(CAT, DOG), "two objects"), swapped)


def test_setting_wants_every_part_that_is_named():
    asked = question(scene(CAT), "setting")
    assert is_met(asked, sight())
    assert not is_met(asked, sight(place="snow"))
    assert not is_met(asked, sight(time="day"))
    assert not is_met(asked, sight(time=None))


def test_style():
    style = WORLD.styles[0]
    asked = question(scene(CAT, style=style), "style")
    assert is_met(asked, sight(style=style))
    assert not is_met(asked, sight(style=None)) and not is_met(asked, sight(style=WORLD.styles[1]))


def test_two_sightings_of_one_thing_count_once():
    one = Detection("cat", "red", 0.9, (0.1, 0.1, 0.5, 0.5))
    again = replace(one, score=0.6, box=(0.12, 0.1, 0.52, 0.5))
    other = replace(one, score=0.5, box=(0.5, 0.1, 0.9, 0.5))
    assert distinct([one, again, other]) == (one, other)


def perfect(drawn: Scene) -> Sight:
    """What a judge without fault would say of a render."""
    boxes = render.boxes(drawn)
    seen = [Detection(t.noun, t.colour or "red", 0.9, b) for t, b in zip(drawn.things, boxes, strict=True)]
    return Sight(tuple(seen), {part: getattr(drawn.setting, part) for part in SETTING_PARTS}, drawn.style)


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("task", TASKS)
def test_truth_about_a_render_passes_and_every_false_claim_fails(task, held_out):
    for seed in range(40):
        drawn = scenes.for_task(WORLD, task, seed, held_out)
        asked = question(drawn, task)
        assert is_met(asked, perfect(drawn)), drawn
        lie = falsehood(asked, task, WORLD, Random(seed))
        assert not is_met(lie, perfect(drawn)), (lie, drawn)
