"""Nouns and their pictures: unmistakable, cropped, tinted so that the colour binds, and cheap."""

import time
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from training.world.colours import COLOURS, oklab
from training.world.drawn import DRAWN
from training.world.nouns import NOUNS, SPRITES, picture, plural

GROUPS = {
    "animal", "person", "plant", "food", "building", "vehicle", "furniture", "instrument", "clothes", "toy", "tool",
    "object", "shape", "sky",
}  # fmt: skip


def visible(noun: str, colour: str | None, side: int = 48) -> np.ndarray:
    """OKLab [n, 3] of the pixels that are more there than not."""
    pixels = np.asarray(picture(noun, side, colour, False))
    return oklab(pixels[pixels[..., 3] > 128][:, :3].astype(np.float64))


def signature(noun: str, colour: str | None) -> np.ndarray:
    """32 x 32 premultiplied RGBA, 0 to 1, centred, flat."""
    square = Image.new("RGBA", (32, 32))
    fitted = picture(noun, 30, colour, False)
    square.paste(fitted, ((32 - fitted.width) // 2, (32 - fitted.height) // 2))
    pixels = np.asarray(square) / 255.0
    pixels[..., :3] *= pixels[..., 3:]
    return pixels.ravel()


def nearest_pair(nouns: list[str], colour: str | None) -> tuple[float, str]:
    every = np.array([signature(noun, colour) for noun in nouns])
    squares = (every**2).sum(1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * every @ every.T, 0) / every.shape[1])
    np.fill_diagonal(distances, np.inf)
    first, second = np.unravel_index(distances.argmin(), distances.shape)
    return float(distances[first, second]), f"{nouns[first]} and {nouns[second]}"


def test_n1_hundreds_of_nouns_each_with_its_pictures():
    assert len(NOUNS) >= 200 and len(DRAWN) >= 20
    sprites = {path.stem.replace("_", " ") for path in SPRITES.glob("*.png")}
    wanted = {noun + (f"-{i}" if i else "") for noun, what in NOUNS.items() for i in range(what.variants)}
    assert sprites | set(DRAWN) == wanted and not sprites & set(DRAWN)
    assert {noun.group for noun in NOUNS.values()} == GROUPS
    assert {noun.rests for noun in NOUNS.values()} == {"ground", "air", "water", "any"}


def test_n2_a_word_names_one_noun_only_and_never_a_colour():
    words = [*NOUNS, *(synonym for noun in NOUNS.values() for synonym in noun.synonyms)]
    assert len(words) == len(set(words))
    assert not set(words) & set(COLOURS)
    assert all(part.isalpha() and part.islower() for word in words for part in word.split(" "))


@pytest.mark.parametrize(
    ("word", "wanted"),
    [("cat", "cats"), ("bunny", "bunnies"), ("monkey", "monkeys"), ("bus", "buses"), ("box", "boxes"), ("toy", "toys")],
)
def test_n3_plurals(word: str, wanted: str):
    assert plural(word) == wanted
    assert NOUNS["mouse"].plural == "mice" and NOUNS["cherry"].plural == "cherries"


def test_n4_a_picture_is_cropped_and_its_longest_side_is_what_was_asked():
    for noun in NOUNS:
        for side in (40, 250):
            fitted = picture(noun, side, None, False)
            assert fitted.mode == "RGBA" and max(fitted.size) == side, noun
        left, top, right, bottom = picture(noun, 192, None, False).getchannel("A").getbbox()
        wide, high = picture(noun, 192, None, False).size
        assert left <= 1 and top <= 1 and right >= wide - 1 and bottom >= high - 1, noun


def test_n5_flip_mirrors_and_a_drawn_picture_does_not_change_the_next():
    first = picture("cat", 192, "blue", False)
    wanted = np.asarray(first).copy()
    first.paste((0, 0, 0, 0), (0, 0, *first.size))
    assert np.array_equal(np.asarray(picture("cat", 192, "blue", False)), wanted)
    assert np.array_equal(np.asarray(picture("cat", 192, "blue", True)), wanted[:, ::-1])


@pytest.mark.parametrize("colour", COLOURS)
def test_n6_a_tinted_thing_reads_as_its_colour(colour: str):
    """The mean of what is seen lies nearest that colour; hue counts twice what lightness does, for shading is free."""
    names, weights = list(COLOURS), np.array([0.5, 1, 1])
    shades = oklab(np.array(list(COLOURS.values()), dtype=np.float64))
    tinting = [noun for noun, what in NOUNS.items() if what.tints][names.index(colour) % 4 :: 4]
    means = np.array([visible(noun, colour).mean(0) for noun in tinting])
    nearest = np.linalg.norm((means[:, None] - shades) * weights, axis=-1).argmin(1)
    right = np.mean([names[index] == colour for index in nearest])
    assert right >= (0.85 if colour in ("white", "black") else 0.95)


@pytest.mark.parametrize("colour", COLOURS)
def test_n7_a_tinted_thing_keeps_its_details(colour: str):
    for noun in ("cat", "dog", "rabbit", "owl", "penguin", "house", "car", "robot", "ghost", "snowman"):
        lightness = visible(noun, colour, 128)[:, 0]
        assert np.ptp(np.percentile(lightness, [2, 98])) > 0.07, noun


def test_n8_no_two_nouns_look_alike():
    """Root mean square distance of 32-pixel pictures: 0 for the same picture, about 0.4 for a cat and a house."""
    assert nearest_pair(list(NOUNS), None) > (0.18, "")
    assert nearest_pair([noun for noun, what in NOUNS.items() if what.tints], "blue") > (0.08, "")


def test_n9_colours_lie_apart():
    shades = oklab(np.array(list(COLOURS.values()), dtype=np.float64))
    assert min(np.linalg.norm(a - b) for a, b in combinations(shades, 2)) > 0.13


def test_n10_the_folder_is_small_and_says_its_licence():
    assert sum(path.stat().st_size for path in SPRITES.iterdir()) <= 2 * 2**20
    assert "Microsoft" in (SPRITES / "LICENSE.txt").read_text() and "MIT" in (SPRITES / "README.md").read_text()


def test_n11_a_picture_again_takes_under_three_milliseconds():
    picture("cat", 150, "red", False)
    start = time.process_time()
    for _ in range(50):
        picture("cat", 150, "red", True)
    assert (time.process_time() - start) / 50 < 3e-3


@pytest.mark.parametrize(
    ("noun", "side", "colour", "sentence"),
    [("unicat", 40, None, "want a noun"), ("cat", 0, None, "want a side"), ("cat", 40, "mauve", "want a colour")],
)
def test_n12_refuses_what_it_cannot_draw(noun: str, side: int, colour: str | None, sentence: str):
    with pytest.raises(ValueError, match=sentence):
        picture(noun, side, colour, False)
