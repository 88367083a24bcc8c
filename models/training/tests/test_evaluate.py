"""The whole evaluation of a small model, and its sampling against diffusers' own pipeline."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from diffusers import StableDiffusionPipeline

from training import evaluate
from training.evaluation import cost, judge, report, sampling, sections
from training.evaluation.obedience import GENEVAL, TASKS
from training.noise import normals

MODELS = Path(__file__).parents[2]
SMALL = MODELS.parent / "src" / "runtime" / "__fixtures__" / "small"
CARD = {
    "few_step": {
        "weights": "few_step/pytorch_lora_weights.safetensors",
        "sampler": "ddim",
        "steps": 4,
        "guidanceScale": 1,
    },
    "defaults": {"sampler": "ddim", "steps": 2, "guidanceScale": 3, "width": 32, "height": 32},
    "preview": {"matrix": [[0.1, 0.0, 0.0]] * 4, "bias": [0.0, 0.1, 0.2], "r2": 0.0},
}


@pytest.fixture(scope="module")
def config():
    return json.loads((MODELS / "configs" / "cpu.json").read_text())


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The small untrained model of the runtime's tests, all its networks and graphs, with a card."""
    folder = tmp_path_factory.mktemp("small") / "model"
    shutil.copytree(SMALL, folder, ignore=shutil.ignore_patterns("graphs"))
    unet = json.loads((folder / "unet" / "config.json").read_text())
    (folder / "unet" / "config.json").write_text(json.dumps({**unet, "sample_size": 4}))
    (folder / "afterimage.json").write_text(json.dumps(CARD))
    return sampling.Model(folder, SMALL / "graphs", 1)


def test_every_part_is_measured_written_and_kept(config, model, tmp_path, capsys):
    bench = tmp_path / "bench.json"
    run = {"machine": {"cpu": "a chip", "threads": 2}, "medianMs": {"picture": 1234}}
    bench.write_text(json.dumps({"runs": {"node": run}}))
    options = {"scale": evaluate.TOY_SCALE, "schedule": evaluate.TOY}
    first = evaluate.evaluate(config, model, tmp_path, ("cost", "judge"), **options)
    assert set(first) == {"cost", "judge"}
    assert set(evaluate.evaluate(config, model, tmp_path, minutes=0, **options)) == {"cost", "judge"}
    assert "secondsPerPicture" not in first["cost"]
    results = evaluate.evaluate(config, model, tmp_path, speed=bench, **options)
    assert set(results) == {*evaluate.PARTS, "floor"}
    said = json.loads((model.folder / "evaluation.json").read_text())
    assert set(said["obedience"]["seen"]) == {*GENEVAL, "mean"} and set(said["setting"]) == {"seen", "heldOut"}
    assert said["judge"].keys() == {*TASKS, "false claims rejected"}
    assert said["cost"]["secondsPerPicture"] == 1.234 and said["cost"]["parameters"]["unet"] > 1000
    assert [row["guidanceScale"] for row in said["guidance"]] == list(sections.GUIDANCE)
    steps = [(row["sampler"], row["steps"]) for row in said["samplers"]]
    assert {("ddpm", 1000), ("ddpm", 100), ("ddim", 5), ("dpmpp_2m", 10)} <= set(steps)
    assert {("few-step student", n) for n in (4, 2, 1)} <= set(steps)
    page = (model.folder / "EVALUATION.md").read_text()
    for figure in ("obedience", "samplers", "guidance", "sheet"):
        assert f"evaluation/{figure}.png" in page and (model.folder / "evaluation" / f"{figure}.png").exists()
    capsys.readouterr()
    assert evaluate.evaluate(config, model, tmp_path, **options).keys() == results.keys()
    assert capsys.readouterr().out == "", "everything was kept, nothing measured again"


def test_a_table_row_tells_renders_from_noise(config, model):
    world = evaluate.scenes.world_of(config)
    judged = judge.Judge(judge.labels_of(world)).eval()
    bench = sections.Bench(model, world, judged, sections.amounts(0.01))
    asked = sections.prompts(world, 5, 8, held_out=False)
    true = sections.renders(asked, 32)
    _, real = judge.look(judged, sections.renders(sections.prompts(world, 500, 8, held_out=False), 32))
    noise = np.random.default_rng(1).integers(0, 256, true.shape, np.uint8)
    good, bad = (sections.compared(bench, real, asked, made) for made in (true, noise))
    assert good["pictures"] == 64 and {"fid", "precision", "recall", "accuracy", "clipScore"} <= good.keys()
    assert 2 * good["fid"] < bad["fid"] and good["recall"] > bad["recall"]
    assert "fid" not in sections.compared(bench, real, asked[:8], true[:8])


