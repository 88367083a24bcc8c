"""Captions: never wrong, closed over their words, and unlike for unlike scenes."""

import json
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from training.world import captions, scenes, wording
from training.world.scene import Scene, Setting, Thing

CONFIGS = Path(__file__).parents[2] / "configs"
ALL = scenes.world_of({})
WIDE = scenes.world_of({"world": {"speech": "wide"}})
SMALL = scenes.world_of(json.loads((CONFIGS / "cpu.json").read_text()))


@pytest.fixture(scope="module", params=[ALL, SMALL], ids=["all", "small"])
def world(request):
    return request.param


@pytest.fixture(scope="module")
def said(world) -> list[tuple[Scene, str, dict[str, int]]]:
    out = []
    for seed in range(20_000):
        scene = scenes.draw(world, seed)
        out.append((scene, *captions.caption_with_facts(scene, world, Random(f"said/{seed}"))))
    return out


def words_of(text: str) -> list[str]:
    return text.replace(",", " ").split()


def thing(noun: str, colour: str | None = None, size: str | None = None) -> Thing:
    return Thing(noun, colour, size, 0.5, 0.5, 0.5, False)


def test_captions_are_the_same_for_the_same_random_with_and_without_facts(said):
    for seed, (scene, text, _) in enumerate(said[:500]):
        assert captions.caption(scene, Random(f"said/{seed}")) == text


def test_every_word_of_every_caption_and_prompt_is_known(world, said):
    known = set(captions.words(world))
    assert {word for scene, text, _ in said for word in words_of(f"{text} {captions.prompt(scene)}")} <= known


def test_no_word_of_a_small_world_is_idle():
    used = set()
    for seed in range(60_000):
        used.update(words_of(captions.caption(scenes.draw(SMALL, seed), Random(f"said/{seed}"))))
    assert used == set(captions.words(SMALL))


def test_captions_are_short(said):
    assert max(captions.token_count(text) for _, text, _ in said) <= captions.MAX_TOKENS


def test_one_canonical_prompt_never_says_two_scenes(world, said):
    meaning = {}
    for scene, _, _ in said:
        key = tuple(scenes.facts(scene, world).values())
        if scene.relation is None and len(scene.things) == 2 and scene.things[0].noun != scene.things[1].noun:
            assert captions.prompt(scene).split()[1] != "to"
        assert meaning.setdefault(captions.prompt(scene), key) == key


def test_a_prompt_says_all():
    setting = Setting(place="beach", time="sunset", weather="rain")
    pair = (thing("car", "red", "small"), thing("owl", "orange"))
    assert (
        captions.prompt(Scene(pair, "left of", setting, "pixel art", 1))
        == "a small red car to the left of an orange owl on the beach at sunset in the rain, pixel art"
    )
    assert captions.prompt(Scene(pair[:1] * 3, None, Setting("blue"), None, 1)) == "three red cars on a blue background"
    winter = Setting(place="forest", time="day", season="winter")
    assert captions.prompt(Scene((), None, winter, None, 1)) == "an empty scene in the forest by day in winter"
    assert captions.prompt(Scene(pair, None, Setting("gray"), None, 1)).startswith("a small red car and an orange owl")


def test_facts_said_are_the_scenes_own(world, said):
    for scene, text, facts in said:
        own = scenes.facts(scene, world)
        for fact in ("place", "background", "time", "weather", "season", "style", "count", "size0"):
            assert facts[fact] in (own[fact], -1), (text, fact)
        assert facts["count"] >= 0
        nouns = {(own["noun0"], own["colour0"]), (own["noun1"], own["colour1"])}
        assert {(facts["noun0"], facts["colour0"]), (facts["noun1"], facts["colour1"])} == nouns


def test_of_two_things_in_no_relation_the_first_said_is_thing_0(world, said):
    orders = Counter()
    for _, text, facts in said:
        if facts["noun1"] > 0 and facts["relation"] < 1:
            places = []
            for key in ("noun0", "noun1"):
                noun = world.nouns[facts[key] - 1]
                found = [re.search(rf"\b{re.escape(w)}\b", text) for w in wording.noun_words(noun, False)]
                places.append(min(match.start() for match in found if match))
            orders[places[0] < places[1]] += 1
    assert orders[True] > 0.98 * orders.total() > 100


def test_colours_sizes_and_counts_are_always_said(said):
    for scene, text, _ in said:
        found = set(words_of(text))
        for one in scene.things:
            assert one.colour is None or found & set(wording.colour_words(one.colour))
            assert one.size is None or found & set(wording.SIZES[one.size])
        if len({one.noun for one in scene.things}) == 1 and len(scene.things) > 1:
            assert found & set(wording.COUNTS[len(scene.things)])


def test_what_is_left_out_is_left_out_seldom(said):
    styled = [facts["style"] for scene, _, facts in said if scene.style]
    assert 0.015 < styled.count(-1) / len(styled) < 0.05
    assert all(facts["style"] == 0 for scene, _, facts in said if scene.style is None)
    dark = [facts["time"] for scene, _, facts in said if scene.setting.time in ("dawn", "sunset", "night")]
    assert dark.count(-1) / len(dark) < 0.13
    light = [facts["time"] for scene, _, facts in said if scene.setting.time == "day"]
    assert 0.5 < light.count(-1) / len(light) < 0.75


