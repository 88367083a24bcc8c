"""Every committed graph, and every published configuration, against the modules of diffusers and transformers."""

import gzip
import json
from functools import cache
from pathlib import Path

import diffusers
import numpy as np
import onnx
import pytest
import transformers
from onnx import TensorProto, numpy_helper

from export.all import FAMILIES, GRAPHS, PUBLISHED
from export.checkpoint import TEXT_PREFIX
from export.family import DTYPES, parameters_digest
from export.fixtures import FIXTURES
from export.graph import weightless
from export.network import on_meta, read_config
from export.networks import NETWORKS

FOLDERS = [*(GRAPHS / family.name for family in FAMILIES), FIXTURES / "small" / "graphs"]
FILES = [path for folder in FOLDERS for path in sorted(folder.glob("*.onnx"))]
PAPERS = sorted(path.parent for path in PUBLISHED.glob("*/*/config.json"))
KIB = 1024
# Reads an int64 that says where or how much, not what: by the place of the input.
SHAPES_AT = {
    "Reshape": {1},
    "Slice": {1, 2, 3},
    "Unsqueeze": {1},
    "Gather": {1},
    "Pad": {1},
    "ReduceMean": {1},
    "ReduceSum": {1},
}
SHAPE_ARITHMETIC = {"Shape", "Concat", "Mul", "Add", "Div", "Squeeze"}
PARAMETERS = {
    "sd15/unet": 859_520_964,
    "sd21/unet": 865_910_724,
    "sdxl/unet": 2_567_463_684,
    "ssd-1b/unet": 1_331_334_404,
    "segmind-vega/unet": 745_225_604,
    "tiny-sd/unet": 323_384_964,
    "lcm-dreamshaper-v7/unet": 859_520_964 + 320 * 256,
    "sd15/text_encoder": 123_060_480,
    "sd21/text_encoder": 340_387_840,
    "sdxl/text_encoder_2": 694_659_840,
    "sd15/vae": 83_653_863,
    "taesd/vae": 2_445_063,
}
FAMILY_OF = {
    "sd15": "sd1",
    "sd21": "sd2-upcast",
    "sd21-base": "sd2",
    "sd-turbo": "sd2",
    "sdxl": "sdxl",
    "sdxl-turbo": "sdxl",
    "ssd-1b": "ssd-1b",
    "segmind-vega": "vega",
    "tiny-sd": "tiny-sd",
    "lcm-dreamshaper-v7": "lcm",
    "sdxs-512-dreamshaper": "sdxs",
}


