"""The autoencoder: pictures [b, 3, h, w] in [-1, 1] to latents [b, c, h/f, w/f] and back.

`diffusers.AutoencoderTiny` (the architecture of TAESD, Bohan 2023), trained from nothing with L1 on pixels and on their
differences (edges), at the picture's size and at a half and a quarter of it, and with L1 of `features`. Its number of
levels decides f = 2^(levels - 1); `latent_channels` is c. Its latents are made easy for a diffusion model: they are
held near zero mean and unit variance by a penalty, and noise is added before the decoder, for each picture as much as
chance draws between two bounds, so that it forgives small errors. Two more penalties (weight 0 is off):
`colour_weight` draws the first three channels towards the mean colour of what they cover, which makes the linear
preview true; `smaller_weight` wants latents made smaller to decode to the picture made smaller (Kouzelis et al. 2025,
arXiv 2502.09509; Skorokhodov et al. 2025, arXiv 2502.14831). `shortcuts` makes all this cheaper. At last the decoder
alone learns on with the layers themselves, against an `adversary` if there is one, for edges that are crisp.

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

from training import data, shortcuts
from training.adversary import Adversary
from training.features import Features
from training.optimiser import Optimiser
from training.parallel import Shards
from training.progress import asked_to_cool, done, rate
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
    """Renders of the config's size, kept in `folder`, of which squares are cut, and the boxes of the things in them.

    `size` is that of the pictures to learn from, averaged from the renders.
    """

    def __init__(self, config: dict, count: int, size: int, folder: Path):
        first, side = config["seed"] + 10_000_000, config["picture_size"]
        seeds, world = range(first, first + count), scenes.world_of(config)
        path = folder / f"renders-{side}-{count}.npy"
        if not path.exists():
            started = path.with_suffix(".new")
            kept = np.lib.format.open_memmap(started, "w+", np.uint8, (count, side, side, 3))
            for place, picture in zip(kept, data.renders(config, seeds, side), strict=True):
                place[...] = picture
            kept.flush()
            started.replace(path)
        self.renders, self.size = np.load(path, mmap_mode="r"), size
        self.boxes = [boxes(scenes.draw(world, seed)) for seed in seeds]

    def batch(self, count: int, crop: int, random: np.random.Generator) -> torch.Tensor:
        """`count` squares of `crop` pixels: one in four a whole render made smaller, most others about a thing."""
        out = np.empty((count, crop, crop, 3), np.uint8)
        for i in range(count):
            which = random.integers(len(self.renders))
            picture = self.renders[which]
            if self.size > crop and random.random() < 0.25:
                out[i] = _smaller(picture, crop)
            else:
                x, y = self._corner(self.boxes[which], self.size, crop, random)
                out[i] = _smaller(picture, self.size)[y : y + crop, x : x + crop]
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


def _smaller(picture: np.ndarray, size: int) -> np.ndarray:
    """uint8 [s, s, 3] to [size, size, 3], each pixel the mean of those it covers."""
    step = len(picture) // size
    return picture if step == 1 else picture.reshape(size, step, size, step, 3).mean((1, 3)).astype(np.uint8)


def picture_loss(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """L1 + L1 of differences between neighbours."""
    loss = F.l1_loss(y, x)
    for dim in (2, 3):
        loss = loss + F.l1_loss(y.diff(dim=dim), x.diff(dim=dim))
    return loss


def reconstruction(y: torch.Tensor, x: torch.Tensor, options: dict, features: Features) -> torch.Tensor:
    """`picture_loss` at the picture's size and at smaller ones, and the distance in `features`, as weighted."""
    loss = picture_loss(y, x)
    if options["half_size_weight"]:
        halves = (picture_loss(F.avg_pool2d(y, step), F.avg_pool2d(x, step)) for step in (2, 4))
        loss = loss + options["half_size_weight"] * sum(halves)
    if options["feature_weight"]:
        loss = loss + options["feature_weight"] * features.distance(y, x)
    return loss


