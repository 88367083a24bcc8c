"""The schedule of training and the noise of the app."""

import numpy as np
import pytest
import torch

from training import noise
from training.networks import build_scheduler, noised
from training.progress import done, rate


def test_the_schedule_ends_without_signal_and_begins_nearly_clean():
    abar = build_scheduler().alphas_cumprod
    assert abar[-1] == pytest.approx(0, abs=1e-12)
    assert abar[0] > 0.99 and bool((abar.diff() < 0).all())


def test_v_and_x_give_back_picture_and_noise():
    """x0 = sqrt(abar) x - sqrt(1 - abar) v, e = sqrt(1 - abar) x + sqrt(abar) v (Salimans and Ho 2022, app. D)."""
    x0, e, abar = torch.randn(4, 4, 3, 5), torch.randn(4, 4, 3, 5), torch.tensor([0.0, 0.2, 0.7, 1.0])
    x, v = noised(x0, e, abar)
    a, s = abar.sqrt().view(-1, 1, 1, 1), (1 - abar).sqrt().view(-1, 1, 1, 1)
    torch.testing.assert_close(a * x - s * v, x0)
    torch.testing.assert_close(s * x + a * v, e)


def test_diffusers_makes_the_same_x_and_v():
    scheduler, t = build_scheduler(), torch.tensor([0, 500, 999])
    x0, e = torch.randn(3, 4, 2, 2), torch.randn(3, 4, 2, 2)
    x, v = noised(x0, e, scheduler.alphas_cumprod[t])
    torch.testing.assert_close(x, scheduler.add_noise(x0, e, t))
    torch.testing.assert_close(v, scheduler.get_velocity(x0, e, t))


def test_philox_gives_random123s_answer():
    counter = [np.array([c], np.uint64) for c in (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)]
    out = noise.philox4x32(counter, (0xA4093822, 0x299F31D0))
    assert [int(word[0]) for word in out] == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


def test_normals_are_those_of_torch_on_cuda():
    want = [-0.92466259, -0.42534415, -2.6438457, 0.14518388, -0.12086647, -0.57972564]
    assert noise.normals(0, (2, 3)).flatten().tolist() == pytest.approx(want, abs=1e-6)


def test_the_learning_rate_warms_up_and_ends_near_zero():
    budget = {"steps": 1000, "learning_rate": 1.0, "decay": "cosine"}
    rates = [rate({"step": n}, budget) for n in range(1001)]
    assert rates[0] == pytest.approx(0.005, rel=0.01) and max(rates) > 0.9 and rates[1000] == pytest.approx(0.02)
    assert done({"step": 3, "seconds": 30}, {"minutes": 1}) == 0.5
