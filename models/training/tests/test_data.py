"""Which scenes a stage learns from."""

import numpy as np
import torch

from training import data, world
from training.tokenizer import encode, save


def test_scenes_are_consecutive_seeds_unless_a_noun_is_favoured():
    assert data.scenes(5, 4, [], 0.0) == [5, 6, 7, 8]


def test_a_favoured_noun_makes_up_its_share_and_no_scene_comes_twice():
    seeds = data.scenes(1, 200, ["cat"], 0.35)
    cats = sum(world.scene(seed).noun == "cat" for seed in seeds)
    assert len(set(seeds)) == 200 and 70 <= cats <= 70 + 25


def test_pictures_of_a_prompt_show_the_same_things(tmp_path):
    """Latents here hold their own number, so a batch tells which scenes it took."""
    seeds = list(range(600))
    words = save(tmp_path)
    texts = [world.scene(seed).noun for seed in seeds]
    ids = torch.tensor(encode(words, texts), dtype=torch.int16)[:, None].expand(-1, data.CAPTIONS_PER_SCENE, -1)
    z = torch.arange(600.0).view(-1, 1, 1, 1)
    prompts, x = data.Latents(z, ids, seeds).batch(40, 2, np.random.default_rng(0))
    assert prompts.shape == (40, 77) and x.shape == (80, 1, 1, 1)
    for row, pair in zip(prompts, x.flatten().long().view(40, 2), strict=True):
        first, second = (world.scene(seeds[i]) for i in pair.tolist())
        assert (first.noun, first.colour, first.ground) == (second.noun, second.colour, second.ground)
        assert words.decode(row, skip_special_tokens=True).strip() == first.noun
