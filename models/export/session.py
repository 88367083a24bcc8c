"""Runs a weightless graph natively over a checkpoint's own file: the app's loader, in Python, to check the graphs."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from safetensors.torch import load_file

from export.checkpoint import read_header

DTYPES = {"F16": onnx.TensorProto.FLOAT16, "F32": onnx.TensorProto.FLOAT, "BF16": onnx.TensorProto.BFLOAT16}
WANTED = {onnx.TensorProto.FLOAT: np.float32, onnx.TensorProto.FLOAT16: np.float16}


def patch(graph: bytes, weights: Path, folder: Path) -> bytes:
    """The graph with each parameter's byte range in a copy of the file in `folder`; other dtypes are converted."""
    model = onnx.load_from_string(graph)
    header, base = read_header(weights)
    shutil.copyfile(weights, folder / "weights")
    values = load_file(weights)
    with (folder / "converted").open("wb") as converted:
        for tensor in model.graph.initializer:
            if tensor.data_location != onnx.TensorProto.EXTERNAL:
                continue
            entry = header[tensor.name]
            if tuple(entry["shape"]) != tuple(tensor.dims):
                raise ValueError(f"{tensor.name}: the graph wants {list(tensor.dims)}, the file has {entry['shape']}")
            start, end = entry["data_offsets"]
            location, offset, length = "weights", base + start, end - start
            if DTYPES[entry["dtype"]] != tensor.data_type:
                data = values[tensor.name].float().numpy().astype(WANTED[tensor.data_type]).tobytes()
                location, offset, length = "converted", converted.tell(), len(data)
                converted.write(data)
            del tensor.external_data[:]
            for key, value in (("location", location), ("offset", offset), ("length", length)):
                tensor.external_data.add(key=key, value=str(value))
    return model.SerializeToString()


def run(graph: bytes, weights: Path, inputs: dict[str, np.ndarray], fixed: bool = False) -> dict[str, np.ndarray]:
    """The graph's outputs by name, for the inputs, on onnxruntime's CPU provider with one thread.

    `fixed` tells the session before it opens how large the free dimensions will be, as the app does.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    if fixed:
        for port in onnx.load_from_string(graph).graph.input:
            for dim, size in zip(port.type.tensor_type.shape.dim, inputs[port.name].shape, strict=True):
                if dim.dim_param:
                    options.add_free_dimension_override_by_name(dim.dim_param, size)
    with tempfile.TemporaryDirectory() as name:
        model = Path(name) / "model.onnx"
        model.write_bytes(patch(graph, weights, model.parent))
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, inputs), strict=True))
