"""Scenes: the same for the same seed, drawable, tellable apart, and split into what is trained and what is held out."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from training.world import layout, nouns, render, scenes, settings, styles, wanted
from training.world.scene import Scene, World

ALL = scenes.world_of({})
SMALL = scenes.world_of(json.loads((Path(__file__).parents[2] / "configs" / "cpu.json").read_text()))


@pytest.fixture(scope="module")
def drawn() -> list[Scene]:
    return [scenes.draw(ALL, seed) for seed in range(20_000)]


def kind(scene: Scene) -> str:
    """The kind of a scene as its things tell it."""
    things = scene.things
    if not things:
        return "empty"
    if len({thing.noun for thing in things}) == 2:
        return "coloured pair" if all(thing.colour for thing in things) else "pair"
    if len(things) > 1:
        return "counted"
    return "sized" if things[0].size else "coloured" if things[0].colour else "single"


def overlap(a, b) -> float:
    """Area that two boxes share."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)


def test_a_seed_gives_one_scene_and_another_seed_another(drawn):
    assert drawn[:200] == [scenes.draw(ALL, seed) for seed in range(200)]
    assert len(set(drawn)) == len(drawn)


def test_no_scene_of_training_is_held_out(drawn):
    assert not any(scenes.is_held_out(scene) for scene in drawn)
    assert not any(scenes.is_held_out(scenes.draw(SMALL, seed)) for seed in range(20_000))


def test_held_out_scenes_are_held_out_for_a_pair_of_a_noun_and_its_colour_place_or_style():
    for seed in range(500):
        scene = scenes.draw(SMALL, seed, held_out=True)
        whats = [(t.noun, w) for t in scene.things for w in (t.colour, scene.setting.place, scene.style) if w]
        assert scenes.is_held_out(scene) and any(scenes.pair_held_out(*pair) for pair in whats)


@pytest.mark.parametrize("table", ["colours", "places", "styles"])
def test_about_eight_in_a_hundred_combinations_are_held_out(table):
    pairs = [scenes.pair_held_out(noun, what) for noun in ALL.nouns for what in getattr(ALL, table)]
    assert 0.07 < sum(pairs) / len(pairs) < 0.095


def test_kinds_come_in_their_shares_and_a_config_may_change_them(drawn):
    found = Counter(map(kind, drawn))
    for name, share in scenes.SHARES.items():
        assert abs(found[name] / len(drawn) - share) < 0.02, name
    only = scenes.world_of({"world": {"shares": dict.fromkeys(scenes.SHARES, 0) | {"counted": 1}}})
    assert {kind(scenes.draw(only, seed)) for seed in range(200)} == {"counted"}


def test_all_of_a_world_comes_up_and_nothing_else():
    some = [scenes.draw(SMALL, seed) for seed in range(20_000)]
    seen = {
        "nouns": Counter(t.noun for s in some for t in s.things),
        "colours": Counter(t.colour for s in some for t in s.things if t.colour),
        "places": Counter(s.setting.place for s in some if s.setting.place),
        "times": Counter(s.setting.time for s in some if s.setting.time),
        "weathers": Counter(s.setting.weather for s in some if s.setting.weather),
        "seasons": Counter(s.setting.season for s in some if s.setting.season),
        "styles": Counter(s.style for s in some if s.style),
        "relations": Counter(s.relation for s in some if s.relation),
    }
    for name, counts in seen.items():
        assert set(counts) == set(getattr(SMALL, name)), name
        if name not in ("nouns", "relations", "seasons", "weathers"):
            assert min(counts.values()) > 0.3 * max(counts.values()), (name, counts)


def test_settings_can_be_drawn_and_a_thing_is_never_lost_against_its_background(drawn):
    for scene in drawn:
        settings.refuse_misfit(scene.setting)
        if scene.setting.colour:
            assert scene.setting.colour not in [thing.colour for thing in scene.things]
    assert (
        sum(scene.setting.colour == "red" and scene.things[0].noun == "apple" for scene in drawn if scene.things) == 0
    )


def test_colours_are_asked_only_where_they_show(drawn):
    for scene in drawn:
        coloured = [thing for thing in scene.things if thing.colour]
        assert all(nouns.NOUNS[thing.noun].tints for thing in coloured)
        if scene.style and not styles.STYLES[scene.style].colours:
            assert not coloured and scene.setting.place


def test_things_stay_in_the_picture_and_none_hides_another(drawn):
    for scene in drawn[:1500]:
        for thing, (left, top, right, bottom) in zip(scene.things, render.boxes(scene), strict=True):
            width, height = (thing.side * part for part in layout.extent(thing.noun))
            assert right - left > 0.97 * width and bottom - top > 0.97 * height, scene
        if scene.relation == "on":
            continue
        found = render.boxes(scene)
        assert all(overlap(a, b) == 0 for i, a in enumerate(found) for b in found[:i]), scene


def test_relations_are_so_in_the_picture(drawn):
    for scene in drawn:
        if scene.relation is None:
            continue
        a, b = scene.things
        across, down = a.x - b.x, a.y - b.y
        sideways, upright = abs(across) > 0.4 and abs(down) < 0.3, abs(across) < 0.06 and abs(down) > 0.2
        assert {
            "left of": sideways and across < 0,
            "right of": sideways and across > 0,
            "above": upright and down < -0.3,
            "below": upright and down > 0.3,
            "on": upright and down < 0,
        }[scene.relation], scene


