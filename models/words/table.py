"""Makes the table of meanings beside a model's vocabulary: `python -m words.table` (from `models/`).

Reads `tinyworld/afterimage.json` (or `--model`), writes `meanings.json` beside it: what people say, in eight languages
and in emoji, for the words that the model knows. The same vocabulary gives the same bytes.

How wrong meanings are kept out: a word is taken only for the noun that it is surest of (`said.py`, ranks), and for none
if it is as sure of two; a keyword of several emoji only if all of them show the noun (`emoji.py`); an English word only
if it is mostly meant so (`wordnet.py`); names of several words that end with a noun and are no kind of it ("hot dog"),
and words that are one slip from a known one ("hut" from "hat") are listed as meaning nothing; `hand/refused.tsv`.
"""

import argparse
import gzip
import json
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

from training.world import nouns
from words import emoji, said, wordnet
from words.spelling import Targets

MODELS = Path(__file__).parent.parent
MOST_BYTES = 60 * 1024
NOTICE = (
    "Made from Unicode CLDR 48.2 (Copyright 2004-2026 Unicode, Inc., Unicode License V3) and WordNet 3.1 (WordNet 3.0 "
    "Copyright 2006 by Princeton University); their licences are in models/words/licences of Afterimage's repository."
)
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 14
_COMPARED = 8
"""Letters: longer words are rare, and longer adjectives take "more"."""


def key_of(word: str) -> str:
    """A word or phrase as it is looked up: letters and digits, small, single spaces (as src/prompt does)."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", word).lower())) or word


def own_words(vocabulary: dict[str, list[str]]) -> frozenset[str]:
    """Nouns, plurals and synonyms that the model was taught, with the plurals of these."""
    pairs = [entry.split("=")[0] for entry in vocabulary["synonyms"]]
    some = (*vocabulary["nouns"], *vocabulary["plurals"], *pairs, *map(nouns.plural, pairs))
    return frozenset(key_of(word) for word in some)


def chosen(vocabulary: dict[str, list[str]]) -> dict[tuple[str, str], said.Claim]:
    """The surest claim of each word in each language; none where two nouns claim it alike."""
    best: dict[tuple[str, str], list[said.Claim]] = defaultdict(list)
    own = own_words(vocabulary)
    for claim in said.claims(vocabulary):
        word = key_of(claim.word)
        if not word or (claim.language == "en" and word in own):
            continue
        best[claim.language, word].append(claim)
    colours: dict[str, set[str]] = defaultdict(set)
    for (language, word), several in best.items():
        if any(claim.kind == "colours" for claim in several):
            colours[language].add(word)
    out = {}
    for place, several in best.items():
        if _is_coloured(*place, colours, best):
            continue  # "pomme rouge": its colour is read by itself
        # What is no thing was written by hand, and stands: "rose" is a colour in French unless there is such a noun.
        top = min(several, key=lambda claim: (claim.rank, claim.many))
        alike = {(c.kind, c.meaning) for c in several if c.rank == top.rank}
        hand = [c for c in several if c.kind != "things"]
        if hand and top.rank > said.NAME:
            top, alike = hand[0], {(c.kind, c.meaning) for c in hand}
        if len(alike) == 1 or top.kind != "things":
            out[place] = top
    return out


def _is_coloured(language: str, word: str, colours: dict[str, set[str]], known: dict) -> bool:
    """Whether a name is a colour and a thing, each with a meaning of its own."""
    parts = word.split(" ")
    if len(parts) == 2:
        return any(part in colours[language] for part in parts) and any((language, part) in known for part in parts)
    return language in ("ja", "zh") and any(
        word.startswith(colour) and (language, word[len(colour) :]) in known for colour in colours[language]
    )


def english() -> set[str]:
    """Single words of English, with what regular endings make of them, and the little ones that WordNet leaves out."""
    words = set((said.HAND / "little.txt").read_text(encoding="utf-8").split())
    for word, parts in wordnet.lemmas().items():
        if word.isalpha() and 2 < len(word) < _LONGEST:
            words.add(word)
            words.update(form for part in parts for form in _forms(word, part))
    return words


def _forms(word: str, part: str) -> tuple[str, ...]:
    """Regular forms of a noun (1), a verb (2) or an adjective (3, 5)."""
    stem = word.removesuffix("e")
    soft = f"{word[:-1]}i" if word.endswith("y") else stem
    twice = word + word[-1]
    if part == "1":
        return (nouns.plural(word),)
    if part == "2":
        return (nouns.plural(word), f"{soft}ed", f"{stem}ing", f"{twice}ed", f"{twice}ing")
    return (f"{soft}er", f"{soft}est") if part in "35" and len(word) < _COMPARED else ()


def foreign() -> set[str]:
    """Single words of the other languages' annotations: a word of another language is no slip."""
    return {
        key_of(word) for language in emoji.LANGUAGES for word in emoji.annotations(language).emoji if " " not in word
    }