def label(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@cache
def graph(path: Path) -> onnx.GraphProto:
    return onnx.load(path, load_external_data=False).graph


@cache
def families() -> list[dict]:
    return [json.loads((GRAPHS / family.name / "family.json").read_text()) for family in FAMILIES]


def wanted(path: Path) -> dict[str, tuple[int, ...]]:
    return {i.name: tuple(i.dims) for i in graph(path).initializer if i.data_location == TensorProto.EXTERNAL}


@cache
def shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """The tensors of a checkpoint for that configuration, by name."""
    config = read_config(folder)
    if "_class_name" in config:
        module = on_meta(lambda: getattr(diffusers, config["_class_name"]).from_config(config))
        return {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    (name,) = config["architectures"]
    module = on_meta(lambda: getattr(transformers, name)(transformers.CLIPTextConfig.from_dict(config)))
    prefix = TEXT_PREFIX if name == "CLIPTextModel" else ""
    return {prefix + name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}


def part(network: str, tensors: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    beginnings = {"vae_decoder": ("decoder.", "post_quant_conv."), "vae_encoder": ("encoder.", "quant_conv.")}
    return {name: shape for name, shape in tensors.items() if name.startswith(beginnings.get(network, ""))}


def fitting(network: str, tensors: dict[str, tuple[int, ...]], config: dict) -> list[tuple[str, dict]]:
    """Families whose graph of the network fits: same parameters, nothing built in otherwise; null says nothing."""
    digest = parameters_digest(tensors)
    found = []
    for family in families():
        entry = family["networks"].get(network)
        if entry is None or entry["parameters"] != digest:
            continue
        if all(config.get(key) in (None, value) for key, value in entry["config"].items()):
            found.append((family["name"], entry))
    return found


@pytest.mark.parametrize("folder", PAPERS, ids=lambda folder: str(folder.relative_to(PUBLISHED)))
def test_published_configurations_resolve_to_graphs_of_their_very_parameters(folder):
    tensors, config = shapes(folder), read_config(folder)
    for network in (network for network, (name, _) in NETWORKS.items() if name == folder.name):
        (name, entry), *_ = fitting(network, part(network, tensors), config)
        for file in entry["graphs"].values():
            assert wanted(GRAPHS / name / file) == part(network, tensors)
        if network == "unet":
            assert name == FAMILY_OF[folder.parent.name]
        if network.startswith("vae"):
            assert (entry["graphs"]["f16"] == entry["graphs"]["f32"]) is (config.get("force_upcast") is True)


@pytest.mark.parametrize("name", PARAMETERS)
def test_published_configurations_make_networks_of_the_published_size(name):
    assert sum(int(np.prod(shape)) for shape in shapes(PUBLISHED / name).values()) == PARAMETERS[name]


def test_each_family_names_the_papers_that_go_with_it():
    for family in families():
        for name in family["published"]:
            assert FAMILY_OF[name] == family["name"]
            assert (PUBLISHED / name / "model_index.json").exists()


def test_no_network_is_written_twice():
    seen = [
        (network, entry["parameters"], json.dumps(entry["config"]))
        for family in families()
        for network, entry in family["networks"].items()
    ]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_family_lists_its_graphs_and_the_digests_of_their_parameters(folder):
    family = json.loads((folder / "family.json").read_text())
    graphs = {file for entry in family["networks"].values() for file in entry["graphs"].values()}
    assert graphs == {path.name for path in folder.glob("*.onnx")}
    for entry in family["networks"].values():
        for file in entry["graphs"].values():
            assert parameters_digest(wanted(folder / file)) == entry["parameters"]


@pytest.mark.parametrize("path", FILES, ids=label)
def test_a_graph_is_small(path):
    assert len(gzip.compress(path.read_bytes())) <= 64 * KIB


@pytest.mark.parametrize("path", FILES, ids=label)
def test_parameters_are_external_without_bytes_and_of_the_graphs_dtype(path):
    element = {"f32": TensorProto.FLOAT, "f16": TensorProto.FLOAT16}[path.name.split(".")[-2]]
    for initializer in graph(path).initializer:
        if initializer.data_location == TensorProto.EXTERNAL:
            assert initializer.data_type == element
            assert not initializer.raw_data and not initializer.float_data
            assert [(entry.key, entry.value) for entry in initializer.external_data] == [("location", "weights")]
        else:
            assert np.prod(initializer.dims) <= 160


@pytest.mark.parametrize("path", FILES, ids=label)
def test_no_parameter_is_copied_at_load(path):
    names = wanted(path)
    for node in graph(path).node:
        matrix = [name for name in node.input if name in names]
        assert not (matrix and node.op_type in {"Transpose", "Cast", "MatMul"}), f"{node.op_type} of {matrix}"
        if node.op_type == "Gemm":
            assert {a.name: a.i for a in node.attribute} == {"transB": 1}


@pytest.mark.parametrize("path", FILES, ids=label)
def test_operators_are_those_that_run_on_every_device(path):
    nodes = graph(path).node
    operators = {node.op_type for node in nodes}
    assert not {"GroupNormalization", "Attention", "Upsample", "Loop", "If", "ArgMax", "Einsum"} & operators
    assert all(node.domain == ("com.microsoft" if node.op_type == "MultiHeadAttention" else "") for node in nodes)
    assert all(len(node.input) == 3 for node in nodes if node.op_type == "MultiHeadAttention")
    if not path.name.startswith(("text_encoder", "prompt_match")):
        assert not {"Softmax", "MatMul", "Range"} & operators


@pytest.mark.parametrize("path", FILES, ids=label)
def test_nothing_but_shapes_is_int64(path):
    whole = {i.name for i in graph(path).initializer if i.data_type == TensorProto.INT64}
    for node in graph(path).node:
        if node.op_type in SHAPE_ARITHMETIC and (node.op_type == "Shape" or set(node.input) <= whole):
            whole |= set(node.output)
            continue
        places = {place for place, name in enumerate(node.input) if name in whole}
        length_of_range = node.op_type == "Cast" and node.attribute[0].i == TensorProto.FLOAT
        assert places <= SHAPES_AT.get(node.op_type, set()) or length_of_range, f"{node.op_type} {list(node.input)}"


@pytest.mark.parametrize("path", FILES, ids=label)
def test_a_graph_bears_no_trace_of_its_export(path):
    proto = graph(path)
    assert not proto.value_info and not proto.doc_string and not proto.metadata_props
    assert not any(node.name or node.doc_string or node.metadata_props for node in proto.node)
    assert not any(i.doc_string or i.metadata_props for i in proto.initializer)


@pytest.mark.parametrize("path", FILES, ids=label)
def test_what_goes_in_and_out_is_float32_but_for_ids_and_places(path):
    for value in [*graph(path).input, *graph(path).output]:
        whole = value.name in {"input_ids", "end"}
        assert value.type.tensor_type.elem_type == (TensorProto.INT32 if whole else TensorProto.FLOAT), value.name


@pytest.mark.parametrize(
    ("file", "inputs", "outputs"),
    [
        ("sd1/text_encoder", ["input_ids"], ["last_hidden_state", "penultimate_hidden_state"]),
        (
            "sdxl/text_encoder_2",
            ["input_ids", "end"],
            ["last_hidden_state", "penultimate_hidden_state", "text_embeds"],
        ),
        ("sd1/unet", ["sample", "timestep", "encoder_hidden_states"], ["out_sample"]),
        ("lcm/unet", ["sample", "timestep", "encoder_hidden_states", "timestep_cond"], ["out_sample"]),
        (
            "sdxl/unet",
            ["sample", "timestep", "encoder_hidden_states", "text_embeds", "time_ids"],
            ["out_sample"],
        ),
        ("sd1/vae_decoder", ["latent_sample"], ["sample"]),
        ("sd1/vae_encoder", ["sample"], ["latent_sample"]),
    ],
)
def test_inputs_and_outputs_have_the_names_that_the_app_knows(file, inputs, outputs):
    proto = graph(GRAPHS / f"{file}.f32.onnx")
    assert [value.name for value in proto.input] == inputs
    assert [value.name for value in proto.output] == outputs


def test_attention_of_stable_diffusion_2_1_is_in_float32_in_its_f16_graph():
    casts = {
        name: sum(node.op_type == "Cast" for node in graph(GRAPHS / name / "unet.f16.onnx").node)
        for name in ("sd2", "sd2-upcast")
    }
    attentions = sum(node.op_type == "MultiHeadAttention" for node in graph(GRAPHS / "sd2" / "unet.f16.onnx").node)
    assert attentions == 32 and casts["sd2-upcast"] - casts["sd2"] == 4 * attentions


def test_constants_of_the_f16_graph_are_those_of_the_f32_graph():
    """What is computed in float32 in both stays exact; the rest is rounded once."""
    for name in ("sd1", "sdxl"):
        floats = [
            sorted(
                float(x)
                for i in graph(GRAPHS / name / f"unet.{dtype}.onnx").initializer
                if i.data_location != TensorProto.EXTERNAL and i.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16)
                for x in numpy_helper.to_array(i).flat
            )
            for dtype in DTYPES
        ]
        np.testing.assert_allclose(floats[1], floats[0], rtol=1e-3)


def test_exporting_again_gives_the_committed_bytes():
    folder, build = NETWORKS["unet"]
    exported = weightless(build(PUBLISHED / "sdxs-512-dreamshaper" / folder, DTYPES["f16"]))
    assert exported == (GRAPHS / "sdxs" / "unet.f16.onnx").read_bytes(), "run `python -m export.all`"
