"""The gate's numbers by closed forms, and that it stops a run whose autoencoder loses too much."""

import json
from pathlib import Path

import pytest
import torch

from training import autoencoder, gate, run

CONFIG = run.toy(json.loads((Path(__file__).parents[2] / "configs" / "wide.json").read_text()))
ENOUGH = {"psnr": 31.0, "edgeEnergy": 0.75, "judgeAgrees": 0.97, "pooledLoss": 1.5}


class Identity:
    """An autoencoder whose latents are the picture itself, pooled latents therefore the pooled picture."""

    device = torch.device("cpu")

    def encoder(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def decoder(self, z: torch.Tensor) -> torch.Tensor:
        return 0.9 * z


def test_signal_to_noise_and_edges_of_a_fainter_picture():
    x = torch.rand(2, 3, 16, 16) * 2 - 1
    assert gate.edge_energy(0.5 * x, x) == pytest.approx(0.25)
    assert gate.signal_to_noise(torch.full((1, 3, 8, 8), 0.2), torch.zeros(1, 3, 8, 8)) == pytest.approx(20)


def test_latents_that_may_be_pooled_lose_nothing_and_others_do():
    x = torch.rand(2, 3, 16, 16) * 2 - 1
    assert gate.pooled_loss(Identity(), x) == pytest.approx(0, abs=1e-4)
    checked = Identity()
    sign = torch.ones(16, 16)
    sign[::2, ::2] = -1

    def at(x: torch.Tensor) -> torch.Tensor:
        return x * sign[: x.shape[-2], : x.shape[-1]]

    checked.encoder, checked.decoder = at, lambda z: 0.9 * at(z)
    assert gate.pooled_loss(checked, x) > 3


def test_each_goal_can_be_missed():
    assert gate.missed(ENOUGH) == []
    for name in ENOUGH:
        worse = ENOUGH[name] * (1.1 if name == "pooledLoss" else 0.9)
        assert gate.missed({**ENOUGH, name: worse}) == [name]


def test_a_run_stops_at_a_gate_that_insists_and_passes_one_that_does_not(tmp_path):
    torch.manual_seed(0)
    vae = autoencoder.build(CONFIG).eval()
    gate.require(CONFIG, vae, tmp_path)
    folder = tmp_path / "autoencoder"
    assert {path.name for path in folder.iterdir()} == {"vae", "EVALUATION.md", "evaluation.json", "round-trips.png"}
    numbers = json.loads((folder / "evaluation.json").read_text())
    assert numbers["psnr"] < 20 and f"{numbers['psnr']:.4g}" in (folder / "EVALUATION.md").read_text()
    with pytest.raises(SystemExit, match="misses psnr"):
        gate.require({**CONFIG, "gate": {**CONFIG["gate"], "insist": True}}, vae, tmp_path)
