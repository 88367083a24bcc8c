"""Runs diffusers' schedulers in float64.

The schedulers cast betas, sigmas and timesteps to float32 by name (`torch.float32`, `np.float32`). Inside
`double_precision` their modules see a `torch` and a `numpy` in which that name means float64, so one code path gives
both what diffusers computes and the number it rounds.
"""

import contextlib
import importlib
import types
from collections.abc import Callable, Iterator

import numpy as np
import torch

SCHEDULER_MODULES = (
    "ddpm",
    "ddim",
    "euler_discrete",
    "euler_ancestral_discrete",
    "heun_discrete",
    "dpmsolver_multistep",
    "unipc_multistep",
    "pndm",
    "lcm",
)


class _Widened(types.ModuleType):
    """A module in which `float32` is float64 and every other name is the module's own."""

    def __init__(self, module: types.ModuleType, float64: object) -> None:
        super().__init__(module.__name__)
        self._module = module
        self.float32 = float64

    def __getattr__(self, name: str) -> object:
        return getattr(self._module, name)


def _modules() -> list[types.ModuleType]:
    return [importlib.import_module(f"diffusers.schedulers.scheduling_{name}") for name in SCHEDULER_MODULES]


@contextlib.contextmanager
def injected_noise(draw: Callable[[int], torch.Tensor]) -> Iterator[None]:
    """Makes the schedulers take `draw(k)` as their k-th random normal tensor, k = 0, 1, … ."""
    count = iter(range(1_000_000))

    def randn_tensor(shape, generator=None, device=None, dtype=None, layout=None):
        return draw(next(count)).to(dtype)

    with contextlib.ExitStack() as stack:
        for module in _modules():
            if hasattr(module, "randn_tensor"):
                stack.callback(setattr, module, "randn_tensor", module.randn_tensor)
                module.randn_tensor = randn_tensor
        yield


@contextlib.contextmanager
def double_precision() -> Iterator[None]:
    """Schedulers made and used inside compute in float64 throughout."""
    with contextlib.ExitStack() as stack:
        stack.callback(torch.set_default_dtype, torch.get_default_dtype())
        torch.set_default_dtype(torch.float64)
        for module in _modules():
            stack.callback(setattr, module, "torch", torch)
            module.torch = _Widened(torch, torch.float64)
            if hasattr(module, "np"):
                stack.callback(setattr, module, "np", np)
                module.np = _Widened(np, np.float64)
        yield
