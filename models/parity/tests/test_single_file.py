"""Single files of the original layout: our writer agrees with diffusers' converters, the app with its pipelines."""

import pytest
import torch
from diffusers.loaders.single_file_utils import (
    convert_ldm_clip_checkpoint,
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
    convert_open_clip_checkpoint,
)
from transformers import CLIPTextConfig

from parity import original_fixture, original_names
from parity.cases import SD1, SD2, SDXL
from parity.lab import Lab

CONVERTED = original_fixture.REDUCED


def same(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> None:
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name


@pytest.mark.parametrize("name", CONVERTED)
def test_unet_comes_back_through_diffusers(lab: Lab, name: str) -> None:
    tensors, config = original_names.read_parts(lab.folder(name))["unet"]
    original = {f"model.diffusion_model.{key}": value for key, value in original_names.unet(tensors, config).items()}
    # diffusers' converter knows no embedding of the guidance scale.
    same(
        {key: value for key, value in tensors.items() if "cond_proj" not in key},
        convert_ldm_unet_checkpoint(original, config),
    )


@pytest.mark.parametrize("name", [SD1, SDXL])
def test_autoencoder_comes_back_through_diffusers(lab: Lab, name: str) -> None:
    tensors, config = original_names.read_parts(lab.folder(name))["vae"]
    renamed = original_names.autoencoder(tensors, config)
    assert renamed["decoder.mid.attn_1.q.weight"].dim() == 4
    original = {f"first_stage_model.{key}": value for key, value in renamed.items()}
    same(tensors, convert_ldm_vae_checkpoint(original, config))


@pytest.mark.parametrize("name", [SD1, SD2, SDXL])
def test_text_encoders_come_back_through_diffusers(lab: Lab, name: str) -> None:
    parts = original_names.read_parts(lab.folder(name))
    original = original_names.original(parts)
    first = parts["text_encoder"][0]
    if name == SD2:
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
    if name == SDXL:
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


@pytest.mark.parametrize("name", CONVERTED)
def test_one_file_draws_as_diffusers_does(lab: Lab, name: str) -> None:
    agreement = lab.measure(name, "one file")
    assert agreement.holds, agreement


@pytest.mark.parametrize("form", ["one file, f16", "one file, bf16"])
@pytest.mark.parametrize("name", [SD1, SD2, SDXL])
def test_one_file_in_half_precision_draws_as_diffusers_does(lab: Lab, name: str, form: str) -> None:
    agreement = lab.measure(name, form)
    assert agreement.holds, agreement


def test_fixture_of_names_is_current() -> None:
    assert original_fixture.OUT.read_bytes() == original_fixture.fixture(), "run python -m parity.original_fixture"
