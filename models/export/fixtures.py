"""Writes `src/runtime/__fixtures__`: `python -m export.fixtures [DIR]`. The `README.md` there describes it."""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny, StableDiffusionPipeline, UNet2DConditionModel
from peft import LoraConfig, get_peft_model_state_dict, set_peft_model_state_dict
from torch import nn
from transformers import CLIPTextModel

from export import prompt_match
from export.checkpoint import NETWORK_FILE, TEXT_FILE, save_text_encoder
from export.family import export_family, quiet
from export.small import POSITIONS, WIDTH, save_model

FIXTURES = Path(__file__).resolve().parents[2] / "src" / "runtime" / "__fixtures__"
PROMPT, NEGATIVE = "a red cat on the dog", "dog"
LORA_RANK = 3
STEPS, GUIDANCE, LATENT = 4, 3.0, (1, 4, 6, 4)
Tensors = dict[str, torch.Tensor]


def wave(shape: tuple[int, ...], speed: float) -> torch.Tensor:
    """√2·sin(speed·i + 0.9) at flat index i: stands in for normal noise, float32."""
    i = torch.arange(int(np.prod(shape)), dtype=torch.float64)
    return (2**0.5 * torch.sin(speed * i + 0.9)).reshape(shape).float()


def ids(batch: int, tokens: int) -> torch.Tensor:
    """Token ids (7·i + i²) mod 64 at flat index i, int32 [batch, tokens]."""
    i = torch.arange(batch * tokens)
    return ((7 * i + i * i) % 64).reshape(batch, tokens).int()


class Book:
    """Tensors laid one after another in expected.bin, each found by the entry that `add` returns."""

    def __init__(self) -> None:
        self.data = bytearray()

    def add(self, tensor: torch.Tensor) -> dict:
        array = tensor.detach().contiguous().numpy()
        entry = {"dtype": str(array.dtype), "shape": list(array.shape), "offset": len(self.data)}
        self.data += array.astype(array.dtype.newbyteorder("<")).tobytes()
        return entry

    def case(self, network: str, weights: str, inputs: Tensors, outputs: Tensors) -> dict:
        return {
            "network": network,
            "weights": weights,
            "inputs": {name: self.add(tensor) for name, tensor in inputs.items()},
            "outputs": {name: self.add(tensor) for name, tensor in outputs.items()},
        }


def text_cases(book: Book, folder: Path, weights: str) -> list[dict]:
    module = CLIPTextModel.from_pretrained(folder, dtype=torch.float32).eval()
    cases = []
    for batch, tokens in ((2, POSITIONS), (1, 20)):
        inputs = {"input_ids": ids(batch, tokens)}
        output = module(inputs["input_ids"], output_hidden_states=True)
        states = {"last_hidden_state": output.last_hidden_state, "penultimate_hidden_state": output.hidden_states[-2]}
        cases.append(book.case("text_encoder", weights, inputs, states))
    return cases


def unet_cases(book: Book, folder: Path) -> list[dict]:
    module = UNet2DConditionModel.from_pretrained(folder, torch_dtype=torch.float32).eval()
    cases = []
    for batch, height, width, tokens in ((2, 4, 6, 77), (1, 8, 4, 154), (1, 8, 4, 20)):
        inputs = {
            "sample": wave((batch, 4, height, width), 4.1),
            "timestep": torch.tensor([999.0, 321.5][:batch]),
            "encoder_hidden_states": wave((batch, tokens, WIDTH), 2.7),
        }
        output = {"out_sample": module(*inputs.values()).sample}
        cases.append(book.case("unet", f"small/unet/{NETWORK_FILE}", inputs, output))
    return cases


def vae_cases(book: Book, folder: Path) -> list[dict]:
    module = AutoencoderTiny.from_pretrained(folder).eval()
    cases = []
    for batch, height, width in ((2, 4, 6), (1, 8, 4)):
        latents = {"latent_sample": wave((batch, 4, height, width), 3.3)}
        picture = {"sample": wave((batch, 3, 8 * height, 8 * width), 1.9) / 2**0.5}
        decoded = {"sample": module.decode(latents["latent_sample"]).sample}
        encoded = {"latent_sample": module.encode(picture["sample"]).latents}
        cases.append(book.case("vae_decoder", f"small/vae/{NETWORK_FILE}", latents, decoded))
        cases.append(book.case("vae_encoder", f"small/vae/{NETWORK_FILE}", picture, encoded))
    return cases


