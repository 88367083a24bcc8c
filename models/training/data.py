"""Training data of the diffusion model: latents of many renders, encoded once, with several captions each."""

from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
import torch
from diffusers import AutoencoderTiny
from transformers import CLIPTokenizer

from training import autoencoder, world
from training.tokenizer import encode

CAPTIONS_PER_SCENE = 4


def _render(size: int, seed: int) -> np.ndarray:
    return world.render(world.scene(seed), size)


class Latents:
    """`z` [n, 4, h, w] scaled latents, `ids` [n, captions, 77], and `groups`: scenes that share their captions."""

    def __init__(self, z: torch.Tensor, ids: torch.Tensor, seeds: list[int]):
        self.z, self.ids = z, ids
        members = defaultdict(list)
        for i, seed in enumerate(seeds):
            what = world.scene(seed)
            members[what.noun, what.colour, what.sky, what.ground, what.style].append(i)
        self.groups: list[np.ndarray] = [np.empty(0)] * len(seeds)
        for same in members.values():
            for i in same:
                self.groups[i] = np.array(same)

    def batch(self, prompts: int, pictures_per_prompt: int, random: np.random.Generator):
        """ids [prompts, 77] and latents [prompts * pictures_per_prompt, …], pictures of a prompt side by side.

        Sharing a prompt between two pictures halves the cost of the text encoder.
        """
        first = random.integers(len(self.groups), size=prompts)
        chosen = np.stack([[i, *random.choice(self.groups[i], pictures_per_prompt - 1)] for i in first]).reshape(-1)
        which = torch.from_numpy(random.integers(CAPTIONS_PER_SCENE, size=prompts))
        return self.ids[torch.from_numpy(first), which].long(), self.z[torch.from_numpy(chosen)].float()


def load(config: dict, stage: dict, vae: AutoencoderTiny, tokenizer: CLIPTokenizer, folder: Path) -> Latents:
    """Latents of a stage, from `folder/latents-<size>-<count>.pt` if it is there, else rendered, encoded and kept."""
    size, count = stage["picture_size"], stage["renders"]
    favoured, share = stage.get("favour", []), stage.get("favour_share", 0.0)
    seeds = scenes(config["seed"], count, favoured, share)
    path = folder / f"latents-{'-'.join([str(size), str(count), *favoured])}.pt"
    if not path.exists():
        torch.save(_encoded(config, size, seeds, vae), path)
    z = torch.load(path, weights_only=True)
    texts = [world.caption(world.scene(s), Random(f"{s}/{k}")) for s in seeds for k in range(CAPTIONS_PER_SCENE)]
    ids = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    table = torch.tensor(encode(tokenizer, list(ids)), dtype=torch.int16)
    rows = torch.tensor([ids[text] for text in texts])
    return Latents(z, table[rows].view(count, CAPTIONS_PER_SCENE, -1), seeds)


def scenes(first: int, count: int, favoured: list[str], share: float) -> list[int]:
    """`count` seeds from `first` on; if nouns are favoured, so many that these make up at least `share` of them."""
    wanted = round(count * share)
    chosen, seed = [], first
    while len(chosen) < wanted:
        if world.scene(seed).noun in favoured:
            chosen.append(seed)
        seed += 1
    return chosen + list(range(seed, seed + count - wanted))


def _encoded(config: dict, size: int, seeds: list[int], vae: AutoencoderTiny) -> torch.Tensor:
    parts = []
    with ProcessPoolExecutor(2) as workers:
        for start in range(0, len(seeds), 1024):
            chunk = list(workers.map(partial(_render, size), seeds[start : start + 1024], chunksize=64))
            parts.append(
                (autoencoder.encode(vae, autoencoder.planes(np.stack(chunk))) * vae.config.scaling_factor).half()
            )
    return torch.cat(parts)
