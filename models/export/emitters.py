"""How each function of torch becomes ONNX: opset 20 and com.microsoft's MultiHeadAttention.

Each rule takes the trace, torch's function and its arguments. The forms are those that ONNX Runtime's WebGPU provider runs
well: `Gemm(transB=1)` on flattened tokens, group norm by InstanceNormalization, int64 for shapes alone.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from export.tracing import ONNX_TYPES, Emitter, Shape, Size, Tracing, Value

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


def binary(operator: str, *names: str, swapped: bool = False, identity: float | None = None) -> None:
    def emitter(t: Tracing, func: Callable, a: Value, b: Value | float, **_: object) -> Value:
        if isinstance(b, int | float) and b == identity:
            return a
        meta = t.on_meta(func, a, b)
        operands = [t.operand(x, meta.dtype) for x in ((b, a) if swapped else (a, b))]
        return t.emit(meta, operator, operands, joint(sizes_of(a), sizes_of(b)))

    rule(*names)(emitter)


def unary(operator: str, *names: str) -> None:
    def emitter(t: Tracing, func: Callable, x: Value, *_: object, **__: object) -> Value:
        return t.emit(x.as_subclass(Tensor), operator, [x.label], x.sizes)

    rule(*names)(emitter)


binary("Add", "add", "__add__", "__radd__", identity=0)
binary("Mul", "mul", "__mul__", "__rmul__", identity=1)
binary("Sub", "sub", "__sub__")
binary("Sub", "__rsub__", "rsub", swapped=True)
binary("Div", "div", "__truediv__", "true_divide", identity=1)
for _name in ("Sin", "Cos", "Exp", "Sqrt", "Abs", "Sigmoid", "Tanh", "Relu"):
    unary(_name, _name.lower())


@rule("silu")
def silu(t: Tracing, func: Callable, x: Value, inplace: bool = False) -> Value:
    return t.emit(x.as_subclass(Tensor), "Mul", [x.label, t.graph.node("Sigmoid", [x.label])], x.sizes)


@rule("gelu")
def gelu(t: Tracing, func: Callable, x: Value, approximate: str = "none") -> Value:
    return t.emit(x.as_subclass(Tensor), "Gelu", [x.label], x.sizes, approximate=approximate)


@rule("softmax")
def softmax(t: Tracing, func: Callable, x: Value, dim: int) -> Value:
    return t.emit(x.as_subclass(Tensor), "Softmax", [x.label], x.sizes, axis=dim)


@rule("clamp")
def clamp(t: Tracing, func: Callable, x: Value, min: float | None = None, max: float | None = None) -> Value:
    bounds = ["" if bound is None else t.operand(bound, x.dtype) for bound in (min, max)]
    return t.emit(x.as_subclass(Tensor), "Clip", [x.label, *(bounds if bounds[1] else bounds[:1])], x.sizes)


@rule("contiguous", "dropout", "detach", "clone")
def same(t: Tracing, func: Callable, x: Value, *_: object, **__: object) -> Value:
    return x


@rule("to", "float", "type")
def cast(t: Tracing, func: Callable, x: Value, *args: object, **kwargs: object) -> Value:
    named = [a for a in (*args, *kwargs.values()) if isinstance(a, torch.dtype)]
    dtype = torch.float32 if func.__name__ == "float" else named[0] if named else x.dtype
    return x if dtype == x.dtype else Value.of(t.operand(x, dtype), t.on_meta(Tensor.to, x, dtype), x.sizes)


@rule("reshape", "view")
def reshape(t: Tracing, func: Callable, x: Value, *shape: int | Sequence[int]) -> Value:
    wanted = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape
    meta = t.on_meta(Tensor.reshape, x, wanted)
    kept = [name_of(s) is not None and [name_of(s)] == [name_of(old) for old in x.sizes[i : i + 1]] for i, s in enumerate(wanted)]
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


@rule("expand")
def expand(t: Tracing, func: Callable, x: Value, *sizes: int) -> Value:
    if list(map(name_of, sizes)) != list(map(name_of, x.sizes)) or any(a != b for a, b in zip(sizes, x.sizes, strict=True)):
        raise NotImplementedError(f"want sizes that are {list(x.sizes)} already, got {list(sizes)}")
    return x


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


@rule("matmul", "__matmul__")
def matmul(t: Tracing, func: Callable, a: Value, b: Value) -> Value:
    sizes = (*joint(a.sizes[:-2], b.sizes[:-2]), a.sizes[-2], b.sizes[-1])
    return t.emit(t.on_meta(torch.matmul, a, b), "MatMul", [a.label, b.label], sizes)


@rule("linear")
def linear(t: Tracing, func: Callable, x: Value, weight: Value, bias: Value | None = None) -> Value:
    """The weight stays [out, in] as in the checkpoint; a `Transpose` of it would be kept beside the original."""
    rows = x if len(x.sizes) == 2 else reshape(t, func, x, (-1, x.sizes[-1]))
    operands = [rows.label, weight.label, *([] if bias is None else [bias.label])]
    meta = t.on_meta(func, rows, weight, bias)
    y = t.emit(meta, "Gemm", operands, (rows.sizes[0], weight.sizes[0]), transB=1)
    return y if len(x.sizes) == 2 else reshape(t, func, y, (*x.sizes[:-1], weight.sizes[0]))


@rule("embedding")
def embedding(t: Tracing, func: Callable, ids: Value, weight: Value, *_: object, **__: object) -> Value:
    sizes = (*ids.sizes, weight.sizes[1])
    return t.emit(t.on_meta(torch.nn.functional.embedding, ids, weight), "Gather", [weight.label, ids.label], sizes, axis=0)


@rule("conv2d")
def conv2d(
    t: Tracing, func: Callable, x: Value, weight: Value, bias: Value | None = None,
    stride: Sequence[int] = (1, 1), padding: Sequence[int] = (0, 0), dilation: Sequence[int] = (1, 1), groups: int = 1,
) -> Value:  # fmt: skip
    meta = t.on_meta(func, x, weight, bias, stride, padding, dilation, groups)
    if isinstance(padding, str) or len(set(map(len, (stride, padding, dilation)))) > 1:
        raise NotImplementedError(f"want stride, padding and dilation in numbers, got {stride}, {padding}, {dilation}")
    operands = [x.label, weight.label, *([] if bias is None else [bias.label])]
    sizes = (x.sizes[0], meta.shape[1], *x.sizes[2:])
    return t.measured(
        meta, "Conv", operands, sizes, kernel_shape=weight.sizes[2:], strides=stride, pads=[*padding, *padding],
        dilations=dilation, group=groups,
    )  # fmt: skip


@rule("avg_pool2d")
def avg_pool2d(t: Tracing, func: Callable, x: Value, kernel_size: int) -> Value:
    sides = [kernel_size, kernel_size]
    return t.measured(t.on_meta(func, x, kernel_size), "AveragePool", [x.label], x.sizes, kernel_shape=sides, strides=sides)


@rule("interpolate")
def interpolate(t: Tracing, func: Callable, x: Value, size: object = None, scale_factor: float = 1.0, mode: str = "nearest", **_: object) -> Value:
    if size is not None or mode != "nearest":
        raise NotImplementedError(f"want nearest neighbours by a factor, got {mode} to size {size}")
    scales = t.graph.constant(np.array([1, 1, scale_factor, scale_factor], np.float32))
    meta = t.on_meta(func, x, scale_factor=scale_factor, mode=mode)
    modes = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor", "mode": "nearest"}
    return t.measured(meta, "Resize", [x.label, "", scales], x.sizes, **modes)


@rule("pad")
def pad(t: Tracing, func: Callable, x: Value, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Value:
    """torch names the last axis first, each with what goes before and after; zeros."""
    if mode != "constant" or value:
        raise NotImplementedError(f"want padding by zeros, got {mode} {value}")
    before, after = ([0] * (len(x.sizes) - len(pad) // 2) + list(pad[side::2])[::-1] for side in (0, 1))
    return t.measured(t.on_meta(func, x, pad), "Pad", [x.label, t.graph.ints([*before, *after])], x.sizes)


@rule("group_norm")
def group_norm(t: Tracing, func: Callable, x: Value, num_groups: int, weight: Value | None, bias: Value | None, eps: float) -> Value:
    """Reshape, InstanceNormalization, Reshape, Mul, Add: 4 kernels on WebGPU, where GroupNormalization takes 14."""
    flat = reshape(t, func, x, (x.sizes[0], num_groups, -1))
    units = [t.operand(torch.full((num_groups,), fill), x.dtype) for fill in (1.0, 0.0)]
    normed = t.emit(flat.as_subclass(Tensor), "InstanceNormalization", [flat.label, *units], flat.sizes, epsilon=eps)
    y = reshape(t, func, normed, x.sizes)
    for operator, parameter in (("Mul", weight), ("Add", bias)):
        column = t.graph.node("Unsqueeze", [parameter.label, t.graph.ints(range(1, len(x.sizes) - 1))])
        y = t.emit(y.as_subclass(Tensor), operator, [y.label, column], x.sizes)
    return y


@rule("layer_norm")
def layer_norm(t: Tracing, func: Callable, x: Value, normalized_shape: Sequence[int], weight: Value, bias: Value, eps: float) -> Value:
    operands = [x.label, weight.label, *([] if bias is None else [bias.label])]
    return t.emit(x.as_subclass(Tensor), "LayerNormalization", operands, x.sizes, axis=-len(normalized_shape), epsilon=eps)


def reduction(operator: str, name: str) -> None:
    def emitter(t: Tracing, func: Callable, x: Value, dim: int, keepdim: bool = False) -> Value:
        axis = dim % len(x.sizes)
        sizes = (*x.sizes[:axis], *([1] if keepdim else []), *x.sizes[axis + 1 :])
        meta = t.on_meta(func, x, dim, keepdim=keepdim)
        return t.emit(meta, operator, [x.label, t.graph.ints([axis])], sizes, keepdims=int(keepdim))

    rule(name)(emitter)


reduction("ReduceMean", "mean")
reduction("ReduceSum", "sum")


@rule("arange")
def arange(t: Tracing, func: Callable, end: Size, dtype: torch.dtype, device: object = None) -> Value:
    """0, 1, …, end − 1 in floats."""
    length = t.graph.node("Squeeze", [t.graph.node("Cast", [end.name], to=ONNX_TYPES[dtype])])
    zero, one = (t.operand(number, dtype) for number in (0.0, 1.0))
    return t.emit(torch.empty(int(end), dtype=dtype, device="meta"), "Range", [zero, length, one], (end,))


@rule("multi_head_attention")
def multi_head_attention(t: Tracing, func: Callable, q: Value, k: Value, v: Value, heads: int) -> Value:
    operands, domain = [q.label, k.label, v.label], "com.microsoft"
    return t.emit(q.as_subclass(Tensor), "MultiHeadAttention", operands, q.sizes, domain=domain, num_heads=heads)
