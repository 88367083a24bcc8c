"""Ready-made ONNX folders as others publish them: a diffusers folder in each of the dialects that the app reads.

    python -m parity.dialects MODEL_DIR --dialect optimum --out DIR

Dialects differ in names of files, inputs and free extents, in the dtypes of ids, timesteps and floats, in the rank of
the timestep, in what is pinned, in where the weights lie, and in which papers come along. Sources: diffusers'
`scripts/convert_stable_diffusion_checkpoint_to_onnx.py`; optimum's `exporters/onnx/model_configs.py`; the graphs that
the demos of microsoft/webnn-developer-preview load.
"""

import argparse
import io
import json
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import onnx
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, UNet2DConditionModel
from onnxruntime.transformers.float16 import convert_float_to_float16
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTextModelWithProjection

OPSET = 17
TOKENS = 77
Axes = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Dialect:
    """How one kind of exporter writes things.

    `axes` names the first extents of each input; an input left out is fixed at what it was traced with, as all are
    where `axes` is empty. `batch` is the U-Net's in the trace, `texts` the text encoders'. `timestep` is a dtype, or
    None for the floats' own, and `times` its extents. `half` says what is float16: "nothing", "weights" or
    "everything". `external` names, for a network, the file of its weights beside the graph. `files` names the files;
    `{}` stands for the network. `papers` are the parts of the folder that come along. `states` are the hidden states
    that text encoders of SDXL give: "all" or "penultimate". `renamed` are inputs and outputs under other names.
    """

    axes: Axes
    ids: torch.dtype
    timestep: torch.dtype | None
    times: tuple[int, ...] = (1,)
    batch: int = 2
    texts: int = 2
    half: str = "nothing"
    external: dict[str, str] = field(default_factory=dict)
    files: str = "{}/model.onnx"
    papers: tuple[str, ...] = ("tokenizer", "tokenizer_2")
    states: str = "all"
    renamed: tuple[tuple[str, str], ...] = ()


SCRIPT: Axes = {
    "input_ids": ("batch", "sequence"),
    "sample": ("batch", "channels", "height", "width"),
    "timestep": ("batch",),
    "encoder_hidden_states": ("batch", "sequence"),
    "latent_sample": ("batch", "channels", "height", "width"),
}
OPTIMUM: Axes = {
    "input_ids": ("batch_size", "sequence_length"),
    "sample": ("batch_size", "num_channels", "height", "width"),
    "timestep": ("steps",),
    "encoder_hidden_states": ("batch_size", "sequence_length"),
    "timestep_cond": ("batch_size",),
    "text_embeds": ("batch_size",),
    "time_ids": ("batch_size",),
    "latent_sample": ("batch_size", "num_channels_latent", "height_latent", "width_latent"),
}
OLIVE: Axes = {
    "input_ids": ("batch", "sequence"),
    "sample": ("unet_sample_batch", "unet_sample_channels", "unet_sample_height", "unet_sample_width"),
    "timestep": ("unet_time_batch",),
    "encoder_hidden_states": ("unet_hidden_batch", "unet_hidden_sequence"),
    "text_embeds": ("unet_text_embeds_batch", "unet_text_embeds_size"),
    "time_ids": ("unet_time_ids_batch", "unet_time_ids_size"),
    "latent_sample": ("decoder_batch", "decoder_channels", "decoder_height", "decoder_width"),
}
CONFIGS = ("unet", "vae_decoder", "text_encoder", "text_encoder_2")
ONNX_DATA = dict.fromkeys(CONFIGS, "model.onnx_data")
FULL = ("model_index.json", "scheduler", "tokenizer", "tokenizer_2", *CONFIGS)

