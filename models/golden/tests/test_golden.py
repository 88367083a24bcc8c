"""The committed traces are what diffusers computes, and its float32 is near them."""

import json
import math

import pytest
import torch

from golden.cases import all_cases
from golden.float64 import double_precision
from golden.samplers import GOLDEN, documents
from golden.trace import walk


def same(a: object, b: object) -> bool:
    """Equal in structure and words; numbers to 1e-8, since processors differ in the last bit of a sine."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=1e-8, abs_tol=1e-8)
    return a == b


def test_committed_files_are_what_diffusers_computes():
    for name, text in documents().items():
        committed = json.loads((GOLDEN / name).read_text(encoding="utf-8"))
        assert same(committed, json.loads(text)), f"{name} is stale: run `python -m golden.samplers`"


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_float32_diffusers_is_near_the_float64_trace(case):
    _, _, latents32, _ = walk(case)
    with double_precision():
        _, _, latents64, originals64 = walk(case)
    assert latents64[-1].dtype == originals64[-1].dtype == torch.float64
    for low, high in zip(latents32, latents64, strict=True):
        assert low.dtype == torch.float32
        assert (low.double() - high).abs().max() <= 5e-4 * high.abs().max()


def test_patches_leave_no_trace():
    with double_precision():
        pass
    from diffusers.schedulers import scheduling_ddim

    assert scheduling_ddim.torch is torch and torch.get_default_dtype() == torch.float32


def test_every_sampler_is_traced_with_both_predictions():
    cases = json.loads((GOLDEN / "samplers.json").read_text())["cases"]
    seen = {(case["scheduler"], case["config"]["prediction_type"]) for case in cases}
    schedulers = {scheduler for scheduler, _ in seen}
    assert len(schedulers) == 9
    assert {(s, p) for s in schedulers for p in ("epsilon", "v_prediction")} <= seen
