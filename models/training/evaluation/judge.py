"""The judge: a detector and classifier of pictures, trained on renders alone.

It shares no weights with the model it judges and never sees a generated picture while it learns. A heat map says where
centres of things are, and its cells say which noun, which colour and how large (Zhou et al. 2019, "Objects as Points",
arXiv 1904.07850); one vector of the whole picture, the *features* of FID, says place, time, weather, season, background
colour, style and which nouns there are. Both seen and held-out combinations are among its renders: it must know them
all to be fair.

Input is any picture, made 128x128 by averaging. `learning` trains it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.evaluation.obedience import SETTING_PARTS, Detection, Sight
from training.world.scene import World

SIDE = 128
"""Pixels of the judge's input."""
FEATURES = 64
SURE = 0.4
"""A thing is seen where heat times the noun's probability is above this."""
OVERLAP = 0.5
"""Two sightings whose boxes share more than this (intersection over union) are one thing."""
MOST = 12


@dataclass(frozen=True)
class Labels:
    """What can be told apart. The lists of `setting` and `style` begin with None: not there, or not to be told."""

    nouns: tuple[str, ...]
    colours: tuple[str, ...]
    setting: dict[str, tuple[str | None, ...]]
    style: tuple[str | None, ...]


def labels_of(world: World) -> Labels:
    """The judge's answers for a world."""
    values = (world.colours, world.places, world.times, world.weathers, world.seasons)
    setting = {part: (None, *some) for part, some in zip(SETTING_PARTS, values, strict=True)}
    return Labels(world.nouns, world.colours, setting, (None, *world.styles))


def _layer(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outside), nn.ReLU(inplace=True))


