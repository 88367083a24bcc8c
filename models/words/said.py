"""Who says what: every word that may stand for a word of a vocabulary, with its language, and how sure it is."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from training.world import nouns, settings, styles, wording
from words import emoji, wordnet
from words.plurals import plurals

HAND = Path(__file__).parent / "hand"
LANGUAGES = ("en", *emoji.LANGUAGES, "emoji")
NAME, HANDMADE, RELATED, KIND, ELSEWHERE = range(5)
"""How sure a claim is: the name itself, written by hand, a synonym, a kind of it, a kind's name in another language."""

# Where a place that a model does not know leads; "thing:" is a noun.
NEXT_BEST = {
    "forest": ("jungle", "thing:tree"), "jungle": ("forest", "thing:tree"), "garden": ("park", "grass"),
    "park": ("garden", "grass"), "farm": ("grass",), "village": ("city",), "street": ("city",), "kitchen": ("room",),
    "library": ("room",), "classroom": ("room",), "ice": ("snow",), "moon": ("space",), "island": ("beach",),
    "underwater": ("sea",), "castle": ("thing:castle",),
}  # fmt: skip
_COUNTERS = {
    "ja": "匹,羽,頭,本,個,台,人,枚,軒,輪,隻,機,つ",
    "zh": "只,匹,头,个,棵,朵,条,辆,架,座,艘,颗,隻,個,條,輛,顆,块",
}
_NUMERALS = {1: "一1", 2: "二两兩2", 3: "三3", 4: "四4", 5: "五5", 6: "六6", 7: "七7", 8: "八8", 9: "九9", 10: "十"}


@dataclass(frozen=True)
class Claim:
    """`word` of `language` is said for `meaning`, a word of the vocabulary, in `kind`, one of the table's lists."""

    word: str
    language: str
    kind: str
    meaning: str
    many: bool
    rank: int


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    with (HAND / name).open(encoding="utf8", newline="") as file:
        return tuple(csv.DictReader(file, delimiter="\t"))


def _cell(row: dict[str, str], language: str) -> list[str]:
    return [word.strip() for word in (row.get(language) or "").split(",") if word.strip()]


@cache
def refused(language: str) -> frozenset[str]:
    """Words that the data has and that would be laughed at."""
    found = [word for row in _rows("refused.tsv") if row["language"] == language for word in _cell(row, "words")]
    return frozenset(word.lower() for word in found)


def claims(vocabulary: dict[str, list[str]]) -> Iterator[Claim]:
    """All that is said for the words of a vocabulary (`captions.vocabulary`), in no order of importance."""
    yield from _of_settings(vocabulary)
    own = [noun for noun in vocabulary["nouns"] if noun in nouns.NOUNS]
    for noun in own:
        yield from _of_noun(noun, noun, NAME)
        yield from _in_english(noun)
    yield from _of_other_nouns(own)


def _of_noun(noun: str, meaning: str, rank: int) -> Iterator[Claim]:
    """A noun's emoji and its names in other languages, by the emoji and by hand."""
    by_hand = next((row for row in _rows("nouns.tsv") if row["noun"] == noun), {})
    shown = emoji.glyph_of(noun, _glyphs())
    added = [mark.replace("️", "") for mark in _cell(by_hand, "emoji")]
    for mark in (*shown, *added):
        yield Claim(mark, "emoji", "things", meaning, False, rank if mark in shown else max(rank, HANDMADE))
    for language in emoji.LANGUAGES:
        cell = _cell(by_hand, language)
        never = refused(language) | {word[1:].lower() for word in cell if word.startswith("!")}
        found = emoji.words_for(noun, shown, language) if shown else ()
        plain = [word for word in found if word.lower() not in never and not set(word) & set("()/（）")]
        names = [*plain, *(word.removesuffix("(in)") for word in found if word.endswith("(in)"))]
        for word in names:
            yield from _numbers(word, language, meaning, rank)
        for word in cell:
            if not word.startswith("!"):
                yield from _numbers(word, language, meaning, max(rank, HANDMADE))


@cache
def _glyphs() -> dict[str, str]:
    path = nouns.SPRITES / "nouns.csv"
    with path.open(encoding="utf8", newline="") as file:
        return {row["noun"]: row["glyph"].split(";")[0] for row in csv.DictReader(file)}


def _numbers(word: str, language: str, meaning: str, rank: int) -> Iterator[Claim]:
    yield Claim(word.lower(), language, "things", meaning, False, rank)
    for many in plurals(language, word):
        yield Claim(many.lower(), language, "things", meaning, True, rank)


