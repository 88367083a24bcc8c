"""The rules of the table of meanings, on those parts that need no downloaded data, and on the committed table."""

import gzip
import json

from words.plurals import plurals
from words.spelling import Targets, distance, is_slip
from words.table import MODELS, MOST_BYTES, key_of

TABLE = MODELS / "tinyworld" / "meanings.json"


def said() -> dict[str, dict[str, dict[str, str]]]:
    """The committed table."""
    return json.loads(TABLE.read_text(encoding="utf-8"))["languages"]


def test_slips() -> None:
    for typed, meant in (
        ("snw", "snow"),
        ("catt", "cat"),
        ("dgo", "dog"),
        ("penquin", "penguin"),
        ("elepahntt", "elephant"),
    ):
        assert is_slip(typed, meant), (typed, meant)
    for typed, meant in (
        ("hat", "cat"),
        ("paris", "cars"),
        ("happy", "puppy"),
        ("hour", "four"),
        ("cut", "cat"),
        ("cat", "cat"),
    ):
        assert not is_slip(typed, meant), (typed, meant)


def test_targets_find_what_the_rule_allows() -> None:
    words = ["snow", "cat", "penguin", "elephant", "house"]
    targets = Targets(words)
    for typed in ("snw", "snwo", "catt", "cap", "horse", "hoose", "elepahnt", "penguinn", "xx", "elepahntt"):
        assert targets.near(typed) == any(is_slip(typed, word) for word in words), typed


def test_distance_counts_a_swap_once() -> None:
    assert distance("ca", "ac") == 1
    assert distance("kitten", "sitting") == 3


def test_plurals() -> None:
    assert "Katzen" in plurals("de", "Katze")
    assert "häuser" in plurals("de", "Haus")
    assert "äpfel" in plurals("de", "Apfel")
    assert plurals("fr", "bonhomme de neige") == ("bonhommes de neige",)
    assert plurals("fr", "bateau") == ("bateaux",)
    assert plurals("es", "camión") == ("camiones",)
    assert "mele" in plurals("it", "mela")
    assert "corações" in plurals("pt", "coração")
    assert plurals("ja", "猫") == ()


def test_keys_are_words_in_small_letters() -> None:
    assert key_of("L’Éléphant") == "l éléphant"
    assert key_of("8-Bit") == "8 bit"
    assert key_of("🐱") == "🐱"


def test_committed_table_is_small_and_of_this_vocabulary() -> None:
    assert len(gzip.compress(TABLE.read_bytes(), 9)) <= MOST_BYTES
    vocabulary = json.loads((MODELS / "tinyworld" / "afterimage.json").read_text(encoding="utf-8"))["vocabulary"]
    for lists in said().values():
        for kind, entries in lists.items():
            for meaning in entries if kind in vocabulary else ():
                assert meaning in vocabulary[kind] or kind == "counts"
            assert set(entries) <= set(vocabulary["nouns"]) or kind != "things"


def test_no_word_has_two_meanings_in_a_language() -> None:
    for language, lists in said().items():
        words = [
            word
            for entries in lists.values()
            for some in entries.values()
            for word in some.replace(";", ",").split(",")
        ]
        assert len(words) == len(set(words)), language
