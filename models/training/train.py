"""Trains the text encoder and the U-Net together on latents, stage by stage, each stage at its own picture size.

The text encoder comes from `reading`, where it has learnt what captions say; here it learns on with the U-Net.

Loss: mean squared error of v (Salimans and Ho 2022, arXiv 2202.00512), which is defined at every timestep of a schedule
with zero terminal signal (Lin et al. 2023, arXiv 2305.08891), where noise prediction is not. Timesteps are drawn more
often from the middle, where shapes are decided (Esser et al. 2024, arXiv 2403.03206, section 3.1), not weighted:
min-SNR weights (Hang et al. 2023, arXiv 2303.09556) are zero at the pure noise that every picture begins from. Where
things are, errors count more, the more so the less noise there is: most of a picture is background, which is learnt
first. In pure noise nothing may say where things will be, so there all count alike.

Prompts are dropped at random for classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598). What is kept is an
exponential moving average of the weights: of two lengths, the one with the lower loss on scenes that neither has seen
(Karras et al. 2024, arXiv 2312.02696, choose theirs afterwards too). Progressive sizes work because the U-Net is
convolutional: a stage begins with the weights of the one before.
"""

import json
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from transformers import CLIPTextModel, CLIPTokenizer

from training import data, sample
from training.networks import build_scheduler, build_unet, noised
from training.optimiser import Optimiser
from training.parallel import Shards
from training.progress import asked_to_cool, done, rate
from training.tokenizer import encode

_HELD_OUT_SEED = 150_000_000
THING_WEIGHT = 3.0
"""How much more than background things count in a picture without noise."""


