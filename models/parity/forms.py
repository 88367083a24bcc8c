"""The forms in which the same weights are published: a diffusers folder in other dtypes, shards and names, and others.

Each writer takes a family's float32 folder and a folder to write into; what it returns is opened by us as it lies.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from huggingface_hub import split_torch_state_dict_into_shards
from safetensors.torch import load_file, save_file

from parity import dialects, original_names
from parity.compare import FACTOR, HEIGHT, WIDTH

METADATA = {"format": "pt"}
SHARD_BYTES = 60_000
SIDES = (HEIGHT // FACTOR, WIDTH // FACTOR)
Writer = Callable[[Path, Path], Path]


@dataclass(frozen=True)
class Form:
    """One form: how it is written, which diffusers folder it must agree with, and how diffusers opens that.

    `reference` is None where diffusers reads the very files that we do. `own_papers` is False for a form that lacks
    some papers, which are then those of the family: published ones go with networks of full width.
    """

    write: Writer
    reference: Writer | None = None
    options: dict = field(default_factory=dict)
    own_papers: bool = True


def as_it_is(folder: Path, out: Path) -> Path:
    """The family's own folder."""
    return folder


def in_dtype(dtype: torch.dtype) -> Writer:
    def write(folder: Path, out: Path) -> Path:
        shutil.copytree(folder, out)
        for path in out.rglob("*.safetensors"):
            save_file({name: tensor.to(dtype) for name, tensor in load_file(path).items()}, path, METADATA)
        return out

    return write


def fp16_variant(folder: Path, out: Path) -> Path:
    """Halves beside which no full weights lie, under the names that `variant="fp16"` finds."""
    in_dtype(torch.float16)(folder, out)
    for path in out.rglob("*.safetensors"):
        path.rename(path.with_suffix(".fp16.safetensors"))
    return out


def sharded(folder: Path, out: Path) -> Path:
    """Every network in several files with an index, as diffusers and transformers cut those that are too large."""
    shutil.copytree(folder, out)
    for path in out.rglob("*.safetensors"):
        tensors = load_file(path)
        pattern = path.stem + "{suffix}.safetensors"
        plan = split_torch_state_dict_into_shards(tensors, filename_pattern=pattern, max_shard_size=SHARD_BYTES)
        assert plan.is_sharded, f"{path} is too small to be cut"
        path.unlink()
        for file, names in plan.filename_to_tensors.items():
            save_file({name: tensors[name] for name in names}, path.with_name(file), METADATA)
        index = {"metadata": plan.metadata, "weight_map": plan.tensor_to_filename}
        path.with_name(f"{path.name}.index.json").write_text(json.dumps(index, indent=1), encoding="utf-8")
    return out


def one_file(dtype: torch.dtype) -> Writer:
    return lambda folder, out: original_names.write(folder, out.with_suffix(".safetensors"), dtype)


def onnx(dialect: str) -> Writer:
    return lambda folder, out: dialects.export(folder, out, dialect, SIDES)


F16, BF16 = in_dtype(torch.float16), in_dtype(torch.bfloat16)
FORMS: dict[str, Form] = {
    "diffusers folder": Form(as_it_is),
    "diffusers folder, f16": Form(F16),
    "diffusers folder, bf16": Form(BF16),
    "diffusers folder, fp16 variant": Form(fp16_variant, options={"variant": "fp16"}),
    "diffusers folder, sharded": Form(sharded),
    "one file": Form(one_file(torch.float32), as_it_is, own_papers=False),
    "one file, f16": Form(one_file(torch.float16), F16, own_papers=False),
    "one file, bf16": Form(one_file(torch.bfloat16), BF16, own_papers=False),
    "ONNX, as diffusers writes it": Form(onnx("diffusers"), as_it_is, own_papers=False),
    "ONNX, as optimum writes it": Form(onnx("optimum"), as_it_is, own_papers=False),
}
