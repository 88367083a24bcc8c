"""One `.safetensors` with everything in it, in the original layout, out of a diffusers folder.

    python -m parity.original_names MODEL_DIR --out model.safetensors [--dtype f16]

The original layout is that of CompVis' and Stability AI's own code: `model.diffusion_model.` is the U-Net with its
blocks in one row, `first_stage_model.` the autoencoder with both halves counted from the picture, `cond_stage_model.`
the text encoder (SDXL has two, `conditioner.embedders.0.` and `.1.`), OpenCLIP's with query, key and value in one
tensor. Names are computed from the configurations; `tests/test_single_file.py` holds them to diffusers' converters.
"""

import argparse
import json
import re
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
Tensors = dict[str, Tensor]

UNET_ENDS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "time_embedding.cond_proj": "time_embed.cond_proj",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
UNET_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
OPEN_CLIP_LAYER = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}
OPEN_CLIP_ENDS = {
    "embeddings.position_embedding.weight": "positional_embedding",
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "final_layer_norm.weight": "ln_final.weight",
    "final_layer_norm.bias": "ln_final.bias",
}


def unet(tensors: Tensors, config: dict) -> Tensors:
    """The U-Net's tensors under the names that follow `model.diffusion_model.`."""
    return {_unet_name(name, config): tensor for name, tensor in tensors.items()}


def _unet_name(name: str, config: dict) -> str:
    stem, ending = name.rsplit(".", 1)
    if stem in UNET_ENDS:
        return f"{UNET_ENDS[stem]}.{ending}"
    if match := re.fullmatch(r"mid_block\.(resnets|attentions)\.(\d+)\.(.+)", stem):
        kind, number, part = match.groups()
        place = 2 * int(number) + (kind == "attentions")  # layer, attention, layer, …
        return f"middle_block.{place}.{_unet_part(kind, part)}.{ending}"
    match = re.fullmatch(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.+)", stem)
    if match is None:
        raise ValueError(f"want a parameter of a UNet2DConditionModel, got {name}")
    way, level, kind, layer, part = match[1], int(match[2]), match[3], int(match[4]), match[5]
    return f"{_unet_place(way, level, kind, layer, config)}.{_unet_part(kind, part)}.{ending}"


def _unet_place(way: str, level: int, kind: str, layer: int, config: dict) -> str:
    """Levels one after the other: a level's sampler has a block of its own going down, and shares the last going up."""
    levels = len(config["block_out_channels"])
    layers = config["layers_per_block"]
    per_level = list(layers) if isinstance(layers, (list, tuple)) else [layers] * levels
    if way == "down":
        first = 1 + sum(count + 1 for count in per_level[:level])
        if kind == "downsamplers":
            return f"input_blocks.{first + per_level[level]}.0"
        return f"input_blocks.{first + layer}.{int(kind == 'attentions')}"
    per_level.reverse()
    first = sum(count + 1 for count in per_level[:level])
    if kind == "upsamplers":
        behind = 1 + ("CrossAttn" in config["up_block_types"][level])
        return f"output_blocks.{first + per_level[level]}.{behind}"
    return f"output_blocks.{first + layer}.{int(kind == 'attentions')}"


def _unet_part(kind: str, part: str) -> str:
    return {"resnets": UNET_RESNET.get(part, part), "downsamplers": "op"}.get(kind, part)


def autoencoder(tensors: Tensors, config: dict) -> Tensors:
    """An AutoencoderKL's tensors under the names that follow `first_stage_model.`, attention as 1x1 convolutions."""
    levels = len(config["block_out_channels"])
    original = {}
    for name, tensor in tensors.items():
        renamed = _vae_name(name, levels)
        is_matrix = ".attentions." in name and tensor.dim() == 2
        original[renamed] = tensor[:, :, None, None] if is_matrix else tensor
    return original


def _vae_name(name: str, levels: int) -> str:
    name = name.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    name = re.sub(
        r"mid_block\.attentions\.0\.(.+)\.(weight|bias)", lambda m: f"mid.attn_1.{VAE_ATTENTION[m[1]]}.{m[2]}", name
    )
    name = re.sub(r"down_blocks\.(\d+)\.", r"down.\1.", name)
    name = re.sub(r"up_blocks\.(\d+)\.", lambda m: f"up.{levels - 1 - int(m[1])}.", name)
    return re.sub(r"(down|up)samplers\.0\.", r"\1sample.", name.replace(".resnets.", ".block."))