DIALECTS: dict[str, Dialect] = {
    "diffusers": Dialect(SCRIPT, torch.int32, None, times=(2,), external={"unet": "weights.pb"}),
    "diffusers, half": Dialect(
        SCRIPT, torch.int32, None, times=(2,), half="everything", external={"unet": "weights.pb"}
    ),
    "optimum": Dialect(OPTIMUM, torch.int64, torch.int64, external=ONNX_DATA, papers=FULL),
    "optimum, half weights": Dialect(
        OPTIMUM, torch.int32, torch.float32, half="weights", external=ONNX_DATA, papers=FULL
    ),
    # The WebNN team's Stable Diffusion 1.5: every extent pinned, two texts at once, nothing but the graphs.
    "olive, pinned": Dialect(
        {}, torch.int32, torch.int64, times=(2,), half="everything", files="sd-{}-float16-compute.onnx", papers=()
    ),
    # Its Turbo and SDXL-Turbo: a timestep in float16.
    "olive": Dialect(OLIVE, torch.int32, None, half="everything", states="penultimate"),
    # A few-step model of skillsafeai's: one text, one size, a timestep without extents, a tiny decoder.
    "sdxs": Dialect(
        {},
        torch.int64,
        torch.float32,
        times=(),
        batch=1,
        texts=1,
        files="{}.onnx",
        renamed=(("unet/sample", "latents"), ("vae_decoder/latent_sample", "latent"), ("vae_decoder/sample", "image")),
    ),
}


class Called(nn.Module):
    """A network, and the function of it that becomes the graph."""

    def __init__(self, network: nn.Module, call: Callable[..., object]) -> None:
        super().__init__()
        self.network = network
        self.call = call

    def forward(self, *inputs: Tensor) -> object:
        return self.call(self.network, *inputs)


@dataclass(frozen=True)
class Traced:
    """What the exporter traces: a module, examples of its inputs by name, and names of its outputs."""

    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: tuple[str, ...]


def export(model: Path, out: Path, name: str, sides: tuple[int, int] | None = None) -> Path:
    """Writes the diffusers folder `model` as an ONNX folder of a dialect into `out`; returns it.

    `sides` are height and width of the latents that it is traced with, and pinned to if the dialect pins; those that
    the model was trained at, if left out.
    """
    dialect = DIALECTS[name]
    side = _config(model / "unet")["sample_size"]
    height, width = sides or (side, side)
    networks = {
        "unet": _unet(model, dialect, height, width),
        "vae_decoder": _vae_decoder(model, height, width),
    }
    networks |= {
        part: _text_encoder(model, part, dialect)
        for part in ("text_encoder", "text_encoder_2")
        if (model / part).exists()
    }
    for network, traced in networks.items():
        path = out / dialect.files.format(network)
        path.parent.mkdir(parents=True, exist_ok=True)
        _save(_graph(network, traced, dialect), path, dialect.external.get(network))
    for paper in dialect.papers:
        _copy_paper(model, out, paper)
    return out


def _text_encoder(model: Path, part: str, dialect: Dialect) -> Traced:
    """For one of SDXL's two, the hidden states before the last layer matter; the second's projection too."""
    kind = CLIPTextModelWithProjection if part == "text_encoder_2" else CLIPTextModel
    network = kind.from_pretrained(model / part, attn_implementation="eager").eval()
    first = ("text_embeds",) if part == "text_encoder_2" else ()
    layers = network.config.num_hidden_layers
    if not (model / "text_encoder_2").exists():
        states, first = (), ("last_hidden_state", "pooler_output")
    elif dialect.states == "all":
        states = tuple(range(layers + 1))
        first += ("last_hidden_state",) if first else ("last_hidden_state", "pooler_output")
    else:
        states = (layers - 1,)

    def call(network: nn.Module, ids: Tensor) -> tuple[Tensor, ...]:
        output = network(ids, output_hidden_states=True)
        return tuple(output[name] for name in first) + tuple(output.hidden_states[state] for state in states)

    # The end token is the largest id; the pooled vector is taken there.
    ids = torch.full((dialect.texts, TOKENS), network.config.vocab_size - 1, dtype=dialect.ids)
    return Traced(Called(network, call), {"input_ids": ids}, first + tuple(f"hidden_states.{i}" for i in states))


