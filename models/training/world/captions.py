"""Captions: many ways to say what a scene shows, none of them wrong.

Said nearly always: things, their colours, sizes, count and relation, the style, and the time unless it is day. So what
is not said is the usual (by day, clear, plain style), and a caption without a setting may mean any.

A world whose `speech` is "wide" is spoken of as strangers speak, and more exactly than they do: with everyday words,
with moods that change nothing, in a tenth of the captions with words that the vocabulary lacks, and in half of them
with the place and the size of each thing after its noun, which leaves little to chance for a model to guess
(`wording.laid_out`).
"""

from dataclasses import dataclass
from functools import cache
from random import Random
from string import ascii_lowercase

from training.world import scenes, settings, styles, wording
from training.world.compose import tintable
from training.world.scene import Scene, Setting, Thing, World
from training.world.wearing import HEADS

MAX_TOKENS = 36
_LAYOUT_WORDS = frozenset(wording.layout_words())
_SETTING_FACTS = ("place", "background", "time", "weather", "season")


_LAID_OUT_SHARE, _MOOD_SHARE, _STRANGE_SHARE = 0.5, 0.06, 0.1


@dataclass(frozen=True)
class Manner:
    """How one caption speaks: with everyday words and moods if `wide`, with the places of things if `laid_out`."""

    wide: bool = False
    laid_out: bool = False


PLAINLY = Manner()


def caption(scene: Scene, random: Random, speech: str = "plain") -> str:
    """One of many captions; `random` chooses, and is advanced.

    At most 36 words and commas, without places of things and strange words.
    """
    return _said(scene, random, speech)[0]


def caption_with_facts(scene: Scene, world: World, random: Random) -> tuple[str, dict[str, int]]:
    """A caption and `scenes.facts` of what it says: -1 for what is so in the scene, but is not said."""
    text, unsaid = _said(scene, random, world.speech)
    known = scenes.facts(_without_relation(scene, unsaid), world)
    return text, {fact: -1 if fact in unsaid else value for fact, value in known.items()}


def prompt(scene: Scene) -> str:
    """The one full wording of a scene, with the first word of every table; no two unlike scenes share it."""
    subject, _ = _subject(scene, None, PLAINLY)
    where = _sentence_setting(scene.setting, None, frozenset(), PLAINLY)
    return f"{subject} {where}" + (f", {scene.style}" if scene.style else "")


def _without_relation(scene: Scene, unsaid: set[str]) -> Scene:
    """The scene whose things stand in the order of the caption, if that says no relation."""
    if "relation" not in unsaid and not (scene.relation is None and "swapped" in unsaid):
        return scene
    things = scene.things[::-1] if "swapped" in unsaid else scene.things
    return Scene(things, None, scene.setting, scene.style, scene.seed)


def _said(scene: Scene, random: Random, speech: str) -> tuple[str, set[str]]:
    if speech == "plain":
        return _sentence(scene, random, PLAINLY)
    manner = Manner(wide=True, laid_out=random.random() < _LAID_OUT_SHARE)
    if not scene.things and random.random() < 0.5:
        text, unsaid = _view(scene, random)
    else:
        text, unsaid = _sentence(scene, random, manner)
    return (_strewn(text, random) if random.random() < _STRANGE_SHARE else text), unsaid


def _view(scene: Scene, random: Random) -> tuple[str, set[str]]:
    """A setting alone, by its name: "mountains at sunset"."""
    unsaid = _omitted(scene, random)
    named = wording.place_item(scene.setting.place or "")
    text = " ".join([named, *(_pick(phrases, random) for phrases in _around(scene.setting, unsaid))])
    if scene.style and "style" not in unsaid:
        text += _pick(wording.STYLED, random).format(s=_pick(wording.style_names(scene.style), random))
    return text, unsaid


