"""The whole way at toy size: train, resume, write, read with diffusers, draw; and the committed model."""

import json
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from diffusers.models.attention_processor import AttnProcessor2_0
from safetensors import safe_open

from export.checkpoint import read_header
from export.family import parameters_digest
from training import autoencoder, reading, run, sample, train
from training.networks import FloatGroupNorm, build_text_encoder, build_unet
from training.world import captions, scenes
from training.world.colours import COLOURS

MODELS = Path(__file__).parents[2]
CONFIGS = MODELS / "configs"


def toy(name: str) -> dict:
    return run.toy(json.loads((CONFIGS / f"{name}.json").read_text()))


@pytest.fixture(scope="module", params=["cpu", "gpu", "wide"])
def trained(request, tmp_path_factory):
    """Each committed configuration run to its last line at toy size."""
    work = tmp_path_factory.mktemp(request.param)
    config = toy(request.param)
    return config, work, run.run(config, work, work / "tinyworld")


def test_all_stages_are_trained_and_counted(trained):
    config, work, numbers = trained
    lines = [json.loads(line) for line in (work / "loss.jsonl").read_text().splitlines()]
    assert [line["stage"] for line in lines] == [n for n in range(len(config["stages"])) for _ in range(2)]
    assert all(np.isfinite(line["loss"]) for line in lines)
    assert numbers["training"]["pictures"] == sum(stage["batch"] * stage["steps"] for stage in config["stages"])
    assert len(list(work.glob("sheet-*.png"))) == len(config["stages"])


