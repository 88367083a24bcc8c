"""Writes the graphs of a model's networks: `python -m export.family MODEL_DIR --name NAME --out DIR`.

MODEL_DIR is a diffusers folder; of it only each network's `config.json` is read. `README.md` describes the output.
"""

import argparse
import gzip
import hashlib
import json
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch

from export.checkpoint import refuse_mismatch
from export.graph import weightless
from export.network import read_config
from export.networks import NETWORKS, networks_of

DTYPES = {"f32": torch.float32, "f16": torch.float16}


def parameters_digest(shapes: dict[str, tuple[int, ...]]) -> str:
    """sha256 (hex) of the lines `name shape`, sorted by name, joined with newlines; a shape is like 320x4x3x3."""
    lines = [f"{name} {'x'.join(map(str, shapes[name]))}" for name in sorted(shapes)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def parameters_of(graph: bytes) -> dict[str, tuple[int, ...]]:
    """Name to shape of the checkpoint's parameters that a graph wants."""
    external = onnx.TensorProto.EXTERNAL
    initializers = onnx.load_from_string(graph).graph.initializer
    return {tensor.name: tuple(tensor.dims) for tensor in initializers if tensor.data_location == external}


def export_network(name: str, model: Path) -> tuple[dict, dict[str, bytes]]:
    """The entry of family.json, and the graphs by file name."""
    folder, build = NETWORKS[name]
    # A network that overflows in half precision runs its f32 graph on every device.
    upcast = read_config(model / folder).get("force_upcast") is True
    dtypes = {"f32": DTYPES["f32"]} if upcast else DTYPES
    networks = {key: build(model / folder, dtype) for key, dtype in dtypes.items()}
    files = {f"{name}.{key}.onnx": weightless(network) for key, network in networks.items()}
    parameters = parameters_of(files[f"{name}.f32.onnx"])
    refuse_mismatch(model / folder, parameters)
    entry = {
        "graphs": {key: f"{name}.{key if key in dtypes else 'f32'}.onnx" for key in DTYPES},
        "parameters": parameters_digest(parameters),
        "config": networks["f32"].config,
    }
    return entry, files


def export_family(
    model: Path, name: str, out: Path, published: Sequence[str] = (), known: dict[tuple, str] | None = None
) -> dict:
    """Writes graphs and family.json into `out`; returns what family.json says.

    `published` names the folders of `models/published` whose papers go with the family's U-Net. A network that is in
    `known`, by its parameters and what is baked in, is written elsewhere already; those written here are added.
    """
    out.mkdir(parents=True, exist_ok=True)
    known = {} if known is None else known
    family: dict = {"name": name, "networks": {}, "published": list(published)}
    written = {"family.json"}
    for network in networks_of(model):
        entry, files = export_network(network, model)
        key = (network, entry["parameters"], json.dumps(entry["config"], sort_keys=True))
        if known.setdefault(key, name) != name:
            continue
        family["networks"][network] = entry
        for file, graph in files.items():
            (out / file).write_bytes(graph)
            written.add(file)
    for path in out.iterdir():
        if path.name not in written:
            path.unlink()
    (out / "family.json").write_text(json.dumps(family, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return family


def quiet() -> None:
    """Silences warnings about what is not installed and what may change one day; none of it bears on a graph."""
    warnings.filterwarnings("ignore")
    for name in ("diffusers", "transformers"):
        logging.getLogger(name).setLevel(logging.ERROR)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="diffusers folder")
    parser.add_argument("--name", required=True, help="name of the family")
    parser.add_argument("--out", type=Path, required=True, help="folder for the graphs")
    arguments = parser.parse_args()
    quiet()
    export_family(arguments.model, arguments.name, arguments.out)
    list_files(arguments.out)


def list_files(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        print(f"{folder.name}/{path.name}: {len(data)} bytes, {len(gzip.compress(data))} gzipped")


if __name__ == "__main__":
    main()
