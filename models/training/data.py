"""Training data: renders of the world, and latents of many of them, encoded once, with several captions each."""

import json
import math
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from zlib import crc32

import numpy as np
import torch
from diffusers import AutoencoderTiny
from transformers import CLIPTokenizer

from training import autoencoder
from training.tokenizer import encode
from training.world import captions, scenes
from training.world.render import boxes, render
from training.world.scene import Scene

CAPTIONS_PER_SCENE = 6
_CHUNK = 512
_PART = 4096


def _render(config: dict, size: int, seed: int) -> np.ndarray:
    return render(scenes.draw(scenes.world_of(config), seed), size)


def renders(config: dict, seeds: Iterable[int], size: int) -> Iterator[np.ndarray]:
    """The pictures, uint8 [size, size, 3], of seeds, in their order, drawn by `config["renderers"]` processes."""
    draw = partial(_render, config, size)
    if config["renderers"] == 1:
        yield from map(draw, seeds)
        return
    with ProcessPoolExecutor(config["renderers"]) as workers:
        yield from workers.map(draw, seeds, chunksize=32)


class Latents:
    """`z` [n, c, h, w] scaled latents, float16; `covered` [n, 1, h, w] bool; `ids` [n, captions, tokens]."""

    def __init__(self, z: torch.Tensor, covered: torch.Tensor, ids: torch.Tensor):
        self.z, self.covered, self.ids = z, covered, ids

    def batch(self, count: int, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Of `count` scenes one caption each [count, tokens], latents [count, c, h, w], and where things are."""
        which = torch.from_numpy(random.integers(len(self.z), size=count))
        said = torch.from_numpy(random.integers(CAPTIONS_PER_SCENE, size=count))
        return self.ids[which, said].long(), self.z[which].float(), self.covered[which].float()


def covered(scene: Scene, height: int, width: int) -> torch.Tensor:
    """True [1, height, width] in every cell that the box of a thing reaches."""
    out = torch.zeros(1, height, width, dtype=torch.bool)
    for left, top, right, bottom in boxes(scene):
        rows = slice(int(top * height), math.ceil(bottom * height))
        out[0, rows, int(left * width) : math.ceil(right * width)] = True
    return out


def load(config: dict, stage: dict, vae: AutoencoderTiny, tokenizer: CLIPTokenizer, folder: Path) -> Latents:
    """Latents of a stage, from `folder/latents-*` as far as they are there, else rendered, encoded and kept.

    A stage may have a `first_seed` of its own, for scenes that no other has seen, `shares` of kinds of scenes, and
    fields of its own for the `world`, in which a model grows.
    """
    size, count, first = stage["picture_size"], stage["renders"], stage.get("first_seed", config["seed"])
    seeds = range(first, first + count)
    chosen = {**config.get("world", {}), **stage.get("world", {}), "shares": stage.get("shares", {})}
    config = {**config, "world": chosen}
    digest = crc32(json.dumps(chosen, sort_keys=True).encode())
    z = _kept(config, size, seeds, vae, folder / f"latents-{size}-{first}-{digest:08x}")
    world = scenes.world_of(config)
    drawn = [scenes.draw(world, seed) for seed in seeds]
    texts = [
        captions.caption(drawn[i], Random(f"{s}/{k}")) for i, s in enumerate(seeds) for k in range(CAPTIONS_PER_SCENE)
    ]
    table = torch.tensor(encode(tokenizer, texts), dtype=torch.int16)
    things = torch.stack([covered(scene, *z.shape[2:]) for scene in drawn])
    return Latents(z, things, table.view(count, CAPTIONS_PER_SCENE, -1))


def _kept(config: dict, size: int, seeds: range, vae: AutoencoderTiny, folder: Path) -> torch.Tensor:
    """`encoded`, a file of `folder` for every so many scenes: nothing is done again, not even if more are asked for."""
    folder.mkdir(exist_ok=True)
    parts = []
    for start in range(0, len(seeds), _PART):
        path, some = folder / f"{start:07d}.pt", seeds[start : start + _PART]
        part = torch.load(path, weights_only=True) if path.exists() else torch.empty(0)
        if len(part) < len(some):
            part = encoded(config, size, some, vae)
            torch.save(part, path.with_suffix(".new"))
            path.with_suffix(".new").replace(path)
        parts.append(part[: len(some)])
    return torch.cat(parts)


def encoded(config: dict, size: int, seeds: range, vae: AutoencoderTiny) -> torch.Tensor:
    """Scaled latents [n, c, h, w], float16, of the scenes of `seeds`, rendered while others are being encoded."""
    pictures = renders(config, seeds, size)

    def scaled(chunk: list[np.ndarray]) -> torch.Tensor:
        z = autoencoder.encode(vae, autoencoder.planes(np.stack(chunk)), config["bf16"])
        return (z * vae.config.scaling_factor).half()

    out, count = [], config["shards"]
    with ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(config["threads"],)) as threads:
        while chunks := [chunk for _ in range(count) if (chunk := list(islice(pictures, _CHUNK)))]:
            out += threads.map(scaled, chunks)
    return torch.cat(out)