class Residual(nn.Module):
    """x + f(x), f of two convolutions."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(_layer(width, width), _layer(width, width))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Judge(nn.Module):
    """Pixels [b, 3, h, w] in [-1, 1] to a grid of answers, h and w divided by 8, and answers on the whole."""

    def __init__(self, labels: Labels) -> None:
        super().__init__()
        self.labels = labels
        self.stages = nn.ModuleList(
            [
                nn.Sequential(_layer(3, 16, 2), _layer(16, 32, 2), Residual(32)),
                nn.Sequential(_layer(32, 64, 2), Residual(64)),
                nn.Sequential(_layer(64, 128, 2), Residual(128)),
            ]
        )
        self.from_wide = nn.Conv2d(128, 64, 1)
        self.neck = _layer(64, 96)
        self.cells = {"heat": 1, "box": 4, "noun": len(labels.nouns), "colour": len(labels.colours)}
        self.cell_head = nn.Conv2d(96, sum(self.cells.values()), 1)
        self.cell_head.bias.data[0] = -3.0  # most cells are empty
        self.embed = nn.Sequential(nn.Linear(128 + 96, FEATURES), nn.ReLU(inplace=True))
        self.wholes = {part: len(values) for part, values in labels.setting.items()}
        self.wholes |= {"style": len(labels.style), "present": len(labels.nouns)}
        self.whole_head = nn.Linear(FEATURES, sum(self.wholes.values()))

    def layers(self, x: Tensor) -> list[Tensor]:
        """Activations at 4, 8 and 16 times fewer pixels a side."""
        out = []
        for stage in self.stages:
            x = stage(x)
            out.append(x)
        return out

    def forward(self, x: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor], Tensor]:
        """Answers by cell [b, n, h/8, w/8], answers on the whole [b, n], features [b, FEATURES]."""
        _, middle, wide = self.layers(x)
        joined = self.neck(middle + F.interpolate(self.from_wide(wide), scale_factor=2.0))
        features = self.embed(torch.cat([wide.mean((2, 3)), joined.mean((2, 3))], 1))
        cells = self.cell_head(joined).float().split(list(self.cells.values()), 1)
        wholes = self.whole_head(features).float().split(list(self.wholes.values()), 1)
        named = dict(zip(self.cells, cells, strict=True)), dict(zip(self.wholes, wholes, strict=True))
        return *named, features.float()


def pixels(pictures: np.ndarray) -> Tensor:
    """uint8 [b, h, w, 3] of any size to float [b, 3, 128, 128] in [-1, 1], each pixel the mean of its area."""
    x = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    return F.interpolate(x, (SIDE, SIDE), mode="area")


@torch.no_grad()
def look(judge: Judge, pictures: np.ndarray, batch: int = 64) -> tuple[list[Sight], np.ndarray]:
    """What the judge sees in pictures uint8 [n, h, w, 3], and their features [n, FEATURES]."""
    sights, features = [], []
    for start in range(0, len(pictures), batch):
        x = pixels(pictures[start : start + batch]).to(memory_format=torch.channels_last)
        cells, wholes, vector = judge(x)
        features.append(vector.numpy())
        found = _detections(judge.labels, cells)
        sights += [_sight(judge.labels, found[i], {k: v[i] for k, v in wholes.items()}) for i in range(len(x))]
    return sights, np.concatenate(features)


def _sight(labels: Labels, found: tuple[Detection, ...], whole: dict[str, Tensor]) -> Sight:
    setting = {part: values[int(whole[part].argmax())] for part, values in labels.setting.items()}
    return Sight(found, setting, labels.style[int(whole["style"].argmax())])


def _detections(labels: Labels, cells: dict[str, Tensor]) -> list[tuple[Detection, ...]]:
    """Per picture, peaks of the heat with their noun, colour and box, the surest first, no thing twice."""
    heat = cells["heat"].sigmoid()
    peak = (heat == F.max_pool2d(heat, 3, 1, 1))[:, 0]
    probability, noun = cells["noun"].softmax(1).max(1)
    score = heat[:, 0] * probability
    colour = cells["colour"].argmax(1)
    out: list[tuple[Detection, ...]] = []
    for i in range(len(heat)):
        rows, columns = (peak[i] & (score[i] > SURE)).nonzero(as_tuple=True)
        candidates = []
        for y, x in zip(rows.tolist(), columns.tolist(), strict=True):
            box = _box(cells["box"][i, :, y, x], x, y, heat.shape[-1])
            kind, tint = labels.nouns[noun[i, y, x]], labels.colours[colour[i, y, x]]
            candidates.append(Detection(kind, tint, score[i, y, x].item(), box))
        out.append(distinct(sorted(candidates, key=lambda d: -d.score)[:MOST]))
    return out


def _box(offsets: Tensor, x: int, y: int, side: int) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = offsets.tolist()
    return x / side + x0, y / side + y0, x / side + x1, y / side + y1


def distinct(candidates: list[Detection]) -> tuple[Detection, ...]:
    """Of sightings in order of sureness, those that do not overlap a surer one."""
    kept: list[Detection] = []
    for candidate in candidates:
        if all(_overlap(candidate.box, other.box) <= OVERLAP for other in kept):
            kept.append(candidate)
    return tuple(kept)


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Intersection over union."""
    width, height = (max(min(a[i + 2], b[i + 2]) - max(a[i], b[i]), 0) for i in (0, 1))
    both = width * height
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both
    return both / union if union > 0 else 0.0


@torch.no_grad()
def feature_distance(judge: Judge, a: np.ndarray, b: np.ndarray) -> float:
    """Mean over pictures uint8 [n, h, w, 3] of the squared distance between activations of unit length, averaged over
    places and layers: LPIPS (Zhang et al. 2018, arXiv 1801.03924, eq. 1) with all weights one."""
    distance = 0.0
    for start in range(0, len(a), 64):
        pairs = (judge.layers(pixels(p[start : start + 64]).to(memory_format=torch.channels_last)) for p in (a, b))
        for first, second in zip(*pairs, strict=True):
            apart = (F.normalize(first, dim=1) - F.normalize(second, dim=1)).square().sum(1)
            distance += apart.mean((1, 2)).sum().item() / 3
    return distance / len(a)
