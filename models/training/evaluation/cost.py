"""What a model costs: parameters from its files, floating-point operations from the graphs that the app runs."""

import json
import math
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from export.checkpoint import read_header
from export.session import patch
from training.evaluation.sampling import STUDENT, Model

NETWORKS = ("text_encoder", "unet", STUDENT, "vae_decoder", "vae_encoder", "prompt_match")


def measure(model: Model) -> dict:
    """Parameters by weights file, gigaFLOP of one call of each network on one picture, size of the folder."""
    graphs = [name for name in NETWORKS if name != STUDENT and model.has(name)]
    inputs = example_inputs(model)
    size = sum(path.stat().st_size for path in model.folder.rglob("*") if path.is_file())
    return {
        "parameters": {path.parent.name: parameters(path) for path in sorted(model.folder.glob("*/*.safetensors"))},
        "gigaFlops": {name: round(flops(model, name, inputs[name]) / 1e9, 4) for name in graphs},
        "folderMiB": round(size / 2**20, 2),
    }


def parameters(weights: Path) -> int:
    """Numbers in a safetensors file."""
    return sum(math.prod(entry["shape"]) for entry in read_header(weights)[0].values())


def example_inputs(model: Model) -> dict[str, list[np.ndarray]]:
    """Inputs of each network for one picture of the model's own size, with a text of full length."""
    channels, height, width = model.latent_shape()
    latent = np.zeros((1, channels, height, width), np.float32)
    text = model.config("text_encoder")
    states = np.zeros((1, text["max_position_embeddings"], text["hidden_size"]), np.float32)
    picture = np.zeros(model.run("vae_decoder", latent).shape, np.float32)
    return {
        "text_encoder": [np.zeros(states.shape[:2], np.int32)],
        "unet": [latent, np.zeros(1, np.float32), states],
        "vae_decoder": [latent],
        "vae_encoder": [picture],
        "prompt_match": [picture, states, np.ones(1, np.int32)],
    }


def flops(model: Model, network: str, inputs: list[np.ndarray]) -> int:
    """Twice the multiply-adds of a graph's convolutions, matrix products and attention, by the shapes of a real run."""
    graph = onnx.load(model.graph(network), load_external_data=False)
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.graph.initializer}
    wanted = [name for node in graph.graph.node if node.op_type in COUNTED for name in (*node.input, *node.output)]
    outputs = {port.name for port in graph.graph.output}
    fed = {port.name for port in graph.graph.input}
    asked = [name for name in dict.fromkeys(wanted) if name and name not in shapes and name not in fed]
    graph.graph.output.extend(onnx.ValueInfoProto(name=name) for name in asked if name not in outputs)
    shapes |= _shapes_of_run(graph.SerializeToString(), model.weights(network), inputs, asked)
    return sum(2 * COUNTED[node.op_type](node, shapes) for node in graph.graph.node if node.op_type in COUNTED)


def _shapes_of_run(graph: bytes, weights: Path, inputs: list[np.ndarray], asked: list[str]) -> dict[str, tuple]:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "model.onnx"
        path.write_bytes(patch(graph, weights, path.parent))
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        ports = [port.name for port in session.get_inputs()]
        fed = dict(zip(ports, inputs, strict=True))
        values = session.run(asked, fed)
    return {**{k: v.shape for k, v in fed.items()}, **{k: v.shape for k, v in zip(asked, values, strict=True)}}


def _convolution(node: onnx.NodeProto, shapes: dict) -> int:
    return math.prod(shapes[node.output[0]]) * math.prod(shapes[node.input[1]][1:])


def _transposed(node: onnx.NodeProto, shapes: dict) -> int:
    return math.prod(shapes[node.input[0]]) * math.prod(shapes[node.input[1]][1:])


def _product(node: onnx.NodeProto, shapes: dict) -> int:
    return math.prod(shapes[node.output[0]]) * shapes[node.input[0]][-1]


def _attention(node: onnx.NodeProto, shapes: dict) -> int:
    """Scores and weighted sum: queries [b, n, c] with keys and values [b, m, c]."""
    return 2 * math.prod(shapes[node.input[0]]) * shapes[node.input[1]][1]


COUNTED = {
    "Conv": _convolution, "ConvTranspose": _transposed, "Gemm": _product, "MatMul": _product,
    "MultiHeadAttention": _attention,
}  # fmt: skip


def seconds_per_picture(bench: Path) -> dict:
    """What `npm run -s bench -- --only node --json` measured, from the file that its output was written to."""
    report = json.loads(bench.read_text(encoding="utf-8"))["runs"]["node"]
    machine = report["machine"]
    return {
        "secondsPerPicture": round(report["medianMs"]["picture"] / 1000, 3),
        "machine": f"{machine['cpu']}, {machine['threads']} threads, WebAssembly",
    }
