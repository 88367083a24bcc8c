"""The autoencoder: pictures [b, 3, h, w] in [-1, 1] to latents [b, c, h/f, w/f] and back.

`diffusers.AutoencoderTiny` (the architecture of TAESD, Bohan 2023), trained from nothing with L1 on pixels and on their
differences (edges), as Rombach et al. 2022 (arXiv 2112.10752) train theirs but without an adversary. Its number of
levels decides f = 2^(levels - 1); `latent_channels` is c. Its latents are made easy for a diffusion model: they are
held near zero mean and unit variance by a penalty, and noise is added before the decoder, so that it forgives small
errors. Two more penalties pay only in a long training (weight 0 is off): `colour_weight` draws the first three channels
towards the mean colour of what they cover, which makes the linear preview true; `smaller_weight` wants latents made
smaller to decode to the picture made smaller (Kouzelis et al. 2025, arXiv 2502.09509).

It grows as it learns (Karras et al. 2018, arXiv 1710.10196): a stage with pictures of half the size trains the network
without its outermost level, which the next stage adds around it. Most squares that it learns from lie about a thing,
where what is hard to see is.
"""

import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from diffusers.models.autoencoders.vae import AutoencoderTinyBlock
from torch.nn import functional as F

from training import data
from training.optimiser import Optimiser
from training.parallel import Shards
from training.progress import done, rate
from training.world import scenes
from training.world.render import boxes

COLOUR_GAIN = 1.6
"""Mean colours in [-1, 1] times this have about unit variance, as the other channels do."""


def factor(config: dict) -> int:
    """Pixels per latent along each side."""
    return 2 ** (len(config["autoencoder"]["decoder_blocks"]) - 1)


def build(config: dict, missing: int = 0) -> AutoencoderTiny:
    """An untrained autoencoder of `config["autoencoder"]`: width, encoder_blocks and decoder_blocks per resolution.

    The outermost `missing` levels are left out. Every residual block begins as the identity, which a network without
    normalisation needs to begin to learn at once.
    """
    options = config["autoencoder"]
    levels = len(options["encoder_blocks"]) - missing
    widths = [options["width"]] * levels
    model = AutoencoderTiny(
        encoder_block_out_channels=widths,
        decoder_block_out_channels=widths,
        num_encoder_blocks=options["encoder_blocks"][missing:],
        num_decoder_blocks=options["decoder_blocks"][:levels],
        latent_channels=options["latent_channels"],
        latent_magnitude=3,
        latent_shift=0.5,
    )
    for block in model.modules():
        if isinstance(block, AutoencoderTinyBlock):
            torch.nn.init.zeros_(block.conv[-1].weight)
    return model


@torch.no_grad()
def grow(model: AutoencoderTiny, inner: AutoencoderTiny) -> None:
    """Gives `model` the weights of `inner`, which lacks its outermost level; that level begins as a change of size.

    The decoder repeats pixels. The encoder's first layer takes means and single pixels of every colour, of which its
    second makes what the first layer of `inner` would see in a picture of half the size, but for a third of a pixel.
    """
    old, new = list(inner.encoder.layers), list(model.encoder.layers)
    blocks = len(new) - len(old) - 1
    _copy(old[1:], new[2 + blocks :])
    first, second = new[0], new[1 + blocks]
    for weight in (first.weight, first.bias, second.weight):
        weight.zero_()
    taps = torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]])
    for y, x, colour in np.ndindex(3, 3, 3):
        channel = 9 * y + 3 * x + colour
        first.weight[channel, colour] = taps[y, :, None] * taps[x]
        second.weight[:, channel, y, x] = old[0].weight[:, colour, y, x]
    first.bias[27] = 1
    second.weight[:, 27, 1, 1] = old[0].bias

    old, new = list(inner.decoder.layers), list(model.decoder.layers)
    _copy(old[:-1], new)
    wide = new[len(old)]
    wide.weight.zero_()
    wide.weight[range(len(wide.weight)), range(len(wide.weight)), 1, 1] = 1
    _copy(old[-1:], new[-1:])


def _copy(given: list[torch.nn.Module], taken: list[torch.nn.Module]) -> None:
    """Layer by layer, as far as `given` goes."""
    for one, other in zip(given, taken, strict=False):
        other.load_state_dict(one.state_dict())


