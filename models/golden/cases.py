"""Which sampling runs are traced: every sampler with the configurations that checkpoints really carry."""

from dataclasses import dataclass

LINEAR = {"beta_schedule": "linear", "beta_start": 0.0001, "beta_end": 0.02}
SCALED = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
COSINE = {"beta_schedule": "squaredcos_cap_v2"}
EPSILON = {"prediction_type": "epsilon"}
V = {"prediction_type": "v_prediction"}
SAMPLE = {"prediction_type": "sample"}
LEADING = {"timestep_spacing": "leading"}
OFFSET = {"timestep_spacing": "leading", "steps_offset": 1}
TRAILING = {"timestep_spacing": "trailing"}
LINSPACE = {"timestep_spacing": "linspace"}
ZERO_SNR = {"rescale_betas_zero_snr": True}
KARRAS = {"use_karras_sigmas": True}
BH1 = {"solver_type": "bh1", "final_sigmas_type": "sigma_min"}
"""Into σ = 0, where h is infinite, diffusers has no number for "bh1"."""


@dataclass(frozen=True)
class Case:
    """One sampling run: a scheduler class, what differs from that class's default configuration, a number of steps."""

    scheduler: str
    config: dict
    steps: int
    eta: float | None = None

    @property
    def name(self) -> str:
        keys = {"beta_start", "beta_end", "clip_sample"}
        parts = [
            self.scheduler,
            *(_say(k, v) for k, v in self.config.items() if k not in keys),
            f"{self.steps} step{'s' * (self.steps > 1)}",
        ]
        return " / ".join(parts + ([f"eta {self.eta:g}"] if self.eta is not None else []))


def _say(key: str, value: object) -> str:
    return value if isinstance(value, str) else f"{key} {value}"


def _ddpm() -> list[Case]:
    runs = [
        (SCALED | EPSILON | LEADING, 1),
        (SCALED | EPSILON | OFFSET, 10),
        (LINEAR | EPSILON | LEADING, 1000),
        (LINEAR | EPSILON | LEADING | {"variance_type": "fixed_large"}, 25),
        (SCALED | V | TRAILING | ZERO_SNR, 10),
        (COSINE | V | LINSPACE, 4),
        (COSINE | SAMPLE | TRAILING, 25),
    ]
    return [Case("DDPMScheduler", config | {"clip_sample": False}, steps) for config, steps in runs]


def _ddim() -> list[Case]:
    runs = [
        (SCALED | EPSILON | OFFSET | {"set_alpha_to_one": False}, 1, 0.0),
        (SCALED | EPSILON | OFFSET | {"set_alpha_to_one": False}, 4, 0.0),
        (SCALED | EPSILON | OFFSET | {"set_alpha_to_one": False}, 25, 0.5),
        (SCALED | EPSILON | LEADING, 10, 1.0),
        (SCALED | V | TRAILING | ZERO_SNR, 1, 0.0),
        (SCALED | V | TRAILING | ZERO_SNR, 10, 0.0),
        (SCALED | V | TRAILING | ZERO_SNR, 25, 0.5),
        (COSINE | V | TRAILING, 4, 1.0),
        (COSINE | SAMPLE | LEADING, 10, 0.5),
        (COSINE | EPSILON | TRAILING, 25, 0.0),
    ]
    return [Case("DDIMScheduler", config | {"clip_sample": False}, steps, eta) for config, steps, eta in runs]


def _sigma_samplers() -> list[Case]:
    """What Euler, Heun, DPM++ 2M and UniPC have in common."""
    runs = [
        (SCALED | EPSILON | OFFSET, 1),
        (SCALED | EPSILON | OFFSET, 10),
        (SCALED | EPSILON | LINSPACE, 4),
        (SCALED | EPSILON | TRAILING, 2),
        (SCALED | EPSILON | LINSPACE | KARRAS, 10),
        (SCALED | V | TRAILING | KARRAS, 4),
        (LINEAR | V | LINSPACE, 25),
        (COSINE | EPSILON | LEADING, 10),
        (SCALED | SAMPLE | TRAILING, 4),
    ]
    schedulers = [
        "EulerDiscreteScheduler",
        "HeunDiscreteScheduler",
        "DPMSolverMultistepScheduler",
        "UniPCMultistepScheduler",
    ]
    return [Case(scheduler, config, steps) for scheduler in schedulers for config, steps in runs]


def _variants() -> list[Case]:
    """What only some of the sigma samplers have."""
    multistep = ["EulerDiscreteScheduler", "DPMSolverMultistepScheduler", "UniPCMultistepScheduler"]
    dpm = "DPMSolverMultistepScheduler"
    return [
        *(Case(scheduler, SCALED | V | TRAILING | ZERO_SNR, 10) for scheduler in multistep),
        *(
            Case(scheduler, SCALED | EPSILON | LINSPACE | {"final_sigmas_type": "sigma_min"}, 4)
            for scheduler in multistep
        ),
        Case(dpm, SCALED | EPSILON | LINSPACE | {"lower_order_final": False}, 25),
        Case(dpm, SCALED | EPSILON | LINSPACE | {"euler_at_final": True}, 25),
        Case(dpm, SCALED | EPSILON | OFFSET | {"solver_order": 1}, 4),
        Case(dpm, SCALED | EPSILON | LINSPACE | {"solver_type": "heun"}, 10),
        Case("UniPCMultistepScheduler", SCALED | EPSILON | LINSPACE | BH1, 10),
        Case("UniPCMultistepScheduler", SCALED | V | OFFSET | {"disable_corrector": [0, 3]}, 10),
    ]


def _ancestral() -> list[Case]:
    runs = [
        (SCALED | EPSILON | OFFSET, 1),
        (SCALED | EPSILON | LINSPACE, 4),
        (SCALED | EPSILON | TRAILING, 10),
        (SCALED | V | TRAILING | ZERO_SNR, 10),
        (LINEAR | V | LINSPACE, 25),
        (COSINE | EPSILON | LEADING, 2),
    ]
    return [Case("EulerAncestralDiscreteScheduler", config, steps) for config, steps in runs]


def _lcm() -> list[Case]:
    runs = [
        (SCALED | EPSILON, 1),
        (SCALED | EPSILON, 4),
        (SCALED | EPSILON | {"original_inference_steps": 100}, 10),
        (SCALED | V | ZERO_SNR, 4),
        (LINEAR | V | {"timestep_scaling": 5.0}, 25),
        (COSINE | SAMPLE, 2),
    ]
    return [Case("LCMScheduler", config, steps) for config, steps in runs]


def _pndm() -> list[Case]:
    """As Stable Diffusion 1 is published, and with what others of its configurations differ in."""
    runs = [
        (SCALED | EPSILON | OFFSET, 1),
        (SCALED | EPSILON | OFFSET, 2),
        (SCALED | EPSILON | OFFSET, 10),
        (SCALED | EPSILON | OFFSET | {"set_alpha_to_one": True}, 25),
        (SCALED | V | LEADING, 10),
        (LINEAR | EPSILON | LEADING, 50),
        (COSINE | V | LEADING, 4),
    ]
    return [Case("PNDMScheduler", config | {"skip_prk_steps": True}, steps) for config, steps in runs]


def all_cases() -> list[Case]:
    return [*_ddpm(), *_ddim(), *_sigma_samplers(), *_variants(), *_ancestral(), *_lcm(), *_pndm()]
