"""Runs one case through diffusers' scheduler and records what it did."""

import diffusers
import torch

from golden import formulas
from golden.cases import Case
from golden.float64 import double_precision, injected_noise

PRIVATE = ("_class_name", "_diffusers_version", "_use_default_values")
MULTISTEP = ("DPMSolverMultistepScheduler", "UniPCMultistepScheduler")


def plain(values: torch.Tensor | float) -> object:
    """Numbers rounded to 11 significant digits; lists for tensors, integers where the value is one."""
    if isinstance(values, torch.Tensor):
        return [plain(v) for v in values.flatten().tolist()]
    rounded = float(f"{values:.10e}")
    return int(rounded) if rounded.is_integer() else rounded


def config_of(scheduler: diffusers.SchedulerMixin) -> dict:
    """The configuration as scheduler_config.json would have it, without what JSON cannot hold."""
    return {
        k: v
        for k, v in scheduler.config.items()
        if k not in PRIVATE and v is not None and v != float("-inf") and v != []
    }


def make(case: Case) -> diffusers.SchedulerMixin:
    scheduler = getattr(diffusers, case.scheduler)(**case.config)
    scheduler.set_timesteps(case.steps)
    return scheduler


def walk(case: Case) -> tuple[diffusers.SchedulerMixin, torch.Tensor, list[torch.Tensor], list[torch.Tensor]]:
    """The loop of every diffusers pipeline: the scheduler, the first latent, and per whole step the latent and x̂_0."""
    with injected_noise(formulas.noise):
        scheduler = make(case)
        extra = {} if case.eta is None else {"eta": case.eta}
        initial = x = formulas.start().to(torch.get_default_dtype()) * scheduler.init_noise_sigma
        latents, originals = [], []
        for t in scheduler.timesteps:
            first_order = getattr(scheduler, "state_in_first_order", True)
            predicted = formulas.network(scheduler.scale_model_input(x, t), float(t))
            output, before = scheduler.step(predicted, t, x, **extra), x
            x = output.prev_sample
            if _is_second_try(scheduler):
                latents[-1], originals[-1] = x, _predicted_original(scheduler, output, predicted, before, t)
            elif first_order:
                latents.append(x)
                originals.append(_predicted_original(scheduler, output, predicted, before, t))
            else:  # Heun's corrector replaces its Euler predictor
                latents[-1] = x
    return scheduler, initial, latents, originals


def _is_second_try(scheduler: diffusers.SchedulerMixin) -> bool:
    """PNDM without its Runge-Kutta start makes its first step twice; `counter` counts the evaluations that are done."""
    return type(scheduler).__name__ == "PNDMScheduler" and scheduler.counter == 2


def _predicted_original(
    scheduler: diffusers.SchedulerMixin, output: object, predicted: torch.Tensor, x: torch.Tensor, t: torch.Tensor
) -> torch.Tensor:
    if type(scheduler).__name__ == "PNDMScheduler":  # it does not say
        alpha_bar = scheduler.alphas_cumprod[t]
        alpha, sigma = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
        is_v = scheduler.config.prediction_type == "v_prediction"
        return alpha * x - sigma * predicted if is_v else (x - sigma * predicted) / alpha
    if type(scheduler).__name__ in MULTISTEP:
        return scheduler.model_outputs[-1]
    return output.denoised if hasattr(output, "denoised") else output.pred_original_sample


def recorded_steps(steps: int) -> list[int]:
    """Every step of a short run; the first two, the middle and the last two of a long one."""
    return sorted({k for k in (0, 1, steps // 2, steps - 2, steps - 1) if 0 <= k < steps})


def trace(case: Case) -> dict:
    """One entry of samplers.json, computed in float64."""
    with double_precision():
        scheduler, initial, latents, originals = walk(case)
    recorded = recorded_steps(case.steps)
    entry = {"name": case.name, "scheduler": case.scheduler, "config": config_of(scheduler), "steps": case.steps}
    entry |= {} if case.eta is None else {"eta": case.eta}
    entry["timesteps"] = plain(scheduler.timesteps)
    entry |= {"sigmas": plain(scheduler.sigmas)} if hasattr(scheduler, "sigmas") else {}
    return entry | {
        "initNoiseSigma": plain(float(scheduler.init_noise_sigma)),
        "initial": plain(initial),
        "recorded": recorded,
        "latents": [plain(latents[k]) for k in recorded],
        "predOriginal": [plain(originals[k]) for k in recorded],
    }
