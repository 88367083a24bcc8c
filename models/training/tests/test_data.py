"""What a batch of latents holds."""

from random import Random

import numpy as np
import torch

from training import data
from training.tokenizer import encode, save
from training.world import captions, scenes
from training.world.render import boxes, render

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
    numbers = torch.arange(60.0).view(-1, 1, 1, 1).half()
    latents = data.Latents(numbers, numbers % 2 == 1, table)
    ids, x, things = latents.batch(200, np.random.default_rng(0))
    assert torch.equal(things, x % 2)
    assert ids.shape == (200, 40) and x.shape == (200, 1, 1, 1) and x.dtype == torch.float32
    for row, i in zip(ids, x.flatten().long().tolist(), strict=True):
        assert row.tolist() in table[i].tolist()
    assert len(x.unique()) > 50


def test_cells_that_things_reach_are_covered_and_no_others():
    world = scenes.world_of(CONFIG)
    for seed in range(20):
        scene = scenes.draw(world, seed)
        reached = torch.zeros(1, 8, 12, dtype=torch.bool)
        for left, top, right, bottom in boxes(scene):
            for y, x in np.ndindex(8, 12):
                reached[0, y, x] |= left * 12 < x + 1 and right * 12 > x and top * 8 < y + 1 and bottom * 8 > y
        assert torch.equal(data.covered(scene, 8, 12), reached)


def test_renders_are_those_of_the_seeds_in_order_whatever_the_number_of_processes():
    world = scenes.world_of(CONFIG)
    alone = list(data.renders(CONFIG, range(5, 9), 64))
    together = list(data.renders({**CONFIG, "renderers": 2}, range(5, 9), 64))
    want = [render(scenes.draw(world, seed), 64) for seed in range(5, 9)]
    for pictures in (alone, together):
        assert all(np.array_equal(a, b) for a, b in zip(pictures, want, strict=True))
