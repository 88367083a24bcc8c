"""The text encoder and the U-Net at small sizes, and the noise schedule.

`transformers.CLIPTextModel` (Radford et al. 2021) and `diffusers.UNet2DConditionModel` (Rombach et al. 2022, arXiv
2112.10752), trained together from nothing. The schedule is Stable Diffusion's scaled-linear one, rescaled to zero
terminal signal (Lin et al. 2023, arXiv 2305.08891, Algorithm 1), with v-prediction (Salimans and Ho 2022, arXiv
2202.00512).

Attention is computed as matrix products with a softmax in float32 between them, and group norms on float32: on CPUs the
backward pass of PyTorch's fused attention takes eight times as long in bfloat16, and its group norm ten times.
"""

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from training import autoencoder


def build_text_encoder(config: dict, tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """An untrained text encoder of `config["text_encoder"]`: width, layers, heads, max_length."""
    options = config["text_encoder"]
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=options["width"],
            intermediate_size=4 * options["width"],
            projection_dim=options["width"],
            num_hidden_layers=options["layers"],
            num_attention_heads=options["heads"],
            max_position_embeddings=options["max_length"],
            hidden_act="quick_gelu",
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            attn_implementation="eager" if config["device"] == "cpu" else None,
        )
    )


def build_unet(config: dict) -> UNet2DConditionModel:
    """An untrained U-Net of `config["unet"]`: widths and heads per level, layers per block.

    The top level has no attention. `attention_head_dim` is diffusers' name for the number of heads. The pooled text
    joins the time embedding.
    """
    options, text = config["unet"], config["text_encoder"]
    below = len(options["widths"]) - 1
    unet = UNet2DConditionModel(
        sample_size=config["picture_size"] // autoencoder.factor(config),
        in_channels=config["autoencoder"]["latent_channels"],
        out_channels=config["autoencoder"]["latent_channels"],
        block_out_channels=options["widths"],
        layers_per_block=options["layers_per_block"],
        down_block_types=["DownBlock2D", *["CrossAttnDownBlock2D"] * below],
        up_block_types=[*["CrossAttnUpBlock2D"] * below, "UpBlock2D"],
        attention_head_dim=options["heads"],
        cross_attention_dim=text["width"],
        norm_num_groups=options["norm_groups"],
        addition_embed_type="text",
        addition_embed_type_num_heads=text["heads"],
    )
    return taught_on_cpus(unet) if config["device"] == "cpu" else unet


class FloatGroupNorm(torch.nn.GroupNorm):
    """A group norm that computes in float32 and answers in the dtype it was given."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.float()).to(x.dtype)


def taught_on_cpus(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """The same U-Net, with attention and group norms as the head of this file says."""
    unet.set_attn_processor(AttnProcessor())
    for module in unet.modules():
        if type(module) is torch.nn.GroupNorm:
            module.__class__ = FloatGroupNorm
    return unet


def build_scheduler() -> DDIMScheduler:
    """The noise schedule and default sampler that the model is trained for."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,
    )


def noised(x0: torch.Tensor, noise: torch.Tensor, abar: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """x_t = sqrt(abar) x0 + sqrt(1 - abar) e and its target v = sqrt(abar) e - sqrt(1 - abar) x0, for abar [b]."""
    signal, sigma = abar.sqrt().view(-1, 1, 1, 1), (1 - abar).sqrt().view(-1, 1, 1, 1)
    return signal * x0 + sigma * noise, signal * noise - sigma * x0