def _strewn(text: str, random: Random) -> str:
    """The text with a word or two that the vocabulary lacks, anywhere."""
    words = text.split(" ")
    for _ in range(random.choice((1, 1, 2))):
        made_up = "".join(random.choices(ascii_lowercase, k=random.randint(3, 7)))
        word = random.choice(wording.STRANGE) if random.random() < 0.8 else made_up
        words.insert(random.randint(0, len(words)), word)
    return " ".join(words)


def _sentence(scene: Scene, random: Random, manner: Manner) -> tuple[str, set[str]]:
    chance = random.random
    unsaid = _omitted(scene, random)
    listed = chance() < 0.15
    subject, left_out = _subject(scene, random, manner, bare=listed and chance() < 0.7)
    unsaid |= left_out
    if listed:
        return _list(scene, subject, unsaid, random), unsaid
    where = _sentence_setting(scene.setting, random, unsaid, manner)
    style = None if "style" in unsaid else scene.style
    if style and chance() < 0.22:
        text = _led(f"{_pick(styles.STYLES[style].prefixes, random)} {subject}", where, random, 0.0)
    else:
        prefixed = chance() < 0.25
        lead = f"{_pick(wording.PREFIXES, random)} {subject}" if prefixed else subject
        text = _led(lead, where, random, 0.0 if prefixed else 0.1)
        if style:
            text += _pick(wording.STYLED, random).format(s=_pick(wording.style_names(style), random))
    if token_count(text) > MAX_TOKENS:
        text = prompt(scene)
        unsaid.clear()
    return text, unsaid


def token_count(text: str) -> int:
    """Words and commas; places of things do not count."""
    return sum(word not in _LAYOUT_WORDS for word in text.replace(",", " , ").split())


def _omitted(scene: Scene, random: Random) -> set[str]:
    """The facts of the setting and the style that this caption leaves out."""
    chance, setting, unsaid = random.random, scene.setting, set()
    if scene.things and chance() < 0.06:
        unsaid.update(_SETTING_FACTS)
    if setting.time and chance() < (0.6 if setting.time == "day" else 0.03):
        unsaid.add("time")
    if setting.weather and chance() < 0.03:
        unsaid.add("weather")
    if setting.season and chance() < 0.05:
        unsaid.add("season")
    if scene.style and chance() < 0.03:
        unsaid.add("style")
    return unsaid


def _led(subject: str, where: str, random: Random, share: float) -> str:
    """The subject and its setting, now and then the setting first."""
    if where and random.random() < share:
        return f"{where}, {subject}"
    return f"{subject} {where}" if where else subject


def _subject(scene: Scene, random: Random | None, manner: Manner, bare: bool = False) -> tuple[str, set[str]]:
    """The things in words (canonical without `random`), and which facts of them are not said."""
    things = scene.things
    if not things:
        return wording.EMPTY[0] if random is None else _pick(wording.EMPTY, random), set()
    if len(things) == 1:
        return _thing(things[0], random, manner, bare), set()
    if things[0].noun == things[1].noun:
        return _counted(things, random, manner), set()
    return _related(scene, random, manner, bare)


def _thing(thing: Thing, random: Random | None, manner: Manner, bare: bool = False) -> str:
    words = [random.choice(wording.MOODS)] if manner.wide and random and random.random() < _MOOD_SHARE else []
    words += [_pick(wording.SIZES[thing.size], random)] if thing.size else []
    words += [_pick(wording.colour_words(thing.colour), random)] if thing.colour else []
    noun = thing.noun if _seldom(random, 0.8) else _pick(wording.noun_words(thing.noun, False), random)
    phrase = " ".join([*words, noun])
    phrase = phrase if bare else f"{wording.article(phrase)} {phrase}"
    if manner.laid_out:
        phrase += f" {wording.laid_out(thing)}"
    if thing.wears:
        phrase += f" {_pick(wording.WORN, random).format(w=_pick(wording.worn_words(thing.wears), random))}"
    return phrase


