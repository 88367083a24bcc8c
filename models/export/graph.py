"""Traces a network into an ONNX file without weights."""

import onnx_ir as ir
import onnxscript.optimizer
import torch

from export.network import Network, Port

LOCATION = "weights"


def weightless(network: Network) -> bytes:
    """The ONNX file: each parameter an external initializer under its checkpoint name, at `weights`, with no range."""
    with torch.no_grad():
        program = torch.onnx.export(
            network.module,
            tuple(port.example for port in network.inputs),
            dynamo=True,
            optimize=False,
            verbose=False,
            opset_version=20,
            input_names=[port.name for port in network.inputs],
            output_names=[port.name for port in network.outputs],
            dynamic_shapes=(network.dynamic_shapes,),
        )
    model = program.model
    parameters = _set_aside(model, network)
    onnxscript.optimizer.optimize_ir(model, input_size_limit=1024, output_size_limit=1024)
    _bring_back(model, parameters)
    _check(model, parameters)
    return _stripped(model, network)


def _set_aside(model: ir.Model, network: Network) -> dict[str, ir.Value]:
    """Turns parameters into graph inputs, which no optimisation can look into, under the checkpoint's names."""
    parameters = {}
    for name, checkpoint_name in network.parameters.items():
        value = model.graph.initializers.pop(name)
        value.const_value = None
        value.name = checkpoint_name
        model.graph.inputs.append(value)
        parameters[checkpoint_name] = value
    others = [name for name, value in model.graph.initializers.items() if name.startswith("network.") and value.uses()]
    if others:
        raise AssertionError(f"the graph uses weights that are no parameters of the checkpoint: {', '.join(others)}")
    return parameters


def _bring_back(model: ir.Model, parameters: dict[str, ir.Value]) -> None:
    for name, value in parameters.items():
        if value.name != name:
            raise AssertionError(f"{name} became {value.name}: a parameter must keep its name")
        model.graph.inputs.remove(value)
        value.const_value = ir.ExternalTensor(LOCATION, 0, 0, value.dtype, shape=value.shape, name=name, base_dir=".")
        model.graph.initializers[name] = value


def _check(model: ir.Model, parameters: dict[str, ir.Value]) -> None:
    """No parameter may be unused, transposed or cast: ONNX Runtime would keep a second copy of it."""
    for name, value in parameters.items():
        users = [node.op_type for node, _ in value.uses()]
        if not users:
            raise AssertionError(f"{name} is lost in the graph")
        if {"Transpose", "Cast"} & set(users):
            raise AssertionError(f"{name} is copied at load by {', '.join(users)}")


def _stripped(model: ir.Model, network: Network) -> bytes:
    """Serialised without names of nodes, documentation, export metadata and inferred types."""
    proto = ir.serde.serialize_model(model)
    for node in proto.graph.node:
        del node.metadata_props[:]
        node.ClearField("doc_string")
        node.ClearField("name")
    for tensor in proto.graph.initializer:
        tensor.ClearField("doc_string")
        del tensor.metadata_props[:]
        if tensor.external_data:
            del tensor.external_data[:]
            tensor.external_data.add(key="location", value=LOCATION)
    for values, ports in ((proto.graph.input, network.inputs), (proto.graph.output, network.outputs)):
        for value, port in zip(values, ports, strict=True):
            _name_dims(value, port)
    for holder in (proto, proto.graph):
        holder.ClearField("doc_string")
        del holder.metadata_props[:]
    del proto.graph.value_info[:]
    proto.graph.name = "main"
    proto.producer_name = "afterimage"
    proto.ClearField("producer_version")
    return proto.SerializeToString(deterministic=True)


def _name_dims(value: object, port: Port) -> None:
    if value.name != port.name:
        raise AssertionError(f"want {port.name}, got {value.name}")
    value.ClearField("doc_string")
    del value.metadata_props[:]
    shape = value.type.tensor_type.shape
    del shape.dim[:]
    for dim in port.dims:
        shape.dim.add(**{"dim_param" if isinstance(dim, str) else "dim_value": dim})
