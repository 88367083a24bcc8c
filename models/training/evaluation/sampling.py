"""Pictures through the exported graphs, as the app makes them: onnxruntime over graphs and weights, diffusers'
schedulers, the app's noise."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import diffusers
import numpy as np
import onnxruntime
import torch
from transformers import CLIPTokenizer

from export import lora
from export.session import patch
from golden.float64 import injected_noise
from training.noise import normals

BATCH = 16
STUDENT = "few_step"
SCHEDULERS = {
    "ddpm": diffusers.DDPMScheduler,
    "ddim": diffusers.DDIMScheduler,
    "dpmpp_2m": diffusers.DPMSolverMultistepScheduler,
    "lcm": diffusers.LCMScheduler,
}
"""By the app's names of samplers."""
FOLDERS = {"vae_decoder": "vae", "vae_encoder": "vae"}
GRAPHS = {STUDENT: "unet"}


@dataclass(frozen=True)
class Recipe:
    """How a picture is sampled."""

    sampler: str
    steps: int
    guidance_scale: float
    unet: str = "unet"
    """Whose weights the U-Net has: its own, or its few-step student's."""


@contextmanager
def session(graph: bytes, weights: Path, threads: int) -> Iterator[onnxruntime.InferenceSession]:
    """A weightless graph open over a checkpoint's file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "model.onnx"
        path.write_bytes(patch(graph, weights, path.parent))
        yield onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True)
class Model:
    """A model on disk: a diffusers folder and the folder of its graphs."""

    folder: Path
    graphs: Path
    threads: int

    def config(self, part: str) -> dict:
        """The configuration of a part."""
        name = "scheduler_config.json" if part == "scheduler" else "config.json"
        return json.loads((self.folder / part / name).read_text(encoding="utf-8"))

    def card(self) -> dict:
        """`afterimage.json`."""
        return json.loads((self.folder / "afterimage.json").read_text(encoding="utf-8"))

    def weights(self, network: str) -> Path:
        """The file that a network's parameters lie in."""
        if network == STUDENT:
            return self.folder / (self.card().get("few_step") or {}).get("weights", f"{STUDENT}/none")
        folder = self.folder / FOLDERS.get(network, network)
        return next(iter(sorted(folder.glob("*.safetensors"))), folder / "model.safetensors")

    def has(self, network: str) -> bool:
        """Whether there are a graph and weights of it."""
        return self.graph(network).exists() and self.weights(network).exists()

    def graph(self, network: str) -> Path:
        """The float32 graph; the student runs in the U-Net's."""
        return self.graphs / f"{GRAPHS.get(network, network)}.f32.onnx"

    @contextmanager
    def open(self, network: str) -> Iterator[onnxruntime.InferenceSession]:
        """A session of a network; the student's LoRA is merged into the U-Net's weights."""
        with tempfile.TemporaryDirectory() as name:
            weights = self.weights(network)
            if network == STUDENT:
                weights = lora.merge(self.weights("unet"), weights, "unet", Path(name) / "merged.safetensors")
            with session(self.graph(network).read_bytes(), weights, self.threads) as opened:
                yield opened

    def run(self, network: str, *inputs: np.ndarray) -> np.ndarray:
        """The network's only output for inputs [n, …] in the order of its graph, a batch at a time."""
        with self.open(network) as opened:
            names = [port.name for port in opened.get_inputs()]
            parts = [
                opened.run(None, {k: v[i : i + BATCH] for k, v in zip(names, inputs, strict=True)})[0]
                for i in range(0, len(inputs[0]), BATCH)
            ]
        return np.concatenate(parts)

    def latent_shape(self) -> tuple[int, int, int]:
        """[channels, height, width] of one latent."""
        unet = self.config("unet")
        return unet["in_channels"], unet["sample_size"], unet["sample_size"]

    def default_recipe(self) -> Recipe:
        """What the app does unless told otherwise."""
        defaults = self.card()["defaults"]
        return Recipe(defaults["sampler"], defaults["steps"], defaults["guidanceScale"])