def test_a_word_that_tells_one_value_is_never_said_of_another(said):
    telling = {"night": ("time", "night"), "sunset": ("time", "sunset"), "dawn": ("time", "dawn"),
               "neon": ("style", "neon"), "blueprint": ("style", "blueprint")}  # fmt: skip
    for scene, text, _ in said:
        for word, (field, value) in telling.items():
            if word in words_of(text):
                assert getattr(scene.setting if field == "time" else scene, field) == value, text


def test_relations_are_said_both_ways_round():
    scene = Scene((thing("car", "red"), thing("house", "blue")), "left of", Setting("white"), None, 1)
    texts = {captions.caption(scene, Random(seed)) for seed in range(3000)}
    assert "a red car to the left of a blue house on a white background" in texts
    assert "a blue house to the right of a red car on a white background" in texts
    assert "a red car and a blue house on a white background" in texts
    assert any("red car on the left and a blue house on the right" in text for text in texts)
    wrong = r"house (to the )?left of|car (to the )?right of|house on the left\b|car on the right\b"
    assert not any(re.search(wrong, text) for text in texts)


def test_there_are_many_ways_to_say_a_scene():
    scene = Scene((thing("cat"),), None, Setting(place="beach", time="sunset"), "watercolour", 1)
    texts = {captions.caption(scene, Random(seed)) for seed in range(3000)}
    assert len(texts) > 300
    assert {"a cat on the beach at sunset, watercolour", "cat, beach, sunset, watercolour"} <= texts
    assert "a watercolour of a cat on the beach at sunset" in texts
    assert any(text.startswith("on the beach at sunset, a cat") for text in texts)


def test_articles(said):
    for _, text, _ in said:
        assert not re.search(r"\ba (a|e|i|o)(?!ne|u)", text), text
        assert not re.search(r"\ban [bcdfgjklmnpqrstvwxyz]", text), text


def test_wide_speech_says_no_less_and_nothing_wrong():
    """Its strange words aside, it has only words of its own vocabulary, and the same facts."""
    known, strewn, placed = set(captions.words(WIDE)), 0, 0
    assert not set(wording.STRANGE) & known and known > set(captions.words(ALL))
    for seed in range(4000):
        scene = scenes.draw(WIDE, seed)
        text, facts = captions.caption_with_facts(scene, WIDE, Random(seed))
        assert captions.caption(scene, Random(seed), "wide") == text
        strange = [word for word in words_of(text) if word not in known]
        strewn += bool(strange)
        assert len(strange) <= 2
        own = scenes.facts(scene, WIDE)
        assert all(facts[fact] in (own[fact], -1) for fact in ("place", "time", "style", "count")), text
        dressed = [{(which[f"noun{i}"], which[f"wears{i}"]) for i in (0, 1)} for which in (own, facts)]
        assert dressed[0] == dressed[1], text
        found = words_of(text)
        placed += "atx" in text
        if "atx" in text:
            want = [word for one in scene.things for word in wording.laid_out(one).split()]
            assert Counter(want) == Counter(word for word in found if word in wording.layout_words()), text
    assert 0.07 < strewn / 4000 < 0.13 and 0.4 < placed / 4000 < 0.55


def test_where_a_thing_is_is_said_in_sixteenths():
    one = Thing("cat", None, None, x=0.51, y=0.69, side=0.4, flip=True)
    assert wording.laid_out(one) == "atxi atyl boxg mirrored"
    assert wording.laid_out(Thing("cat", None, None, 1.0, 0.0, 0.06, False)) == "atxp atya boxa"
    assert len(set(wording.layout_words())) == 3 * wording.GRID + 1


def test_what_is_worn_is_said_in_every_prompt_and_caption():
    worn = Thing("cat", None, None, 0.5, 0.5, 0.5, False, wears="hat")
    scene = Scene((worn,), None, Setting(place="beach", time="day"), None, 1)
    assert captions.prompt(scene) == "a cat wearing a hat on the beach by day"
    assert all("hat" in words_of(captions.caption(scene, Random(seed))) for seed in range(300))


def test_no_word_means_two_nouns():
    meant = Counter(word for noun in ALL.nouns for word in wording.noun_words(noun, False))
    assert max(meant.values()) == 1


def test_the_vocabulary_fills_its_own_templates_with_known_words(world):
    vocabulary = captions.vocabulary(world)
    known = {*vocabulary["words"], "an"}
    asked = 0
    for template in vocabulary["templates"]:
        slots = re.findall(r"{([A-Za-z]+)\d?}", template)
        assert slots and all(slot in vocabulary for slot in slots)
        for seed in range(20):
            random = Random(seed)
            fill = re.sub(r"{([A-Za-z]+)\d?}", lambda m: random.choice(vocabulary[m[1]] or [""]), template)  # noqa: B023
            assert set(words_of(fill)) <= known
            asked += 1
    assert asked == 20 * len(vocabulary["templates"])
    assert all("=" in pair and pair.split("=")[1] in vocabulary["nouns"] for pair in vocabulary["synonyms"])
    assert list(captions.words(world)) == sorted(set(captions.words(world)))
