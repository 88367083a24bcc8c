"""Kinds of networks that the small model has not: exported, and compared with PyTorch through onnxruntime."""

import json

import diffusers
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from export.checkpoint import NETWORK_FILE, TEXT_FILE, refuse_mismatch
from export.family import DTYPES, export_network
from export.graph import weightless
from export.networks import NETWORKS, text_encoder, unet
from export.session import run


def saved(module: torch.nn.Module, folder) -> torch.nn.Module:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    module.save_pretrained(folder)
    return module.eval()


def near(got: np.ndarray, want: torch.Tensor, error: float = 2e-5) -> bool:
    return got.shape == tuple(want.shape) and np.abs(got - want.numpy()).max() <= error * want.abs().max()


BLOCKS = {
    "block_out_channels": (8, 16),
    "layers_per_block": 1,
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
    "cross_attention_dim": 12,
    "norm_num_groups": 4,
}
SD2 = BLOCKS | {"attention_head_dim": (2, 4), "use_linear_projection": True, "upcast_attention": True}
LCM = BLOCKS | {"attention_head_dim": 2, "time_cond_proj_dim": 6}
TINY = BLOCKS | {"attention_head_dim": 2, "mid_block_type": None, "layers_per_block": (1, 2)}
SDXL = BLOCKS | {
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    "attention_head_dim": (2, 4),
    "transformer_layers_per_block": (1, 3),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 4,
    "projection_class_embeddings_input_dim": 10 + 6 * 4,
}
SSD = SDXL | {
    "mid_block_type": "UNetMidBlock2D",
    "transformer_layers_per_block": (1, [2]),
    "reverse_transformer_layers_per_block": ([2, 1], 1),
}


@pytest.mark.parametrize("dtype", ["f32", "f16"])
@pytest.mark.parametrize("config", [SD2, LCM, TINY, SDXL, SSD], ids=["SD 2", "LCM", "tiny", "SDXL", "SSD-1B"])
def test_unets_of_other_families(tmp_path, config, dtype):
    torch.manual_seed(1)
    module = saved(diffusers.UNet2DConditionModel(**config), tmp_path)
    inputs = {
        "sample": torch.randn(3, 4, 6, 10),
        "timestep": torch.tensor([1.0, 500.0, 981.0]),
        "encoder_hidden_states": torch.randn(3, 9, 12),
    }
    more = {"timestep_cond": torch.randn(3, 6)} if config is LCM else {}
    added = {"text_embeds": torch.randn(3, 10), "time_ids": torch.tensor([[512.0, 768, 0, 8, 512, 768]] * 3)}
    added = added if "addition_time_embed_dim" in config else {}
    with torch.no_grad():
        want = module(*inputs.values(), **more, added_cond_kwargs=added).sample
    feeds = {name: tensor.numpy() for name, tensor in (inputs | more | added).items()}
    got = run(weightless(unet(tmp_path, DTYPES[dtype])), tmp_path / NETWORK_FILE, feeds)
    assert near(got["out_sample"], want, {"f32": 2e-5, "f16": 4e-3}[dtype])


@pytest.mark.parametrize("act", ["quick_gelu", "gelu"])
def test_a_text_encoder_with_a_projection(tmp_path, act):
    torch.manual_seed(3)
    sizes = {"hidden_size": 24, "intermediate_size": 48, "num_attention_heads": 3, "num_hidden_layers": 3}
    config = CLIPTextConfig(
        vocab_size=50, projection_dim=10, max_position_embeddings=12, hidden_act=act, eos_token_id=49, **sizes
    )
    module = saved(CLIPTextModelWithProjection(config), tmp_path)
    ids = torch.randint(0, 49, (3, 12), dtype=torch.int32)
    end = torch.tensor([3, 11, 5], dtype=torch.int32)
    ids[torch.arange(3), end] = 49
    with torch.no_grad():
        want = module(ids, output_hidden_states=True)
    network = text_encoder(tmp_path, torch.float32)
    got = run(weightless(network), tmp_path / TEXT_FILE, {"input_ids": ids.numpy(), "end": end.numpy()})
    assert list(got) == ["last_hidden_state", "penultimate_hidden_state", "text_embeds"]
    assert near(got["last_hidden_state"], want.last_hidden_state)
    assert near(got["penultimate_hidden_state"], want.hidden_states[-2])
    assert near(got["text_embeds"], want.text_embeds)
    assert network.config["projection_dim"] == 10


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
    for name, inputs, output, want in (
        ("vae_decoder", {"latent_sample": latents.numpy()}, "sample", decoded),
        ("vae_encoder", {"sample": picture.numpy()}, "latent_sample", encoded),
    ):
        entry, files = export_network(name, tmp_path)
        assert entry["graphs"] == {"f32": f"{name}.f32.onnx", "f16": f"{name}.f32.onnx"}
        assert near(run(files[f"{name}.f32.onnx"], tmp_path / "vae" / NETWORK_FILE, inputs)[output], want)


@pytest.mark.parametrize(
    ("network", "config"),
    [
        ("unet", {"addition_embed_type": "image", "encoder_hid_dim": 8}),
        ("unet", {"encoder_hid_dim_type": "text_proj", "encoder_hid_dim": 8}),
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