def _unet(model: Path, dialect: Dialect, height: int, width: int) -> Traced:
    network = UNet2DConditionModel.from_pretrained(model / "unet", torch_dtype=torch.float32).eval()
    config, batch = network.config, dialect.batch
    inputs = {
        "sample": torch.randn(batch, config.in_channels, height, width),
        "timestep": torch.full(dialect.times, 500, dtype=dialect.timestep or torch.float32),
        "encoder_hidden_states": torch.randn(batch, TOKENS, config.cross_attention_dim),
    }
    if config.time_cond_proj_dim is not None:
        inputs["timestep_cond"] = torch.randn(batch, config.time_cond_proj_dim)
    if config.addition_embed_type == "text_time":
        pooled = config.projection_class_embeddings_input_dim - 6 * config.addition_time_embed_dim
        inputs |= {"text_embeds": torch.randn(batch, pooled), "time_ids": torch.randn(batch, 6)}
    names = tuple(inputs)

    def call(network: nn.Module, *values: Tensor) -> Tensor:
        given = dict(zip(names, values, strict=True))
        added = {key: given.pop(key) for key in ("text_embeds", "time_ids") if key in given}
        return network(**given, added_cond_kwargs=added or None, return_dict=False)[0]

    return Traced(Called(network, call), inputs, ("out_sample",))


def _vae_decoder(model: Path, height: int, width: int) -> Traced:
    folder = model / "vae"
    kind = {"AutoencoderKL": AutoencoderKL, "AutoencoderTiny": AutoencoderTiny}[_config(folder)["_class_name"]]
    network = kind.from_pretrained(folder, torch_dtype=torch.float32).eval()

    def call(network: nn.Module, latents: Tensor) -> Tensor:
        return network.decode(latents, return_dict=False)[0]

    latents = torch.randn(1, network.config.latent_channels, height, width)
    return Traced(Called(network, call), {"latent_sample": latents}, ("sample",))


def _config(folder: Path) -> dict:
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))


def _graph(network: str, traced: Traced, dialect: Dialect) -> onnx.ModelProto:
    """The TorchScript exporter's graph, as all of these dialects are made with, in the dialect's dtypes and names."""
    axes = {name: dict(enumerate(dialect.axes[name])) for name in traced.inputs if name in dialect.axes}
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            traced.module,
            tuple(traced.inputs.values()),
            buffer,
            input_names=list(traced.inputs),
            output_names=list(traced.outputs),
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load_from_string(buffer.getvalue())
    if dialect.half != "nothing":
        model = convert_float_to_float16(model, keep_io_types=dialect.half == "weights")
    for place, name in dialect.renamed:
        owner, _, old = place.partition("/")
        if owner == network:
            _rename(model.graph, old, name)
    return model


def _rename(graph: onnx.GraphProto, old: str, new: str) -> None:
    for value in [*graph.input, *graph.output]:
        value.name = new if value.name == old else value.name
    for node in graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]


def _save(model: onnx.ModelProto, path: Path, external: str | None) -> None:
    if external is None:
        onnx.save_model(model, path)
        return
    # What is smaller stays in the graph: shapes that ONNX Runtime wants to see.
    options = {"save_as_external_data": True, "all_tensors_to_one_file": True, "size_threshold": 256}
    onnx.save_model(model, path, location=external, **options)


def _copy_paper(model: Path, out: Path, paper: str) -> None:
    source = model / {"vae_decoder": "vae"}.get(paper, paper)
    if paper in CONFIGS:
        if source.exists():
            (out / paper).mkdir(exist_ok=True)
            shutil.copy(source / "config.json", out / paper / "config.json")
    elif source.is_dir():
        shutil.copytree(source, out / paper)
    elif source.exists():
        shutil.copy(source, out / paper)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, metavar="MODEL_DIR")
    parser.add_argument("--dialect", choices=sorted(DIALECTS), required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    export(arguments.model, arguments.out, arguments.dialect)


if __name__ == "__main__":
    main()
