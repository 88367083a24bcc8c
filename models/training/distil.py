"""A few-step student: a LoRA with which the U-Net draws in four steps, without guidance, what it draws in many with it.

From noise and captions the teacher follows its ODE (DDIM, Song et al. 2021, arXiv 2010.02502, Eq. 12) with classifier-
free guidance. The way is cut into as many pieces as the student has steps, and the student learns to jump from each
piece's beginning to its end in one DDIM step: progressive distillation (Salimans and Ho 2022, arXiv 2202.00512, section
3) with the pieces of multistep and phased consistency models (Heek et al. 2024, arXiv 2403.06807; Wang et al. 2024,
arXiv 2405.18407), and guidance learnt along with it (Meng et al. 2023, arXiv 2210.03142). Only the places where the
student will stand are learnt, each from a whole piece of the teacher's way, so a few thousand ways are enough. It is
therefore drawn with as it was taught: DDIM, trailing timesteps, guidance 1. Of some ways (`own_states`) it learns from
where its own jumps have brought it, beside the way, to get back onto it: what it meets when it draws (Yin et al. 2024,
arXiv 2405.14867, section 4.4, on training as one samples).

What changes is a LoRA of every linear and convolutional layer (Hu et al. 2021, arXiv 2106.09685; Luo et al. 2023, arXiv
2311.05556), in a file that diffusers' `load_lora_weights` reads. While learning it is merged: then it costs one product
of two thin matrices a layer, where peft would run each layer twice.

The command, on a finished model: python -m training.distil --config configs/cpu.json
"""

import argparse
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file
from torch.nn import functional as F
from torch.nn.utils import parametrize
from transformers import CLIPTextModel, CLIPTokenizer

from training import data, precision
from training import tokenizer as tokens
from training.networks import build_scheduler, taught_on_cpus
from training.parallel import Shards
from training.progress import done, rate
from training.world import captions, scenes

WEIGHTS = "few_step/pytorch_lora_weights.safetensors"
_SEEDS, _HELD_OUT_SEEDS, _HELD_OUT = 300_000_000, 310_000_000, 16
Predict = Callable[[torch.Tensor, int], torch.Tensor]


class LowRank(torch.nn.Module):
    """W + up · down, [out, rank] · [rank, in] in the shape of W; nothing at first."""

    def __init__(self, weight: torch.Tensor, rank: int):
        super().__init__()
        out, width = len(weight), weight[0].numel()
        rank = min(rank, out, width)
        self.down = torch.nn.Parameter(torch.randn(rank, width) / width**0.5)
        self.up = torch.nn.Parameter(torch.zeros(out, rank))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        with torch.autocast(weight.device.type, enabled=False):
            return weight + (self.up @ self.down).view(weight.shape)


def with_low_rank(unet: UNet2DConditionModel, rank: int) -> UNet2DConditionModel:
    """A copy whose weights stand still but for a `LowRank` on each linear and convolutional layer."""
    student = deepcopy(unet).requires_grad_(False)
    for module in list(student.modules()):
        if isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
            parametrize.register_parametrization(module, "weight", LowRank(module.weight, rank))
    return student.to(unet.device)


def levels(steps: int) -> list[tuple[int, float, float]]:
    """(timestep, α_t, σ_t) of so many trailing timesteps (Lin et al. 2023, arXiv 2305.08891), then of the data."""
    scheduler = build_scheduler()
    scheduler.set_timesteps(steps)
    abar = [(t, scheduler.alphas_cumprod[t].item()) for t in scheduler.timesteps.tolist()]
    return [(t, a**0.5, (1 - a) ** 0.5) for t, a in abar] + [(-1, 1.0, 0.0)]


def follow(predict: Predict, x: torch.Tensor, steps: int) -> torch.Tensor:
    """The ODE from noise x [b, c, h, w] to data by DDIM: every state on the way, [steps + 1, b, c, h, w]."""
    states, way = [x], levels(steps)
    for (t, a, sigma), (_, b, tau) in pairwise(way):
        v = predict(x, t)
        x0, noise = a * x - sigma * v, sigma * x + a * v
        x = b * x0 + tau * noise
        states.append(x)
    return torch.stack(states)


def jump(x: torch.Tensor, landing: torch.Tensor, here: tuple, there: tuple) -> torch.Tensor:
    """The v that takes DDIM from x to `landing` in one step: x' = (b a + τ σ) x + (τ a - b σ) v, solved for v."""
    (_, a, sigma), (_, b, tau) = here, there
    return (landing - (b * a + tau * sigma) * x) / (tau * a - b * sigma)


def plain(unet: UNet2DConditionModel, context: torch.Tensor) -> Predict:
    """What the U-Net itself predicts under texts [b, tokens, width]."""

    def predict(x: torch.Tensor, t: int) -> torch.Tensor:
        x = x.contiguous(memory_format=torch.channels_last)
        return unet(x, torch.full((len(x),), t, device=x.device), context, return_dict=False)[0].float()

    return predict


