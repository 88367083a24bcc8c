"""What a batch of latents holds."""

from random import Random

import numpy as np
import torch

from training import autoencoder, data
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


def test_growing_latents_are_the_same_as_those_that_are_encoded_first(tmp_path):
    """Also when they are closed before all of them are there."""
    shape = {"latent_channels": 4, "width": 28, "encoder_blocks": [0, 0, 1], "decoder_blocks": [1, 0, 0]}
    config = {**CONFIG, "seed": 1, "bf16": False, "shards": 1, "threads": 1, "picture_size": 64, "autoencoder": shape}
    torch.manual_seed(0)
    vae = autoencoder.build(config).eval()
    words = save(tmp_path, captions.words(scenes.world_of(CONFIG)), 40)
    stage = {"picture_size": 64, "renders": 70, "world": {"nouns": ["cat", "car"]}}
    want = data.load(config, stage, vae, words, tmp_path)
    got = data.load(config, {**stage, "growing": True}, vae, words, tmp_path)
    assert got.ready == 70
    got.close()
    assert torch.equal(got.ids, want.ids) and torch.equal(got.covered, want.covered)
    assert (got.z - want.z).abs().max() < 1e-2 and want.z.std() > 0.01
    ids, x, _ = got.batch(20, np.random.default_rng(0))
    assert ids.shape == (20, 40) and x.shape == (20, 4, 16, 16)
    again = data.load(config, {**stage, "renders": 75}, vae, words, tmp_path)
    assert torch.equal(again.z[:70], want.z) and len(again.z) == 75


def test_renders_are_those_of_the_seeds_in_order_whatever_the_number_of_processes():
    world = scenes.world_of(CONFIG)
    alone = list(data.renders(CONFIG, range(5, 9), 64))
    together = list(data.renders({**CONFIG, "renderers": 2}, range(5, 9), 64))
    want = [render(scenes.draw(world, seed), 64) for seed in range(5, 9)]
    for pictures in (alone, together):
        assert all(np.array_equal(a, b) for a, b in zip(pictures, want, strict=True))
