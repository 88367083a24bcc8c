"""From the same latents we draw what diffusers draws: every family, and every form that its weights come in."""

import numpy as np
import pytest

from parity.cases import CASES, SD1, SDXL
from parity.compare import Drawn, agree, by_us
from parity.families import FAMILIES
from parity.lab import Lab


@pytest.mark.parametrize(("family", "form"), CASES)
def test_draws_as_diffusers_does(lab: Lab, family: str, form: str) -> None:
    agreement = lab.measure(family, form)
    assert agreement.holds, agreement


@pytest.mark.parametrize("family", [SD1, SDXL])
def test_draws_as_diffusers_does_without_a_negative_prompt(lab: Lab, family: str) -> None:
    agreement = lab.measure(family, negative="")
    assert agreement.holds, agreement


def test_another_negative_prompt_is_another_picture(lab: Lab) -> None:
    """What the tests above compare depends on what they vary."""
    folder, graphs = lab.folder(SDXL), lab.graphs(SDXL)
    one, other = (by_us(folder, graphs, FAMILIES[SDXL], lab.root / f"n{n}", n) for n in ("", "dog"))
    assert not agree(one, other).holds


@pytest.mark.parametrize(("latents", "level", "holds"), [(1e-4, 0, True), (2e-3, 0, False), (0, 2, False)])
def test_agreement_is_measured(latents: float, level: int, holds: bool) -> None:
    want = Drawn(np.array([[1.0, -2.0]], np.float32), np.full((2, 2, 3), 100, np.uint8))
    got = Drawn(want.latents + np.float32(2 * latents), want.picture + np.uint8(level))
    agreement = agree(got, want)
    assert agreement.latents == pytest.approx(latents, rel=1e-2)
    assert agreement.holds is holds