def guided(unet: UNet2DConditionModel, context: torch.Tensor, nothing: torch.Tensor, scale: float) -> Predict:
    """Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598); `nothing` [1, tokens, width] is "" read."""
    both = plain(unet, torch.cat([nothing.expand_as(context), context]))

    def predict(x: torch.Tensor, t: int) -> torch.Tensor:
        unprompted, prompted = both(torch.cat([x, x]), t).chunk(2)
        return unprompted + scale * (prompted - unprompted)

    return predict


class Lesson:
    """A teacher, and what it takes to follow it: noise and texts by seed, and the empty text."""

    def __init__(self, config: dict, unet: UNet2DConditionModel, reader: CLIPTextModel, words: CLIPTokenizer):
        self.config, self.unet, self.reader, self.words = config, unet.eval(), reader.eval(), words
        self.world = scenes.world_of(config)
        self.nothing = self.read([""])

    def caption(self, seed: int) -> str:
        """One caption of a scene that is not held out."""
        return captions.caption(scenes.draw(self.world, seed), Random(f"distil/{seed}"), self.world.speech)

    @torch.no_grad()
    def read(self, texts: list[str]) -> torch.Tensor:
        """Texts as the U-Net wants them, [n, tokens, width]."""
        ids = torch.tensor(tokens.encode(self.words, texts), device=self.reader.device)
        return self.reader(ids).last_hidden_state

    def start(self, first: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Noise [count, c, h, w] and texts of the scenes `first`, `first + 1`, …, none of them held out."""
        seeds = range(first, first + count)
        texts = [self.caption(seed) for seed in seeds]
        side, channels = self.unet.config.sample_size, self.unet.config.in_channels
        noise = torch.randn(count, channels, side, side, generator=torch.Generator().manual_seed(first))
        return noise.to(self.unet.device), self.read(texts)

    @torch.no_grad()
    def ways(self, first: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The teacher's states [count, pieces + 1, c, h, w] where the pieces meet, and the texts, in half precision."""
        config, options = self.config, self.config["student"]
        noise, context = self.start(first, count)
        with torch.autocast(config["device"], torch.bfloat16, enabled=config["bf16"]):
            predict = guided(self.unet, context, self.nothing, config["defaults"]["guidanceScale"])
            states = follow(predict, noise, options["teacher_steps"])
        met = states[:: options["teacher_steps"] // options["sampling_steps"]]
        return met.transpose(0, 1).half(), context.half()


def gather(lesson: Lesson) -> tuple[torch.Tensor, torch.Tensor]:
    """Ways for as long as `config["student"]["ways"]` allows, by all threads."""
    options, shards = lesson.config["student"]["ways"], lesson.config["shards"]
    state, began, found = {"step": 0, "seconds": 0.0}, time.monotonic(), []
    some = partial(lesson.ways, count=options["batch"])
    with ThreadPoolExecutor(shards, initializer=torch.set_num_threads, initargs=(1,)) as threads:
        while done(state, options) < 1:
            first = _SEEDS + len(found) * options["batch"]
            found += threads.map(some, range(first, first + shards * options["batch"], options["batch"]))
            state = {"step": state["step"] + 1, "seconds": time.monotonic() - began}
    return torch.cat([states for states, _ in found]), torch.cat([context for _, context in found])


def lessons(states: torch.Tensor, context: torch.Tensor, stand: torch.Tensor | None = None) -> tuple[torch.Tensor, ...]:
    """States [n, pieces + 1, …] and texts [n, …] -> x, timesteps, texts and v of all n · pieces jumps.

    The jumps begin on the way, or from `stand` [n, pieces, …], and land on the way.
    """
    way = levels(states.shape[1] - 1)
    states, pieces = states.float(), len(way) - 1
    x = states[:, :-1] if stand is None else stand
    v = [jump(x[:, i], states[:, i + 1], *pair) for i, pair in enumerate(pairwise(way))]
    timesteps = torch.tensor([t for t, _, _ in way[:-1]], device=states.device).repeat(len(states))
    contexts = context.float().repeat_interleave(pieces, 0)
    return x.flatten(0, 1), timesteps, contexts, torch.stack(v, 1).flatten(0, 1)


@torch.no_grad()
def own_states(predict: Predict, states: torch.Tensor) -> torch.Tensor:
    """Where `predict` comes from the noise of each way by its own jumps, [n, pieces, …], the noise being the first."""
    return follow(predict, states[:, 0].float(), states.shape[1] - 1)[:-1].transpose(0, 1)


def train(
    config: dict, unet: UNet2DConditionModel, reader: CLIPTextModel, words: CLIPTokenizer
) -> UNet2DConditionModel:
    """The student of `config["student"]`; prints how near it comes to its teacher."""
    torch.manual_seed(config["seed"])
    options, device = config["student"], config["device"]
    lesson = Lesson(config, unet.to(device, memory_format=torch.channels_last), reader.to(device), words)
    states, context = (tensor.to(device) for tensor in gather(lesson))
    student = with_low_rank(lesson.unet, options["rank"])
    optimiser = torch.optim.AdamW(
        [p for p in student.parameters() if p.requires_grad], lr=1e-3, betas=(0.9, 0.99), weight_decay=0.0
    )
    shards = Shards(student, config["shards"])

    def loss_of(replica, x, timesteps, context, v):
        x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast(device, torch.bfloat16, enabled=config["bf16"]):
            return F.mse_loss(replica(x, timesteps, context, return_dict=False)[0].float(), v)

    state, began, losses = {"step": 0, "seconds": 0.0}, time.monotonic(), []
    while done(state, options) < 1:
        for group in optimiser.param_groups:
            group["lr"] = rate(state, options)
        which = torch.randint(len(states), (options["batch"] // options["sampling_steps"],))
        losses.append(shards.backward(loss_of, *taught(student, states[which], context[which], config)))
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        state = {"step": state["step"] + 1, "seconds": time.monotonic() - began}
        if state["step"] % config["log_every"] == 0:
            print("student", json.dumps({**state, "loss": round(torch.stack(losses).mean().item(), 5)}), flush=True)
            losses = []
    print("student", json.dumps({"ways": len(states), "steps": state["step"], **nearness(lesson, student)}), flush=True)
    return student


def taught(
    student: UNet2DConditionModel, states: torch.Tensor, context: torch.Tensor, config: dict
) -> tuple[torch.Tensor, ...]:
    """`lessons` on these ways: of the first `own_states` of them from where the student's own jumps lead."""
    own = round(config["student"]["own_states"] * len(states))
    if own == 0:
        return lessons(states, context)
    with torch.autocast(config["device"], torch.bfloat16, enabled=config["bf16"]):
        stand = own_states(plain(student, context[:own].float()), states[:own])
    parts = lessons(states[:own], context[:own], stand), lessons(states[own:], context[own:])
    return tuple(torch.cat(pair) for pair in zip(*parts, strict=True))


@torch.no_grad()
def nearness(lesson: Lesson, student: UNet2DConditionModel) -> dict:
    """Mean squared distance of latents to the teacher's at its own number of steps, from the same noise, by steps."""
    defaults, counts = lesson.config["defaults"], (4, 2, 1)
    noise, context = lesson.start(_HELD_OUT_SEEDS, _HELD_OUT)
    teach = guided(lesson.unet, context, lesson.nothing, defaults["guidanceScale"])
    wanted = follow(teach, noise, defaults["steps"])[-1]

    def distances(predict: Predict) -> dict:
        return {n: round(F.mse_loss(follow(predict, noise, n)[-1], wanted).item(), 5) for n in counts}

    return {"student": distances(plain(student.eval(), context)), "teacher": distances(teach)}


def save(student: UNet2DConditionModel, model: Path) -> None:
    """Writes the LoRA into a model folder, in float16 and under the names that peft and diffusers give (scale 1)."""
    factors = {}
    for name, module in student.named_modules():
        if parametrize.is_parametrized(module, "weight"):
            low, (out, _, *kernel) = module.parametrizations.weight[0], module.weight.shape
            factors[f"unet.{name}.lora_A.weight"] = low.down.view(-1, *module.weight.shape[1:])
            factors[f"unet.{name}.lora_B.weight"] = low.up.view(out, -1, *(1 for _ in kernel))
    path = model / WEIGHTS
    path.parent.mkdir(exist_ok=True)
    tensors = {name: tensor.detach().cpu().contiguous().half() for name, tensor in factors.items()}
    save_file(tensors, path, metadata={"format": "pt"})
    path.chmod(0o644)


def distil(config: dict, model: Path) -> None:
    """Makes a student of the model in the diffusers folder `model` and writes it there, in the app's card too."""
    unet = UNet2DConditionModel.from_pretrained(model / "unet", torch_dtype=torch.float32)
    unet = taught_on_cpus(unet) if config["device"] == "cpu" else unet
    reader = CLIPTextModel.from_pretrained(model / "text_encoder", dtype=torch.float32, attn_implementation="eager")
    words = CLIPTokenizer.from_pretrained(model / "tokenizer")
    save(train(config, unet, reader, words), model)
    card = json.loads((model / "afterimage.json").read_text())
    steps = config["student"]["sampling_steps"]
    card["few_step"] = {"weights": WEIGHTS, "sampler": "ddim", "steps": steps, "guidanceScale": 1}
    tokens.write_json(model / "afterimage.json", card)


def main() -> None:
    """Command line."""
    models = Path(__file__).parent.parent
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=models / "tinyworld", help="a finished model's folder")
    options = parser.parse_args()
    config = precision.settled(data.learnt(json.loads(options.config.read_text())))
    torch.set_num_threads(config["threads"])
    distil(config, options.model)


if __name__ == "__main__":
    main()
