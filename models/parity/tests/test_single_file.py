"""Single files of the original layout: our writer agrees with diffusers' converters, the app with its pipelines."""

import shutil
from pathlib import Path

import pytest
import torch
from diffusers.loaders.single_file_utils import (
    convert_ldm_clip_checkpoint,
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
    convert_open_clip_checkpoint,
)
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig

from parity import compare, families, graphs, original_fixture, original_names

CONVERTED = original_fixture.REDUCED


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: families.make(name, tmp_path_factory.mktemp("family")) for name in CONVERTED}


def same(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> None:
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name


@pytest.mark.parametrize("name", CONVERTED)
def test_unet_comes_back_through_diffusers(folders: dict[str, Path], name: str) -> None:
    tensors, config = original_names.read_parts(folders[name])["unet"]
    original = {f"model.diffusion_model.{key}": value for key, value in original_names.unet(tensors, config).items()}
    # diffusers' converter knows no embedding of the guidance scale.
    same(
        {key: value for key, value in tensors.items() if "cond_proj" not in key},
        convert_ldm_unet_checkpoint(original, config),
    )


@pytest.mark.parametrize("name", ["SD 1.x", "SDXL"])
def test_autoencoder_comes_back_through_diffusers(folders: dict[str, Path], name: str) -> None:
    tensors, config = original_names.read_parts(folders[name])["vae"]
    renamed = original_names.autoencoder(tensors, config)
    assert renamed["decoder.mid.attn_1.q.weight"].dim() == 4
    original = {f"first_stage_model.{key}": value for key, value in renamed.items()}
    same(tensors, convert_ldm_vae_checkpoint(original, config))


@pytest.mark.parametrize("name", ["SD 1.x", "SD 2.x, v-prediction", "SDXL"])
def test_text_encoders_come_back_through_diffusers(folders: dict[str, Path], name: str) -> None:
    parts = original_names.read_parts(folders[name])
    original = original_names.original(parts)
    first = parts["text_encoder"][0]
    if name == "SD 2.x, v-prediction":
        # diffusers drops a 24th layer by its number; of ours, which has fewer, the last.
        unused = max(int(key.split(".")[4]) for key in original if ".resblocks." in key)
        kept = {
            key: value
            for key, value in original.items()
            if f"resblocks.{unused}." not in key and "text_projection" not in key
        }
        config = CLIPTextConfig(**parts["text_encoder"][1])
        same(first, convert_open_clip_checkpoint(_Configured(config), kept, prefix="cond_stage_model.model."))
        return
    clip = convert_ldm_clip_checkpoint(original)
    same(first, {key: value for key, value in clip.items() if not key.endswith("position_ids")})
    if name == "SDXL":
        second, config = parts["text_encoder_2"]
        prefix = "conditioner.embedders.1.model."
        halves = _Configured(CLIPTextConfig(**config))
        # diffusers cuts by the projection's width, which in every published model is the encoder's own.
        width = config["hidden_size"]
        square = original | {f"{prefix}text_projection": torch.ones(width, width)}
        converted = convert_open_clip_checkpoint(halves, square, prefix=prefix)
        same(
            {key: value for key, value in second.items() if key != "text_projection.weight"},
            {key: value for key, value in converted.items() if key != "text_projection.weight"},
        )
        assert torch.equal(original[f"{prefix}text_projection"].T, second["text_projection.weight"])


class _Configured:
    """What diffusers' converter asks of a text model."""

    def __init__(self, config: CLIPTextConfig) -> None:
        self.config = config


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> graphs.Library:
    return graphs.Library(tmp_path_factory.mktemp("graphs"))


def drawn(
    folders: dict[str, Path], library: graphs.Library, name: str, scratch: Path, dtype: torch.dtype
) -> compare.Agreement:
    """One file of a family's weights, drawn by us with the folder's papers, against the folder drawn by diffusers."""
    folder, family = folders[name], families.FAMILIES[name]
    file = original_names.write(folder, scratch / "model.safetensors", dtype)
    rounded = scratch / "rounded"
    shutil.copytree(folder, rounded)
    for weights in rounded.rglob("*.safetensors"):
        save_file({key: tensor.to(dtype) for key, tensor in load_file(weights).items()}, weights, {"format": "pt"})
    ours = compare.by_us(file, library.add(name, folder), family, scratch / "ours", papers=folder)
    return compare.agree(ours, compare.by_diffusers(rounded, family))


@pytest.mark.parametrize("name", CONVERTED)
def test_single_file_draws_as_diffusers_does(
    folders: dict[str, Path], library: graphs.Library, name: str, tmp_path: Path
) -> None:
    agreement = drawn(folders, library, name, tmp_path, torch.float32)
    assert agreement.holds, agreement


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=["f16", "bf16"])
@pytest.mark.parametrize("name", ["SD 1.x", "SD 2.x, v-prediction", "SDXL"])
def test_half_precision_draws_as_diffusers_does(
    folders: dict[str, Path], library: graphs.Library, name: str, dtype: torch.dtype, tmp_path: Path
) -> None:
    agreement = drawn(folders, library, name, tmp_path, dtype)
    assert agreement.holds, agreement


def test_fixture_of_names_is_current() -> None:
    assert original_fixture.OUT.read_bytes() == original_fixture.fixture(), "run python -m parity.original_fixture"