def token_ids(model: Model, prompts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """int32 ids [n, tokens], padded to the text encoder's length, and the index [n] of each one's end token."""
    tokenizer = CLIPTokenizer.from_pretrained(model.folder / "tokenizer")
    length = model.config("text_encoder")["max_position_embeddings"]
    ids = np.array(tokenizer(list(prompts), padding="max_length", max_length=length, truncation=True).input_ids)
    end = (ids == tokenizer.eos_token_id).argmax(1)
    return ids.astype(np.int32), end.astype(np.int32)


def embeddings(model: Model, prompts: Sequence[str]) -> np.ndarray:
    """The text encoder's last hidden states [n, tokens, width]; equal prompts are encoded once."""
    once = list(dict.fromkeys(prompts))
    states = model.run("text_encoder", token_ids(model, once)[0])
    return states[[once.index(prompt) for prompt in prompts]]


def pictures(model: Model, prompts: Sequence[str], seeds: Sequence[int], recipe: Recipe) -> np.ndarray:
    """One picture per prompt and seed, uint8 [n, h, w, 3]; the same whatever else is in the batch."""
    text, empty = embeddings(model, prompts), embeddings(model, [""])
    with model.open(recipe.unet) as unet:
        latents = [
            sampled(unet, model, text[i : i + BATCH], empty, seeds[i : i + BATCH], recipe)
            for i in range(0, len(prompts), BATCH)
        ]
    return decoded(model, np.concatenate(latents))


def sampled(
    unet: onnxruntime.InferenceSession,
    model: Model,
    text: np.ndarray,
    empty: np.ndarray,
    seeds: Sequence[int],
    recipe: Recipe,
) -> np.ndarray:
    """Scaled latents [n, c, h, w], by diffusers' scheduler with the noise that the app makes of the seeds."""
    scheduler = SCHEDULERS[recipe.sampler].from_config(model.config("scheduler"))
    scheduler.set_timesteps(recipe.steps)
    shape = model.latent_shape()

    def noise(draw: int) -> torch.Tensor:
        return torch.stack([normals(seed, shape, draw) for seed in seeds])

    guided = recipe.guidance_scale != 1
    states = np.concatenate([np.repeat(empty, len(text), 0), text]) if guided else text
    x = noise(0) * scheduler.init_noise_sigma
    with injected_noise(lambda k: noise(k + 1)):
        for t in scheduler.timesteps:
            inputs = scheduler.scale_model_input(x, t).numpy()
            both = np.concatenate([inputs, inputs]) if guided else inputs
            time = np.full(len(both), float(t), np.float32)
            out = torch.from_numpy(_run_unet(unet, both, time, states))
            if guided:
                # Ho and Salimans 2022 (arXiv 2207.12598), eq. 6, with the scale counted from 1.
                without, with_prompt = out.chunk(2)
                out = without + recipe.guidance_scale * (with_prompt - without)
            x = scheduler.step(out, t, x, return_dict=False)[0]
    return x.float().numpy()


def _run_unet(
    unet: onnxruntime.InferenceSession, sample: np.ndarray, timestep: np.ndarray, states: np.ndarray
) -> np.ndarray:
    names = [port.name for port in unet.get_inputs()]
    return unet.run(None, dict(zip(names, (sample, timestep, states), strict=True)))[0]


def decoded(model: Model, latents: np.ndarray) -> np.ndarray:
    """Pictures uint8 [n, h, w, 3] of scaled latents."""
    vae = model.config("vae")
    z = latents / np.float32(vae["scaling_factor"]) + np.float32(vae.get("shift_factor") or 0)
    return as_bytes(model.run("vae_decoder", z))


def encoded(model: Model, chosen: np.ndarray) -> np.ndarray:
    """Scaled latents of pictures uint8 [n, h, w, 3]."""
    vae = model.config("vae")
    z = model.run("vae_encoder", as_planes(chosen))
    return (z - np.float32(vae.get("shift_factor") or 0)) * np.float32(vae["scaling_factor"])


def as_bytes(planes: np.ndarray) -> np.ndarray:
    """float [n, 3, h, w] in [-1, 1] to uint8 [n, h, w, 3]."""
    return ((planes.clip(-1, 1) + 1) * 127.5).round().astype(np.uint8).transpose(0, 2, 3, 1)


def as_planes(chosen: np.ndarray) -> np.ndarray:
    """uint8 [n, h, w, 3] to float32 [n, 3, h, w] in [-1, 1]."""
    return np.ascontiguousarray((chosen.astype(np.float32) / 127.5 - 1).transpose(0, 3, 1, 2))


def clip_scores(model: Model, prompts: Sequence[str], chosen: np.ndarray) -> np.ndarray:
    """100 max(cosine, 0) of each picture with its prompt (Hessel et al. 2021, arXiv 2104.08718), by `prompt_match`."""
    cosine = model.run("prompt_match", as_planes(chosen), embeddings(model, prompts), token_ids(model, prompts)[1])
    return 100 * cosine.clip(0)
