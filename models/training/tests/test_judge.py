"""The judge's learning: its targets follow its distortions, its input is exact, and it learns what it is shown."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training.evaluation import judge, learning
from training.evaluation.obedience import Detection
from training.world import render, scenes

CONFIG = json.loads((Path(__file__).parents[2] / "configs" / "cpu.json").read_text())
WORLD = scenes.world_of(CONFIG)


def test_pixels_are_means_of_areas():
    picture = np.random.default_rng(1).integers(0, 256, (2, 256, 256, 3), np.uint8)
    want = picture.reshape(2, 128, 2, 128, 2, 3).mean((2, 4)).transpose(0, 3, 1, 2) / 127.5 - 1
    assert np.allclose(judge.pixels(picture).numpy(), want, atol=1e-5)
    assert judge.pixels(picture[:, :64, :64]).shape == (2, 3, 128, 128)


def test_boxes_follow_the_distorted_picture():
    """A white square on black stays in its box, whatever is done to it."""
    box = torch.tensor([[0.25, 0.375, 0.5, 0.75]]).repeat(32, 1)
    x = torch.full((32, 3, 128, 128), -1.0)
    x[:, :, 48:96, 32:64] = 1.0
    random = torch.Generator().manual_seed(3)
    out, moved = learning.distorted(x, box, torch.arange(32), 96, random)
    for picture, (x0, y0, x1, y1) in zip(out.mean(1), (moved * 96).tolist(), strict=True):
        rows, columns = (picture > 0).nonzero(as_tuple=True)
        found = torch.tensor([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]).float()
        assert (found - torch.tensor([x0, y0, x1, y1])).abs().max() < 4, (found, x0, y0, x1, y1)
    assert not torch.allclose(moved, box)


def test_heat_is_one_at_the_centre_and_nought_far_off():
    truth = learning.targets([scenes.for_task(WORLD, "single object", 1)], judge.labels_of(WORLD))
    each, heat = learning.heat_of(truth, torch.tensor([[0.25, 0.5, 0.5, 1.0]]), 1, 16)
    assert each.shape == (1, 16, 16) and heat[0, 12, 6] == 1 and heat[0, 0, 15] < 1e-3


def test_the_mixture_has_both_kinds_of_combinations_and_all_tasks():
    chosen = list(learning.mixture(WORLD, 200))
    shares = [scenes.is_held_out(scene) for scene in chosen]
    assert 0.15 < np.mean(shares) < 0.45
    assert {len(scene.things) for scene in chosen} >= {1, 2, 3, 4}
    assert {scene.style for scene in chosen} == {None, *WORLD.styles}


def test_perfect_answers_are_read_as_what_is_there():
    """The head's answers, written by hand, come back as the detections that they mean."""
    labels = judge.labels_of(WORLD)
    cells = {
        "heat": torch.full((1, 1, 16, 16), -9.0), "box": torch.zeros(1, 4, 16, 16),
        "noun": torch.zeros(1, len(labels.nouns), 16, 16), "colour": torch.zeros(1, len(labels.colours), 16, 16),
    }  # fmt: skip
    for row, column, noun, colour in ((4, 4, 0, 1), (12, 10, 2, 3)):
        cells["heat"][0, 0, row, column] = 5.0
        cells["noun"][0, noun, row, column] = 20.0
        cells["colour"][0, colour, row, column] = 20.0
        cells["box"][0, :, row, column] = torch.tensor([-0.125, -0.125, 0.125, 0.1875])
    cells["heat"][0, 0, 4, 5] = 4.0  # no peak: its neighbour is hotter
    found = judge._detections(labels, cells)[0]
    assert [(d.noun, d.colour) for d in found] == [
        (labels.nouns[0], labels.colours[1]),
        (labels.nouns[2], labels.colours[3]),
    ]
    assert found[0].box == pytest.approx((0.125, 0.125, 0.375, 0.4375))


def test_the_judge_learns_and_is_kept(tmp_path):
    """Six nouns on plain backgrounds, two hundred steps: more often right than a coin, and read back the same."""
    world = replace(WORLD, nouns=WORLD.nouns[:6], places=(), styles=(), relations=(), shares={"single": 1.0})
    labels = judge.labels_of(world)
    chosen = [scenes.draw(world, seed) for seed in range(160)]
    pictures = np.stack([render.render(scene, judge.SIDE) for scene in chosen])
    torch.manual_seed(1)
    pupil = judge.Judge(labels).to(memory_format=torch.channels_last)
    schedule = learning.Schedule(small_steps=120, steps=0, batch=16)
    learning.fit(pupil, pictures[:128], learning.targets(chosen[:128], labels), schedule, seed=1, bf16=False)
    sights, features = judge.look(pupil.eval(), pictures[128:])
    truth = [scene.setting.colour for scene in chosen[128:]]
    right = np.mean([s.setting["colour"] == colour for s, colour in zip(sights, truth, strict=True)])
    assert right > 0.5, right
    assert features.shape == (32, judge.FEATURES) and features.std(0).max() > 0
    assert judge.feature_distance(pupil, pictures[:4], pictures[:4]) == 0
    assert judge.feature_distance(pupil, pictures[:4], pictures[4:8]) > 0.05


def test_a_trained_judge_is_read_back_for_the_same_world_only(tmp_path):
    schedule = learning.Schedule(renders=8, small_steps=1, steps=1, batch=4)
    first = learning.train(WORLD, tmp_path / "judge.pt", schedule, bf16=False)
    written = (tmp_path / "judge.pt").stat().st_mtime_ns
    again = learning.train(WORLD, tmp_path / "judge.pt", schedule, bf16=False)
    assert (tmp_path / "judge.pt").stat().st_mtime_ns == written
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
    learning.train(replace(WORLD, nouns=WORLD.nouns[:30]), tmp_path / "judge.pt", schedule, bf16=False)
    assert (tmp_path / "judge.pt").stat().st_mtime_ns != written


def test_no_detection_has_an_unknown_name():
    labels = judge.labels_of(WORLD)
    untrained = judge.Judge(labels).eval()
    untrained.cell_head.bias.data[0] = 9.0
    sights, _ = judge.look(untrained, np.zeros((1, 64, 64, 3), np.uint8))
    assert all(isinstance(d, Detection) and d.noun in labels.nouns for d in sights[0].detections)
