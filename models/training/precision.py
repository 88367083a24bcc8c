"""Whether to compute in bfloat16, found out on the machine itself in a few seconds.

A processor with matrix units (AMX) is four times as fast in bfloat16; one that only has AVX2 is ten times slower in it
than in float32; and there have been versions of PyTorch whose bfloat16 kernels were wrong on some processors
(pytorch/pytorch#163347, #169688). So both are timed on what trainings are made of, and their results compared.
"""

import json
import time

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WORST_ERROR = 0.05
"""Largest relative error of bfloat16 gradients; 8 bits of mantissa leave about 0.01 after these few layers."""


class Sample(nn.Module):
    """A 3x3 convolution, a norm, attention as matrix products and a linear layer, [b, 64, 16, 16] to itself."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(64, 64, 3, padding=1)
        self.norm = nn.GroupNorm(16, 64)
        self.linear = nn.Linear(64, 64)

    def forward(self, x: Tensor) -> Tensor:
        x = F.silu(self.norm(self.convolution(x).float()))
        rows = x.flatten(2).mT
        weights = (rows @ rows.mT / 8).float().softmax(-1)
        return self.linear(weights @ rows).mT.view_as(x)


def settled(config: dict) -> dict:
    """The configuration with `bf16` true or false where it says "auto": true if it is both right and faster."""
    if config["bf16"] != "auto":
        return config
    found = compared(config["device"])
    print("precision", json.dumps(found), flush=True)
    return {**config, "bf16": found["bf16"]}


def compared(device: str) -> dict:
    """Milliseconds of a step in float32 and in bfloat16, the relative error of the latter, and which to take."""
    random = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        sample = Sample().to(device, memory_format=torch.channels_last)
    x = torch.randn(8, 64, 16, 16, generator=random).to(device, memory_format=torch.channels_last)
    (exact, slow), (rough, fast) = (_step(sample, x, bf16) for bf16 in (False, True))
    error = ((rough - exact).norm() / exact.norm()).item()
    found = {"float32": round(1000 * slow, 2), "bfloat16": round(1000 * fast, 2), "error": float(f"{error:.3g}")}
    return {**found, "bf16": error < WORST_ERROR and fast < slow}


def _step(sample: Sample, x: Tensor, bf16: bool, repeats: int = 5) -> tuple[Tensor, float]:
    """Gradients of a loss to all parameters in one vector, and the shortest time in seconds that they took."""
    times = []
    for _ in range(repeats):
        began = time.monotonic()
        with torch.autocast(x.device.type, torch.bfloat16, enabled=bf16):
            loss = sample(x).float().square().mean()
        gradients = torch.autograd.grad(loss, list(sample.parameters()))
        vector = torch.cat([g.flatten().float() for g in gradients])
        vector.norm().item()
        times.append(time.monotonic() - began)
    return vector, min(times)
