"""The networks of a latent diffusion model, built from `config.json` alone and ready to be traced."""

from collections.abc import Callable
from pathlib import Path

import diffusers
import torch
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from export.checkpoint import TEXT_PREFIX
from export.network import Input, Network, Port, Traced, baked, built, named, read_config
from export.operators import row_of
from export.prompt_match import PromptMatch

TIME_IDS = 6  # SDXL: original height and width, crop top and left, target height and width
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


def text_encoder(folder: Path, dtype: torch.dtype) -> Network:
    """input_ids int32 [batch, tokens] -> last_hidden_state, penultimate_hidden_state [batch, tokens, width]; causal.

    The first has gone through the final norm; the second is transformers' `hidden_states[-2]`, what the last layer
    reads. A `CLIPTextModelWithProjection` also takes end int32 [batch], the place of the end token, and gives
    text_embeds [batch, projection_dim], the projection of what stands there. Up to max_position_embeddings tokens.
    """
    written = read_config(folder)
    config = CLIPTextConfig.from_dict(written)
    projects = "CLIPTextModelWithProjection" in (written.get("architectures") or [])
    module = built(lambda: (CLIPTextModelWithProjection if projects else CLIPTextModel)(config), dtype)
    hidden = ("batch", "tokens", config.hidden_size)
    inputs = [Input("input_ids", ("batch", "tokens"), torch.int32)]
    outputs = [Port("last_hidden_state", hidden), Port("penultimate_hidden_state", hidden)]
    if projects:
        inputs.append(Input("end", ("batch",), torch.int32))
        outputs.append(Port("text_embeds", ("batch", config.projection_dim)))

    def call(network: nn.Module, ids: Tensor, end: Tensor | None = None) -> tuple[Tensor, ...]:
        text_model = network.text_model if projects else network
        after = penultimate = text_model.embeddings(ids)
        for layer in text_model.encoder.layers:
            after, penultimate = layer(after, attention_mask=None), after
        last = text_model.final_layer_norm(after)
        return (last, penultimate, network.text_projection(row_of(last, end))) if projects else (last, penultimate)

    return Network(
        module=Traced(module, call),
        parameters=named(module, "" if projects else TEXT_PREFIX),
        config={key: getattr(config, key) for key in (*CLIP_BAKED, *(["projection_dim"] if projects else []))},
        inputs=tuple(inputs),
        outputs=tuple(outputs),
    )


def unet(folder: Path, dtype: torch.dtype) -> Network:
    """sample [batch, c, height, width], timestep [batch], encoder_hidden_states [batch, tokens, c] -> out_sample.

    More inputs, where the configuration asks for them: timestep_cond [batch, time_cond_proj_dim] (guidance-distilled
    U-Nets); text_embeds [batch, p] and time_ids [batch, 6] (`addition_embed_type` "text_time", as in SDXL).
    """
    module = built(lambda: diffusers.UNet2DConditionModel.from_config(read_config(folder)), dtype)
    _refuse_other_inputs(folder, module.config)
    inputs = _unet_inputs(module.config)

    def call(network: diffusers.UNet2DConditionModel, *values: Tensor) -> tuple[Tensor, ...]:
        given = {port.name: value for port, value in zip(inputs, values, strict=True)}
        return network(
            given["sample"].to(dtype),
            given["timestep"],
            given["encoder_hidden_states"].to(dtype),
            timestep_cond=given["timestep_cond"].to(dtype) if "timestep_cond" in given else None,
            added_cond_kwargs={name: given[name] for name in ("text_embeds", "time_ids") if name in given},
            return_dict=False,
        )

    return Network(
        module=Traced(module, call),
        parameters=named(module),
        config=baked(module),
        inputs=inputs,
        outputs=(Port("out_sample", ("batch", module.config.out_channels, "height", "width")),),
    )


def _unet_inputs(config: dict) -> tuple[Input, ...]:
    channels, width, condition = config["in_channels"], config["cross_attention_dim"], config["time_cond_proj_dim"]
    inputs = [
        Input("sample", ("batch", channels, "height", "width")),
        Input("timestep", ("batch",)),
        Input("encoder_hidden_states", ("batch", "tokens", width)),
    ]
    if condition is not None:
        inputs.append(Input("timestep_cond", ("batch", condition)))
    if config["addition_embed_type"] == "text_time":
        pooled = config["projection_class_embeddings_input_dim"] - TIME_IDS * config["addition_time_embed_dim"]
        inputs.append(Input("text_embeds", ("batch", pooled)))
        inputs.append(Input("time_ids", ("batch", TIME_IDS)))
    return tuple(inputs)


