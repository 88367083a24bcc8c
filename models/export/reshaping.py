"""Rules for functions that move values and compute none."""

from collections.abc import Callable, Sequence

import numpy as np
from torch import Tensor

from export.rules import joint, name_of, rule
from export.tracing import Size, Tracing, Value


@rule("reshape", "view")
def reshape(t: Tracing, func: Callable, x: Value, *shape: int | Sequence[int]) -> Value:
    wanted = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape
    meta = t.on_meta(Tensor.reshape, x, wanted)
    kept = [
        name_of(s) is not None and [name_of(s)] == [name_of(old) for old in x.sizes[i : i + 1]]
        for i, s in enumerate(wanted)
    ]
    asked: list[int] = [0 if k else s for k, s in zip(kept, wanted, strict=True)]
    free = [i for i, s in enumerate(asked) if isinstance(s, Size)]
    if len(free) == 1 and -1 not in wanted:
        asked[free[0]] = -1
    name = t.graph.node("Reshape", [x.label, t.graph.sizes(asked)])
    # What -1 stands for is free unless every free size of x is still there by name.
    left = {name_of(s) for s in x.sizes} - {name_of(s) for s in wanted} - {None}
    sizes = [
        s if s != -1 else t.graph.size_of(name, i, meta.shape[i]) if left else meta.shape[i]
        for i, s in enumerate(wanted)
    ]
    return Value.of(name, meta, sizes)


@rule("flatten")
def flatten(t: Tracing, func: Callable, x: Value, start_dim: int = 0, end_dim: int = -1) -> Value:
    end = end_dim % len(x.sizes) + 1
    joined = 1
    for size in x.sizes[start_dim:end]:
        joined = size if joined == 1 else joined * size
    return reshape(t, func, x, (*x.sizes[:start_dim], joined, *x.sizes[end:]))


@rule("permute")
def permute(t: Tracing, func: Callable, x: Value, *axes: int | Sequence[int]) -> Value:
    order = tuple(axes[0]) if len(axes) == 1 else axes
    return t.emit(t.on_meta(Tensor.permute, x, order), "Transpose", [x.label], [x.sizes[a] for a in order], perm=order)


@rule("transpose")
def transpose(t: Tracing, func: Callable, x: Value, first: int, second: int) -> Value:
    order = list(range(len(x.sizes)))
    order[first], order[second] = order[second], order[first]
    return permute(t, func, x, order)


@rule("unsqueeze")
def unsqueeze(t: Tracing, func: Callable, x: Value, dim: int) -> Value:
    axis = dim % (len(x.sizes) + 1)
    sizes = (*x.sizes[:axis], 1, *x.sizes[axis:])
    return t.emit(t.on_meta(Tensor.unsqueeze, x, axis), "Unsqueeze", [x.label, t.graph.ints([axis])], sizes)


@rule("__getitem__")
def getitem(t: Tracing, func: Callable, x: Value, index: object) -> Value:
    """Slices of step 1, single places and new axes."""
    axis = 0
    for item in index if isinstance(index, tuple) else (index,):
        if item is None:
            x = unsqueeze(t, func, x, axis)
        elif isinstance(item, slice):
            x = x if item == slice(None) else cut(t, x, axis, item)
        elif type(item) is int:
            meta, place = t.on_meta(Tensor.select, x, axis, item), t.graph.constant(np.array(item, np.int64))
            x = t.emit(meta, "Gather", [x.label, place], (*x.sizes[:axis], *x.sizes[axis + 1 :]), axis=axis)
            continue
        else:
            raise NotImplementedError(f"want slices, single places and new axes, got {item!r}")
        axis += 1
    return x


def cut(t: Tracing, x: Value, axis: int, piece: slice) -> Value:
    start, stop = piece.start or 0, x.sizes[axis] if piece.stop is None else piece.stop
    meta = t.on_meta(Tensor.__getitem__, x, (*(slice(None),) * axis, slice(start, stop)))
    bounds = [t.graph.sizes([start]), t.graph.sizes([stop]), t.graph.ints([axis])]
    free = isinstance(stop, Size) or isinstance(start, Size)
    length = stop if free and start == 0 else meta.shape[axis]
    if isinstance(x.sizes[axis], Size) and not free and stop < 0:
        raise NotImplementedError("a free axis is cut from its start alone")
    return t.emit(meta, "Slice", [x.label, *bounds], (*x.sizes[:axis], length, *x.sizes[axis + 1 :]))


@rule("cat", "concat")
def cat(t: Tracing, func: Callable, tensors: Sequence[Value], dim: int = 0) -> Value:
    meta = t.on_meta(func, tensors, dim)
    axis = dim % meta.dim()
    like = list(joint(*(s.sizes for s in tensors)))
    if not any(isinstance(s.sizes[axis], Size) for s in tensors):
        like[axis] = meta.shape[axis]
    return t.measured(meta, "Concat", [t.operand(s, meta.dtype) for s in tensors], like, axis=axis)


@rule("chunk")
def chunk(t: Tracing, func: Callable, x: Value, chunks: int, dim: int = 0) -> tuple[Value, ...]:
    axis = dim % len(x.sizes)
    if isinstance(x.sizes[axis], Size) or x.sizes[axis] % chunks:
        raise NotImplementedError(f"want equal chunks of a fixed size, got {chunks} of {x.sizes[axis]}")
    sizes = (*x.sizes[:axis], x.sizes[axis] // chunks, *x.sizes[axis + 1 :])
    names = t.graph.node_of_many("Split", [x.label], chunks, axis=axis, num_outputs=chunks)
    return tuple(Value.of(n, m, sizes) for n, m in zip(names, t.on_meta(func, x, chunks, dim), strict=True))


@rule("expand")
def expand(t: Tracing, func: Callable, x: Value, *sizes: int) -> Value:
    if list(map(name_of, sizes)) != list(map(name_of, x.sizes)) or any(
        a != b for a, b in zip(sizes, x.sizes, strict=True)
    ):
        raise NotImplementedError(f"want sizes that are {list(x.sizes)} already, got {list(sizes)}")
    return x


@rule("pad")
def pad(
    t: Tracing, func: Callable, x: Value, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Value:
    """torch names the last axis first, each with what goes before and after; zeros."""
    if mode != "constant" or value:
        raise NotImplementedError(f"want padding by zeros, got {mode} {value}")
    before, after = ([0] * (len(x.sizes) - len(pad) // 2) + list(pad[side::2])[::-1] for side in (0, 1))
    return t.measured(t.on_meta(func, x, pad), "Pad", [x.label, t.graph.ints([*before, *after])], x.sizes)
