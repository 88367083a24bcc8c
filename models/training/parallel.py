"""Gradients by several threads, each with a share of the batch (data parallelism inside one process).

PyTorch's own threads work together on every single operation, and wait for each other after every one: on a machine
that has other things to do, that wait costs most of the time. Here each thread works alone on its share, and they meet
once a step. A replica shares the memory of the model's parameters and has gradients of its own.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import torch


class Shards:
    """`count` replicas of a model (the model itself is the first), each with a thread."""

    def __init__(self, model: torch.nn.Module, count: int):
        self.replicas = [model, *(deepcopy(model) for _ in range(count - 1))]
        for replica in self.replicas[1:]:
            for mine, shared in zip(replica.parameters(), model.parameters(), strict=True):
                mine.data = shared.data
        self.threads = (
            ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) if count > 1 else None
        )

    def backward(self, loss_of: Callable, *tensors: torch.Tensor) -> torch.Tensor:
        """Adds to the model's gradients those of the mean of loss_of(replica, *shares); returns the mean loss."""
        if self.threads is None:
            return _backward(loss_of, self.replicas[0], 1, *tensors)
        shares = zip(*(tensor.chunk(len(self.replicas)) for tensor in tensors), strict=True)
        futures = [
            self.threads.submit(_backward, loss_of, replica, len(self.replicas), *share)
            for replica, share in zip(self.replicas, shares, strict=True)
        ]
        losses = [future.result() for future in futures]
        for replica in self.replicas[1:]:
            for mine, shared in zip(replica.parameters(), self.replicas[0].parameters(), strict=True):
                if mine.grad is not None:
                    shared.grad = mine.grad if shared.grad is None else shared.grad.add_(mine.grad)
                    mine.grad = None
        return torch.stack(losses).sum()


def _backward(loss_of: Callable, replica: torch.nn.Module, count: int, *share: torch.Tensor) -> torch.Tensor:
    loss = loss_of(replica, *share) / count
    loss.backward()
    return loss.detach()
