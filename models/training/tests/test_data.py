"""What a batch of latents holds."""

from random import Random

import numpy as np
import torch

from training import data
from training.tokenizer import encode, save
from training.world import captions, scenes
from training.world.render import render

CONFIG = {"renderers": 1, "world": {"nouns": ["cat", "car", "tree", "apple"]}}


def test_a_latent_comes_with_one_of_its_own_captions(tmp_path):
    """Latents here hold their own number, so a batch tells which scenes it took."""
    world = scenes.world_of(CONFIG)
    drawn = [scenes.draw(world, seed) for seed in range(60)]
    said = [
        [captions.caption(scene, Random(f"{i}/{k}")) for k in range(data.CAPTIONS_PER_SCENE)]
        for i, scene in enumerate(drawn)
    ]
    words = save(tmp_path, captions.words(world), 40)
    table = torch.tensor([encode(words, texts) for texts in said], dtype=torch.int16)
    latents = data.Latents(torch.arange(60.0).view(-1, 1, 1, 1).half(), table)
    ids, x = latents.batch(200, np.random.default_rng(0))
    assert ids.shape == (200, 40) and x.shape == (200, 1, 1, 1) and x.dtype == torch.float32
    for row, i in zip(ids, x.flatten().long().tolist(), strict=True):
        assert row.tolist() in table[i].tolist()
    assert len(x.unique()) > 50


def test_renders_are_those_of_the_seeds_in_order_whatever_the_number_of_processes():
    world = scenes.world_of(CONFIG)
    alone = list(data.renders(CONFIG, range(5, 9), 64))
    together = list(data.renders({**CONFIG, "renderers": 2}, range(5, 9), 64))
    want = [render(scenes.draw(world, seed), 64) for seed in range(5, 9)]
    for pictures in (alone, together):
        assert all(np.array_equal(a, b) for a, b in zip(pictures, want, strict=True))
