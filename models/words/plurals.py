"""Plurals of nouns by the regular rules of each language: all that may be right, since a wrong one is no word."""

import re

from training.world import nouns

_IRREGULAR = {
    "mouse": "mice", "goose": "geese", "child": "children", "foot": "feet", "leaf": "leaves", "loaf": "loaves",
    "wolf": "wolves", "elf": "elves", "scarf": "scarves", "calf": "calves", "tomato": "tomatoes", "hero": "heroes",
    "potato": "potatoes", "sheep": "sheep", "deer": "deer", "bison": "bison", "moose": "moose", "aircraft": "aircraft",
    "spacecraft": "spacecraft", "knife": "knives", "shelf": "shelves", "fungus": "fungi", "salmon": "salmon",
}  # fmt: skip
_UMLAUTS = {"au": "äu", "a": "ä", "o": "ö", "u": "ü"}
_WITH_ER = (
    "haus", "buch", "bild", "kind", "mann", "blatt", "huhn", "ei", "schloss", "geist", "gespenst", "rad", "wald",
    "dorf",    "schild", "brett", "kalb", "lamm", "horn", "glas", "dach", "fass", "gesicht", "kleid", "nest", "schwert",
)  # fmt: skip


def plurals(language: str, word: str) -> tuple[str, ...]:
    """Plurals of a word, or of a name of several words; none in Japanese and Chinese."""
    rule = {"en": _english, "de": _german, "fr": _french, "es": _spanish, "it": _italian, "pt": _portuguese}
    if language not in rule:
        return ()
    head, rest = _split(language, word)
    return tuple(f"{plural}{rest}" if language not in ("en", "de") else f"{rest}{plural}" for plural in
                 dict.fromkeys(rule[language](head)))  # fmt: skip


def _split(language: str, word: str) -> tuple[str, str]:
    """The word that changes, and the others: the last of a German or English name, else the first."""
    if " " not in word:
        return word, ""
    if language in ("en", "de"):
        rest, _, head = word.rpartition(" ")
        return head, f"{rest} "
    head, _, rest = word.partition(" ")
    return head, f" {rest}"


def _english(word: str) -> list[str]:
    if word.endswith("man") and word != "human":
        return [f"{word[:-2]}en"]
    if word.endswith("fish"):
        return [word, f"{word}es"]
    return [_IRREGULAR.get(word) or nouns.plural(word)]


def _german(word: str) -> list[str]:
    lower = word.lower()
    if lower.endswith("e"):
        return [f"{word}n"]
    if lower.endswith(("chen", "lein")):
        return [word]
    if lower.endswith(("ung", "heit", "keit", "schaft")):
        return [f"{word}en"]
    if lower.endswith("in"):
        return [f"{word}nen"]
    soft = _softened(word)
    if lower.endswith(("er", "el", "en")):
        return [word, f"{word}n", f"{word}s", *([soft, f"{soft}n"] if soft else [])]
    if lower.endswith(("a", "i", "o", "u")):
        return [f"{word}s"]
    if lower.endswith(_WITH_ER):
        return [f"{soft or word}er", f"{soft or word}ern"]
    out = [f"{word}{ending}" for ending in ("e", "en", "s")]
    return out + ([f"{soft}e", f"{soft}en"] if soft else [])


def _softened(word: str) -> str | None:
    """The word with an umlaut, "Apfel" to "Äpfel", if its last full vowel takes one."""
    lower = word.lower()
    found = re.search(r"(?<!e)(au|[aou])(?=[^aeiouäöüy]+(?:e[lnr])?$)", lower)
    return lower[: found.start()] + _UMLAUTS[found[0]] + lower[found.end() :] if found else None


def _french(word: str) -> list[str]:
    if word.endswith(("s", "x", "z")):
        return []
    if word.endswith(("eau", "eu")):
        return [f"{word}x"]
    return [f"{word[:-2]}aux"] if word.endswith("al") else [f"{word}s", *([f"{word}x"] if word.endswith("ou") else [])]


def _spanish(word: str) -> list[str]:
    if word.endswith("z"):
        return [f"{word[:-1]}ces"]
    for stressed, plain in (("ón", "on"), ("án", "an"), ("ín", "in"), ("és", "es"), ("ún", "un")):
        if word.endswith(stressed):
            return [f"{word[:-2]}{plain}es"]
    if word.endswith("s"):
        return []
    return [f"{word}s"] if word[-1] in "aeiouáéó" else [f"{word}es"]


def _italian(word: str) -> list[str]:
    for ending, changed in (("ca", ("che",)), ("ga", ("ghe",)), ("co", ("chi", "ci")), ("go", ("ghi", "gi"))):
        if word.endswith(ending):
            return [word[:-2] + other for other in changed]
    if word.endswith("io"):
        return [word[:-1]]
    ends = {"o": "i", "a": "e", "e": "i"}
    return [word[:-1] + ends[word[-1]]] if word[-1] in ends else []


def _portuguese(word: str) -> list[str]:
    if word.endswith("ão"):
        return [word[:-2] + ending for ending in ("ões", "ãos", "ães")]
    if word.endswith("m"):
        return [f"{word[:-1]}ns"]
    for ending in ("al", "el", "ol", "ul"):
        if word.endswith(ending):
            return [f"{word[:-1]}is", f"{word[:-2]}{ {'e': 'é', 'o': 'ó'}.get(ending[0], ending[0]) }is"]
    if word.endswith(("r", "z")):
        return [f"{word}es"]
    return [] if word.endswith("s") else [f"{word}s"]
