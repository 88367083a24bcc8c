"""What makes two pictures look alike beyond their pixels: activations of a small network that has learnt nothing.

As a loss, features of randomly weighted convolutions do as well as those of a trained VGG (arXiv 2103.10571). So no
network that has seen other pictures, and not the evaluation's judge, says what TinyWorld should look like.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Features(nn.Module):
    """Three convolutions of stride 2 with orthogonal weights, the same everywhere; pictures [b, 3, h, w] in [-1, 1]."""

    def __init__(self) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            widths = (3, 32, 48, 64)
            self.layers = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(widths))
            for layer in self.layers:
                nn.init.orthogonal_(layer.weight, gain=2**0.5)
        self.requires_grad_(False).to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Activations at 2, 4 and 8 times fewer pixels a side."""
        out = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            out.append(x)
        return out

    def distance(self, y: Tensor, x: Tensor) -> Tensor:
        """Mean over layers of the mean absolute difference of activations."""
        with torch.no_grad():
            wanted = self(x)
        return torch.stack([F.l1_loss(a, b) for a, b in zip(self(y), wanted, strict=True)]).mean()
