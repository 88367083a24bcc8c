"""The table of rules by which torch's functions become ONNX, and what the rules share."""

from collections.abc import Callable

from torch import Tensor

from export.tracing import Emitter, Shape, Size, Value

EMITTERS: dict[str, Emitter] = {}


def rule(*names: str) -> Callable[[Emitter], Emitter]:
    def register(emitter: Emitter) -> Emitter:
        EMITTERS.update(dict.fromkeys(names, emitter))
        return emitter

    return register


def joint(*shapes: Shape) -> Shape:
    """The sizes of shapes broadcast against each other."""
    rank = max(map(len, shapes))
    columns = zip(*((1,) * (rank - len(shape)) + tuple(shape) for shape in shapes), strict=True)
    return tuple(next((s for s in column if isinstance(s, Size)), max(column)) for column in columns)


def name_of(size: int) -> str | None:
    """What a free size is called in the graph; None for a fixed one."""
    return size.name if isinstance(size, Size) else None


def sizes_of(x: Value | Tensor | float) -> Shape:
    return x.sizes if isinstance(x, Value) else tuple(x.shape) if isinstance(x, Tensor) else ()
