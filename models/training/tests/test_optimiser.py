"""Muon and AdamW together: what an orthogonal step is, and that both halves learn and resume."""

import torch

from training.optimiser import Optimiser, orthogonalised


def test_orthogonalised_matrices_keep_their_directions_and_lose_their_lengths():
    torch.manual_seed(0)
    for shape in ((3, 16, 48), (2, 64, 32)):
        matrices = torch.randn(shape)
        u, _, vt = torch.linalg.svd(matrices, full_matrices=False)
        got = orthogonalised(matrices)
        values = torch.linalg.svdvals(got)
        assert values.min() > 0.3 and values.max() < 1.3
        alike = torch.nn.functional.cosine_similarity((u @ vt).flatten(1), got.flatten(1))
        assert alike.min() > 0.95


def _network() -> torch.nn.Module:
    torch.manual_seed(1)
    return torch.nn.Sequential(
        torch.nn.Embedding(10, 16), torch.nn.Linear(16, 64), torch.nn.ReLU(), torch.nn.Linear(64, 32),
        torch.nn.Linear(32, 16), torch.nn.Linear(16, 2),
    )  # fmt: skip


def _learn(network: torch.nn.Module, optimiser: Optimiser, steps: int) -> float:
    x = torch.arange(10)
    wanted = torch.stack([(x % 2).float(), x / 10], 1)
    for _ in range(steps):
        loss = (network(x) - wanted).square().mean()
        loss.backward()
        optimiser.step(0.003)
    return loss.item()


def test_inner_matrices_are_muons_and_everything_learns():
    network = _network()
    before = [p.clone() for p in network.parameters()]
    optimiser = Optimiser(network, threads=2)
    assert [tuple(p.shape) for p in optimiser.matrices] == [(64, 16), (32, 64), (16, 32)]
    first = _learn(network, optimiser, 1)
    assert _learn(network, optimiser, 150) < 0.05 * first
    assert all(not torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True))
    assert all(p.grad is None for p in network.parameters())


def test_an_optimiser_resumes_where_it_was():
    straight, broken = _network(), _network()
    _learn(straight, (one := Optimiser(straight)), 4)
    _learn(straight, one, 4)
    _learn(broken, (first := Optimiser(broken)), 4)
    second = Optimiser(broken)
    second.load_state_dict(first.state_dict())
    _learn(broken, second, 4)
    assert all(torch.equal(a, b) for a, b in zip(straight.parameters(), broken.parameters(), strict=True))
