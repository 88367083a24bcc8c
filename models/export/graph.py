"""Writes a network as an ONNX file without weights."""

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

import export.emitters  # noqa: F401 -- fills the table of rules
from export.network import Network, Port
from export.rules import EMITTERS
from export.tracing import ONNX_TYPES, Graph, Size, Tracing, Value

LOCATION = "weights"
OPSET, CONTRIBUTED_OPSET, IR_VERSION = 20, 1, 10
# Free dimensions while tracing. What comes out may not depend on them, so it is traced with both.
SIZES = (
    {"batch": 2, "tokens": 7, "height": 64, "width": 96, "picture_height": 512, "picture_width": 768},
    {"batch": 3, "tokens": 11, "height": 128, "width": 32, "picture_height": 1024, "picture_width": 256},
)


def weightless(network: Network) -> bytes:
    """The ONNX file: each parameter an external initializer under its checkpoint name, at `weights`, with no range."""
    once, again = (_traced(network, sizes) for sizes in SIZES)
    if once != again:
        raise AssertionError("the graph depends on the sizes it was traced with")
    return once


def _traced(network: Network, sizes: dict[str, int]) -> bytes:
    tracing = Tracing(EMITTERS)
    parameters = _named_values(network)
    inputs = _inputs(tracing.graph, network, sizes)
    with torch.no_grad(), tracing:
        outputs = network.module(*inputs)
    return _serialized(network, tracing.graph, parameters, [value.label for value in outputs])


def _named_values(network: Network) -> dict[str, torch.Tensor]:
    """Puts a value under its checkpoint's name in place of each parameter; returns the parameters by those names."""
    parameters = {}
    for path, module in network.module.named_modules():
        for key, parameter in module._parameters.items():
            name = network.parameters.get(f"{path}.{key}")
            if parameter is not None:
                bare = parameter.detach().as_subclass(torch.Tensor)
                module._parameters[key] = Value.of(name or f"({path}.{key})", bare, bare.shape)
            if name is not None:
                parameters[name] = parameter
    return parameters


def _inputs(graph: Graph, network: Network, sizes: dict[str, int]) -> list[Value]:
    """A free dimension is read off the first input that has it."""
    free: dict[str, Size] = {}
    values = []
    for port in network.inputs:
        for axis, dim in enumerate(port.dims):
            if isinstance(dim, str) and dim not in free:
                free[dim] = graph.size_of(port.name, axis, sizes[dim])
        shape = [free[dim] if isinstance(dim, str) else dim for dim in port.dims]
        values.append(Value.of(port.name, torch.empty([int(s) for s in shape], dtype=port.dtype, device="meta"), shape))
    return values


def _serialized(network: Network, graph: Graph, parameters: dict[str, torch.Tensor], outputs: list[str]) -> bytes:
    nodes = _used(graph.nodes, outputs)
    _check(nodes, parameters)
    names = _short_names(nodes, graph, {label: port.name for label, port in zip(outputs, network.outputs, strict=True)})
    for node in nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    constants = {names[name]: array for name, array in graph.constants.values() if name in names}
    proto = helper.make_graph(
        nodes,
        "main",
        [_declared(port, ONNX_TYPES[port.dtype]) for port in network.inputs],
        [_declared(port, TensorProto.FLOAT) for port in network.outputs],
        [
            *(_external(name, parameter) for name, parameter in parameters.items()),
            *(numpy_helper.from_array(array, name) for name, array in constants.items()),
        ],
    )
    opsets = [helper.make_opsetid("", OPSET)]
    if any(node.domain for node in nodes):
        opsets.append(helper.make_opsetid("com.microsoft", CONTRIBUTED_OPSET))
    model = helper.make_model(proto, opset_imports=opsets, ir_version=IR_VERSION, producer_name="afterimage")
    return model.SerializeToString(deterministic=True)


def _used(nodes: list[onnx.NodeProto], outputs: list[str]) -> list[onnx.NodeProto]:
    """The nodes that an output depends on."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted & set(node.output):
            wanted |= set(node.input)
            kept.append(node)
    return kept[::-1]


def _check(nodes: list[onnx.NodeProto], parameters: dict[str, torch.Tensor]) -> None:
    """No parameter may be unused, transposed or cast: ONNX Runtime would keep a second copy of it."""
    users: dict[str, set[str]] = {}
    for node in nodes:
        for name in node.input:
            users.setdefault(name, set()).add(node.op_type)
    for name in parameters:
        if name not in users:
            raise AssertionError(f"{name} is lost in the graph")
        if {"Transpose", "Cast", "MatMul"} & users[name]:
            raise AssertionError(f"{name} is copied at load by {', '.join(sorted(users[name]))}")
    others = [name for name in users if name.startswith("(")]
    if others:
        raise AssertionError(f"the graph uses weights that are no parameters of the checkpoint: {', '.join(others)}")


def _short_names(nodes: list[onnx.NodeProto], graph: Graph, outputs: dict[str, str]) -> dict[str, str]:
    """Outputs by their ports, all else that the graph computes or holds by number."""
    inner = [name for node in nodes for name in node.output]
    used = {name for node in nodes for name in node.input}
    held = [name for name, _ in graph.constants.values() if name in used]
    if missing := set(outputs) - set(inner):
        raise AssertionError(f"outputs that the graph does not compute: {', '.join(sorted(missing))}")
    return {name: str(number) for number, name in enumerate([*held, *inner])} | outputs


def _external(name: str, parameter: torch.Tensor) -> TensorProto:
    tensor = TensorProto(name=name, data_type=ONNX_TYPES[parameter.dtype], dims=parameter.shape)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=LOCATION)
    return tensor


def _declared(port: Port, element: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(port.name, element, list(port.dims))
