"""bfloat16 is taken only where it is right and faster."""

import json
from pathlib import Path

import pytest
import torch

from training import precision


@pytest.mark.parametrize(
    ("slow", "fast", "error", "taken"), [(2.0, 1.0, 0.0, True), (1.0, 2.0, 0.0, False), (2.0, 1.0, 0.2, False)]
)
def test_what_is_taken_is_right_and_faster(monkeypatch, slow, fast, error, taken):
    exact = torch.tensor([3.0, 4.0])
    steps = iter([(exact, slow), (exact * (1 + error), fast)])
    monkeypatch.setattr(precision, "_step", lambda *_: next(steps))
    assert precision.compared("cpu")["bf16"] is taken


def test_both_precisions_are_really_computed_and_agree_on_this_machine():
    torch.manual_seed(0)
    sample, x = precision.Sample(), torch.randn(2, 64, 16, 16)
    (exact, _), (rough, _) = (precision._step(sample, x, bf16, repeats=1) for bf16 in (False, True))
    error = ((rough - exact).norm() / exact.norm()).item()
    assert 0 < error < precision.WORST_ERROR


def test_a_configuration_that_has_decided_is_left_alone():
    config = json.loads((Path(__file__).parents[2] / "configs" / "cpu.json").read_text())
    assert precision.settled(config) is config
    assert precision.settled({"bf16": "auto", "device": "cpu"})["bf16"] in (True, False)
