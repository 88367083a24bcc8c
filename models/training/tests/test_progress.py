"""Budgets and rates: constant until it is told to cool, then down along a line."""

import pytest

from training.progress import asked_to_cool, done, rate

CONSTANT = {"steps": 100, "learning_rate": 0.5, "decay": "constant", "warm_up": 10}


def test_a_constant_stage_warms_up_and_stays():
    rates = [rate({"step": step}, CONSTANT) for step in (0, 4, 10, 50, 99)]
    assert rates == pytest.approx([0.05, 0.25, 0.5, 0.5, 0.5])
    assert done({"step": 50}, CONSTANT) == 0.5


def test_a_cool_down_goes_to_two_percent_along_a_line():
    budget = {**CONSTANT, "decay": "linear", "warm_up": 1}
    assert [rate({"step": step}, budget) for step in (0, 50, 100)] == pytest.approx([0.5, 0.255, 0.01])


def test_the_wish_to_cool_serves_once_and_only_at_a_constant_rate(tmp_path):
    assert not asked_to_cool(tmp_path, CONSTANT)
    (tmp_path / "cool-down").touch()
    assert not asked_to_cool(tmp_path, {**CONSTANT, "decay": "linear"})
    assert asked_to_cool(tmp_path, CONSTANT) and not asked_to_cool(tmp_path, CONSTANT)
