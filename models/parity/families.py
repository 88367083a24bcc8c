"""The families of Stable Diffusion at reduced width: diffusers folders with random weights, by diffusers' own classes.

Each keeps what tells its family apart (blocks, heads, projections, text encoders, conditions, scheduler, padding) as
the published configurations have it; only widths and depths are small.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import diffusers
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from export.checkpoint import TEXT_FILE, TEXT_PREFIX
from export.small import END, POSITIONS, save_tokenizer, vocabulary

WIDTH, WIDTH_2, POOLED = 32, 40, 24  # of the first and the second text encoder, and of the second's projection
SCALED = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
LEADING = SCALED | {"steps_offset": 1, "timestep_spacing": "leading"}
TRAILING = SCALED | {"timestep_spacing": "trailing"}


@dataclass(frozen=True)
class Scheduler:
    """A class of diffusers, and its configuration as published models of the family have it."""

    name: str
    config: dict

    def make(self) -> diffusers.SchedulerMixin:
        return getattr(diffusers, self.name)(**self.config)


@dataclass(frozen=True)
class Family:
    """What makes a family, and how its own pipeline draws.

    `steps` and `guidance` are those of the comparison. `pad` is the word that fills a prompt up for each tokenizer.
    """

    pipeline: str
    unet: dict
    scheduler: Scheduler
    text: str = "quick_gelu"
    text_2: bool = False
    vae: str = "AutoencoderKL"
    vae_config: dict = field(default_factory=dict)
    pad: tuple[str, ...] = (END,)
    index: dict = field(default_factory=dict)
    steps: int = 10
    guidance: float = 5.0


def _unet(**changes: object) -> dict:
    """Stable Diffusion 1's blocks on two levels."""
    return {
        "sample_size": 8,
        "block_out_channels": (16, 32),
        "layers_per_block": 1,
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "cross_attention_dim": WIDTH,
        "attention_head_dim": 2,
        "norm_num_groups": 8,
    } | changes


SD2 = _unet(attention_head_dim=(2, 4), use_linear_projection=True)
SDXL = _unet(
    block_out_channels=(16, 32),
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
    up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    transformer_layers_per_block=(1, 2),
    attention_head_dim=(2, 4),
    use_linear_projection=True,
    cross_attention_dim=WIDTH + WIDTH_2,
    addition_embed_type="text_time",
    addition_time_embed_dim=8,
    projection_class_embeddings_input_dim=POOLED + 6 * 8,
)
# Asymmetric: each attention of a block has its own depth, and the way up differs from the way down.
SSD_1B = SDXL | {
    "layers_per_block": 2,
    "mid_block_type": "UNetMidBlock2D",
    "transformer_layers_per_block": (1, (1, 2)),
    "reverse_transformer_layers_per_block": ((2, 1, 1), 1),
}
VEGA = SDXL | {"transformer_layers_per_block": (1, 1), "mid_block_type": None}
# BK-SDM's tiny one: no middle, every level with attention but on fewer levels.
TINY_SD = _unet(
    mid_block_type=None,
    down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
)
PNDM = Scheduler("PNDMScheduler", LEADING | {"skip_prk_steps": True, "set_alpha_to_one": False})
EULER = Scheduler("EulerDiscreteScheduler", LEADING)
LCM = Scheduler("LCMScheduler", LEADING | {"set_alpha_to_one": True, "original_inference_steps": 50})
SD, XL = "StableDiffusionPipeline", "StableDiffusionXLPipeline"
_XL = {"text_2": True, "pad": (END, "!"), "vae_config": {"scaling_factor": 0.13025}}
_FEW = {"steps": 4, "guidance": 1.0}

FAMILIES: dict[str, Family] = {
    "SD 1.x": Family(SD, _unet(), PNDM),
    "SD 1.x with TAESD": Family(SD, _unet(), PNDM, vae="AutoencoderTiny"),
    "LCM": Family(SD, _unet(), LCM, **_FEW),
    "LCM with guidance embedding": Family(
        "LatentConsistencyModelPipeline", _unet(time_cond_proj_dim=16), LCM, steps=4, guidance=8.5
    ),
    "SD 2.x, v-prediction": Family(
        SD,
        SD2,
        Scheduler("DDIMScheduler", LEADING | {"prediction_type": "v_prediction", "set_alpha_to_one": False}),
        text="gelu",
        pad=("!",),
    ),
    "SD 2.x, epsilon": Family(SD, SD2, PNDM, text="gelu", pad=("!",)),
    "SD-Turbo": Family(SD, SD2, Scheduler("EulerDiscreteScheduler", TRAILING), text="gelu", pad=("!",), **_FEW),
    "SDXL": Family(XL, SDXL, EULER, index={"force_zeros_for_empty_prompt": True}, **_XL),
    "SDXL-Turbo": Family(XL, SDXL, Scheduler("EulerAncestralDiscreteScheduler", TRAILING), **_XL, **_FEW),
    "SSD-1B": Family(XL, SSD_1B, EULER, **_XL),
    "Segmind Vega": Family(XL, VEGA, EULER, **_XL),
    "tiny-sd": Family(SD, TINY_SD, Scheduler("DPMSolverMultistepScheduler", LEADING | {"use_karras_sigmas": True})),
}


