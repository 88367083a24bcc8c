"""Rules for functions that compute: opset 20, and com.microsoft's MultiHeadAttention.

The forms are those that ONNX Runtime's WebGPU provider runs well: `Gemm(transB=1)` on flattened tokens, group norm by
InstanceNormalization, int64 for shapes alone. Each rule takes the trace, torch's function and its arguments.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from export.reshaping import reshape
from export.rules import joint, rule, sizes_of
from export.tracing import ONNX_TYPES, Size, Tracing, Value


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
    return t.emit(
        t.on_meta(torch.nn.functional.embedding, ids, weight), "Gather", [weight.label, ids.label], sizes, axis=0
    )


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
    return t.measured(
        t.on_meta(func, x, kernel_size), "AveragePool", [x.label], x.sizes, kernel_shape=sides, strides=sides
    )


@rule("interpolate")
def interpolate(
    t: Tracing,
    func: Callable,
    x: Value,
    size: object = None,
    scale_factor: float = 1.0,
    mode: str = "nearest",
    **_: object,
) -> Value:
    if size is not None or mode != "nearest":
        raise NotImplementedError(f"want nearest neighbours by a factor, got {mode} to size {size}")
    scales = t.graph.constant(np.array([1, 1, scale_factor, scale_factor], np.float32))
    meta = t.on_meta(func, x, scale_factor=scale_factor, mode=mode)
    modes = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor", "mode": "nearest"}
    return t.measured(meta, "Resize", [x.label, "", scales], x.sizes, **modes)


@rule("group_norm")
def group_norm(
    t: Tracing, func: Callable, x: Value, num_groups: int, weight: Value | None, bias: Value | None, eps: float
) -> Value:
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
def layer_norm(
    t: Tracing, func: Callable, x: Value, normalized_shape: Sequence[int], weight: Value, bias: Value, eps: float
) -> Value:
    operands = [x.label, weight.label, *([] if bias is None else [bias.label])]
    return t.emit(
        x.as_subclass(Tensor), "LayerNormalization", operands, x.sizes, axis=-len(normalized_shape), epsilon=eps
    )


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
    # In this order: cast before it is squeezed, a length that is fixed at load is taken for an int64 by ONNX Runtime.
    length = t.graph.node("Cast", [t.graph.node("Squeeze", [end.name])], to=ONNX_TYPES[dtype])
    zero, one = (t.operand(number, dtype) for number in (0.0, 1.0))
    return t.emit(torch.empty(int(end), dtype=dtype, device="meta"), "Range", [zero, length, one], (end,))


@rule("multi_head_attention")
def multi_head_attention(t: Tracing, func: Callable, q: Value, k: Value, v: Value, heads: int) -> Value:
    operands, domain = [q.label, k.label, v.label], "com.microsoft"
    return t.emit(q.as_subclass(Tensor), "MultiHeadAttention", operands, q.sizes, domain=domain, num_heads=heads)
