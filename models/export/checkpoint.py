"""Checkpoint files: what the exporter reads of them, and how a text encoder is saved."""

import json
import struct
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

TEXT_FILE = "model.safetensors"
NETWORK_FILE = "diffusion_pytorch_model.safetensors"
TEXT_PREFIX = "text_model."  # of every name in a published text encoder; transformers 5 dropped it from the module

# model_index.json of a text-to-image folder like ours: which class of which library reads each of its parts.
MODEL_INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "feature_extractor": [None, None],
    "image_encoder": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderTiny"],
}


def read_header(path: Path) -> tuple[dict, int]:
    """Tensor entries {name: {dtype, shape, data_offsets}} of a safetensors file, and the byte offset of its data."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    return header, 8 + length


def save_text_encoder(module: CLIPTextModel, folder: Path, dtype: torch.dtype) -> None:
    """Saves a CLIPTextModel as every published one is saved, names beginning with `text_model.`.

    transformers 5 reads both forms but writes the names without it, which no other program understands.
    """
    module.save_pretrained(folder)
    path = folder / TEXT_FILE
    tensors = {TEXT_PREFIX + name.removeprefix(TEXT_PREFIX): t.to(dtype) for name, t in load_file(path).items()}
    save_file(tensors, path, metadata={"format": "pt"})


def refuse_mismatch(folder: Path, parameters: dict[str, tuple[int, ...]]) -> None:
    """Where weights lie beside the configuration, the graph's parameters must be in them, in name and shape."""
    path = next((folder / name for name in (TEXT_FILE, NETWORK_FILE) if (folder / name).exists()), None)
    if path is None:
        return
    header, _ = read_header(path)
    for name, shape in parameters.items():
        if name not in header:
            cure = "; save it with export.checkpoint.save_text_encoder" if name.startswith(TEXT_PREFIX) else ""
            raise ValueError(f"{path}: want a tensor named {name}, got {', '.join(sorted(header)[:3])}, …{cure}")
        if tuple(header[name]["shape"]) != shape:
            raise ValueError(f"{path}: want {name} of shape {list(shape)} by config.json, got {header[name]['shape']}")
