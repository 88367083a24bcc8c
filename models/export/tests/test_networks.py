"""Kinds of networks that the small model has not: exported, and compared with PyTorch through onnxruntime."""

import json

import diffusers
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from export.checkpoint import NETWORK_FILE, TEXT_FILE, refuse_mismatch
from export.family import export_network
from export.graph import weightless
from export.networks import NETWORKS, unet
from export.session import run


def saved(module: torch.nn.Module, folder) -> torch.nn.Module:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    module.save_pretrained(folder)
    return module.eval()


def near(got: np.ndarray, want: torch.Tensor) -> bool:
    return got.shape == tuple(want.shape) and np.abs(got - want.numpy()).max() <= 2e-5 * want.abs().max()


def test_a_unet_like_stable_diffusion_2(tmp_path):
    torch.manual_seed(1)
    module = saved(
        diffusers.UNet2DConditionModel(
            block_out_channels=(8, 16),
            layers_per_block=1,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
            cross_attention_dim=12,
            attention_head_dim=(2, 4),
            norm_num_groups=4,
            use_linear_projection=True,
        ),
        tmp_path,
    )
    sample, timestep, text = torch.randn(3, 4, 6, 10), torch.tensor([1.0, 500.0, 981.0]), torch.randn(3, 9, 12)
    with torch.no_grad():
        want = module(sample, timestep, text).sample
    inputs = {"sample": sample.numpy(), "timestep": timestep.numpy(), "encoder_hidden_states": text.numpy()}
    assert near(run(weightless(unet(tmp_path, torch.float32)), tmp_path / NETWORK_FILE, inputs), want)


def test_an_autoencoder_kl_that_must_not_run_in_half_precision(tmp_path):
    torch.manual_seed(2)
    module = saved(
        diffusers.AutoencoderKL(
            block_out_channels=(8, 16),
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
            layers_per_block=1,
            latent_channels=4,
            norm_num_groups=4,
            force_upcast=True,
        ),
        tmp_path / "vae",
    )
    latents, picture = torch.randn(2, 4, 5, 7), torch.randn(1, 3, 12, 20)
    with torch.no_grad():
        decoded, encoded = module.decode(latents).sample, module.encode(picture).latent_dist.mode()
    for name, inputs, want in (
        ("vae_decoder", {"latent_sample": latents.numpy()}, decoded),
        ("vae_encoder", {"sample": picture.numpy()}, encoded),
    ):
        entry, files = export_network(name, tmp_path)
        assert entry["graphs"] == {"f32": f"{name}.f32.onnx", "f16": f"{name}.f32.onnx"}
        assert near(run(files[f"{name}.f32.onnx"], tmp_path / "vae" / NETWORK_FILE, inputs), want)


@pytest.mark.parametrize(
    ("network", "config"),
    [
        (
            "unet",
            {
                "addition_embed_type": "text_time",
                "addition_time_embed_dim": 8,
                "projection_class_embeddings_input_dim": 64,
            },
        ),
        ("unet", {"class_embed_type": "timestep"}),
        ("vae_decoder", {"_class_name": "AutoencoderDC"}),
    ],
)
def test_what_cannot_be_exported_is_refused_in_a_sentence(tmp_path, network, config):
    small = {"block_out_channels": [8, 16], "norm_num_groups": 4, "cross_attention_dim": 8}
    types = {
        "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
        "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
    }
    (tmp_path / "config.json").write_text(json.dumps(small | types | config))
    with pytest.raises(NotImplementedError, match=r"want .* got"):
        NETWORKS[network][1](tmp_path, torch.float32)


def test_weights_that_do_not_fit_the_configuration_are_refused(tmp_path):
    save_file({"embeddings.token_embedding.weight": torch.zeros(2, 3)}, tmp_path / TEXT_FILE)
    with pytest.raises(ValueError, match=r"want a tensor named text_model.a.*save_text_encoder"):
        refuse_mismatch(tmp_path, {"text_model.a": (1,)})
    with pytest.raises(ValueError, match=r"of shape \[4, 3\] by config.json, got \[2, 3\]"):
        refuse_mismatch(tmp_path, {"embeddings.token_embedding.weight": (4, 3)})
