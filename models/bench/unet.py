"""One U-Net in PyTorch, eager and compiled, on the same card as the browser: `python -m bench.unet` (from `models/`).

Weights are random, since time does not depend on them. A call is one step of guidance: a batch of two latents, with two
texts. `--dry-run` takes the small model on the processor in a second, to see that it works.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import diffusers
import torch
from diffusers import UNet2DConditionModel

MODELS = Path(__file__).parents[1]
SD15 = MODELS / "published" / "sd15" / "unet" / "config.json"
SMALL = MODELS.parent / "src" / "runtime" / "__fixtures__" / "small" / "unet" / "config.json"
TOKENS = 77
WARM_UP = 5


def unet(config: Path, device: str, dtype: torch.dtype) -> UNet2DConditionModel:
    """A U-Net of these sizes with random weights; convolutions like their channels last on CUDA cards."""
    torch.manual_seed(0)
    with torch.device(device):
        network = UNet2DConditionModel.from_config(json.loads(config.read_text(encoding="utf-8")))
    return network.to(dtype=dtype, memory_format=torch.channels_last).eval().requires_grad_(False)


def inputs(network: UNet2DConditionModel, side: int, device: str, dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
    """Two latents, one timestep, two texts."""
    config = network.config
    latents = torch.randn(2, config.in_channels, side, side, device=device, dtype=dtype)
    texts = torch.randn(2, TOKENS, config.cross_attention_dim, device=device, dtype=dtype)
    return latents.to(memory_format=torch.channels_last), torch.tensor(500, device=device), texts


def median_ms(call: Callable[[], object], calls: int, device: str) -> float:
    """Of calls that are each waited for, after some that warm up."""

    def wait() -> None:
        if device == "cuda":
            torch.cuda.synchronize()

    times = []
    with torch.inference_mode():
        for i in range(WARM_UP + calls):
            wait()
            start = time.perf_counter()
            call()
            wait()
            if i >= WARM_UP:
                times.append(1000 * (time.perf_counter() - start))
    return round(statistics.median(times), 3)


def measure(config: Path, side: int, device: str, dtype: torch.dtype, calls: int, backend: str) -> dict:
    """@param backend of `torch.compile`."""
    network = unet(config, device, dtype)
    fed = inputs(network, side, device, dtype)
    eager = median_ms(lambda: network(*fed), calls, device)
    compiled = torch.compile(network, backend=backend)
    return {
        "date": datetime.now(UTC).isoformat(),
        "machine": torch.cuda.get_device_name() if device == "cuda" else platform.processor() or platform.machine(),
        "versions": {"torch": torch.__version__, "diffusers": diffusers.__version__, "cuda": torch.version.cuda},
        "config": config.relative_to(MODELS.parent).as_posix(),
        "dtype": str(dtype).removeprefix("torch."),
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "latents": list(fed[0].shape),
        "calls": calls,
        "medianMs": {"eager": eager, "compiled": median_ms(lambda: compiled(*fed), calls, device)},
        "peakMiB": round(torch.cuda.max_memory_allocated() / 2**20) if device == "cuda" else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=SD15, help="a U-Net's config.json")
    parser.add_argument("--side", type=int, default=64, help="of the latents; 64 is 512 pixels")
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--dry-run", action="store_true", help="the small model, on the processor")
    options = parser.parse_args()
    if options.dry_run:
        report = measure(SMALL, 8, "cpu", torch.float32, 3, backend="eager")
    elif torch.cuda.is_available():
        report = measure(options.config.resolve(), options.side, "cuda", torch.float16, options.calls, "inductor")
    else:
        parser.error("wanted a CUDA card, found none; --dry-run takes the processor")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