def make(name: str, folder: Path) -> Path:
    """Writes a family's checkpoint, in float32 and in diffusers' layout, into `folder`; returns it."""
    family = FAMILIES[name]
    torch.manual_seed(30)
    parts = _text_parts(family) | {
        "unet": _lively(UNet2DConditionModel(**family.unet), 1.3),
        "vae": _visible(_lively(_vae(family), 1.2)),
        "scheduler": family.scheduler.make(),
    }
    for part, module in parts.items():
        module.save_pretrained(folder / part)
        if part.startswith("text_encoder"):
            _publish_names(folder / part / TEXT_FILE)
    tokenizers = dict(zip(("tokenizer", "tokenizer_2"), family.pad, strict=False))
    for part, pad in tokenizers.items():
        save_tokenizer(folder / part)
        _set_padding(folder / part, pad)
    _write_index(family, folder, [*parts, *tokenizers])
    return folder


def load(folder: Path, **options: object) -> diffusers.DiffusionPipeline:
    """The folder's own pipeline, computing in float32 whatever the files hold."""
    pipeline = diffusers.DiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32, **options)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _text_parts(family: Family) -> dict[str, nn.Module]:
    parts = {"text_encoder": _lively(CLIPTextModel(_text_config(WIDTH, family.text)), 1.5)}
    if family.text_2:
        second = CLIPTextModelWithProjection(_text_config(WIDTH_2, "gelu", projection_dim=POOLED))
        parts["text_encoder_2"] = _lively(second, 1.5)
    return parts


def _text_config(width: int, activation: str, **changes: object) -> CLIPTextConfig:
    vocab, _ = vocabulary()
    return CLIPTextConfig(
        vocab_size=len(vocab),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=POSITIONS,
        hidden_act=activation,
        bos_token_id=0,
        eos_token_id=2,  # what every published encoder of these models says, though it is not so
        pad_token_id=1,
        **changes,
    )


def _vae(family: Family) -> nn.Module:
    """Eight pixels per latent along each side, as everywhere."""
    if family.vae == "AutoencoderTiny":
        widths, blocks = (8, 8, 8, 8), (1, 1, 1, 1)
        return AutoencoderTiny(
            encoder_block_out_channels=widths,
            decoder_block_out_channels=widths,
            num_encoder_blocks=blocks,
            num_decoder_blocks=blocks,
        )
    return AutoencoderKL(
        block_out_channels=(8, 8, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=4,
        **family.vae_config,
    )


def _lively(module: nn.Module, gain: float) -> nn.Module:
    """Weights, biases and norms moved away from their initial values; at those a graph could be wrong unseen."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(gain) if parameter.dim() > 1 else parameter.add_(0.1 * torch.randn_like(parameter))
    return module.eval()


def _visible(module: nn.Module) -> nn.Module:
    """Pictures that fill [-1, 1] instead of staying near grey, so that two of them can be told apart."""
    decoder = module.decoder
    last = decoder.conv_out if isinstance(module, AutoencoderKL) else decoder.layers[-1]
    with torch.no_grad():
        last.weight.mul_(3)
    return module


def _publish_names(path: Path) -> None:
    """The names of published text encoders: transformers 5 leaves their `text_model.` out when it saves some."""

    def published(name: str) -> str:
        return name if name.startswith((TEXT_PREFIX, "text_projection.")) else TEXT_PREFIX + name

    tensors = {published(name): tensor for name, tensor in load_file(path).items()}
    save_file(tensors, path, metadata={"format": "pt"})


def _set_padding(folder: Path, pad: str) -> None:
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        path = folder / name
        content = json.loads(path.read_text(encoding="utf-8")) | {"pad_token": pad}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write_index(family: Family, folder: Path, parts: list[str]) -> None:
    classes = {
        "text_encoder": CLIPTextModel,
        "text_encoder_2": CLIPTextModelWithProjection,
        "tokenizer": CLIPTokenizer,
        "tokenizer_2": CLIPTokenizer,
        "unet": UNet2DConditionModel,
        "vae": AutoencoderKL,
    }
    names = {part: classes[part].__name__ for part in parts if part in classes}
    names |= {"scheduler": family.scheduler.name, "vae": family.vae}
    index: dict = {"_class_name": family.pipeline} | {
        part: ["transformers" if part.startswith(("text", "token")) else "diffusers", name]
        for part, name in sorted(names.items())
    }
    absent = {"feature_extractor": [None, None], "image_encoder": [None, None]}
    checker = {"safety_checker": [None, None], "requires_safety_checker": False}
    index |= absent | ({} if family.pipeline == XL else checker) | family.index
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
