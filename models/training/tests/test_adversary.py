"""The adversary of the decoder learns to tell, pulls as hard as it may, and goes on after an interruption."""

import torch

from training.adversary import Adversary
from training.features import Features


def batches(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Crisp pictures of vertical stripes, and the same ones blurred."""
    random = torch.Generator().manual_seed(seed)
    stripes = torch.rand(4, 1, 1, 32, generator=random).round().mul(2).sub(1).expand(4, 3, 32, 32)
    return stripes, torch.nn.functional.avg_pool2d(stripes, (1, 5), 1, (0, 2))


def test_it_learns_to_tell_and_resumes_where_it_was():
    torch.manual_seed(0)
    adversary = Adversary("cpu", 2, learning_rate=1e-3)
    losses = [adversary.learn(*batches(step)) for step in range(30)]
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])
    other = Adversary("cpu", 2, learning_rate=1e-3)
    other.load_state_dict(adversary.state_dict())
    assert abs(other.learn(*batches(99)) - adversary.learn(*batches(99))) < 1e-5


def test_its_pull_has_the_share_of_the_reconstructions_that_it_may_and_moves_no_weight_of_its_own():
    torch.manual_seed(0)
    adversary = Adversary("cpu", 1)
    real, decoded = batches(0)
    decoded.requires_grad_()
    reconstruction = (decoded - real).abs().mean()
    pull = adversary.pull(reconstruction, decoded, 0.5)
    (towards,) = torch.autograd.grad(reconstruction, decoded, retain_graph=True)
    pull.backward()
    assert torch.isclose(decoded.grad.norm(), 0.5 * towards.norm(), rtol=1e-3)
    assert all(weight.grad is None for weight in adversary.network.parameters())


def test_features_are_the_same_everywhere_and_tell_blurred_from_crisp():
    real, blurred = batches(1)
    first = Features().distance(blurred, real)
    torch.manual_seed(5)
    assert Features().distance(blurred, real) == first > 0.01
    assert Features().distance(real, real) == 0
