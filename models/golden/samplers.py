"""Writes samplers.json and schedules.json: `python -m golden.samplers [DIR]`, by default `src/diffusion/__golden__`."""

import itertools
import json
import sys
from pathlib import Path

import torch
from diffusers import ClassifierFreeGuidance, DDPMScheduler, LatentConsistencyModelPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg

from golden import formulas
from golden.cases import COSINE, LEADING, LINEAR, LINSPACE, OFFSET, SCALED, TRAILING, ZERO_SNR, Case, all_cases
from golden.float64 import double_precision
from golden.trace import make, plain, trace

GOLDEN = Path(__file__).resolve().parents[2] / "src" / "diffusion" / "__golden__"
SPACED = (
    "DDPMScheduler",
    "DDIMScheduler",
    "EulerDiscreteScheduler",
    "EulerAncestralDiscreteScheduler",
    "HeunDiscreteScheduler",
    "DPMSolverMultistepScheduler",
    "UniPCMultistepScheduler",
)
# 0.29 and 0.57 of 100 steps come to 28 and 56 in doubles, 0.07 to 7.
INTERVALS = ((0.0, 1.0), (0.2, 0.8), (0.0, 0.5), (0.5, 1.0), (0.29, 0.57), (0.07, 0.999), (0.5, 0.5), (0.0, 0.0))


def guidance() -> list[dict]:
    """Classifier-free guidance (arXiv:2207.12598) and its rescale (arXiv:2305.08891, eq. 15, 16)."""
    x = formulas.start()
    uncond, cond = formulas.network(x, 500.0), formulas.network(0.6 * x + 0.3, 120.0)
    cases = []
    for scale, rescale in itertools.product((1.0, 3.0, 7.5), (0.0, 0.7, 1.0)):
        result = uncond + scale * (cond - uncond)
        result = rescale_noise_cfg(result, cond, guidance_rescale=rescale) if rescale > 0 else result
        cases.append(
            {"guidanceScale": scale, "guidanceRescale": rescale} | _plain(uncond=uncond, cond=cond, result=result)
        )
    return cases


def guided_steps() -> list[dict]:
    """Which steps `start` and `stop` leave guidance in (arXiv:2404.07724): 1 for two predictions, 0 for one."""
    cases = []
    for (start, stop), steps in itertools.product(INTERVALS, (1, 2, 7, 20, 50, 100)):
        guider = ClassifierFreeGuidance(start=start, stop=stop)
        guided = ""
        for step in range(steps):
            guider.set_state(step=step, num_inference_steps=steps, timestep=torch.tensor(0))
            guided += str(guider.num_conditions - 1)
        cases.append({"start": start, "stop": stop, "steps": steps, "guided": guided})
    return cases


def guidance_embeddings() -> list[dict]:
    """How a guidance-distilled U-Net is told the guidance scale (arXiv:2310.04378, section 4.1), in float32."""
    embed = LatentConsistencyModelPipeline.get_guidance_scale_embedding
    return [
        {"guidanceScale": scale, "width": width}
        | {"embedding": plain(embed(None, torch.tensor([scale - 1]), embedding_dim=width)[0])}
        for scale, width in ((1.0, 8), (8.5, 256), (2.3, 7))
    ]


def forward() -> list[dict]:
    """q(x_t | x_0) (arXiv:2006.11239, eq. 4) and the velocity target (arXiv:2202.00512, appendix D)."""
    cases = []
    for config, t in itertools.product((LINEAR, SCALED, COSINE, SCALED | ZERO_SNR), (0, 1, 500, 999)):
        with double_precision():
            scheduler = DDPMScheduler(**config)
            at, x0, noise = torch.tensor([t]), formulas.clean(), formulas.noise(0)
            noisy, velocity = scheduler.add_noise(x0, noise, at), scheduler.get_velocity(x0, noise, at)
        cases.append({"config": config, "timestep": t} | _plain(x0=x0, noise=noise, noisy=noisy, velocity=velocity))
    return cases


def alphas_cumprod() -> list[dict]:
    """ᾱ of every beta schedule, plain and with zero terminal SNR."""
    timesteps = [0, 1, 2, 10, 100, 250, 500, 750, 900, 998, 999]
    cases = []
    for betas, snr in itertools.product((LINEAR, SCALED, COSINE), ({}, ZERO_SNR)):
        with double_precision():
            alphas = DDPMScheduler(**betas, **snr).alphas_cumprod
        cases.append({"config": betas | snr, "timesteps": timesteps, "alphasCumprod": plain(alphas[timesteps])})
    return cases


def spacings() -> list[dict]:
    """Timesteps and sigmas of every spacing; LCM has only its own."""
    cases = [
        Case(scheduler, SCALED | spacing, steps)
        for scheduler, spacing, steps in itertools.product(SPACED, (LEADING, OFFSET, TRAILING, LINSPACE), (1, 2, 7, 30))
    ]
    cases += [
        Case("LCMScheduler", SCALED | {"original_inference_steps": o}, n)
        for o, n in ((50, 1), (50, 7), (50, 30), (100, 8))
    ]
    entries = []
    for case in cases:
        with double_precision():
            scheduler = make(case)
        entry = {"scheduler": case.scheduler, "config": case.config, "steps": case.steps}
        entry["timesteps"] = plain(scheduler.timesteps)
        entries.append(entry | ({"sigmas": plain(scheduler.sigmas)} if hasattr(scheduler, "sigmas") else {}))
    return entries


def _plain(**tensors: torch.Tensor) -> dict:
    return {name: plain(tensor) for name, tensor in tensors.items()}


def documents() -> dict[str, str]:
    """File name to text, one entry of a list on each line."""
    samplers = {"cases": [trace(case) for case in all_cases()], "guidance": guidance(), "forward": forward()}
    samplers["guidanceEmbeddings"] = guidance_embeddings()
    samplers["guidedSteps"] = guided_steps()
    schedules = {"alphasCumprod": alphas_cumprod(), "timesteps": spacings()}
    shape = f'"shape": {json.dumps(formulas.SHAPE)},\n'
    return {"samplers.json": _text(samplers, shape), "schedules.json": _text(schedules, "")}


def _text(lists: dict[str, list[dict]], head: str) -> str:
    def lines(entries: list[dict]) -> str:
        return ",\n".join(json.dumps(entry, separators=(",", ":"), allow_nan=False) for entry in entries)

    return "{\n" + head + ",\n".join(f'"{name}": [\n{lines(entries)}\n]' for name, entries in lists.items()) + "\n}\n"


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else GOLDEN
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name, len(text), "bytes")


if __name__ == "__main__":
    main()
