"""A LoRA merged in Python is the one that peft runs beside the weights."""

import json

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from export import lora, session
from export.fixtures import FIXTURES

EXPECTED = json.loads((FIXTURES / "expected.json").read_text())["lora"]


def stored(entry: dict) -> np.ndarray:
    return np.fromfile(
        FIXTURES / "expected.bin", entry["dtype"], int(np.prod(entry["shape"])), offset=entry["offset"]
    ).reshape(entry["shape"])


def test_the_merged_network_computes_what_peft_computes(tmp_path):
    merged = lora.merge(FIXTURES / EXPECTED["weights"], FIXTURES / EXPECTED["lora"], "unet", tmp_path / "merged")
    graph = (FIXTURES / "small" / "graphs" / "unet.f32.onnx").read_bytes()
    got = session.run(graph, merged, {name: stored(entry) for name, entry in EXPECTED["inputs"].items()})
    (got,) = got.values()
    np.testing.assert_allclose(got, stored(EXPECTED["outputs"]["out_sample"]), atol=1e-3)


@pytest.mark.parametrize("name", ["unet.nowhere.lora_B.weight", "unet.conv_in.alpha", "text_encoder.x.lora_A.weight"])
def test_what_changes_nothing_is_refused(tmp_path, name):
    factors = load_file(FIXTURES / EXPECTED["lora"])
    save_file({name: factors["unet.conv_in.lora_B.weight"]}, tmp_path / "lora")
    with pytest.raises(ValueError, match="changes nothing"):
        lora.merge(FIXTURES / EXPECTED["weights"], tmp_path / "lora", "unet", tmp_path / "merged")
