"""Trains the judge on renders, distorted as generated pictures are soft: bent, blurred, noisy, their colours off."""

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.evaluation.judge import SIDE, Judge, Labels, labels_of, pixels
from training.evaluation.obedience import TASKS
from training.world import render, scenes
from training.world.scene import Scene, World

FIRST_SEED = 20_000_000
HELD_OUT_SHARE = 0.3


@dataclass(frozen=True)
class Schedule:
    """How long the judge learns."""

    renders: int = 12000
    small_steps: int = 1500
    """At 96x96, which is twice as fast."""
    steps: int = 1000
    """At 128x128, afterwards."""
    batch: int = 32
    learning_rate: float = 2e-3


@dataclass(frozen=True)
class Targets:
    """What is true of a batch of scenes. Things of all scenes are in one list, each with its scene's index."""

    scene: Tensor
    box: Tensor
    """[things, 4]: x0, y0, x1, y1 in fractions."""
    noun: Tensor
    colour: Tensor
    """-1 for a thing in its own colours, on which the judge is not trained."""
    whole: dict[str, Tensor]
    present: Tensor


def mixture(world: World, count: int) -> Iterator[Scene]:
    """Scenes to learn from: every kind by chance, and every task's; three in ten with held-out combinations."""
    random = np.random.default_rng(FIRST_SEED)
    for i in range(count):
        seed, held_out = FIRST_SEED + i, bool(random.random() < HELD_OUT_SHARE)
        if random.random() < 0.5:
            yield scenes.draw(world, seed, held_out)
        else:
            yield scenes.for_task(world, TASKS[i % len(TASKS)], seed, held_out)


def targets(chosen: list[Scene], labels: Labels) -> Targets:
    """The truth about scenes."""
    things = [(i, *pair) for i, s in enumerate(chosen) for pair in zip(s.things, render.boxes(s), strict=True)]
    colours = [labels.colours.index(t.colour) if t.colour else -1 for _, t, _ in things]
    nouns = torch.tensor([labels.nouns.index(t.noun) for _, t, _ in things], dtype=torch.long)
    owner = torch.tensor([i for i, _, _ in things], dtype=torch.long)
    present = torch.zeros(len(chosen), len(labels.nouns))
    present[owner, nouns] = 1
    whole = {
        part: torch.tensor([values.index(getattr(s.setting, part)) for s in chosen])
        for part, values in labels.setting.items()
    }
    whole["style"] = torch.tensor([labels.style.index(s.style) for s in chosen])
    box = torch.tensor([box for _, _, box in things], dtype=torch.float32).view(-1, 4)
    return Targets(owner, box, nouns, torch.tensor(colours, dtype=torch.long), whole, present)


def chosen_of(truth: Targets, rows: Tensor) -> Targets:
    """The truth about some of the scenes, numbered anew."""
    place = torch.full((len(truth.present),), -1)
    place[rows] = torch.arange(len(rows))
    keep = place[truth.scene] >= 0
    whole = {part: values[rows] for part, values in truth.whole.items()}
    return Targets(
        place[truth.scene[keep]], truth.box[keep], truth.noun[keep], truth.colour[keep], whole, truth.present[rows]
    )


