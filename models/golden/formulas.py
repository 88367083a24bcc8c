"""The closed formulas that stand in for network, noise and latents; `README.md` states them for other languages."""

import math

import torch

SHAPE = (1, 4, 2, 3)


def _index() -> torch.Tensor:
    return torch.arange(math.prod(SHAPE), dtype=torch.float64).reshape(SHAPE)


def start() -> torch.Tensor:
    """The latent before it is scaled by init_noise_sigma, [1, 4, 2, 3] float64."""
    return math.sqrt(2) * torch.sin(4.1 * _index() + 0.9)


def network(x: torch.Tensor, t: float) -> torch.Tensor:
    """Model output for the scaled input x [1, 4, 2, 3] at timestep t; smooth, different at every element."""
    i = _index().to(x.dtype)
    return 0.5 * x + 0.4 * torch.sin(1.7 * x + 0.6 * i) * math.cos(3 * t / 1000) + 0.2 * torch.cos(i + 5 * t / 1000)


def noise(draw: int) -> torch.Tensor:
    """The draw-th "normal" tensor of a run, about unit variance, [1, 4, 2, 3] float64."""
    return math.sqrt(2) * torch.sin(12.9 * (draw + 1) + 7.3 * (_index() + 1))


def clean() -> torch.Tensor:
    """x_0 of the forward process, [1, 4, 2, 3] float64."""
    return 0.8 * torch.cos(2.3 * _index() + 0.2)
