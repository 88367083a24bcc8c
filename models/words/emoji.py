"""Nouns in other languages, by way of the emoji that show them (Unicode CLDR's names and keywords)."""

import json
from dataclasses import dataclass
from functools import cache

from training.world import nouns
from words import sources

LANGUAGES = ("de", "fr", "es", "it", "pt", "ja", "zh")
_VARIATION = "️"


@dataclass(frozen=True)
class Annotations:
    """What one language says of emoji."""

    names: dict[str, str]
    """Emoji to its name."""
    emoji: dict[str, frozenset[str]]
    """Word, folded, to all the emoji that it is a name or a keyword of."""
    spelled: dict[str, frozenset[str]]
    """Emoji to its words, as they are spelled."""


@cache
def annotations(language: str) -> Annotations:
    """All of a language's annotations, without skin tones, flags and letters."""
    path = sources.package("cldr-annotations-full") / "annotations" / language / "annotations.json"
    read = json.loads(path.read_text(encoding="utf-8"))["annotations"]["annotations"]
    names, spelled, emoji = {}, {}, {}
    for character, entry in read.items():
        bare = character.replace(_VARIATION, "")
        if bare.isascii() or not entry.get("tts"):
            continue
        names[bare] = entry["tts"][0]
        spelled[bare] = frozenset({*entry.get("default", ()), entry["tts"][0]})
        for word in spelled[bare]:
            emoji.setdefault(word.lower(), set()).add(bare)
    return Annotations(names, {word: frozenset(some) for word, some in emoji.items()}, spelled)


@cache
def slugs() -> dict[str, str]:
    """The names that the sprites' files have ("dog-face") to emoji."""
    kept = str.maketrans({" ": "-", ":": None, "’": None, "“": None, "”": None, "!": None, ",": None, ".": None})
    return {name.lower().translate(kept): emoji for emoji, name in annotations("en").names.items()}


def glyph_of(noun: str, glyphs: dict[str, str]) -> tuple[str, ...]:
    """The emoji that show a noun: its sprite's, and those that are called like it ("cat" and "cat face")."""
    named = slugs()
    slug = noun.replace(" ", "-")
    wanted = (glyphs.get(noun, "").removesuffix("-light"), slug, f"{slug}-face")
    return tuple(dict.fromkeys(named[name] for name in wanted if name in named))


def words_for(noun: str, shown: tuple[str, ...], language: str) -> tuple[str, ...]:
    """A noun's words in a language: those that name emoji of this noun, and of nothing else.

    A word is taken if every emoji that it stands at has the noun, or a synonym, among its English words. That drops
    "animal" and "pet", which stand at others' too. It must be the name of one, a part of that, or stand at
    two that are shown.
    """
    there, english = annotations(language), annotations("en")
    entry = nouns.NOUNS[noun]
    family: set[str] = set(shown)
    for word in (noun, entry.plural, *entry.synonyms):
        family |= english.emoji.get(word, frozenset())
    out: dict[str, None] = {}
    for emoji in shown:
        name = there.names.get(emoji, "").lower()
        for word in sorted(there.spelled.get(emoji, ()), key=lambda w: (w.lower() != name, w)):
            at = there.emoji[word.lower()]
            is_name = word.lower() == name and all(there.names.get(e, "").lower() != name or e in family for e in at)
            if is_name or (at <= family and (word.lower() in name or len(at & set(shown)) > 1)):
                out[word] = None
    return tuple(out)
