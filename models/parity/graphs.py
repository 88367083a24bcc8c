"""Graphs for the families at reduced width: a library like `models/graphs`, each network exported once, in float32."""

import json
from pathlib import Path

import torch

from export.family import parameters_digest, parameters_of
from export.graph import weightless
from export.network import read_config
from export.networks import NETWORKS, networks_of

WANTED = ("text_encoder", "text_encoder_2", "unet", "vae_decoder")


class Library:
    """A folder of families; what two families share is traced once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._entries: dict[str, tuple[bytes, dict]] = {}

    def add(self, name: str, model: Path) -> Path:
        """Makes sure that there are graphs for a diffusers folder; returns the library's folder."""
        family = self.folder / name.replace("/", " ")
        if family.exists():
            return self.folder
        family.mkdir(parents=True)
        networks = {}
        for network in networks_of(model):
            if network not in WANTED:
                continue
            graph, networks[network] = self._entry(network, model)
            (family / f"{network}.onnx").write_bytes(graph)
        content = {"name": name, "networks": networks, "published": []}
        (family / "family.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        return self.folder

    def _entry(self, network: str, model: Path) -> tuple[bytes, dict]:
        part, build = NETWORKS[network]
        key = f"{network} {json.dumps(read_config(model / part), sort_keys=True)}"
        if key not in self._entries:
            built = build(model / part, torch.float32)
            graph = weightless(built)
            file = f"{network}.onnx"
            entry = {"graphs": {"f32": file, "f16": file}, "parameters": parameters_digest(parameters_of(graph))}
            self._entries[key] = graph, entry | {"config": json.loads(json.dumps(built.config))}
        return self._entries[key]