def open_clip(tensors: Tensors) -> Tensors:
    """A CLIP text encoder's tensors under OpenCLIP's names, query, key and value joined."""
    tensors = {name.removeprefix("text_model."): tensor for name, tensor in tensors.items()}
    original = {new: tensors[old] for old, new in OPEN_CLIP_ENDS.items()}
    if "text_projection.weight" in tensors:
        original["text_projection"] = tensors["text_projection.weight"].T.contiguous()
    for layer in range(_layers(tensors)):
        old, new = f"encoder.layers.{layer}", f"transformer.resblocks.{layer}"
        for ending in ("weight", "bias"):
            for there, here in OPEN_CLIP_LAYER.items():
                original[f"{new}.{here}.{ending}"] = tensors[f"{old}.{there}.{ending}"]
            joined = [tensors[f"{old}.self_attn.{part}_proj.{ending}"] for part in "qkv"]
            original[f"{new}.attn.in_proj_{ending}"] = torch.cat(joined)
    return original


def _layers(tensors: Tensors) -> int:
    return 1 + max(int(match[1]) for name in tensors if (match := re.match(r"encoder\.layers\.(\d+)\.", name)))


def _with_last_layer(original: Tensors) -> Tensors:
    """SD 2.x's own files have one layer more than is used, and what compares texts with pictures."""
    layers = [int(match[1]) for name in original if (match := re.match(r"transformer\.resblocks\.(\d+)\.", name))]
    last = f"transformer.resblocks.{max(layers)}."
    unused = f"transformer.resblocks.{max(layers) + 1}."
    width = original["ln_final.weight"].shape[0]
    return (
        original
        | {name.replace(last, unused): tensor + 1 for name, tensor in original.items() if name.startswith(last)}
        | {"text_projection": torch.ones(width, width), "logit_scale": torch.tensor(4.6)}
    )


def _text_encoders(parts: dict[str, tuple[Tensors, dict]]) -> Tensors:
    """CLIP's as transformers has it, behind `transformer.`; OpenCLIP's as OpenCLIP has it, behind `model.`."""
    first, config = parts["text_encoder"]
    if "text_encoder_2" in parts:
        second = open_clip(parts["text_encoder_2"][0]) | {"logit_scale": torch.tensor(4.6)}
        return _prefixed("conditioner.embedders.0.transformer.", _published(first)) | _prefixed(
            "conditioner.embedders.1.model.", second
        )
    if config.get("hidden_act") == "gelu":
        return _prefixed("cond_stage_model.model.", _with_last_layer(open_clip(first)))
    positions = torch.arange(positions_of(first)).unsqueeze(0)
    return _prefixed(
        "cond_stage_model.transformer.", _published(first) | {"text_model.embeddings.position_ids": positions}
    )


def positions_of(tensors: Tensors) -> int:
    """How many tokens a text encoder can tell the places of."""
    return next(len(tensor) for name, tensor in tensors.items() if name.endswith("position_embedding.weight"))


def _published(tensors: Tensors) -> Tensors:
    return {"text_model." + name.removeprefix("text_model."): tensor for name, tensor in tensors.items()}


def _prefixed(prefix: str, tensors: Tensors) -> Tensors:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def original(parts: dict[str, tuple[Tensors, dict]]) -> Tensors:
    """A whole checkpoint out of each network's tensors and `config.json`; with what trainings leave behind."""
    u_net = unet(*parts["unet"])
    averages = {"model_ema.diffusion_model" + name.replace(".", ""): tensor for name, tensor in u_net.items()}
    few = dict(list(averages.items())[:3])
    return (
        _prefixed("model.diffusion_model.", u_net)
        | _prefixed("first_stage_model.", autoencoder(*parts["vae"]))
        | _text_encoders(parts)
        | few
        | {"alphas_cumprod": torch.linspace(1, 0, 1000), "model_ema.decay": torch.tensor(0.9999)}
    )


def read_parts(folder: Path) -> dict[str, tuple[Tensors, dict]]:
    """Tensors and configuration of every network of a diffusers folder."""
    parts = {}
    for name in ("text_encoder", "text_encoder_2", "unet", "vae"):
        if not (folder / name).is_dir():
            continue
        tensors: Tensors = {}
        for file in sorted((folder / name).glob("*.safetensors")):
            tensors |= load_file(file)
        parts[name] = (tensors, json.loads((folder / name / "config.json").read_text(encoding="utf-8")))
    return parts


def write(folder: Path, out: Path, dtype: torch.dtype = torch.float32, metadata: dict | None = None) -> Path:
    """Writes the folder's weights as one file; returns its path."""
    tensors = {
        name: (tensor.to(dtype) if tensor.is_floating_point() else tensor).contiguous().clone()
        for name, tensor in original(read_parts(folder)).items()
    }
    save_file(tensors, out, metadata={"format": "pt"} | (metadata or {}))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("model", type=Path, help="diffusers folder")
    parser.add_argument("--out", type=Path, required=True, help="the .safetensors to write")
    parser.add_argument("--dtype", choices=DTYPES, default="f16")
    arguments = parser.parse_args()
    print(write(arguments.model, arguments.out, DTYPES[arguments.dtype]))


if __name__ == "__main__":
    main()
