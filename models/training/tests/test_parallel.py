"""Shards of a batch give the gradients of the whole batch."""

import torch

from training.parallel import Shards


def test_two_threads_give_the_gradients_of_one():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.Linear(7, 1))
    x, y = torch.randn(6, 5), torch.randn(6, 1)

    def loss_of(replica, x, y):
        return (replica(x) - y).square().mean()

    want = torch.autograd.grad(loss_of(model, x, y), list(model.parameters()))
    shards = Shards(model, 2)
    for _ in range(2):
        model.zero_grad()
        loss = shards.backward(loss_of, x, y)
        torch.testing.assert_close(loss, loss_of(model, x, y).detach())
        for parameter, gradient in zip(model.parameters(), want, strict=True):
            torch.testing.assert_close(parameter.grad, gradient)


def test_replicas_follow_the_optimiser():
    model = torch.nn.Linear(2, 1)
    shards = Shards(model, 2)
    with torch.no_grad():
        model.weight.add_(1.0)
    assert torch.equal(shards.replicas[1].weight, model.weight)
