"""Training data: renders of the world, and latents of many of them, encoded once, with several captions each."""

import json
import math
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing import get_context
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
_FIRST_OF_GROWING, _AT_ONCE = 16384, 64


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

    def close(self) -> None:
        """Nothing goes on behind these."""

    def batch(self, count: int, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Of `count` scenes one caption each [count, tokens], latents [count, c, h, w], and where things are."""
        return self.drawn(torch.from_numpy(random.integers(len(self.z), size=count)), random)

    def drawn(
        self, which: torch.Tensor, random: np.random.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Of the scenes `which` [count] what `batch` gives."""
        said = torch.from_numpy(random.integers(CAPTIONS_PER_SCENE, size=len(which)))
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
    seeds, config = range(first, first + count), of_stage(config, stage)
    if stage.get("growing"):
        return Growing(config, size, seeds, vae, tokenizer)
    digest = crc32(json.dumps(config["world"], sort_keys=True).encode())
    z = _kept(config, size, seeds, vae, folder / f"latents-{size}-{first}-{digest:08x}")
    return Latents(z, *told(config, seeds, tokenizer, *z.shape[2:]))


def of_stage(config: dict, stage: dict) -> dict:
    """The configuration with the world that a stage shows."""
    shown = {**config.get("world", {}), **stage.get("world", {}), "shares": stage.get("shares", {})}
    return {**config, "world": shown}


def learnt(config: dict) -> dict:
    """The configuration with the world that the last stage shows, which is what the finished model knows."""
    return {**config, "world": {**config.get("world", {}), **config["stages"][-1].get("world", {})}}


def told(
    config: dict, seeds: range, tokenizer: CLIPTokenizer, height: int, width: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Which cells the things of each scene cover [n, 1, height, width], and captions of it [n, captions, tokens]."""
    places, texts = _said(config, seeds, height, width)
    return places, _table(tokenizer, texts)


def _said(config: dict, seeds: range, height: int, width: int) -> tuple[torch.Tensor, list[str]]:
    """Covered cells [n, 1, height, width] of the scenes of `seeds`, and their captions one after another."""
    world = scenes.world_of(config)
    drawn = [scenes.draw(world, seed) for seed in seeds]
    texts = [
        captions.caption(scene, Random(f"{seed}/{k}"), world.speech)
        for seed, scene in zip(seeds, drawn, strict=True)
        for k in range(CAPTIONS_PER_SCENE)
    ]
    return torch.stack([covered(scene, height, width) for scene in drawn]), texts


def _table(tokenizer: CLIPTokenizer, texts: list[str]) -> torch.Tensor:
    """Ids [n, captions, tokens] of captions in the order of `_said`."""
    ids = torch.tensor(encode(tokenizer, texts), dtype=torch.int16)
    return ids.view(-1, CAPTIONS_PER_SCENE, ids.shape[1])


def _shown(config: dict, size: int, cells: int, seeds: range) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The pictures of `seeds` [n, size, size, 3], and `_said` of them: what one process makes for `Growing`."""
    places, texts = _said(config, seeds, cells, cells)
    return np.stack([_render(config, size, seed) for seed in seeds]), places.numpy(), texts


class Growing(Latents):
    """Latents that are rendered and encoded while others are already learnt from, for a machine that is lent for
    minutes. A batch is drawn from what there is; `close` ends the drawing.
    """

    def __init__(self, config: dict, size: int, seeds: range, vae: AutoencoderTiny, tokenizer: CLIPTokenizer):
        side = size // autoencoder.factor(config)
        shape = (len(seeds), vae.config.latent_channels, side, side)
        ids = torch.zeros(len(seeds), CAPTIONS_PER_SCENE, tokenizer.model_max_length, dtype=torch.int16)
        super().__init__(torch.zeros(shape).half(), torch.zeros(len(seeds), 1, side, side, dtype=torch.bool), ids)
        self.ready, self.least = 0, min(len(seeds), _FIRST_OF_GROWING)
        self.ended, self.failure = threading.Event(), None
        self.thread = threading.Thread(target=self._grow, args=(config, size, seeds, vae, tokenizer), daemon=True)
        self.thread.start()
        while self.ready < self.least and self.thread.is_alive():
            time.sleep(0.1)

    def batch(self, count: int, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """As of `Latents`, of the scenes that are there."""
        if self.failure is not None:
            raise self.failure
        return self.drawn(torch.from_numpy(random.integers(self.ready, size=count)), random)

    def close(self) -> None:
        """Lets the chunk under way be finished, and no other begun."""
        self.ended.set()
        self.thread.join()

    def _grow(self, config: dict, size: int, seeds: range, vae: AutoencoderTiny, tokenizer: CLIPTokenizer) -> None:
        show = partial(_shown, config, size, self.z.shape[-1])
        waiting = deque(seeds[i : i + _AT_ONCE] for i in range(0, len(seeds), _AT_ONCE))
        # Not forked: a process that has begun to use a GPU must not be.
        with ProcessPoolExecutor(config["renderers"], mp_context=get_context("spawn")) as workers:
            under_way: deque[Future] = deque()
            try:
                while (waiting or under_way) and not self.ended.is_set():
                    while waiting and len(under_way) < 3 * config["renderers"]:
                        under_way.append(workers.submit(show, waiting.popleft()))
                    drawn, places, texts = under_way.popleft().result()
                    rows = slice(self.ready, self.ready + len(drawn))
                    z = autoencoder.encode(vae, autoencoder.planes(drawn), config["bf16"])
                    self.z[rows] = (z * vae.config.scaling_factor).half()
                    self.covered[rows], self.ids[rows] = torch.from_numpy(places), _table(tokenizer, texts)
                    self.ready = rows.stop
            except Exception as failure:  # told to whoever asks for the next batch
                self.failure = failure
            workers.shutdown(cancel_futures=True)


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
