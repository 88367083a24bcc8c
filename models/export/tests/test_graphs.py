"""The committed graphs of the small model: what is in them, and that they compute what PyTorch computes."""

import json

import numpy as np
import onnx
import pytest
import torch

from export.checkpoint import read_header
from export.family import parameters_digest, quiet
from export.fixtures import FIXTURES, Book, end_to_end
from export.graph import weightless
from export.networks import NETWORKS, networks_of
from export.session import run

EXPECTED = json.loads((FIXTURES / "expected.json").read_text())
DATA = (FIXTURES / "expected.bin").read_bytes()
GRAPHS = FIXTURES / "small" / "graphs"
FAMILY = json.loads((GRAPHS / "family.json").read_text())
ELEMENT = {"f32": onnx.TensorProto.FLOAT, "f16": onnx.TensorProto.FLOAT16}
SMALL = networks_of(FIXTURES / "small")
FILES = [(network, dtype) for network in SMALL for dtype in ELEMENT]
WEIGHTS = {
    case["network"]: FIXTURES / case["weights"] for case in EXPECTED["cases"] if not case["weights"].startswith("bf16")
}


def tensor(entry: dict, data: bytes = DATA) -> np.ndarray:
    dtype = np.dtype(entry["dtype"]).newbyteorder("<")
    return np.frombuffer(data, dtype, int(np.prod(entry["shape"])), entry["offset"]).reshape(entry["shape"])


def model(network: str, dtype: str) -> onnx.ModelProto:
    return onnx.load(GRAPHS / f"{network}.{dtype}.onnx", load_external_data=False)


def external(proto: onnx.ModelProto) -> list[onnx.TensorProto]:
    return [i for i in proto.graph.initializer if i.data_location == onnx.TensorProto.EXTERNAL]


@pytest.mark.parametrize("network", SMALL)
def test_exporting_again_gives_the_committed_bytes(network):
    quiet()
    folder, build = NETWORKS[network]
    exported = build(FIXTURES / "small" / folder, torch.float16)
    committed = (GRAPHS / f"{network}.f16.onnx").read_bytes()
    assert weightless(exported) == committed, "the committed graphs are stale: run `python -m export.fixtures`"
    assert json.loads(json.dumps(exported.config)) == FAMILY["networks"][network]["config"]


@pytest.mark.parametrize("dtype", ELEMENT)
def test_every_parameter_of_a_checkpoint_is_in_its_graphs_by_name_and_shape(dtype):
    for weights in set(WEIGHTS.values()):
        header, _ = read_header(weights)
        graphs = [model(network, dtype) for network, path in WEIGHTS.items() if path == weights]
        wanted = {i.name: list(i.dims) for graph in graphs for i in external(graph)}
        assert wanted == {name: entry["shape"] for name, entry in header.items()}


def test_layers_are_as_many_as_the_network_has():
    counted = [node.op_type for node in model("unet", "f32").graph.node]
    assert counted.count("MultiHeadAttention") == 9 and counted.count("InstanceNormalization") == 21
    assert counted.count("Gemm") == 54 and counted.count("Conv") == 33


@pytest.mark.parametrize("dtype", ELEMENT)
def test_inputs_and_outputs_are_float32_with_free_named_dimensions(dtype):
    proto = model("unet", dtype)
    assert {v.type.tensor_type.elem_type for v in [*proto.graph.input, *proto.graph.output]} == {onnx.TensorProto.FLOAT}
    dims = {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in proto.graph.input}
    assert dims == {
        "sample": ["batch", 4, "height", "width"],
        "timestep": ["batch"],
        "encoder_hidden_states": ["batch", "tokens", 32],
    }


@pytest.mark.parametrize("fixed", [False, True], ids=["free", "fixed"])
@pytest.mark.parametrize("dtype", ELEMENT)
@pytest.mark.parametrize(
    "case", EXPECTED["cases"], ids=lambda case: f"{case['network']} {next(iter(case['inputs'].values()))['shape']}"
)
def test_onnxruntime_agrees_with_pytorch(case, dtype, fixed):
    graph = (GRAPHS / f"{case['network']}.{dtype}.onnx").read_bytes()
    inputs = {name: tensor(entry) for name, entry in case["inputs"].items()}
    outputs = run(graph, FIXTURES / case["weights"], inputs, fixed)
    assert list(outputs) == list(case["outputs"])
    for name, got in outputs.items():
        want = tensor(case["outputs"][name])
        assert got.dtype == np.float32 and got.shape == want.shape
        assert np.abs(got - want).max() <= {"f32": 2e-5, "f16": 3e-3}[dtype] * np.abs(want).max()


def test_digest_is_that_of_sorted_lines():
    assert (
        parameters_digest({"b.weight": (2, 3), "a": ()})
        == "9ff78665db56b17ce40a512bcb6aea58f1da6416b8c84ef6ce5baed082bc8809"
    )


def test_diffusers_own_pipeline_loads_the_small_model_and_draws_the_recorded_picture():
    book, recorded = Book(), EXPECTED["endToEnd"]
    with torch.no_grad():
        drawn = end_to_end(book, FIXTURES / "small")
    assert drawn["promptIds"] == recorded["promptIds"] and drawn["negativePromptIds"] == recorded["negativePromptIds"]
    for got, want in zip(
        [*drawn["stepLatents"], drawn["picture"]], [*recorded["stepLatents"], recorded["picture"]], strict=True
    ):
        assert np.abs(tensor(got, bytes(book.data)) - tensor(want)).max() < 1e-4
