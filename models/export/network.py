"""What a network is to the exporter: a module without memory, its parameters' names, its inputs and outputs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from export.operators import emit_fused_operators

SCALING = {"scaling_factor", "shift_factor", "latents_mean", "latents_std"}
OUTSIDE = SCALING | {"sample_size", "dropout", "attention_dropout", "force_upcast"}


@dataclass(frozen=True)
class Port:
    """One input or output of a graph: its name and the names of its dimensions (a number where the size is fixed)."""

    name: str
    dims: tuple[str | int, ...]


@dataclass(frozen=True)
class Input(Port):
    """An input and its dtype."""

    dtype: torch.dtype = torch.float32


@dataclass(frozen=True)
class Network:
    """What `export.graph` traces.

    `parameters` maps the traced module's parameter names to the checkpoint's, for those that the graph must use.
    `config` is what the graph bakes in of the network's configuration, defaults included.
    """

    module: nn.Module
    parameters: dict[str, str]
    config: dict
    inputs: tuple[Input, ...]
    outputs: tuple[Port, ...]


class Traced(nn.Module):
    """A network and the function of it that becomes the graph; its outputs are always float32."""

    def __init__(self, network: nn.Module, call: Callable[..., tuple[Tensor, ...]]) -> None:
        super().__init__()
        self.network = network
        self.call = call

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return tuple(output.float() for output in self.call(self.network, *inputs))


def read_config(folder: Path) -> dict:
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))


def named(network: nn.Module, prefix: str = "", parts: tuple[str, ...] = ("",)) -> dict[str, str]:
    """The parameters whose names begin with one of the parts, each with its name in the checkpoint."""
    return {f"network.{name}": prefix + name for name, _ in network.named_parameters() if name.startswith(parts)}


def baked(module: nn.Module) -> dict:
    """The configuration without what leaves the graph as it is."""
    return {k: v for k, v in module.config.items() if not k.startswith("_") and k not in OUTSIDE and v is not None}


def on_meta(make: Callable[[], nn.Module]) -> nn.Module:
    """The module with parameters that have names and shapes, and no memory at all."""
    with torch.device("meta"):
        return make()


def built(make: Callable[[], nn.Module], dtype: torch.dtype) -> nn.Module:
    """The same in a dtype, ready to be traced."""
    module = on_meta(make).to(dtype).eval()
    emit_fused_operators(module)
    return module
