"""Distances against values worked out by hand."""

import numpy as np
import pytest

from training.evaluation.metrics import (
    covered,
    explained,
    frechet_distance,
    peak_signal_to_noise,
    precision_recall,
    wilson,
)


def test_frechet_distance_on_a_line_is_that_of_two_gaussians():
    """(m - n)² + (s - t)²: samples 0, 2 have mean 1 and deviation √2; 10, 16 have mean 13 and deviation √18."""
    a, b = np.array([[0.0], [2.0]]), np.array([[10.0], [16.0]])
    assert frechet_distance(a, b) == pytest.approx(12**2 + (np.sqrt(18) - np.sqrt(2)) ** 2)


def test_frechet_distance_of_rotated_covariances():
    """C_a = diag(4, 1)·4/3 and C_b with axes swapped: trace 10 − 2·2·2 = 2, times 4/3."""
    corners = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    a, b = corners * [2, 1], corners * [1, 2] + [3, 0]
    assert frechet_distance(a, b) == pytest.approx(9 + (10 - 8) * 4 / 3)


def test_frechet_distance_is_nought_to_itself_and_grows_with_distance():
    a = np.random.default_rng(1).normal(size=(200, 8))
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(a, a + 1) == pytest.approx(8)
    assert frechet_distance(a, 2 * a) > frechet_distance(a, 1.5 * a) > 0.1


def test_frechet_distance_refuses_one_picture():
    with pytest.raises(ValueError, match="two pictures"):
        frechet_distance(np.zeros((1, 4)), np.zeros((9, 4)))


def test_manifold_of_points_on_a_line():
    """Points 0, 1, 2, 10 with k = 1: radii 1, 1, 1, 8. So 2.9 and 17 are covered, −1.5 and 18.5 are not."""
    reference = np.array([[0.0], [1.0], [2.0], [10.0]])
    queries = np.array([[2.9], [17.0], [-1.5], [18.5]])
    assert covered(reference, queries, nearest=1) == 0.5
    with pytest.raises(ValueError, match="more than 4"):
        covered(reference, queries, nearest=4)


def test_one_mode_alone_is_precise_but_recalls_half():
    random = np.random.default_rng(2)
    left, right = random.normal(size=(2, 100, 2)) + np.array([[[0, 0]], [[100, 0]]])
    precision, recall = precision_recall(np.concatenate([left, right]), left[::-1])
    assert precision == 1.0 and recall == 0.5
    noise = random.normal(size=(100, 2)) * 300 + 1000
    assert precision_recall(left, noise)[0] == 0.0


def test_wilson_interval():
    """Wilson's own formula for 8 of 10: 0.4902 to 0.9433."""
    assert wilson(0.8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(1.0, 20)[1] == pytest.approx(1.0) and wilson(1.0, 20)[0] == pytest.approx(0.8389, abs=1e-4)
    assert wilson(0.0, 20)[0] == pytest.approx(0.0, abs=1e-12)


def test_signal_to_noise():
    a = np.zeros((2, 4, 4, 3))
    assert peak_signal_to_noise(a, a + 0.2) == pytest.approx(20)


def test_explained_variance():
    target = np.array([[0.0, 0.0], [2.0, 4.0]])
    assert explained(target, target) == 1
    assert explained(target, np.array([[1.0, 2.0], [1.0, 2.0]])) == 0
    assert explained(target, np.array([[0.0, 1.0], [2.0, 4.0]])) == pytest.approx(0.9)