def _counted(things: tuple[Thing, ...], random: Random | None, manner: Manner) -> str:
    first = things[0]
    words = wording.noun_words(first.noun, True)
    noun = words[0] if _seldom(random, 0.8) else _pick(words, random)
    number = wording.COUNTS[len(things)][0 if _seldom(random, 0.85) else 1]
    colour = first.colour and _pick(wording.colour_words(first.colour), random)
    placed = [wording.laid_out(thing) for thing in things] if manner.laid_out else []
    return " ".join(filter(None, (number, colour, noun, *placed)))


def _related(scene: Scene, random: Random | None, manner: Manner, bare: bool) -> tuple[str, set[str]]:
    (a, b), relation, unsaid = scene.things, scene.relation, set()
    if random is not None:
        if relation in ("left of", "right of") and random.random() < 0.08:
            relation = None
            unsaid.add("relation")
        if relation is None and random.random() < 0.5:
            a, b = b, a
            unsaid.add("swapped")
        elif relation in wording.MIRRORED and random.random() < 0.35:
            a, b, relation = b, a, wording.MIRRORED[relation]
    pattern = _pick(wording.RELATED[relation], random)
    return pattern.format(a=_thing(a, random, manner, bare), b=_thing(b, random, manner, bare)), unsaid


def _sentence_setting(
    setting: Setting, random: Random | None, unsaid: set[str] | frozenset[str], manner: Manner
) -> str:
    if setting.colour:
        pattern = _pick(wording.BACKGROUNDS, random)
        colour = _pick(wording.colour_words(setting.colour), random)
        return "" if "background" in unsaid else pattern.format(a=wording.article(colour), c=colour)
    if "place" in unsaid:
        return ""
    more = [_pick(phrases, random) for phrases in _around(setting, unsaid)]
    if random is not None and len(more) > 1:
        random.shuffle(more)
    return " ".join([_pick(wording.place_words(setting.place or "", manner.wide), random), *more])


_AROUND = (("time", wording.TIMES), ("weather", wording.WEATHERS), ("season", wording.SEASONS))


def _around(setting: Setting, unsaid: set[str] | frozenset[str]) -> list[tuple[str, ...]]:
    """The phrases of time, weather and season, as far as they are said."""
    return [table[key][0] for fact, table in _AROUND if (key := getattr(setting, fact)) and fact not in unsaid]


def _list(scene: Scene, subject: str, unsaid: set[str], random: Random) -> str:
    """ "cat, beach, sunset, watercolour": the things first, or now and then anywhere."""
    setting, rest = scene.setting, []
    if setting.colour and "background" not in unsaid:
        rest.append(f"{_pick(wording.colour_words(setting.colour), random)} background")
    if setting.place and "place" not in unsaid:
        rest.append(wording.place_item(setting.place))
        said = [(table, getattr(setting, fact)) for fact, table in _AROUND if fact not in unsaid]
        rest += [_pick(table[key][1], random) for table, key in said if key]
    if scene.style and "style" not in unsaid:
        rest.append(_pick(wording.style_names(scene.style), random))
    if random.random() < 0.4:
        random.shuffle(rest)
    at = random.randrange(len(rest) + 1) if random.random() < 0.15 else 0
    return ", ".join([*rest[:at], subject, *rest[at:]])


def _seldom(random: Random | None, usual: float) -> bool:
    return random is None or random.random() < usual


def _pick(options: tuple[str, ...], random: Random | None) -> str:
    """The first half of the time, and always without `random`."""
    if random is None or len(options) == 1 or random.random() < 0.5:
        return options[0]
    return options[int(random.random() * len(options))]