def loss_of(
    model: AutoencoderTiny, x: torch.Tensor, noise: torch.Tensor, options: dict, features: Features
) -> torch.Tensor:
    """Of pictures at their size, of a quarter of them also at half of it, and of how the latents lie."""
    z = shortcuts.encode(model, x).float()
    loss = reconstruction(shortcuts.decode(model, z + noise).float(), x, options, features)
    mean, deviation = z.mean((0, 2, 3)), z.std((0, 2, 3))
    loss = loss + 0.05 * (mean.square().mean() + (deviation - 1).square().mean())
    if options["smaller_weight"]:
        some = slice(0, max(1, len(x) // 4))
        smaller = shortcuts.decode(model, F.avg_pool2d(z[some], 2)).float()
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
        fit(model, config, stage, folder / f"autoencoder-{index}.pt")
    model.register_to_config(scaling_factor=float(f"{1 / latent_deviation(model, config):.6g}"))
    return model.eval()


def latest(config: dict, folder: Path) -> AutoencoderTiny:
    """The autoencoder as far as the checkpoints in `folder` have it, with its scaling factor."""
    model = build(config).to(memory_format=torch.channels_last)
    names = [*(f"autoencoder-{i}.pt" for i in range(len(config["autoencoder"]["stages"]))), "decoder.pt"]
    path = [folder / name for name in names if (folder / name).exists()][-1]
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["model"])
    model.register_to_config(scaling_factor=float(f"{1 / latent_deviation(model, config):.6g}"))
    return model.eval()


def refine(model: AutoencoderTiny, config: dict, folder: Path) -> None:
    """Trains the decoder further, at the size of finished pictures. The encoder, and so what latents mean, stays."""
    fit(model, config, config["decoder"], folder / "decoder.pt", decoder_only=True)
    model.eval()


class Fit:
    """A training loop under way: weights, optimiser, adversary if there is one, and counters, as checkpoints have them.

    For the whole by `loss_of`, or, with `decoder_only`, for the decoder by its own layers.
    """

    def __init__(self, model: AutoencoderTiny, config: dict, options: dict, checkpoint: Path, decoder_only: bool):
        self.model, self.config, self.options, self.checkpoint = model, config, options, checkpoint
        self.decoder_only, self.device = decoder_only, config["device"]
        model.encoder.requires_grad_(not decoder_only)
        self.optimiser = Optimiser(model, config["shards"])
        self.share = options.get("adversary", 0.0)
        self.adversary = Adversary(self.device, config["shards"]) if self.share else None
        self.state = {"step": 0, "seconds": 0.0, "ended": False}
        if checkpoint.exists():
            self.load(torch.load(checkpoint, map_location=self.device, weights_only=True))

    def save(self) -> None:
        """Writes the checkpoint in one move, so that an interrupted write leaves the old one."""
        saved = {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "state": self.state}
        if self.adversary:
            saved["adversary"] = self.adversary.state_dict()
        torch.save(saved, self.checkpoint.with_suffix(".new"))
        self.checkpoint.with_suffix(".new").replace(self.checkpoint)

    def load(self, saved: dict) -> None:
        """Puts back what `save` wrote."""
        self.model.load_state_dict(saved["model"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.state = saved["state"]
        if self.adversary:
            self.adversary.load_state_dict(saved["adversary"])

    def run(self) -> None:
        """From where it is to the end of its budget."""
        config, options, state = self.config, self.options, self.state
        if self.ended():
            return
        pool = Pool(config, options["renders"], options["picture_size"], self.checkpoint.parent)
        random = np.random.default_rng((config["seed"], state["step"]))
        shards, features = Shards(self.model, config["shards"]), Features().to(self.device)
        began, before, saved, losses = time.monotonic(), state["seconds"], time.monotonic(), []
        while not self.ended():
            losses.append(self.step(pool, random, shards, features))
            state["step"] += 1
            state["seconds"] = before + time.monotonic() - began
            state["ended"] = asked_to_cool(self.checkpoint.parent, options)
            if state["step"] % config["log_every"] == 0:
                self.log(np.mean(losses, axis=0))
                losses = []
            if self.ended() or time.monotonic() - saved > config["save_seconds"]:
                self.save()
                saved = time.monotonic()

    def ended(self) -> bool:
        """Whether its budget is used up, or it was asked to cool down."""
        return self.state["ended"] or done(self.state, self.options) >= 1

    def log(self, losses: np.ndarray) -> None:
        """One JSON line to the screen and to `autoencoder.jsonl`."""
        state = self.state
        entry = {"stage": self.checkpoint.stem, "step": state["step"], "seconds": round(state["seconds"])}
        names = ("loss", "adversary")[: len(losses)]
        line = json.dumps({**entry, **{k: float(f"{v:.4g}") for k, v in zip(names, losses, strict=True)}})
        print(line, flush=True)
        with (self.checkpoint.parent / "autoencoder.jsonl").open("a") as file:
            file.write(line + "\n")

    def step(self, pool: Pool, random: np.random.Generator, shards: Shards, features: Features) -> list[float]:
        """One step of gradient descent; returns the loss, and that of the adversary if there is one."""
        config, options = self.config, self.options
        x = pool.batch(options["batch"], options["crop"], random)
        side = options["crop"] // 2 ** (len(self.model.config.num_encoder_blocks) - 1)
        low, high = options["latent_noise"]
        strength = low + (high - low) * torch.rand(len(x), 1, 1, 1)
        noise = strength * torch.randn(len(x), self.model.config.latent_channels, side, side)
        x, noise = x.to(self.device, memory_format=torch.channels_last), noise.to(self.device)
        drawn: dict[int, torch.Tensor] = {}

        def one_loss(replica, x, noise):
            with torch.autocast(self.device, torch.bfloat16, enabled=config["bf16"]):
                if not self.decoder_only:
                    return loss_of(replica, x, noise, options, features)
                with torch.no_grad():
                    z = replica.encoder(x)
                y = replica.decoder(z + noise).float()
                loss = reconstruction(y, x, options, features)
                drawn[shards.replicas.index(replica)] = y.detach()
                return loss + self.adversary.pull(loss, y, self.share) if self.adversary else loss

        loss = shards.backward(one_loss, x, noise)
        torch.nn.utils.clip_grad_norm_(self.optimiser.parameters, 1.0)
        self.optimiser.step(rate(self.state, options))
        if self.adversary is None:
            return [loss.item()]
        return [loss.item(), self.adversary.learn(x, torch.cat([drawn[i] for i in sorted(drawn)]))]


def fit(model: AutoencoderTiny, config: dict, options: dict, checkpoint: Path, decoder_only: bool = False) -> None:
    """Trains to the end of the budget in `options`, from the checkpoint if there is one."""
    Fit(model, config, options, checkpoint, decoder_only).run()


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