def test_another_models_results_are_not_kept(tmp_path):
    kept = evaluate.Kept(tmp_path, "this model")
    assert kept.result("part", lambda: {"a": 1}) == {"a": 1}
    assert kept.result("part", lambda: {"a": 2}) == {"a": 1}
    assert evaluate.Kept(tmp_path, "another model").get("part") is None


def test_graphs_draw_what_diffusers_pipeline_draws(model):
    prompts, seeds = ["a cat on the beach", "a dog"], [3, 4]
    made = sampling.pictures(model, prompts, seeds, sampling.Recipe("ddim", 3, 4.0))
    pipe = StableDiffusionPipeline.from_pretrained(model.folder, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    noise = torch.stack([normals(seed, model.latent_shape()) for seed in seeds])
    out = pipe(prompts, latents=noise, num_inference_steps=3, guidance_scale=4.0, output_type="pt").images
    want = (out * 255).round().permute(0, 2, 3, 1).numpy()
    assert np.abs(made - want).max() <= 2


def test_a_picture_does_not_depend_on_its_batch(model):
    for recipe in (
        sampling.Recipe("ddpm", 3, 2.0),
        sampling.Recipe("lcm", 2, 1.0),
        sampling.Recipe("dpmpp_2m", 3, 2.0),
    ):
        both = sampling.pictures(model, ["a cat", "a dog"], [1, 2], recipe).astype(int)
        alone = sampling.pictures(model, ["a dog"], [2], recipe).astype(int)
        assert np.abs(both[1] - alone[0]).max() <= 1, recipe
        other = sampling.pictures(model, ["a dog"], [3], recipe).astype(int)
        assert np.abs(other - alone).max() > 3, recipe


def test_ddpm_takes_the_apps_draws_in_order(model, monkeypatch):
    draws = []
    real = sampling.normals
    monkeypatch.setattr(
        sampling, "normals", lambda seed, shape, draw: draws.append((seed, draw)) or real(seed, shape, draw)
    )
    sampling.pictures(model, ["a cat"], [7], sampling.Recipe("ddpm", 4, 1.0))
    assert draws[0] == (7, 0) and draws[1:] == [(7, k) for k in range(1, len(draws))] and len(draws) >= 4


def test_encoding_undoes_scaling(model):
    z = np.random.default_rng(1).normal(size=(2, *model.latent_shape())).astype(np.float32)
    picture = sampling.decoded(model, z)
    assert sampling.encoded(model, picture).shape == z.shape
    planes = sampling.as_planes(picture)
    assert np.array_equal(sampling.as_bytes(planes), picture) and planes.min() >= -1 and planes.max() <= 1


def test_flops_are_those_of_the_layers(model):
    """The first and last convolutions of the decoder's graph by hand, the rest by counting nodes with PyTorch."""
    from torch.utils.flop_counter import FlopCounterMode

    pipe = StableDiffusionPipeline.from_pretrained(model.folder, torch_dtype=torch.float32)
    inputs = cost.example_inputs(model)
    with FlopCounterMode(display=False) as counter:
        pipe.vae.decoder(torch.from_numpy(inputs["vae_decoder"][0]))
    assert cost.flops(model, "vae_decoder", inputs["vae_decoder"]) == counter.get_total_flops()
    ops = {node.op_type for node in onnx.load(model.graph("unet"), load_external_data=False).graph.node}
    assert "MultiHeadAttention" in ops
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        pipe.unet(*(torch.from_numpy(value) for value in inputs["unet"]))
    assert cost.flops(model, "unet", inputs["unet"]) == pytest.approx(counter.get_total_flops(), rel=0.02)


def test_a_page_of_one_part_says_nothing_of_others():
    page = report.document(
        {
            "autoencoder": {
                "psnr": 30.0,
                "featureDistance": 0.1,
                "previewR2": 0.9,
                "accuracyBefore": 1.0,
                "accuracyAfter": 0.5,
                "pictures": 8,
            }
        },
        "cpu",
    )
    assert "30.00 dB" in page and "## Obedience" not in page and "Samplers" not in page


def test_the_score_is_the_mean_of_six():
    shares = {**dict.fromkeys(GENEVAL, 0.5), "setting": 1.0, "style": 1.0, GENEVAL[0]: 1.0}
    assert sections.score(shares) == pytest.approx(3.5 / 6)


def test_prompts_of_the_parts_are_held_out_and_apart(config):
    world = evaluate.scenes.world_of(config)
    seeds = [
        prompt.scene.seed
        for first in (sections.JUDGE_SEED, sections.OBEDIENCE_SEED, sections.TABLE_SEED)
        for prompt in sections.prompts(world, first, 3, held_out=True)
    ]
    assert len(set(seeds)) == len(seeds) == 3 * 3 * len(TASKS)
    assert all(evaluate.scenes.is_held_out(p.scene) for p in sections.prompts(world, 1, 3, held_out=True))
    assert not any(evaluate.scenes.is_held_out(p.scene) for p in sections.prompts(world, 1, 3, held_out=False))