def distorted(x: Tensor, box: Tensor, owner: Tensor, side: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Pictures moved, scaled, mirrored, bent, blurred, noisy and off in colour, [b, 3, side, side], and their boxes."""
    b = len(x)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(shape, generator=random)

    zoom, shift, mirror = uniform(0.92, 1.08, b, 1), uniform(-0.08, 0.08, b, 2), uniform(0, 1, b) < 0.5
    scale = zoom.expand(b, 2).clone()
    scale[mirror, 0] *= -1
    theta = torch.cat([torch.diag_embed(scale), shift[:, :, None]], 2)
    grid = F.affine_grid(theta, [b, 3, side, side], align_corners=False)
    bend = F.interpolate(uniform(-0.025, 0.025, b, 2, 5, 5), (side, side), mode="bicubic")
    x = F.grid_sample(x, grid + bend.movedim(1, -1), padding_mode="reflection", align_corners=False)
    # Where a point of the source goes: out = (in - shift) / scale, in coordinates from -1 to 1.
    corners = (box.view(-1, 2, 2) * 2 - 1 - shift[owner][:, None]) / scale[owner][:, None]
    moved = torch.cat([corners.min(1).values, corners.max(1).values], 1) / 2 + 0.5
    softness = uniform(0, 1, b, 1, 1, 1) * (uniform(0, 1, b, 1, 1, 1) < 0.6)
    x = torch.lerp(x, F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1), softness)
    x = x * uniform(0.88, 1.08, b, 3, 1, 1) + uniform(-0.06, 0.06, b, 3, 1, 1)
    strength = uniform(0, 0.1, b, 1, 1, 1) * (uniform(0, 1, b, 1, 1, 1) < 0.5)
    return x + strength * torch.randn(x.shape, generator=random), moved.clamp(0, 1)


def heat_of(truth: Targets, box: Tensor, count: int, side: int) -> tuple[Tensor, Tensor]:
    """Heat [things, side, side] of each thing, a bell about its centre's cell, and of each picture, the largest."""
    centre = ((box[:, :2] + box[:, 2:]) / 2 * side).clamp(0, side - 1e-3)
    width = ((box[:, 2:] - box[:, :2]) * side / 6).clamp(min=0.6)
    along = torch.arange(side) - centre.floor()[:, :, None]
    bell = torch.exp(-along.square() / (2 * width[:, :, None].square()))
    heat = bell[:, 1, :, None] * bell[:, 0, None, :]
    owner = truth.scene.view(-1, 1, 1).expand_as(heat)
    return heat, torch.zeros(count, side, side).scatter_reduce(0, owner, heat, "amax")


def loss_of(judge: Judge, x: Tensor, box: Tensor, truth: Targets) -> Tensor:
    """Focal loss of the heat (arXiv 1904.07850, eq. 1), cross-entropies and box errors about centres, and of wholes."""
    cells, wholes, _ = judge(x)
    side = cells["heat"].shape[-1]
    each, heat = heat_of(truth, box, len(x), side)
    logit = cells["heat"][:, 0]
    there = heat > 0.999
    hit = F.logsigmoid(logit) * (1 - logit.sigmoid()).square()
    miss = F.logsigmoid(-logit) * logit.sigmoid().square() * (1 - heat) ** 4
    loss = -torch.where(there, hit, miss).sum() / max(len(box), 1)
    thing, y, x_ = (each * (each >= heat[truth.scene]) > 0.6).nonzero(as_tuple=True)
    if len(thing):
        owner = truth.scene[thing]
        at = {name: cells[name][owner, :, y, x_] for name in ("box", "noun", "colour")}
        want = torch.cat([box[thing, :2] * side - torch.stack([x_, y], 1), box[thing, 2:] * side
                          - torch.stack([x_, y], 1)], 1) / side  # fmt: skip
        loss = loss + 5 * F.smooth_l1_loss(at["box"], want, beta=0.1) + F.cross_entropy(at["noun"], truth.noun[thing])
        if (truth.colour[thing] >= 0).any():
            loss = loss + 0.5 * F.cross_entropy(at["colour"], truth.colour[thing], ignore_index=-1)
    for part, right in truth.whole.items():
        loss = loss + 0.3 * F.cross_entropy(wholes[part], right)
    return loss + 2 * F.binary_cross_entropy_with_logits(wholes["present"], truth.present)


def fingerprint(world: World) -> int:
    """Changes when the world draws otherwise: a checksum of a few renders."""
    some = [render.render(scenes.for_task(world, task, FIRST_SEED), SIDE) for task in TASKS]
    return crc32(np.stack(some).tobytes())


def train(world: World, path: Path, schedule: Schedule, *, bf16: bool, seed: int = 1) -> Judge:
    """A trained judge, from `path` if it was trained there for this world and schedule, else trained and kept there."""
    judge = Judge(labels_of(world)).to(memory_format=torch.channels_last)
    made_for = {"labels": asdict(judge.labels), "schedule": asdict(schedule), "renders": fingerprint(world)}
    if path.exists():
        saved = torch.load(path, weights_only=True)
        if saved["made_for"] == made_for:
            judge.load_state_dict(saved["weights"])
            return judge.eval()
    torch.manual_seed(seed)
    judge = Judge(labels_of(world)).to(memory_format=torch.channels_last)
    began = time.monotonic()
    chosen = list(mixture(world, schedule.renders))
    pictures = np.stack([render.render(scene, SIDE) for scene in chosen])
    print(f"judge: {len(chosen)} renders in {time.monotonic() - began:.0f} s", flush=True)
    fit(judge, pictures, targets(chosen, judge.labels), schedule, seed, bf16)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"made_for": made_for, "weights": judge.state_dict()}, path)
    return judge.eval()


def fit(judge: Judge, pictures: np.ndarray, truth: Targets, schedule: Schedule, seed: int, bf16: bool) -> None:
    """AdamW with a cosine after a short rise; small pictures first, then whole ones."""
    optimiser = torch.optim.AdamW(judge.parameters(), lr=schedule.learning_rate, weight_decay=0.02)
    random = torch.Generator().manual_seed(seed)
    total, order, began = schedule.small_steps + schedule.steps, torch.empty(0, dtype=torch.long), time.monotonic()
    judge.train()
    for step in range(total):
        if len(order) < schedule.batch:
            order = torch.randperm(len(pictures), generator=random)
        rows, order = order[: schedule.batch], order[schedule.batch :]
        some = chosen_of(truth, rows)
        side = SIDE * 3 // 4 if step < schedule.small_steps else SIDE
        x, box = distorted(pixels(pictures[rows.numpy()]), some.box, some.scene, side, random)
        rate = min((step + 1) / 100, 0.5 + 0.5 * math.cos(math.pi * step / total))
        for group in optimiser.param_groups:
            group["lr"] = schedule.learning_rate * rate
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = loss_of(judge, x.to(memory_format=torch.channels_last), box, some)
        loss.backward()
        nn.utils.clip_grad_norm_(judge.parameters(), 5.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if (step + 1) % 200 == 0:
            print(f"judge: step {step + 1} of {total}, loss {loss.item():.3f}, {time.monotonic() - began:.0f} s",
                  flush=True)  # fmt: skip