def match_cases(book: Book, folder: Path) -> list[dict]:
    """Texts of two lengths, their ends first, inside and last."""
    module, cases = prompt_match.load(folder), []
    for tokens, ends in ((POSITIONS, [1, POSITIONS - 1]), (20, [6])):
        size, batch = module.config["image_size"], len(ends)
        inputs = {
            "pixels": wave((batch, 3, size, size), 1.3) / 2**0.5,
            "text": wave((batch, tokens, WIDTH), 2.3),
            "end": torch.tensor(ends, dtype=torch.int32),
        }
        weights = f"small/prompt_match/{prompt_match.FILE}"
        cases.append(book.case("prompt_match", weights, inputs, {"cosine": module(*inputs.values())}))
    return cases


def lora_case(book: Book, folder: Path) -> dict:
    """A LoRA of every linear and convolutional layer of the U-Net, its factors alive, as peft and diffusers save it."""
    module = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32).eval()
    layers = [name for name, layer in module.named_modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    torch.manual_seed(22)
    module.add_adapter(LoraConfig(r=LORA_RANK, lora_alpha=LORA_RANK, target_modules=layers, init_lora_weights=False))
    state = {name: tensor / 4 for name, tensor in get_peft_model_state_dict(module).items()}
    set_peft_model_state_dict(module, state)
    StableDiffusionPipeline.save_lora_weights(folder / "few_step", unet_lora_layers=state)
    inputs = {
        "sample": wave((2, 4, 4, 6), 4.1),
        "timestep": torch.tensor([999.0, 321.5]),
        "encoder_hidden_states": wave((2, POSITIONS, WIDTH), 2.7),
    }
    output = {"out_sample": module(*inputs.values()).sample}
    case = book.case("unet", f"small/unet/{NETWORK_FILE}", inputs, output)
    return case | {"lora": "small/few_step/pytorch_lora_weights.safetensors"}


def end_to_end(book: Book, folder: Path) -> dict:
    """A whole run of diffusers' own pipeline in float32."""
    pipeline = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    initial, steps = wave(LATENT, 4.1), []

    def note(_pipeline: object, _step: int, _timestep: object, tensors: dict) -> dict:
        steps.append(tensors["latents"].clone())
        return tensors

    result = pipeline(
        PROMPT,
        negative_prompt=NEGATIVE,
        latents=initial.clone(),
        num_inference_steps=STEPS,
        guidance_scale=GUIDANCE,
        output_type="latent",
        callback_on_step_end=note,
    )
    picture = pipeline.vae.decode(result.images / pipeline.vae.config.scaling_factor).sample

    def tokenized(text: str) -> list[int]:
        return pipeline.tokenizer(text, padding="max_length", max_length=POSITIONS, truncation=True).input_ids

    return {
        "prompt": PROMPT,
        "negativePrompt": NEGATIVE,
        "promptIds": tokenized(PROMPT),
        "negativePromptIds": tokenized(NEGATIVE),
        "scheduler": "DDIMScheduler",
        "steps": STEPS,
        "guidanceScale": GUIDANCE,
        "initialLatents": book.add(initial),
        "stepLatents": [book.add(latents) for latents in steps],
        "picture": book.add(picture),
    }


def write_fixtures(root: Path) -> None:
    small, half = root / "small", root / "bf16"
    save_model(small)
    module = CLIPTextModel.from_pretrained(small / "text_encoder").eval()
    save_text_encoder(module, half, torch.bfloat16)
    export_family(small, "small", small / "graphs")
    book = Book()
    with torch.no_grad():
        expected = {
            "cases": [
                *text_cases(book, small / "text_encoder", f"small/text_encoder/{TEXT_FILE}"),
                *text_cases(book, half, f"bf16/{TEXT_FILE}"),
                *unet_cases(book, small / "unet"),
                *vae_cases(book, small / "vae"),
                *match_cases(book, small / "prompt_match"),
            ],
            "endToEnd": end_to_end(book, small),
            "lora": lora_case(book, small),
        }
    (root / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
    (root / "expected.bin").write_bytes(book.data)


def main() -> None:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURES
    quiet()
    write_fixtures(root)
    sizes = {path.relative_to(root): path.stat().st_size for path in sorted(root.rglob("*")) if path.is_file()}
    for path, size in sizes.items():
        print(f"{path}: {size}")
    print("total:", sum(sizes.values()))


if __name__ == "__main__":
    main()