def test_diffusers_reads_the_folder_and_draws(trained):
    config, work, _ = trained
    pipe = StableDiffusionPipeline.from_pretrained(work / "tinyworld", torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    images = sample.draw(pipe, ["a cat on grass at sunset", "a dog"], [1, 2], config["picture_size"], steps=2)
    assert [image.size for image in images] == [(64, 64), (64, 64)]
    assert pipe.scheduler.config.prediction_type == "v_prediction" and pipe.scheduler.config.rescale_betas_zero_snr
    assert pipe.text_encoder.config.eos_token_id == pipe.tokenizer.eos_token_id
    assert images == sample.draw(pipe, ["a cat on grass at sunset", "a dog"], [1, 2], 64, steps=2)


def test_a_run_that_was_interrupted_goes_on_as_if_it_had_not_been(tmp_path, monkeypatch):
    config = toy("cpu")
    config["stages"] = [{**config["stages"][0], "steps": 6}]
    vae = autoencoder.build(config).eval()
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    straight.mkdir()
    broken.mkdir()
    words = run.save_tokenizer(config, tmp_path / "tokenizer")
    reader = build_text_encoder(config, words)
    want = [average.state_dict() for average in train.train(config, vae, words, reader, straight).averages]

    half = train.Run(deepcopy(config), words, reader, broken)
    saves = iter(range(3))
    monkeypatch.setattr(train, "log", lambda *_: half.save() or next(saves))
    with pytest.raises(StopIteration):
        train.train_stage(half, train.data.load(config, config["stages"][0], vae, words, broken), vae, words, broken)
    monkeypatch.undo()
    assert half.count["step"] == 4
    got = [average.state_dict() for average in train.train(config, vae, words, reader, broken).averages]
    assert all(torch.equal(a[name], b[name]) for a, b in zip(want, got, strict=True) for name in a)


def test_a_constant_stage_ends_when_it_is_asked_to_and_the_better_average_is_kept(tmp_path):
    config = toy("cpu")
    config["stages"] = [{**config["stages"][0], "steps": 1000, "decay": "constant"}]
    words = run.save_tokenizer(config, tmp_path / "tokenizer")
    (tmp_path / "cool-down").touch()
    finished = train.train(config, autoencoder.build(config).eval(), words, build_text_encoder(config, words), tmp_path)
    assert finished.count["total_steps"] == 0 and finished.count["stage"] == 1
    unseen = train.data.Latents(torch.randn(6, 8, 4, 4), torch.ones(6, 1, 4, 4), torch.zeros(6, 1, 40, dtype=int))
    with torch.no_grad():
        for weight in finished.averages[0].unet.conv_out.parameters():
            weight.add_(1)
    losses = [train.held_out_loss(average, unseen, config) for average in finished.averages]
    finished.choose(unseen)
    assert losses[0] > losses[1] and finished.average is finished.averages[1]
    assert losses == [train.held_out_loss(average, unseen, config) for average in finished.averages]


def test_reading_learns_what_captions_say(tmp_path):
    config = toy("cpu")
    config["reading"].update(steps=120, batch=32, learning_rate=0.01)
    words = run.save_tokenizer(config, tmp_path / "tokenizer")
    world = scenes.world_of(config)
    ids, facts = reading.batch(config, world, words, 0, 64)
    torch.manual_seed(config["seed"])
    reading.train(config, words, tmp_path)
    reader = reading.Reader(build_text_encoder(config, words), scenes.fact_sizes(world), words.eos_token_id)
    before = reading.loss_of(reader, ids, facts).item()
    reader.load_state_dict(torch.load(tmp_path / "reading.pt", weights_only=True))
    assert reading.loss_of(reader, ids, facts).item() < 0.8 * before
    assert facts.min() >= -1 and set(reading.accuracy(reader, ids, facts)) == set(scenes.fact_sizes(world))


def test_the_autoencoder_learns(tmp_path):
    config = toy("cpu")
    for stage in config["autoencoder"]["stages"]:
        stage.update(steps=60, batch=4, learning_rate=0.01)
    x = autoencoder.held_out(config, 8, 64)
    torch.manual_seed(config["seed"])
    before = autoencoder.peak_signal_to_noise(autoencoder.build(config).eval(), x)
    model = autoencoder.train(config, tmp_path)
    assert autoencoder.peak_signal_to_noise(model, x) > before + 1
    assert 0.05 < model.config.scaling_factor < 20


def test_an_autoencoder_with_a_level_more_draws_what_it_drew_without():
    config = toy("cpu")
    torch.manual_seed(config["seed"])
    inner, model = autoencoder.build(config, missing=1).eval(), autoencoder.build(config).eval()
    autoencoder.grow(model, inner)
    large = autoencoder.held_out(config, 4, 64)
    small = torch.nn.functional.avg_pool2d(large, 2)
    want, got = autoencoder.encode(inner, small), autoencoder.encode(model, large)
    assert (got - want).square().mean() < 0.01 * want.var()
    drawn = torch.nn.functional.avg_pool2d(autoencoder.decode(model, want), 2)
    assert (drawn - autoencoder.decode(inner, want)).square().mean() < 0.01 * large.var()


def test_a_run_takes_over_what_another_has_learnt_and_keeps_its_own(tmp_path):
    given, work = tmp_path / "wide", tmp_path / "gpu"
    (given / "autoencoder").mkdir(parents=True)
    work.mkdir()
    for name in ("autoencoder-0.pt", "decoder.pt", "reading.pt", "diffusion.pt", "autoencoder/evaluation.json"):
        (given / name).write_text("given")
    (work / "reading.pt").write_text("own")
    run.inherit({"inherit": "wide"}, work)
    assert {path.name for path in work.rglob("*.*")} == {
        "autoencoder-0.pt", "decoder.pt", "reading.pt", "evaluation.json"
    }  # fmt: skip
    assert (work / "reading.pt").read_text() == "own" and (work / "decoder.pt").read_text() == "given"
    assert json.loads((CONFIGS / "gpu.json").read_text())["inherit"] == "wide"


def test_a_card_is_asked_for_ten_minutes_and_shares_what_it_inherits():
    wide, card = (json.loads((CONFIGS / f"{name}.json").read_text()) for name in ("wide", "gpu"))
    assert sum(stage["minutes"] for stage in card["stages"]) <= 8
    assert all(card[key] == wide[key] for key in ("world", "autoencoder", "decoder", "text_encoder", "reading", "unet"))


def test_the_networks_are_taught_with_plain_attention_and_norms_on_floats_and_draw_the_same(tmp_path):
    config = toy("cpu")
    words = run.save_tokenizer(config, tmp_path)
    assert build_text_encoder(config, words).config._attn_implementation == "eager"
    torch.manual_seed(0)
    unet = build_unet(config)
    norms = [module for module in unet.modules() if isinstance(module, torch.nn.GroupNorm)]
    assert norms and {type(norm) for norm in norms} == {FloatGroupNorm}
    x, context = torch.randn(2, 8, 4, 4), torch.randn(2, 40, 32)
    got = unet(x, torch.tensor([5, 900]), context, return_dict=False)[0]
    for norm in norms:
        norm.__class__ = torch.nn.GroupNorm
    unet.set_attn_processor(AttnProcessor2_0())
    want = unet(x, torch.tensor([5, 900]), context, return_dict=False)[0]
    torch.testing.assert_close(got, want, atol=1e-4, rtol=1e-4)
    half = FloatGroupNorm(4, 16)(torch.randn(2, 16, 4, 4).bfloat16())
    assert half.dtype == torch.bfloat16


def test_of_several_noises_a_latent_gets_the_nearest():
    torch.manual_seed(0)
    x0 = torch.randn(64, 2, 4, 4)
    torch.manual_seed(1)
    drawn = torch.randn(4, *x0.shape)
    torch.manual_seed(1)
    got = train.noise_for(x0, 4)
    distances = (drawn - x0).square().sum((2, 3, 4))
    torch.testing.assert_close((got - x0).square().sum((1, 2, 3)), distances.min(0).values)
    assert {tuple(row.tolist()) for row in got.flatten(1)} <= {
        tuple(row.tolist()) for row in drawn.flatten(0, 1).flatten(1)
    }


def test_timesteps_reach_both_ends_and_prefer_the_middle():
    drawn = train.timesteps(20000)
    assert drawn.min() >= 0 and drawn.max() == 999
    thirds = [((drawn >= low) & (drawn < low + 333)).float().mean().item() for low in (0, 333, 666)]
    assert thirds[1] > 1.3 * max(thirds[0], thirds[2]) and min(thirds) > 0.1


@pytest.fixture(scope="module")
def card():
    return json.loads((MODELS / "tinyworld" / "afterimage.json").read_text())


def test_the_committed_model_draws_what_it_is_asked(card):
    """A red, a blue and a green background come out so, which no untrained model does."""
    pipe = StableDiffusionPipeline.from_pretrained(MODELS / "tinyworld", torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    prompts = [f"a balloon on a {colour} background" for colour in ("red", "blue", "green", "black")]
    images = sample.draw(pipe, prompts, range(4), card["defaults"]["width"], steps=12)
    for image, colour in zip(images, ("red", "blue", "green", "black"), strict=True):
        corner = np.asarray(image)[2:10, 2:10].mean((0, 1))
        assert np.abs(corner - COLOURS[colour]).max() < 60, (colour, corner)


def test_the_committed_graphs_fit_the_committed_weights():
    family = json.loads((MODELS / "graphs" / "tinyworld" / "family.json").read_text())
    halves = {"vae_decoder": ("vae", "decoder."), "vae_encoder": ("vae", "encoder.")}
    for name in family["networks"]:
        folder, prefix = halves.get(name, (name, ""))
        header, _ = read_header(next((MODELS / "tinyworld" / folder).glob("*.safetensors")))
        shapes = {key: tuple(entry["shape"]) for key, entry in header.items() if key.startswith(prefix)}
        assert family["networks"][name]["parameters"] == parameters_digest(shapes), name


def test_the_committed_card_agrees_with_the_files(card):
    folder = MODELS / "tinyworld"
    unet = json.loads((folder / "unet" / "config.json").read_text())
    vae = json.loads((folder / "vae" / "config.json").read_text())
    assert (
        card["defaults"]["width"]
        == card["defaults"]["height"]
        == unet["sample_size"] * 2 ** (len(vae["decoder_block_out_channels"]) - 1)
    )
    assert np.array(card["preview"]["matrix"]).shape == (unet["in_channels"], 3) and card["preview"]["r2"] > 0.5
    assert vae["scaling_factor"] > 0
    config = json.loads((CONFIGS / f"{card['training']['config']}.json").read_text())
    world = scenes.world_of(config)
    assert card["vocabulary"] == captions.vocabulary(world)
    assert len(card["examples"]) == 6
    for example in card["examples"]:
        assert set(example["prompt"].replace(",", " ").split()) <= set(captions.words(world))
    for name in ("unet", "vae", "text_encoder"):
        path = next((folder / name).glob("*.safetensors"))
        with safe_open(path, "pt") as file:
            tensors = [file.get_tensor(key) for key in file.keys()]  # noqa: SIM118 (not a dict)
        assert {t.dtype for t in tensors} == {torch.float16}
        assert sum(t.numel() for t in tensors) == card["training"]["parameters"][name]
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 48 * 2**20