def nothing(vocabulary: dict[str, list[str]], table: dict[tuple[str, str], said.Claim]) -> list[str]:
    """English words and names that mean nothing here, but would be taken for something: see the top of this file."""
    known = {word for language, word in table if language == "en"} | own_words(vocabulary)
    known |= {key_of(word) for word in vocabulary["words"]}
    lexicon = english()
    out = {word for language, word in table if language != "en" and word in lexicon and word not in known}
    targets = Targets(word for word in known if word.isalpha() and word.isascii() and len(word) > 2)
    taken = known | {word for _, word in table}
    out |= {word for word in lexicon | foreign() if word.isalpha() and word not in taken and targets.near(word)}
    return sorted(out | _false_kinds(vocabulary, known))


def _false_kinds(vocabulary: dict[str, list[str]], known: set[str]) -> set[str]:
    """Names that end with a noun and are no kind of it: "hot dog", "movie star"."""
    tops = {noun: wordnet.meaning_of(noun, nouns.NOUNS[noun].group) for noun in vocabulary["nouns"]}
    out = set()
    for name in wordnet.lemmas():
        head = name.rpartition(" ")[2]
        top = tops.get(head)
        if " " not in name or name.count(" ") > 1 or top is None or not name.replace(" ", "").isalpha():
            continue
        if name.partition(" ")[0] in known:
            continue  # "black cat" and "big fish" are said of cats and fish
        if name not in known and not wordnet.is_a(name, top) and wordnet.is_well_known_name(name):
            out.update((name, nouns.plural(name)))
    return out


def table(vocabulary: dict[str, list[str]]) -> dict:
    """The table, as `meanings.json` holds it: language, list, word of the vocabulary, and what is said for it."""
    found = chosen(vocabulary)
    languages: dict = {}
    for (language, word), claim in sorted(found.items()):
        lists = languages.setdefault(language, {}).setdefault(claim.kind, {}).setdefault(claim.meaning, ([], []))
        lists[claim.many].append(word)
    spelled = {
        language: {
            kind: {
                meaning: ";".join(",".join(words) for words in lists).rstrip(";")
                for meaning, lists in sorted(entries.items())
            }
            for kind, entries in sorted(kinds.items())
        }
        for language, kinds in sorted(languages.items())
    }
    return {"notice": NOTICE, "languages": spelled, "nothing": ",".join(nothing(vocabulary, found))}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODELS / "tinyworld", help="the folder of afterimage.json")
    options = parser.parse_args()
    card = json.loads((options.model / "afterimage.json").read_text(encoding="utf-8"))
    made = table(card["vocabulary"])
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n"
    packed = len(gzip.compress(text.encode(), 9, mtime=0))
    if packed > MOST_BYTES:
        raise SystemExit(f"meanings.json would be {packed} bytes gzipped; at most {MOST_BYTES} are wanted")
    (options.model / "meanings.json").write_text(text, encoding="utf-8")
    counts = Counter()
    for language, kinds in made["languages"].items():
        counts[language] = sum(len(re.split("[,;]", words)) for entries in kinds.values() for words in entries.values())
    print(json.dumps({"gzipped": packed, "entries": counts, "nothing": made["nothing"].count(",") + 1}))


if __name__ == "__main__":
    main()