@cache
def words(world: World) -> tuple[str, ...]:
    """Every word of any caption of a world, sorted; strange words are none of them."""
    text: list[str] = ["a an background", *wording.EMPTY, *wording.PREFIXES, *wording.BACKGROUNDS]
    text += wording.STYLED
    for colour in world.colours:
        text += wording.colour_words(colour)
    for noun in world.nouns:
        text += [*wording.noun_words(noun, False), *wording.noun_words(noun, True)]
    for place in world.places:
        text += [*wording.place_words(place, world.speech == "wide"), wording.place_item(place)]
    if world.wearing:
        text += [*wording.WORN, *(phrase for garment in world.wearing for phrase in wording.worn_words(garment))]
    if world.speech == "wide":
        text += [*wording.MOODS, *wording.layout_words()]
    for (_, table), keys in zip(_AROUND, (world.times, world.weathers, world.seasons), strict=True):
        text += [phrase for key in keys for phrase in (*table[key][0], *table[key][1])]
    for style in world.styles:
        text += [*wording.style_names(style), *styles.STYLES[style].prefixes]
    text += [phrase for size in wording.SIZES.values() for phrase in size]
    text += [phrase for count in range(2, world.max_count + 1) for phrase in wording.COUNTS[count]]
    related = {*world.relations, None, *(wording.MIRRORED.get(relation) for relation in world.relations)}
    text += [phrase for relation in related for phrase in wording.RELATED[relation]]
    return tuple(sorted({word for line in text for word in line.replace(",", " ").split() if "{" not in word}))


def vocabulary(world: World) -> dict[str, list[str]]:
    """The words of a world by meaning, for type-ahead, spelling hints and "surprise me".

    Each name in braces of `templates` is a key here that gives what to fill in, with "2" for the second of its kind;
    "a" before a filled-in vowel becomes "an". `tintable` are the nouns that may have a colour,
    `skyPlaces` the places with a time and a weather, `seasonPlaces` those with a season too.
    """
    tinted = tintable(world)
    places = {place: settings.PLACES[place] for place in world.places}
    return {
        "nouns": list(world.nouns),
        "plurals": [wording.noun_words(noun, True)[0] for noun in world.nouns],
        "synonyms": [f"{word}={noun}" for noun in world.nouns for word in wording.noun_words(noun, False)[1:]],
        "tintable": list(tinted),
        "colours": list(world.colours),
        "sizes": [phrases[0] for phrases in wording.SIZES.values()],
        "counts": [wording.COUNTS[count][0] for count in range(2, world.max_count + 1)],
        "relations": [
            wording.RELATED[name][0].replace("{a}", "").replace("{b}", "").strip() for name in world.relations
        ],
        "places": [place.where for place in places.values()],
        "skyPlaces": [place.where for place in places.values() if place.sky],
        "seasonPlaces": [place.where for place in places.values() if place.seasons],
        "times": [wording.TIMES[time][0][0] for time in world.times],
        "weathers": [wording.WEATHERS[weather][0][0] for weather in world.weathers],
        "seasons": [wording.SEASONS[season][0][0] for season in world.seasons],
        "styles": list(world.styles),
        "words": [word for word in words(world) if word not in _LAYOUT_WORDS],
        "templates": [*_TEMPLATES, *(_WORN_TEMPLATES if world.wearing else ())],
        **(_worn_vocabulary(world) if world.wearing else {}),
    }


def _worn_vocabulary(world: World) -> dict[str, list[str]]:
    """`wearers` are the nouns that can wear what `wearing` lists, with its article."""
    return {
        "wearers": [noun for noun in world.nouns if noun in HEADS],
        "wearing": [wording.worn_words(garment)[0] for garment in world.wearing],
    }


_TEMPLATES = (
    "a {nouns} {places}",
    "a {nouns} {places}, {styles}",
    "a {nouns} {skyPlaces} {times}, {styles}",
    "a {nouns} on a {colours} background, {styles}",
    "a {colours} {tintable} {skyPlaces} {times}",
    "a {sizes} {nouns} {skyPlaces} {times}",
    "a {nouns} {skyPlaces} {weathers}, {styles}",
    "a {nouns} {seasonPlaces} {seasons}",
    "{counts} {plurals} {places}, {styles}",
    "{counts} {plurals} {skyPlaces} {times}",
    "a {nouns} {relations} a {nouns2} {places}",
    "a {colours} {tintable} and a {colours2} {tintable2} {places}",
)

_WORN_TEMPLATES = (
    "a {wearers} wearing {wearing} {places}",
    "a {wearers} wearing {wearing} on a {colours} background, {styles}",
)
