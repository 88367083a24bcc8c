"""The picture world: deterministic, and closed over its vocabulary."""

from random import Random

import numpy as np
import pytest

from training import world


def captions(count: int) -> set[str]:
    return {world.caption(world.scene(seed), Random(seed)) for seed in range(count)}


def test_same_seed_same_scene_pixels_and_words():
    for seed in (0, 7, 12345):
        first, second = world.scene(seed), world.scene(seed)
        assert first == second
        assert np.array_equal(world.render(first, 96), world.render(second, 96))
        assert world.caption(first, Random(3)) == world.caption(second, Random(3))


def test_other_seed_other_picture():
    pictures = {world.render(world.scene(seed), 32).tobytes() for seed in range(50)}
    assert len(pictures) == 50


def test_every_word_of_every_caption_is_in_the_vocabulary_and_none_is_idle():
    used = {word for text in captions(20_000) for word in text.replace(",", " ").split()}
    assert used == set(world.words())


def test_the_prompt_of_the_front_page_is_an_ordinary_caption():
    assert "a cat on grass at sunset" in captions(20_000)


def test_articles():
    texts = captions(20_000)
    assert any(text.startswith("an owl") for text in texts)
    assert not any(" a owl" in f" {text}" or " a apple" in f" {text}" or "a orange" in text for text in texts)


@pytest.mark.parametrize("size", [48, 96, 128, 160])
def test_a_picture_is_square_bytes_with_the_object_in_it(size):
    what = world.scene(2)
    picture = world.render(what, size)
    assert picture.shape == (size, size, 3) and picture.dtype == np.uint8
    empty = np.asarray(world._setting(what, size))
    changed = np.abs(picture.astype(int) - empty).max(-1) > 60
    assert 0.05 < changed.mean() < 0.5


def test_all_nouns_have_a_sprite_and_come_up_equally():
    nouns = [world.scene(seed).noun for seed in range(4800)]
    counts = [nouns.count(noun) for noun in world.NOUNS]
    assert min(counts) > 130 and max(counts) < 270
    for noun in world.NOUNS:
        assert (world.SPRITES / f"{noun}.png").exists()