def test_what_stands_on_something_touches_it(drawn):
    for scene in drawn:
        if scene.relation == "on":
            (_, _, _, feet), (_, top, _, _) = render.boxes(scene)
            assert 0 <= feet - top < 0.05


def test_sizes_are_unmistakable(drawn):
    sides = {size: [t.side for s in drawn for t in s.things if t.size == size and len(s.things) == 1] for size in
             ("small", None, "big")}  # fmt: skip
    assert max(sides["small"]) <= 0.32 < 0.5 <= min(sides[None])
    assert max(sides[None]) <= 0.68 < 0.72 <= min(sides["big"])


def test_two_nouns_are_of_different_groups_and_two_colours_differ(drawn):
    pairs = [scene.things for scene in drawn if kind(scene).endswith("pair")]
    assert all(nouns.NOUNS[a.noun].group != nouns.NOUNS[b.noun].group for a, b in pairs)
    assert all(a.colour != b.colour for a, b in pairs if a.colour)


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("task", scenes.TASKS)
def test_a_task_asks_what_it_asks(task, held_out):
    some = [scenes.for_task(SMALL, task, seed, held_out) for seed in range(100)]
    assert some == [scenes.for_task(SMALL, task, seed, held_out) for seed in range(100)]
    for scene in some:
        assert scenes.is_held_out(scene) == held_out
        assert (scene.style is not None) == (task == "style")
        assert scene.setting.place is not None or task != "setting"
        assert (scene.relation in ("left of", "right of", "above", "below")) == (task == "position")
        expected = {
            "two objects": "pair", "counting": "counted", "colours": "coloured", "position": "pair",
            "attribute binding": "coloured pair",
        }  # fmt: skip
        assert kind(scene) == expected.get(task, "single")
    if task == "counting":
        assert {len(scene.things) for scene in some} == {2, 3, 4}


def test_an_unknown_task_and_an_unknown_name_are_refused():
    with pytest.raises(ValueError, match="task wants one of single object"):
        scenes.for_task(ALL, "juggling", 1)
    with pytest.raises(ValueError, match=r"config\['world'\]\['nouns'\] names blorp, not in the world"):
        scenes.world_of({"world": {"nouns": ["cat", "blorp"]}})
    with pytest.raises(ValueError, match="wants fields of World, got noons"):
        scenes.world_of({"world": {"noons": ["cat"]}})
    with pytest.raises(ValueError, match="wants kinds of single"):
        scenes.world_of({"world": {"shares": {"triple": 1}}})


def test_a_world_with_nothing_held_out_says_so():
    noun = next(noun for noun in ALL.nouns if not scenes.pair_held_out(noun, "grass"))
    world = scenes.world_of({"world": {"nouns": [noun], "places": ["grass"], "styles": []}})
    with pytest.raises(ValueError, match="no scene with held_out=True"):
        scenes.for_task(replace(world, plain_share=0.0), "setting", 1, held_out=True)


def test_facts_are_classes_and_say_the_same_of_mirrored_scenes(drawn):
    sizes = scenes.fact_sizes(ALL)
    assert tuple(sizes) == scenes.FACTS
    seen = {fact: set() for fact in sizes}
    for scene in drawn:
        for fact, value in scenes.facts(scene, ALL).items():
            assert 0 <= value < sizes[fact]
            seen[fact].add(value)
        if scene.relation in scenes.MIRRORED:
            other = replace(scene, relation=scenes.MIRRORED[scene.relation], things=scene.things[::-1])
            assert scenes.facts(other, ALL) == scenes.facts(scene, ALL)
    assert all(len(seen[fact]) == sizes[fact] for fact in sizes if fact not in ("noun0", "noun1"))


def test_facts_of_a_scene_by_hand():
    world = World(
        ("cat", "house"),
        ("red", "blue"),
        ("left of",),
        ("beach",),
        ("day", "sunset"),
        (),
        (),
        ("neon",),
        (),
        4,
        0.4,
        0.3,
    )
    pair = next(s for seed in range(5000) if (s := scenes.draw(replace(world, nouns=("cat", "house")), seed)).relation)
    found = scenes.facts(pair, world)
    names = [thing.noun for thing in pair.things]
    assert [found["noun0"], found["noun1"]] == [1 + world.nouns.index(name) for name in names]
    assert found["count"] == 1 and found["relation"] == 1


def test_a_number_of_nouns_is_so_many_of_those_that_are_wanted_most():
    """More of them are more, in the order of the table, so that a model can grow."""
    few, more = (scenes.world_of({"world": {"nouns": count}}).nouns for count in (100, 200))
    assert len(few) == 100 and set(few) < set(more) and few == tuple(noun for noun in ALL.nouns if noun in few)
    assert {"cat", "dog", "house", "car", "pizza", "woman"} <= set(few) and not {"toilet", "fire extinguisher"} & set(
        more
    )
    assert sorted(wanted.order()) == sorted(ALL.nouns)