def _refuse_other_inputs(folder: Path, config: dict) -> None:
    found = [config[key] for key in ("addition_embed_type", "class_embed_type", "encoder_hid_dim_type")]
    if found[0] not in (None, "text", "text_time") or found[1:] != [None, None]:
        raise NotImplementedError(
            f"{folder}: want addition_embed_type null, 'text' or 'text_time', and class_embed_type and "
            f"encoder_hid_dim_type null, got {', '.join(map(repr, found))}, with inputs of their own"
        )


def vae_decoder(folder: Path, dtype: torch.dtype) -> Network:
    """latent_sample [batch, c, h, w], already divided by scaling_factor -> sample [batch, 3, H, W] in [-1, 1]."""
    module, config = _autoencoder(folder, dtype)
    channels = module.config.latent_channels

    def call(network: nn.Module, latents: Tensor) -> tuple[Tensor, ...]:
        return network.decode(latents.to(dtype), return_dict=False)

    return Network(
        module=Traced(module, call),
        parameters=named(module, parts=("decoder.", "post_quant_conv.")),
        config=config,
        inputs=(Input("latent_sample", ("batch", channels, "height", "width")),),
        outputs=(Port("sample", ("batch", module.config.out_channels, "picture_height", "picture_width")),),
    )


def vae_encoder(folder: Path, dtype: torch.dtype) -> Network:
    """sample [batch, 3, H, W] in [-1, 1] -> latent_sample [batch, c, h, w], the mean of the posterior, unscaled."""
    module, config = _autoencoder(folder, dtype)
    channels, picture = module.config.in_channels, ("picture_height", "picture_width")

    def call(network: nn.Module, sample: Tensor) -> tuple[Tensor]:
        encoded = network.encode(sample.to(dtype), return_dict=False)[0]
        return (encoded if isinstance(encoded, Tensor) else encoded.mode(),)

    return Network(
        module=Traced(module, call),
        parameters=named(module, parts=("encoder.", "quant_conv.")),
        config=config,
        inputs=(Input("sample", ("batch", channels, *picture)),),
        outputs=(Port("latent_sample", ("batch", module.config.latent_channels, "height", "width")),),
    )


def prompt_match(folder: Path, dtype: torch.dtype) -> Network:
    """pixels [batch, 3, size, size] in [-1, 1], text [batch, tokens, width], end int32 [batch] -> cosine [batch]."""
    module = built(lambda: PromptMatch(read_config(folder)), dtype)
    size, width = module.config["image_size"], module.config["text_input_width"]

    def call(network: PromptMatch, pixels: Tensor, text: Tensor, end: Tensor) -> tuple[Tensor]:
        return (network(pixels.to(dtype), text.to(dtype), end),)

    return Network(
        module=Traced(module, call),
        parameters=named(module),
        config=module.config,
        inputs=(
            Input("pixels", ("batch", 3, size, size)),
            Input("text", ("batch", "tokens", width)),
            Input("end", ("batch",), torch.int32),
        ),
        outputs=(Port("cosine", ("batch",)),),
    )


def _autoencoder(folder: Path, dtype: torch.dtype) -> tuple[nn.Module, dict]:
    """The network, and what its graphs bake in. A decoder that overflows in float16 has another f16 graph."""
    config = read_config(folder)
    classes = {"AutoencoderKL": diffusers.AutoencoderKL, "AutoencoderTiny": diffusers.AutoencoderTiny}
    if config.get("_class_name") not in classes:
        raise NotImplementedError(f"{folder}: want one of {', '.join(classes)}, got {config.get('_class_name')}")
    module = built(lambda: classes[config["_class_name"]].from_config(config), dtype)
    return module, baked(module) | {"force_upcast": config.get("force_upcast") is True}


# By network: the folder of its config.json, and what builds it.
NETWORKS: dict[str, tuple[str, Callable[[Path, torch.dtype], Network]]] = {
    "text_encoder": ("text_encoder", text_encoder),
    "text_encoder_2": ("text_encoder_2", text_encoder),
    "unet": ("unet", unet),
    "vae_decoder": ("vae", vae_decoder),
    "vae_encoder": ("vae", vae_encoder),
    "prompt_match": ("prompt_match", prompt_match),
}


def networks_of(model: Path) -> list[str]:
    """The networks that a diffusers folder has a `config.json` of."""
    return [name for name, (folder, _) in NETWORKS.items() if (model / folder / "config.json").is_file()]
