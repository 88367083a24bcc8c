"""Runs a network on values that have a shape but no numbers, and records what it does as an ONNX graph.

PyTorch's own exporter needs minutes for a U-Net of full width; this needs a second or two, since it asks only what this
family of networks asks: which operator, which shape. diffusers' and transformers' forward functions run as they are.
Each call of torch arrives at `Tracing.__torch_function__` and is written down by its rule (`export.emitters`,
`export.reshaping`); a call without a rule is refused by name.

What is free in a shape is a `Size`: an int that knows where in the graph its value comes from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper
from torch import Tensor
from torch.overrides import TorchFunctionMode

ONNX_TYPES = {
    torch.float32: TensorProto.FLOAT,
    torch.float16: TensorProto.FLOAT16,
    torch.int32: TensorProto.INT32,
    torch.int64: TensorProto.INT64,
}
# Questions that a value answers as any tensor of its shape would.
QUESTIONS = {"dim", "numel", "is_floating_point", "is_complex", "is_contiguous", "element_size", "__len__"}


class Size(int):
    """A free size of a shape: its value while tracing, and the name of the int64 [1] that holds it in the graph."""

    graph: "Graph"
    name: str

    @staticmethod
    def of(graph: "Graph", value: int, name: str) -> "Size":
        size = Size(value)
        size.graph, size.name = graph, name
        return size

    def _with(self, operator: str, value: int, left: int, right: int) -> "Size":
        return Size.of(
            self.graph, value, self.graph.node(operator, [self.graph.sizes([left]), self.graph.sizes([right])])
        )

    def __mul__(self, other: int) -> "Size":
        return self._with("Mul", int(self) * int(other), self, other)

    def __rmul__(self, other: int) -> "Size":
        return self._with("Mul", int(self) * int(other), other, self)

    def __add__(self, other: int) -> "Size":
        return self._with("Add", int(self) + int(other), self, other)

    def __floordiv__(self, other: int) -> "Size":
        return self._with("Div", int(self) // int(other), self, other)


Shape = tuple[int, ...]  # with a Size for each axis that is free


class Value(Tensor):
    """A tensor without numbers (on the meta device), its name in the graph and its shape."""

    label: str
    sizes: Shape
    __torch_function__ = torch._C._disabled_torch_function_impl  # all is up to `Tracing`

    @staticmethod
    def of(label: str, meta: Tensor, sizes: Sequence[int]) -> "Value":
        if tuple(map(int, sizes)) != tuple(meta.shape):
            raise AssertionError(f"{label}: want shape {tuple(meta.shape)}, got {tuple(map(int, sizes))}")
        value = meta.detach().as_subclass(Value)
        value.label, value.sizes = label, tuple(sizes)
        return value


@dataclass
class Graph:
    """Nodes in the order of the run. Equal nodes are one node, equal constants one constant."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[tuple, tuple[str, np.ndarray]] = field(default_factory=dict)
    known: dict[tuple, tuple[str, ...]] = field(default_factory=dict)

    def node(self, operator: str, inputs: Sequence[str], domain: str = "", **attributes: object) -> str:
        return self.node_of_many(operator, inputs, 1, domain, **attributes)[0]

    def node_of_many(
        self, operator: str, inputs: Sequence[str], outputs: int, domain: str = "", **attributes: object
    ) -> tuple[str, ...]:
        key = (domain, operator, *inputs, repr(sorted(attributes.items())))
        if key not in self.known:
            names = tuple(f"v{len(self.nodes)}.{index}" for index in range(outputs))
            self.nodes.append(helper.make_node(operator, inputs, names, domain=domain or None, **attributes))
            self.known[key] = names
        return self.known[key]

    def constant(self, array: np.ndarray) -> str:
        key = (array.dtype.str, array.shape, array.tobytes())
        return self.constants.setdefault(key, (f"c{len(self.constants)}", array))[0]

    def ints(self, values: Sequence[int]) -> str:
        return self.constant(np.array(values, np.int64))

    def sizes(self, shape: Sequence[int]) -> str:
        """An int64 [n] of n sizes, each free or not."""
        parts, fixed = [], []
        for size in shape:
            if not isinstance(size, Size):
                fixed.append(size)
                continue
            parts += [self.ints(fixed)] if fixed else []
            parts.append(size.name)
            fixed = []
        parts += [self.ints(fixed)] if fixed else []
        return parts[0] if len(parts) == 1 else self.node("Concat", parts, axis=0)

    def size_of(self, name: str, axis: int, value: int) -> Size:
        """The size of a value of the graph along an axis."""
        return Size.of(self, value, self.node("Shape", [name], start=axis, end=axis + 1))


