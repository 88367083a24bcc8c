"""Names and shapes of whole checkpoints, and no weights, for the tests of the app's own table.

    python -m parity.original_fixture

Of one reduced family of each kind, and of every published model whose configurations are in `published/`: what a single
file of it holds, and what each of its networks is made of under diffusers' names.
"""

import gzip
import json
import tempfile
from pathlib import Path

import diffusers
import torch
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from parity import families, original_names

MODELS = Path(__file__).parent.parent
OUT = MODELS.parent / "src" / "checkpoint" / "original" / "__fixtures__" / "names.json.gz"
REDUCED = (
    "SD 1.x",
    "LCM with guidance embedding",
    "SD 2.x, v-prediction",
    "SDXL",
    "SSD-1B",
    "Segmind Vega",
    "tiny-sd",
)
CONFIGS = ("text_encoder", "text_encoder_2", "unet", "vae")
Parts = dict[str, tuple[dict[str, Tensor], dict]]


def published_parts(folder: Path) -> Parts:
    """Every network of a published model on the meta device: names and shapes, and not one number."""
    parts = {}
    for name in CONFIGS:
        path = folder / name / "config.json"
        if path.exists():
            config = json.loads(path.read_text(encoding="utf-8"))
            with torch.device("meta"):
                parts[name] = (_published_names(name, _module(name, config)), config)
    return parts


def _module(name: str, config: dict) -> nn.Module:
    if name == "text_encoder":
        return CLIPTextModel(CLIPTextConfig.from_dict(config))
    if name == "text_encoder_2":
        return CLIPTextModelWithProjection(CLIPTextConfig.from_dict(config))
    return getattr(diffusers, {"unet": "UNet2DConditionModel", "vae": "AutoencoderKL"}[name]).from_config(config)


def _published_names(name: str, module: nn.Module) -> dict[str, Tensor]:
    tensors = dict(module.named_parameters())
    if not name.startswith("text"):
        return tensors
    kept = ("text_model.", "text_projection.")
    return {key if key.startswith(kept) else f"text_model.{key}": tensor for key, tensor in tensors.items()}


def entry(parts: Parts) -> dict:
    return {
        "configs": {name: config for name, (_, config) in parts.items()},
        "original": _shapes(original_names.original(parts)),
        "networks": {name: _shapes(tensors) for name, (tensors, _) in parts.items()},
    }


def _shapes(tensors: dict[str, Tensor]) -> dict[str, list[int]]:
    return {name: list(tensors[name].shape) for name in sorted(tensors)}


def _reduced(name: str) -> Parts:
    with tempfile.TemporaryDirectory() as folder:
        return original_names.read_parts(families.make(name, Path(folder)))


def fixture() -> bytes:
    """The same bytes every time; of published models that differ in nothing but their schedulers, only the first."""
    content = {name: entry(_reduced(name)) for name in REDUCED}
    for folder in sorted((MODELS / "published").glob("*")):
        if (folder / "model_index.json").exists():
            found = entry(published_parts(folder))
            if all(found["original"] != other["original"] for other in content.values()):
                content[f"published/{folder.name}"] = found
    return gzip.compress(json.dumps(content, sort_keys=True, separators=(",", ":")).encode(), mtime=0)


if __name__ == "__main__":
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_bytes(fixture())
    print(f"{OUT}: {OUT.stat().st_size} bytes")