def _in_english(noun: str) -> Iterator[Claim]:
    """Synonyms of a noun and its kinds."""
    by_hand = next((row for row in _rows("nouns.tsv") if row["noun"] == noun), {})
    for word in _cell(by_hand, "en"):
        yield from _numbers(word, "en", noun, HANDMADE)
    meaning = wordnet.meaning_of(noun, nouns.NOUNS[noun].group)
    if meaning is not None:
        for rank, words in ((RELATED, wordnet.synonyms(meaning)), (KIND, wordnet.kinds(meaning))):
            for word in words:
                if word not in refused("en"):
                    yield from _numbers(word, "en", noun, rank)


def _of_other_nouns(own: list[str]) -> Iterator[Claim]:
    """Nouns of the picture world that this vocabulary lacks, where they are kinds of one that it has."""
    meanings = {noun: wordnet.meaning_of(noun, nouns.NOUNS[noun].group) for noun in own}
    by_hand = {word: row["noun"] for row in _rows("nouns.tsv") for word in _cell(row, "en") if row["noun"] in own}
    for noun in nouns.NOUNS:
        if noun in own or noun in refused("en"):
            continue
        there = wordnet.meaning_of(noun, nouns.NOUNS[noun].group)
        above = [o for o, top in meanings.items() if top and there and wordnet.is_below(there, top)]
        found = by_hand.get(noun) or (above[0] if len(above) == 1 else None)
        if found is not None:
            yield from _numbers(noun, "en", found, ELSEWHERE)
            yield from _of_noun(noun, found, ELSEWHERE)


def _of_settings(vocabulary: dict[str, list[str]]) -> Iterator[Claim]:
    """Colours, sizes, numbers, places, times, weathers, seasons, styles, relations and little words."""
    for row in _rows("said.tsv"):
        kind, meaning = _target(row["kind"], row["key"], vocabulary)
        if kind is None:
            continue
        for language in LANGUAGES:
            for word in _cell(row, language):
                yield Claim(word.replace("️", "").lower(), language, kind, meaning, False, HANDMADE)
        if row["kind"] == "count":
            for language, counters in _COUNTERS.items():
                for numeral, counter in product(_NUMERALS[int(row["key"])], counters.split(",")):
                    yield Claim(f"{numeral}{counter}", language, kind, meaning, False, HANDMADE)
        for word in _world_words(row["kind"], row["key"]):
            yield Claim(word.lower(), "en", kind, meaning, False, HANDMADE)


_KINDS = {
    "colour": "colours", "size": "sizes", "place": "places", "time": "times", "weather": "weathers",
    "season": "seasons", "style": "styles", "relation": "relations",
}  # fmt: skip


def _target(kind: str, key: str, vocabulary: dict[str, list[str]]) -> tuple[str | None, str]:
    """The list of the table, and the vocabulary's own words for `key`; no list if it has none."""
    if kind not in _KINDS:
        return {"count": "counts"}.get(kind, kind), key
    for candidate in (key, *(NEXT_BEST.get(key, ()) if kind == "place" else ())):
        if candidate.startswith("thing:"):
            if candidate[6:] in vocabulary["nouns"]:
                return "things", candidate[6:]
            continue
        said = _canonical(kind, candidate)
        if said in vocabulary.get(_KINDS[kind], ()):
            return _KINDS[kind], said
    return None, ""


def _canonical(kind: str, key: str) -> str:
    if kind == "place":
        return settings.PLACES[key].where
    if kind == "size":
        return wording.SIZES[key][0]
    if kind == "relation":
        return wording.RELATED[key][0].replace("{a}", "").replace("{b}", "").strip()
    tables = {"time": wording.TIMES, "weather": wording.WEATHERS, "season": wording.SEASONS}
    return tables[kind][key][0][0] if kind in tables else key


def _world_words(kind: str, key: str) -> tuple[str, ...]:
    """What the captions of the picture world say for it, besides the first wording."""
    if kind == "place":
        return settings.PLACES[key].synonyms
    if kind == "style":
        return (*styles.STYLES[key].synonyms, *styles.STYLES[key].prefixes)
    if kind == "size":
        return wording.SIZES[key]
    if kind == "colour":
        return wording.colour_words(key)
    tables = {"time": wording.TIMES, "weather": wording.WEATHERS, "season": wording.SEASONS}
    return tables[kind][key][0] + tables[kind][key][1] if kind in tables else ()