Emitter = Callable[..., "Value | tuple[Value, ...] | tuple[int, ...] | int"]


class Tracing(TorchFunctionMode):
    """While it is entered, torch's functions of a `Value` or a `Size` are recorded; all others run as ever."""

    def __init__(self, emitters: dict[str, Emitter]) -> None:
        super().__init__()
        self.graph = Graph()
        self.emitters = emitters

    def __torch_function__(self, func: Callable, types: object, args: tuple = (), kwargs: dict | None = None) -> object:
        kwargs = kwargs or {}
        if not any(isinstance(leaf, Value | Size) for leaf in _leaves((args, kwargs))):
            return func(*args, **kwargs)
        name = func.__name__
        if name == "__get__":
            return self._attribute(func, args[0])
        if name in QUESTIONS:
            return self.on_meta(func, *args, **kwargs)
        if name == "size":
            return args[0].sizes[args[1]] if len(args) > 1 else args[0].sizes
        if name not in self.emitters:
            raise NotImplementedError(f"there is no rule yet by which torch's {name} becomes ONNX")
        return self.emitters[name](self, func, *args, **kwargs)

    def _attribute(self, func: Callable, value: Value) -> object:
        attribute = func.__self__.__name__
        if attribute == "shape":
            return value.sizes
        if attribute == "device":
            return torch.device("cpu")
        return func(value)

    def on_meta(self, func: Callable, *args: object, **kwargs: object) -> Tensor:
        """The function's result on tensors without numbers: what its shape and dtype will be."""
        return func(*(_bare(a) for a in args), **{key: _bare(a) for key, a in kwargs.items()})

    def operand(self, x: Value | Tensor | float, dtype: torch.dtype) -> str:
        """The name of a value, a constant tensor or a number, in the dtype that is wanted."""
        if isinstance(x, Value):
            return x.label if x.dtype == dtype else self.graph.node("Cast", [x.label], to=ONNX_TYPES[dtype])
        if isinstance(x, Size):
            raise NotImplementedError("arithmetic of a size and a tensor cannot be traced")
        return self.graph.constant(torch.as_tensor(x).to(dtype).numpy())

    def emit(
        self, meta: Tensor, operator: str, inputs: Sequence[str], sizes: Sequence[int], **attributes: object
    ) -> Value:
        return Value.of(self.graph.node(operator, inputs, **attributes), meta, sizes)

    def measured(
        self, meta: Tensor, operator: str, inputs: Sequence[str], like: Sequence[int], **attributes: object
    ) -> Value:
        """A node whose output has the sizes `like`, but for those that changed: free ones are read off the output."""
        name = self.graph.node(operator, inputs, **attributes)
        sizes = [
            new if not isinstance(old, Size) else old if int(old) == new else self.graph.size_of(name, axis, new)
            for axis, (old, new) in enumerate(zip(like, meta.shape, strict=True))
        ]
        return Value.of(name, meta, sizes)


def _leaves(tree: object) -> list:
    if isinstance(tree, tuple | list):
        return [leaf for branch in tree for leaf in _leaves(branch)]
    if isinstance(tree, dict):
        return _leaves(list(tree.values()))
    if isinstance(tree, slice):
        return [tree.start, tree.stop, tree.step]
    return [tree]


def _bare(tree: object) -> object:
    """The same without sizes and values of ours, constants without numbers."""
    if isinstance(tree, Tensor):
        return tree.as_subclass(Tensor).to("meta")
    if isinstance(tree, Size):
        return int(tree)
    if isinstance(tree, tuple | list):
        return type(tree)(_bare(branch) for branch in tree)
    return slice(_bare(tree.start), _bare(tree.stop), _bare(tree.step)) if isinstance(tree, slice) else tree