class Denoiser(torch.nn.Module):
    """Text encoder and U-Net as one module, so that they share an optimiser and an average."""

    def __init__(self, config: dict, tokenizer: CLIPTokenizer, text_encoder: CLIPTextModel):
        super().__init__()
        self.text_encoder = text_encoder
        self.unet = build_unet(config).to(memory_format=torch.channels_last)
        self.register_buffer("nothing", torch.tensor(encode(tokenizer, [""])), persistent=False)

    def forward(self, x, timesteps, ids, dropped):
        """v of latents x [b, c, h, w]; ids [prompts, tokens] are repeated to b; `dropped` [b] empties a prompt."""
        hidden = self.text_encoder(torch.cat([ids, self.nothing])).last_hidden_state
        prompts = hidden[:-1].repeat_interleave(len(x) // len(ids), 0)
        context = torch.where(dropped[:, None, None], hidden[-1:], prompts)
        return self.unet(x, timesteps, context, return_dict=False)[0]


class Run:
    """Everything that a checkpoint holds: weights, their averages, the optimiser, counters and random states."""

    def __init__(self, config: dict, tokenizer: CLIPTokenizer, text_encoder: CLIPTextModel, folder: Path):
        torch.manual_seed(config["seed"])
        self.config, self.path = config, folder / "diffusion.pt"
        self.model = Denoiser(config, tokenizer, deepcopy(text_encoder)).to(config["device"])
        self.averages = [deepcopy(self.model).eval().requires_grad_(False) for _ in config["average_decays"]]
        self.optimiser = Optimiser(self.model, config["shards"], config["bf16"])
        self.random = np.random.default_rng(config["seed"])
        self.count = {
            "stage": 0, "step": 0, "pictures": 0, "seconds": 0.0, "total_steps": 0, "total_seconds": 0.0, "best": 0,
        }  # fmt: skip
        if self.path.exists():
            self.load(torch.load(self.path, map_location=config["device"], weights_only=False))

    @property
    def average(self) -> Denoiser:
        """The average that was better at the end of the last stage, or else the shorter one."""
        return self.averages[self.count["best"]]

    def save(self) -> None:
        """Writes the checkpoint in one move, so that an interrupted write leaves the old one."""
        state = {
            "model": self.model.state_dict(), "averages": [a.state_dict() for a in self.averages],
            "count": self.count, "optimiser": self.optimiser.state_dict(), "torch": torch.get_rng_state(),
            "numpy": self.random.bit_generator.state,
        }  # fmt: skip
        torch.save(state, self.path.with_suffix(".new"))
        self.path.with_suffix(".new").replace(self.path)

    def load(self, state: dict) -> None:
        """Puts back what `save` wrote."""
        self.model.load_state_dict(state["model"])
        for average, saved in zip(self.averages, state["averages"], strict=True):
            average.load_state_dict(saved)
        self.optimiser.load_state_dict(state["optimiser"])
        self.count = state["count"]
        torch.set_rng_state(state["torch"].cpu())
        self.random.bit_generator.state = state["numpy"]

    @torch.no_grad()
    def update_averages(self) -> None:
        """average <- d average + (1 - d) weights, with d grown from 0.1 to each of the decays."""
        n = self.count["total_steps"]
        for average, decay in zip(self.averages, self.config["average_decays"], strict=True):
            d = min(decay, (1 + n) / (10 + n))
            torch._foreach_lerp_(list(average.parameters()), list(self.model.parameters()), 1 - d)

    def choose(self, unseen: data.Latents) -> None:
        """Takes the average with the lowest loss on scenes that training has not seen."""
        losses = [held_out_loss(average, unseen, self.config) for average in self.averages]
        self.count["best"] = losses.index(min(losses))
        decays = self.config["average_decays"]
        print("averages", json.dumps(dict(zip(map(str, decays), losses, strict=True))), flush=True)


def _timestep_density() -> torch.Tensor:
    """How often each of the 1000 timesteps is drawn: four times in five as a logit-normal about 450 has it."""
    t = (torch.arange(1000) + 0.5) / 1000
    logit_normal = torch.exp(-0.5 * (torch.logit(t) + 0.2).square()) / (t * (1 - t))
    return 0.8 * logit_normal / logit_normal.sum() + 0.2 / 1000


_TIMESTEPS_UP_TO = _timestep_density().cumsum(0)


def timesteps(count: int) -> torch.Tensor:
    """`count` timesteps [count] int64 in any order, spread evenly over their distribution."""
    even = (torch.randperm(count) + torch.rand(count)) / count
    return torch.searchsorted(_TIMESTEPS_UP_TO, even).clamp_(max=999)


def noise_for(x0: torch.Tensor, candidates: int) -> torch.Tensor:
    """Noise [b, c, h, w], for each latent the nearest of so many draws.

    More than one keep noise and data from mixing everywhere, so that there is less to average over (Li et al. 2025,
    arXiv 2505.18521).
    """
    noise = torch.randn(candidates, *x0.shape).to(x0.device)
    nearest = (noise - x0).flatten(2).square().sum(2).argmin(0)
    return noise[nearest, torch.arange(len(x0))]


def step(
    run: Run, latents: data.Latents, stage: dict, shards: Shards, loss_of: Callable, abar: torch.Tensor
) -> torch.Tensor:
    """One step of gradient descent; returns the loss (not yet read back).

    Each picture comes at two timesteps with noise of its own, which halves the cost of reading its prompt.
    """
    config, count = run.config, run.count
    device = config["device"]
    ids, x0, things = latents.batch(stage["batch"] // 2, run.random)
    ids, x0 = ids.to(device), x0.to(device).repeat_interleave(2, 0).to(memory_format=torch.channels_last)
    t = timesteps(len(x0)).to(device)
    dropped = (torch.rand(len(x0)) < config["prompt_dropout"]).to(device)
    x, v = noised(x0, noise_for(x0, config["noise_candidates"]), abar[t])
    signal = abar[t].sqrt().view(-1, 1, 1, 1)
    weight = 1 + THING_WEIGHT * signal * things.to(device).repeat_interleave(2, 0)
    loss = shards.backward(loss_of, x, t, ids, dropped, v, weight / weight.mean())
    torch.nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
    run.optimiser.step(rate(count, stage))
    count["step"] += 1
    count["total_steps"] += 1
    count["pictures"] += len(x0)
    run.update_averages()
    return loss.detach()


@torch.no_grad()
def held_out_loss(model: Denoiser, unseen: data.Latents, config: dict, batch: int = 64) -> float:
    """Mean squared error of v over all of `unseen`, with its first caption, under the same noise every time."""
    abar, random, total = build_scheduler().alphas_cumprod, torch.Generator().manual_seed(0), 0.0
    order = torch.randperm(len(unseen.z), generator=random)
    for rows in order.split(batch):
        x0 = unseen.z[rows].float()
        even = (torch.arange(len(rows)) + 0.5) / len(rows)
        t = torch.searchsorted(_TIMESTEPS_UP_TO, even).clamp_(max=999)
        x, v = noised(x0, torch.randn(x0.shape, generator=random), abar[t])
        dropped = torch.zeros(len(rows), dtype=torch.bool)
        given = [tensor.to(config["device"]) for tensor in (x, t, unseen.ids[rows, 0].long(), dropped)]
        total += (model(*given).float().cpu() - v).square().mean().item() * len(rows)
    return total / len(unseen.z)


def train_stage(run: Run, latents: data.Latents, vae: AutoencoderTiny, tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Runs the current stage to its end, or until it is asked to cool; logs, saves and draws sheets as it goes."""
    config, count = run.config, run.count
    stage = config["stages"][count["stage"]]
    abar = build_scheduler().alphas_cumprod.to(config["device"])
    run.model.train()
    shards = Shards(run.model, config["shards"])

    def loss_of(model, x, timesteps, ids, dropped, v, weight):
        with torch.autocast(config["device"], torch.bfloat16, enabled=config["bf16"]):
            return (weight * (model(x, timesteps, ids, dropped).float() - v).square()).mean()

    loss_of = torch.compile(loss_of) if config["compile"] else loss_of
    began, before, total = time.monotonic(), count["seconds"], count["total_seconds"]
    saved, drawn, losses = began, began, []
    while done(count, stage) < 1 and not asked_to_cool(folder, stage):
        losses.append(step(run, latents, stage, shards, loss_of, abar))
        now = time.monotonic()
        count["seconds"], count["total_seconds"] = before + now - began, total + now - began
        if count["step"] % config["log_every"] == 0:
            log(folder, {**count, "loss": torch.stack(losses).mean().item(), "rate": rate(count, stage)})
            losses = []
        if now - saved > config["save_seconds"]:
            run.save()
            saved = now
        if now - drawn > config["sheet_seconds"]:
            draw_sheet(run, vae, tokenizer, folder)
            drawn = time.monotonic()
    draw_sheet(run, vae, tokenizer, folder)


def log(folder: Path, entry: dict) -> None:
    """One JSON line to the screen and to `loss.jsonl`."""
    line = json.dumps({k: float(f"{v:.5g}") if isinstance(v, float) else v for k, v in entry.items()})
    print("diffusion", line, flush=True)
    with (folder / "loss.jsonl").open("a") as file:
        file.write(line + "\n")


def draw_sheet(run: Run, vae: AutoencoderTiny, tokenizer: CLIPTokenizer, folder: Path) -> None:
    """A sheet of fixed prompts and seeds with the averaged weights; leaves the random state of training untouched."""
    stage = run.config["stages"][run.count["stage"]]
    pipe = sample.pipeline(run.average.text_encoder, run.average.unet, vae, tokenizer, build_scheduler())
    prompts = sample.prompts(data.of_stage(run.config, stage))
    images = sample.draw(pipe, prompts, seeds=range(len(prompts)), size=stage["picture_size"], bf16=run.config["bf16"])
    name = f"sheet-{run.count['stage']}-{run.count['total_steps']:06d}.png"
    sample.sheet(images, prompts).save(folder / name)


def train(
    config: dict, vae: AutoencoderTiny, tokenizer: CLIPTokenizer, text_encoder: CLIPTextModel, folder: Path
) -> Run:
    """All stages, from the checkpoint in `folder` if there is one; returns the finished run."""
    run = Run(config, tokenizer, text_encoder, folder)
    count = run.count
    while count["stage"] < len(config["stages"]):
        stage = config["stages"][count["stage"]]
        latents = data.load(config, stage, vae, tokenizer, folder)
        try:
            train_stage(run, latents, vae, tokenizer, folder)
        finally:
            latents.close()
        unseen = {**stage, "renders": config["held_out"], "first_seed": _HELD_OUT_SEED, "growing": False}
        run.choose(data.load(config, unseen, vae, tokenizer, folder))
        count["stage"] += 1
        count["step"], count["seconds"] = 0, 0.0
        run.save()
    return run
