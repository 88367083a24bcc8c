"""The comparison with PyTorch: it runs without a card, and says what it measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench import unet

MODELS = Path(__file__).parents[2]


def run(*options: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "bench.unet", *options]
    # As on a machine without a card.
    env = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(command, cwd=MODELS, env=env, capture_output=True, text=True, check=False)


def test_a_dry_run_prints_one_line_of_json():
    done = run("--dry-run")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["latents"] == [2, 4, 8, 8] and report["dtype"] == "float32" and report["calls"] == 3
    assert min(report["medianMs"].values()) > 0 and report["parameters"] > 10_000
    assert report["config"] == "src/runtime/__fixtures__/small/unet/config.json"


def test_without_a_card_it_says_what_was_wanted():
    done = run()
    assert done.returncode == 2 and "wanted a CUDA card, found none" in done.stderr


def test_the_median_leaves_the_first_calls_out(monkeypatch):
    durations = iter([9.0] * unet.WARM_UP + [0.001, 0.004, 0.002])
    now = {"s": 0.0}
    monkeypatch.setattr(unet.time, "perf_counter", lambda: now["s"])

    def call() -> None:
        now["s"] += next(durations)

    assert unet.median_ms(call, 3, "cpu") == 2.0
