"""The optimiser: Muon for the matrices inside a network, AdamW for everything else.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon) turns the momentum of each weight matrix into the
nearest matrix whose singular values are all alike, so that every direction is learnt at one pace; a convolution counts
as the matrix [out, in · kernel]. Its steps are scaled to those of AdamW (Liu et al. 2025, arXiv 2502.16982, section
2.2), so that one learning rate serves both. Embeddings, vectors, and layers that read or write fewer than
`_LEAST_WIDTH` channels are AdamW's (Loshchilov and Hutter 2019, arXiv 1711.05101).
"""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import torch

_LEAST_WIDTH = 16
_MOMENTUM, _WEIGHT_DECAY = 0.95, 0.01
_POLYNOMIAL = (3.4445, -4.7750, 2.0315)
"""Coefficients of the odd quintic that drives singular values of at most 1 to about 1 (Jordan et al. 2024)."""


def orthogonalised(matrices: torch.Tensor, iterations: int = 5) -> torch.Tensor:
    """U Vᵀ, roughly, of matrices U S Vᵀ [..., m, n]: Newton-Schulz iterations, in the dtype of `matrices`."""
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    a, b, c = _POLYNOMIAL
    for _ in range(iterations):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


class Optimiser:
    """Steps of all parameters of `module` that learn; `threads` share Muon's matrices, in bfloat16 if so told."""

    def __init__(self, module: torch.nn.Module, threads: int = 1, bf16: bool = False):
        self.parameters = [p for p in module.parameters() if p.requires_grad]
        embeddings = {id(m.weight) for m in module.modules() if isinstance(m, torch.nn.Embedding)}
        self.matrices = [
            p for p in self.parameters
            if p.dim() > 1 and min(p.shape[:2]) >= _LEAST_WIDTH and id(p) not in embeddings
        ]  # fmt: skip
        taken = {id(p) for p in self.matrices}
        others = [p for p in self.parameters if id(p) not in taken]
        self.adam = torch.optim.AdamW(others, lr=1e-3, betas=(0.9, 0.99), weight_decay=_WEIGHT_DECAY, fused=True)
        self.momenta = [torch.zeros_like(p) for p in self.matrices]
        self.dtype = torch.bfloat16 if bf16 else torch.float32
        alike = defaultdict(list)
        for index, p in enumerate(self.matrices):
            alike[(p.shape[0], p[0].numel())].append(index)
        self.stacks = [stack[i : i + 4] for stack in alike.values() for i in range(0, len(stack), 4)]
        self.threads = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))

    def step(self, learning_rate: float) -> None:
        """One step down the gradients, which it then forgets."""
        for group in self.adam.param_groups:
            group["lr"] = learning_rate
        self.adam.step()
        list(self.threads.map(lambda stack: self._muon(stack, learning_rate), self.stacks))
        for p in self.parameters:
            p.grad = None

    @torch.no_grad()
    def _muon(self, stack: list[int], learning_rate: float) -> None:
        """Nesterov momentum, made orthogonal, for matrices of one shape."""
        updates = []
        for i in stack:
            gradient = self.matrices[i].grad
            self.momenta[i].lerp_(gradient, 1 - _MOMENTUM)
            updates.append(gradient.lerp(self.momenta[i], _MOMENTUM).flatten(1).to(self.dtype))
        for i, update in zip(stack, orthogonalised(torch.stack(updates)).float(), strict=True):
            p = self.matrices[i]
            p.mul_(1 - learning_rate * _WEIGHT_DECAY)
            p.add_(update.view(p.shape), alpha=-learning_rate * 0.2 * max(update.shape) ** 0.5)

    def state_dict(self) -> dict:
        """What `load_state_dict` puts back."""
        return {"adam": self.adam.state_dict(), "momenta": self.momenta}

    def load_state_dict(self, state: dict) -> None:
        """Puts back what `state_dict` gave, of the same module."""
        self.adam.load_state_dict(state["adam"])
        for mine, saved in zip(self.momenta, state["momenta"], strict=True):
            mine.copy_(saved)
