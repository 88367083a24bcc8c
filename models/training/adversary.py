"""The adversary of the decoder: a small network that tells rendered pictures from decoded ones, patch by patch.

Isola et al. 2017 (arXiv 1611.07004, section 3.2), with the hinge loss (Lim and Ye 2017, arXiv 1705.02894) and a penalty
on its gradient at real pictures (R1, Mescheder et al. 2018, arXiv 1801.04406, Eq. 9) every few steps. Its pull on the
decoder is held to a fixed part of the reconstruction's, as Esser et al. 2021 (arXiv 2012.09841, Eq. 7) do, but measured
on the decoded pictures themselves.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.parallel import Shards

R1, R1_EVERY = 1.0, 8


class Discriminator(nn.Module):
    """Pictures [b, 3, h, w] in [-1, 1] to one number for each patch, larger for real ones, [b, 1, h/4, w/4]."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 3, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(4 * width, 1, 3, padding=1),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class Adversary:
    """The discriminator in training, `shards` threads at once. `frozen` shares its weights and wants no gradients."""

    def __init__(self, device: str, shards: int, learning_rate: float = 2e-4) -> None:
        self.network = Discriminator().to(device, memory_format=torch.channels_last)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=learning_rate, betas=(0.5, 0.9))
        self.shards = Shards(self.network, shards)
        self.frozen = Shards(self.network, 2).replicas[1].requires_grad_(False)
        self.steps = 0

    def pull(self, reconstruction: Tensor, y: Tensor, share: float) -> Tensor:
        """The decoder's loss from the adversary, whose gradient at y has `share` of the norm of `reconstruction`'s."""
        loss = -self.frozen(y).mean()
        (towards,) = torch.autograd.grad(reconstruction, y, retain_graph=True)
        (away,) = torch.autograd.grad(loss, y, retain_graph=True)
        return share * towards.norm() / (away.norm() + 1e-12) * loss

    def learn(self, real: Tensor, decoded: Tensor) -> float:
        """One step; returns the hinge loss, 2 for a network that cannot tell."""
        penalised = self.steps % R1_EVERY == 0

        def loss_of(network: Discriminator, real: Tensor, decoded: Tensor) -> Tensor:
            real = real.detach().requires_grad_(penalised)
            judged = network(real)
            loss = F.relu(1 - judged).mean() + F.relu(1 + network(decoded.detach())).mean()
            if penalised:
                (slope,) = torch.autograd.grad(judged.mean((1, 2, 3)).sum(), real, create_graph=True)
                loss = loss + R1_EVERY * R1 / 2 * slope.square().sum((1, 2, 3)).mean()
            return loss

        loss = self.shards.backward(loss_of, real, decoded)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.steps += 1
        return loss.item()

    def state_dict(self) -> dict:
        """What `load_state_dict` puts back."""
        return {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict(), "steps": self.steps}

    def load_state_dict(self, state: dict) -> None:
        """Puts back what `state_dict` gave."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]