def planes(pictures: np.ndarray) -> torch.Tensor:
    """uint8 [b, h, w, 3] to float [b, 3, h, w] in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float().div(127.5).sub(1)


def pictures(x: torch.Tensor) -> np.ndarray:
    """float [b, 3, h, w] in [-1, 1] to uint8 [b, h, w, 3]."""
    return x.float().clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()


class Pool:
    """Renders kept in memory, of which squares are cut, and the boxes of the things in them."""

    def __init__(self, config: dict, count: int, size: int, first_seed: int):
        seeds = range(first_seed, first_seed + count)
        world = scenes.world_of(config)
        self.renders = np.stack(list(data.renders(config, seeds, size)))
        self.boxes = [boxes(scenes.draw(world, seed)) for seed in seeds]

    def batch(self, count: int, crop: int, random: np.random.Generator) -> torch.Tensor:
        """`count` squares of `crop` pixels: one in four a whole render made smaller, most others about a thing."""
        size = self.renders.shape[1]
        out = np.empty((count, crop, crop, 3), np.uint8)
        ratio = size // crop
        for i in range(count):
            which = random.integers(len(self.renders))
            picture = self.renders[which]
            if ratio > 1 and random.random() < 0.25:
                out[i] = picture.reshape(crop, ratio, crop, ratio, 3).mean((1, 3))
            else:
                x, y = self._corner(self.boxes[which], size, crop, random)
                out[i] = picture[y : y + crop, x : x + crop]
        return planes(out)

    @staticmethod
    def _corner(found: list[tuple], size: int, crop: int, random: np.random.Generator) -> tuple[int, int]:
        """Left and top of a square whose middle lies in one of the boxes, or of any square."""
        if not found or random.random() < 0.2:
            x, y = random.integers(size - crop + 1, size=2)
            return int(x), int(y)
        left, top, right, bottom = found[random.integers(len(found))]
        middle = np.array([random.uniform(left, right), random.uniform(top, bottom)]) * size
        x, y = np.clip(middle - crop / 2, 0, size - crop).astype(int)
        return int(x), int(y)


def picture_loss(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """L1 + L1 of differences between neighbours."""
    loss = F.l1_loss(y, x)
    for dim in (2, 3):
        loss = loss + F.l1_loss(y.diff(dim=dim), x.diff(dim=dim))
    return loss


def loss_of(
    model: AutoencoderTiny, x: torch.Tensor, noise: torch.Tensor, options: dict, frozen_encoder: bool
) -> torch.Tensor:
    """Of pictures at their size; unless the encoder is frozen, also at half of it, and of how the latents lie."""
    with torch.set_grad_enabled(not frozen_encoder):
        z = model.encoder(x).float()
    loss = picture_loss(model.decoder(z + noise).float(), x)
    if frozen_encoder:
        return loss
    mean, deviation = z.mean((0, 2, 3)), z.std((0, 2, 3))
    loss = loss + 0.05 * (mean.square().mean() + (deviation - 1).square().mean())
    if options["smaller_weight"]:
        some = slice(0, max(1, len(x) // 4))
        smaller = model.decoder(F.avg_pool2d(z[some], 2)).float()
        loss = loss + options["smaller_weight"] * picture_loss(smaller, F.avg_pool2d(x[some], 2))
    if options["colour_weight"]:
        colours = COLOUR_GAIN * F.avg_pool2d(x, x.shape[-1] // z.shape[-1])
        loss = loss + options["colour_weight"] * F.mse_loss(z[:, :3], colours)
    return loss


def train(config: dict, folder: Path) -> AutoencoderTiny:
    """Trains stage after stage, resuming from `folder/autoencoder-<stage>.pt`; measures and sets the scaling factor."""
    torch.manual_seed(config["seed"])
    model = None
    for index, stage in enumerate(config["autoencoder"]["stages"]):
        inner, missing = model, int(math.log2(config["picture_size"] / stage["picture_size"]))
        model = build(config, missing).to(config["device"], memory_format=torch.channels_last)
        if inner is not None:
            levels = len(model.config.num_encoder_blocks) - len(inner.config.num_encoder_blocks)
            grow(model, inner) if levels else model.load_state_dict(inner.state_dict())
        fit(model, config, stage, folder / f"autoencoder-{index}.pt", frozen_encoder=False)
    model.register_to_config(scaling_factor=float(f"{1 / latent_deviation(model, config):.6g}"))
    return model.eval()


def refine(model: AutoencoderTiny, config: dict, folder: Path) -> None:
    """Trains the decoder further, at the size of finished pictures. The encoder, and so what latents mean, stays."""
    fit(model, config, config["decoder"], folder / "decoder.pt", frozen_encoder=True)
    model.eval()


def fit(model: AutoencoderTiny, config: dict, options: dict, checkpoint: Path, frozen_encoder: bool) -> None:
    """The training loop, for the whole or for the decoder alone."""
    model.encoder.requires_grad_(not frozen_encoder)
    optimiser = Optimiser(model)
    state = {"step": 0, "seconds": 0.0}
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=config["device"], weights_only=True)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        state = saved["state"]
    if done(state, options) >= 1:
        return
    pool = Pool(config, options["renders"], options["picture_size"], first_seed=config["seed"] + 10_000_000)
    random = np.random.default_rng(config["seed"] + state["step"])
    shards = Shards(model, config["shards"])

    def one_loss(replica, x, noise):
        with torch.autocast(config["device"], torch.bfloat16, enabled=config["bf16"]):
            return loss_of(replica, x, noise, options, frozen_encoder)

    began, before = time.monotonic(), state["seconds"]
    side = options["crop"] // 2 ** (len(model.config.num_encoder_blocks) - 1)
    while done(state, options) < 1:
        x = pool.batch(options["batch"], options["crop"], random)
        noise = options["latent_noise"] * torch.randn(len(x), model.config.latent_channels, side, side)
        x, noise = x.to(config["device"], memory_format=torch.channels_last), noise.to(config["device"])
        loss = shards.backward(one_loss, x, noise)
        torch.nn.utils.clip_grad_norm_(optimiser.parameters, 1.0)
        optimiser.step(rate(state, options))
        state["step"] += 1
        state["seconds"] = before + time.monotonic() - began
        if state["step"] % 100 == 0:
            report = {"step": state["step"], "seconds": round(state["seconds"]), "loss": round(loss.item(), 4)}
            print(checkpoint.stem, json.dumps(report), flush=True)
        if state["step"] % 500 == 0 or done(state, options) >= 1:
            torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "state": state}, checkpoint)


@torch.no_grad()
def encode(model: AutoencoderTiny, x: torch.Tensor, bf16: bool = False, batch: int = 64) -> torch.Tensor:
    """Unscaled latents [b, c, h/f, w/f] of pictures in [-1, 1]."""
    with torch.autocast(model.device.type, torch.bfloat16, enabled=bf16):
        return torch.cat([model.encoder(part.to(model.device)).float().cpu() for part in x.split(batch)])


@torch.no_grad()
def decode(model: AutoencoderTiny, z: torch.Tensor, bf16: bool = False, batch: int = 64) -> torch.Tensor:
    """Pictures in [-1, 1] of unscaled latents."""
    with torch.autocast(model.device.type, torch.bfloat16, enabled=bf16):
        return torch.cat([model.decoder(part.to(model.device)).float().cpu().clamp(-1, 1) for part in z.split(batch)])


def held_out(config: dict, count: int, size: int) -> torch.Tensor:
    """Renders that no training has seen, [count, 3, h, w] in [-1, 1]."""
    seeds = range(config["seed"] + 90_000_000, config["seed"] + 90_000_000 + count)
    return planes(np.stack(list(data.renders(config, seeds, size))))


def latent_deviation(model: AutoencoderTiny, config: dict) -> float:
    """Standard deviation of latents about zero over held-out renders."""
    return encode(model, held_out(config, 64, config["picture_size"])).square().mean().sqrt().item()


def peak_signal_to_noise(model: AutoencoderTiny, x: torch.Tensor) -> float:
    """PSNR in dB of the round trip, from the mean squared error over all pictures (peak to peak 2)."""
    error = F.mse_loss(decode(model, encode(model, x)), x).item()
    return 10 * math.log10(4 / error)
