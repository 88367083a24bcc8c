"""A LoRA merged into the weights that it was made for: the app's `src/checkpoint/weights/lora.ts`, in Python."""

from pathlib import Path

from safetensors.torch import load_file, save_file

DOWN, UP = ".lora_A.weight", ".lora_B.weight"


def merge(weights: Path, lora: Path, network: str, out: Path) -> Path:
    """Writes W + up · down (Hu et al. 2021, arXiv 2106.09685, eq. 3) of a network to `out`, in float32; returns `out`.

    The LoRA is one as peft and diffusers write it, of scale 1: `<network>.<module>.lora_A.weight` is down [r, in, …],
    `<network>.<module>.lora_B.weight` up [out, r, …].
    """
    tensors = {name: tensor.float() for name, tensor in load_file(weights).items()}
    factors = {name: tensor.float() for name, tensor in load_file(lora).items()}
    for name in factors:
        module = name.removeprefix(f"{network}.").removesuffix(DOWN).removesuffix(UP)
        if f"{module}.weight" not in tensors or f"{network}.{module}{DOWN}" not in factors:
            raise ValueError(f"{lora}: {name} changes nothing that {weights} has")
        if name.endswith(UP):
            down = factors[f"{network}.{module}{DOWN}"]
            change = factors[name].flatten(1) @ down.flatten(1)
            tensors[f"{module}.weight"] += change.view(tensors[f"{module}.weight"].shape)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, out, metadata={"format": "pt"})
    return out
