"""Writes a trained model as a diffusers folder in half precision, with the app's own card of it, `afterimage.json`."""

from pathlib import Path

import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel
from safetensors.torch import save_file
from torch.nn import functional as F
from transformers import CLIPTokenizer

from export.checkpoint import MODEL_INDEX, NETWORK_FILE, save_text_encoder
from training import autoencoder, card, data, tokenizer
from training.networks import build_scheduler
from training.train import Run
from training.world import captions, scenes


def export(config: dict, run: Run, vae: AutoencoderTiny, words: CLIPTokenizer, folder: Path) -> dict:
    """Writes `folder`; returns the measured numbers that its README quotes.

    The tokenizer has the words of the whole world of `config`, the cards those that the last stage has shown.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = data.learnt(config)
    size = config["picture_size"]
    numbers = measure(config, vae, size)
    numbers["parameters"] = {
        "unet": _count(run.average.unet), "text_encoder": _count(run.average.text_encoder), "vae": _count(vae),
    }  # fmt: skip
    numbers["training"] = {"pictures": run.count["pictures"], "minutes": round(run.count["total_seconds"] / 60, 1)}
    tokenizer.save(folder / "tokenizer", captions.words(scenes.world_of(config)), words.model_max_length)
    build_scheduler().save_pretrained(folder / "scheduler")
    run.average.unet.register_to_config(sample_size=size // autoencoder.factor(config))
    save_half(run.average.unet, folder / "unet")
    save_half(vae, folder / "vae")
    save_text_encoder(run.average.text_encoder, folder / "text_encoder", torch.float16)
    tokenizer.write_json(folder / "model_index.json", MODEL_INDEX)
    tokenizer.write_json(folder / "afterimage.json", card.sidecar(told, numbers))
    (folder / "README.md").write_text(card.readme(told, numbers))
    for path in folder.rglob("*.safetensors"):
        path.chmod(0o644)
    return numbers


def _count(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def save_half(module: AutoencoderTiny | UNet2DConditionModel, folder: Path) -> None:
    """float16 tensors laid out row by row, whatever the layout in memory; the module itself stays as it is."""
    module.save_config(folder)
    tensors = {k: v.detach().cpu().contiguous().half() for k, v in module.state_dict().items()}
    save_file(tensors, folder / NETWORK_FILE, metadata={"format": "pt"})


def measure(config: dict, vae: AutoencoderTiny, size: int) -> dict:
    """PSNR in dB of the autoencoder and the linear preview, over 256 renders that training has not seen."""
    x = autoencoder.held_out(config, 256, size)
    matrix, bias, r2 = fit_preview(vae, x)
    return {
        "psnr": round(autoencoder.peak_signal_to_noise(vae, x), 2),
        "preview": {"matrix": [[round(c, 5) for c in row] for row in matrix.tolist()],
                    "bias": [round(c, 5) for c in bias.tolist()], "r2": round(r2, 4)},
    }  # fmt: skip


def fit_preview(vae: AutoencoderTiny, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Least squares from scaled latents to the mean colours of what they cover: matrix [c, 3], bias [3], and R².

    rgb ~ z matrix + bias, with z as the sampler sees it and rgb in [-1, 1].
    """
    z = autoencoder.encode(vae, x) * vae.config.scaling_factor
    rgb = F.avg_pool2d(x, x.shape[-1] // z.shape[-1]).movedim(1, -1).reshape(-1, 3)
    z = z.movedim(1, -1).reshape(-1, vae.config.latent_channels)
    design = torch.cat([z, torch.ones(len(z), 1)], 1).double()
    solution = torch.linalg.lstsq(design, rgb.double()).solution
    residual = (rgb - design @ solution).square().sum()
    return solution[:-1], solution[-1], float(1 - residual / (rgb - rgb.mean(0)).square().sum())
