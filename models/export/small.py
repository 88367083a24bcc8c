"""The small model: every network of a latent diffusion model at the least width that still has every kind of layer.

Its weights are random (seeded) and a little larger than at initialisation, so that prompt, timestep and sizes all
matter to the output. The U-Net is saved in float16, the others in float32.
"""

import json
from pathlib import Path

import torch
from diffusers import AutoencoderTiny, DDIMScheduler, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from export import prompt_match
from export.checkpoint import MODEL_INDEX, save_text_encoder

POSITIONS, WIDTH = 77, 32
WORDS = ["cat", "dog", "red", "on", "the"]
START, END = "<|startoftext|>", "<|endoftext|>"


def byte_letters() -> list[str]:
    """The 256 letters that stand for bytes: printable Latin-1 as it is, the others from U+0100 on (GPT-2's table)."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def vocabulary() -> tuple[dict[str, int], list[str]]:
    """CLIP's BPE format at its least: every byte, alone and at the end of a word, five words, start and end."""
    letters = byte_letters()
    merges, tokens = [], []
    for word in WORDS:
        pieces = [*word[:-1], word[-1] + "</w>"]
        while len(pieces) > 1:
            if f"{pieces[0]} {pieces[1]}" not in merges:
                merges.append(f"{pieces[0]} {pieces[1]}")
                tokens.append(pieces[0] + pieces[1])
            pieces = [pieces[0] + pieces[1], *pieces[2:]]
    names = [*letters, *(letter + "</w>" for letter in letters), *tokens, START, END]
    return {token: index for index, token in enumerate(names)}, merges


def save_tokenizer(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    vocab, merges = vocabulary()
    special = {"bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END}
    config = special | {"tokenizer_class": "CLIPTokenizer", "model_max_length": POSITIONS, "do_lower_case": True}
    files = {"vocab.json": vocab, "special_tokens_map.json": special, "tokenizer_config.json": config}
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n", encoding="utf-8")


def text_encoder() -> CLIPTextModel:
    vocab, _ = vocabulary()
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(vocab),
            hidden_size=WIDTH,
            intermediate_size=2 * WIDTH,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=POSITIONS,
            bos_token_id=vocab[START],
            eos_token_id=vocab[END],
            pad_token_id=vocab[END],
        )
    )


def unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=2,
        norm_num_groups=8,
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
    )


def vae() -> AutoencoderTiny:
    return AutoencoderTiny(
        encoder_block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        num_encoder_blocks=(1, 1, 1, 1),
        num_decoder_blocks=(1, 1, 1, 1),
        scaling_factor=0.8,
    )


def matcher() -> prompt_match.PromptMatch:
    """Reads pictures of 32x32 and this text encoder's states; every kind of layer is in it."""
    options = {"widths": [4, 8], "blocks": [0, 1], "head_width": 4, "text_width": 16, "text_layers": 1}
    return prompt_match.PromptMatch(
        options | {"image_size": 32, "text_input_width": WIDTH, "text_heads": 2, "projection_width": 12}
    )


def scheduler() -> DDIMScheduler:
    return DDIMScheduler(
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
    )


def _lively(module: nn.Module, gain: float) -> nn.Module:
    """Weights, biases and norms moved away from their initial values; at those a graph could be wrong unseen."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(gain) if parameter.dim() > 1 else parameter.add_(0.1 * torch.randn_like(parameter))
    return module.eval()


def _visible(module: AutoencoderTiny) -> AutoencoderTiny:
    """Pictures that fill [-1, 1] instead of staying near black, so that two of them can be told apart."""
    last = module.decoder.layers[-1]
    with torch.no_grad():
        last.weight.mul_(3)
        last.bias.add_(0.5)
    return module


def save_model(folder: Path) -> None:
    """The whole diffusers folder."""
    torch.manual_seed(20)
    save_text_encoder(_lively(text_encoder(), 1.5), folder / "text_encoder", torch.float32)
    _lively(unet(), 1.3).half().save_pretrained(folder / "unet")
    _visible(_lively(vae(), 1.2)).save_pretrained(folder / "vae")
    scheduler().save_pretrained(folder / "scheduler")
    torch.manual_seed(21)
    prompt_match.save(_lively(matcher(), 1.2), folder / "prompt_match", torch.float16)
    save_tokenizer(folder / "tokenizer")
    (folder / "model_index.json").write_text(json.dumps(MODEL_INDEX, indent=2) + "\n", encoding="utf-8")
