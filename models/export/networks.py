"""The networks of a latent diffusion model, built from `config.json` alone and ready to be traced."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import diffusers
import torch
from torch import Tensor, nn
from torch.export import Dim
from transformers import CLIPTextConfig, CLIPTextModel

from export.checkpoint import TEXT_PREFIX
from export.operators import emit_fused_operators
from export.prompt_match import PromptMatch

BATCH = Dim("batch", min=1, max=32)
SIDE = Dim.DYNAMIC
SCALING = {"scaling_factor", "shift_factor", "latents_mean", "latents_std"}
OUTSIDE = SCALING | {"sample_size", "dropout", "attention_dropout", "force_upcast"}
CLIP_BAKED = (
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "layer_norm_eps",
    "max_position_embeddings",
    "num_attention_heads",
    "num_hidden_layers",
    "vocab_size",
)


@dataclass(frozen=True)
class Port:
    """One input or output of a graph: its name and the names of its dimensions (a number where the size is fixed)."""

    name: str
    dims: tuple[str | int, ...]


@dataclass(frozen=True)
class Network:
    """What `export.graph` traces.

    `parameters` maps the traced module's parameter names to the checkpoint's, for those that the graph must use.
    `config` is what the graph bakes in of the network's configuration, defaults included.
    """

    module: nn.Module
    parameters: dict[str, str]
    config: dict
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    example: tuple[Tensor, ...]
    dynamic_shapes: tuple[dict[int, object], ...]


class Traced(nn.Module):
    """A network and the function of it that becomes the graph; its output is always float32."""

    def __init__(self, network: nn.Module, call: Callable[..., Tensor]) -> None:
        super().__init__()
        self.network = network
        self.call = call

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.call(self.network, *inputs).float()


def read_config(folder: Path) -> dict:
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))


def _named(network: nn.Module, prefix: str = "", parts: tuple[str, ...] = ("",)) -> dict[str, str]:
    """The parameters whose names begin with one of the parts, each with its name in the checkpoint."""
    return {f"network.{name}": prefix + name for name, _ in network.named_parameters() if name.startswith(parts)}


def _baked(module: nn.Module) -> dict:
    """The configuration without what leaves the graph as it is."""
    return {k: v for k, v in module.config.items() if not k.startswith("_") and k not in OUTSIDE and v is not None}


def text_encoder(folder: Path, dtype: torch.dtype) -> Network:
    """input_ids int32 [batch, tokens] -> last_hidden_state [batch, tokens, width], causal; 2 to 77 tokens."""
    config = CLIPTextConfig.from_dict(read_config(folder))
    module = _built(lambda: CLIPTextModel(config), dtype)
    positions = config.max_position_embeddings

    def call(network: CLIPTextModel, ids: Tensor) -> Tensor:
        hidden = network.embeddings(ids)
        for layer in network.encoder.layers:
            hidden = layer(hidden, attention_mask=None)
        return network.final_layer_norm(hidden)

    ids = torch.zeros(2, positions - 1, dtype=torch.int32)
    return Network(
        module=Traced(module, call),
        parameters=_named(module, TEXT_PREFIX),
        config={key: getattr(config, key) for key in CLIP_BAKED},
        inputs=(Port("input_ids", ("batch", "tokens")),),
        outputs=(Port("last_hidden_state", ("batch", "tokens", config.hidden_size)),),
        example=(ids,),
        dynamic_shapes=({0: BATCH, 1: Dim("tokens", min=2, max=positions)},),
    )


def unet(folder: Path, dtype: torch.dtype) -> Network:
    """sample [batch, c, height, width], timestep [batch], encoder_hidden_states [batch, tokens, c] -> out_sample."""
    config = read_config(folder)
    module = _built(lambda: diffusers.UNet2DConditionModel.from_config(config), dtype)
    if module.config.addition_embed_type not in (None, "text") or module.config.class_embed_type is not None:
        raise NotImplementedError(
            f"{folder}: want addition_embed_type null or 'text' and no class_embed_type, got "
            f"{module.config.addition_embed_type!r} and {module.config.class_embed_type!r}, with inputs of their own"
        )
    width = module.config.cross_attention_dim

    def call(network: diffusers.UNet2DConditionModel, sample: Tensor, timestep: Tensor, text: Tensor) -> Tensor:
        return network(sample.to(dtype), timestep, text.to(dtype), return_dict=False)[0]

    factor = 2 ** (len(module.config.block_out_channels) - 1)
    sample = torch.zeros(2, module.config.in_channels, 8 * factor, 12 * factor)
    return Network(
        module=Traced(module, call),
        parameters=_named(module),
        config=_baked(module),
        inputs=(
            Port("sample", ("batch", module.config.in_channels, "height", "width")),
            Port("timestep", ("batch",)),
            Port("encoder_hidden_states", ("batch", "tokens", width)),
        ),
        outputs=(Port("out_sample", ("batch", module.config.out_channels, "height", "width")),),
        example=(sample, torch.zeros(2), torch.zeros(2, 77, width)),
        dynamic_shapes=({0: BATCH, 2: SIDE, 3: SIDE}, {0: BATCH}, {0: BATCH, 1: Dim("tokens", min=2, max=4096)}),
    )


def vae_decoder(folder: Path, dtype: torch.dtype) -> Network:
    """latent_sample [batch, c, h, w], already divided by scaling_factor -> sample [batch, 3, H, W] in [-1, 1]."""
    module = _autoencoder(folder, dtype)

    def call(network: nn.Module, latents: Tensor) -> Tensor:
        return network.decode(latents.to(dtype), return_dict=False)[0]

    return Network(
        module=Traced(module, call),
        parameters=_named(module, parts=("decoder.", "post_quant_conv.")),
        config=_baked(module),
        inputs=(Port("latent_sample", ("batch", module.config.latent_channels, "height", "width")),),
        outputs=(Port("sample", ("batch", module.config.out_channels, "picture_height", "picture_width")),),
        example=(torch.zeros(2, module.config.latent_channels, 8, 12),),
        dynamic_shapes=({0: BATCH, 2: SIDE, 3: SIDE},),
    )


def vae_encoder(folder: Path, dtype: torch.dtype) -> Network:
    """sample [batch, 3, H, W] in [-1, 1] -> latent_sample [batch, c, h, w], the mean of the posterior, unscaled."""
    module = _autoencoder(folder, dtype)

    def call(network: nn.Module, sample: Tensor) -> Tensor:
        encoded = network.encode(sample.to(dtype), return_dict=False)[0]
        return encoded if isinstance(encoded, Tensor) else encoded.mode()

    return Network(
        module=Traced(module, call),
        parameters=_named(module, parts=("encoder.", "quant_conv.")),
        config=_baked(module),
        inputs=(Port("sample", ("batch", module.config.in_channels, "picture_height", "picture_width")),),
        outputs=(Port("latent_sample", ("batch", module.config.latent_channels, "height", "width")),),
        example=(torch.zeros(2, module.config.in_channels, 64, 96),),
        dynamic_shapes=({0: BATCH, 2: SIDE, 3: SIDE},),
    )


def prompt_match(folder: Path, dtype: torch.dtype) -> Network:
    """pixels [batch, 3, size, size] in [-1, 1], text [batch, tokens, width], end int32 [batch] -> cosine [batch]."""
    module = _built(lambda: PromptMatch(read_config(folder)), dtype)
    size, width = module.config["image_size"], module.config["text_input_width"]

    def call(network: PromptMatch, pixels: Tensor, text: Tensor, end: Tensor) -> Tensor:
        return network(pixels.to(dtype), text.to(dtype), end)

    return Network(
        module=Traced(module, call),
        parameters=_named(module),
        config=module.config,
        inputs=(
            Port("pixels", ("batch", 3, size, size)),
            Port("text", ("batch", "tokens", width)),
            Port("end", ("batch",)),
        ),
        outputs=(Port("cosine", ("batch",)),),
        example=(torch.zeros(2, 3, size, size), torch.zeros(2, 77, width), torch.zeros(2, dtype=torch.int32)),
        dynamic_shapes=({0: BATCH}, {0: BATCH, 1: Dim("tokens", min=2, max=4096)}, {0: BATCH}),
    )


def _autoencoder(folder: Path, dtype: torch.dtype) -> nn.Module:
    config = read_config(folder)
    classes = {"AutoencoderKL": diffusers.AutoencoderKL, "AutoencoderTiny": diffusers.AutoencoderTiny}
    if config.get("_class_name") not in classes:
        raise NotImplementedError(f"{folder}: want one of {', '.join(classes)}, got {config.get('_class_name')}")
    return _built(lambda: classes[config["_class_name"]].from_config(config), dtype)


def _built(make: Callable[[], nn.Module], dtype: torch.dtype) -> nn.Module:
    """The module with parameters that have names, shapes and a dtype, and memory that is never touched."""
    with torch.device("meta"):
        module = make()
    module = module.to(dtype).eval().to_empty(device="cpu")
    emit_fused_operators(module)
    return module


NETWORKS: dict[str, tuple[str, Callable[[Path, torch.dtype], Network]]] = {
    "text_encoder": ("text_encoder", text_encoder),
    "unet": ("unet", unet),
    "vae_decoder": ("vae", vae_decoder),
    "vae_encoder": ("vae", vae_encoder),
    "prompt_match": ("prompt_match", prompt_match),
}
OPTIONAL = {"prompt_match"}


def networks_of(model: Path) -> list[str]:
    """The networks of a diffusers folder: all of them, but for optional ones that it has no `config.json` of."""
    return [name for name, (folder, _) in NETWORKS.items() if name not in OPTIONAL or (model / folder).is_dir()]
