"""The prompt match: what counts as true, what is learnt from, and the whole way at toy size."""

import json
import shutil
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from transformers import CLIPTextModel, CLIPTokenizer

from export import prompt_match
from training import alterations, match
from training.world import captions, scenes

MODELS = Path(__file__).parents[2]
SMALL = MODELS.parent / "src" / "runtime" / "__fixtures__" / "small"
CONFIG = json.loads((MODELS / "configs" / "cpu.json").read_text())
WORLD = scenes.world_of(CONFIG)
FACT = {name: i for i, name in enumerate(scenes.FACTS)}


def facts(**said: int) -> torch.Tensor:
    """One row of facts: what is not named here was not said."""
    return torch.tensor([[said.get(name, match.UNSAID) for name in scenes.FACTS]])


def row(known: dict[str, int]) -> list[int]:
    return [known[name] for name in scenes.FACTS]


def test_every_caption_is_true_of_its_own_scene():
    drawn = [scenes.draw(WORLD, seed) for seed in range(300)]
    said = [captions.caption_with_facts(scene, WORLD, Random(i))[1] for i, scene in enumerate(drawn)]
    shown = [scenes.facts(scene, WORLD) for scene in drawn]
    true = match.truths(torch.tensor([row(s) for s in said]), torch.tensor([row(s) for s in shown]))
    assert bool(true.diag().all()) and 300 <= int(true.sum()) < 900


@pytest.mark.parametrize("kind", alterations.KINDS)
def test_an_altered_scene_is_another_in_what_was_altered_and_its_full_wording_is_false(kind):
    found = []
    for seed in range(400):
        scene = scenes.draw(WORLD, seed)
        other = alterations.altered(scene, WORLD, Random(seed), kind)
        if other is not None:
            found.append((scene, other))
    assert len(found) >= 8
    for scene, other in found:
        said, shown = (torch.tensor([row(scenes.facts(s, WORLD))]) for s in (other, scene))
        assert not match.truths(said, shown).item()
        assert captions.prompt(other) != captions.prompt(scene) and not scenes.is_held_out(other)
        if kind not in ("setting", "time", "style"):
            assert (other.setting, other.style) == (scene.setting, scene.style)


def test_there_are_always_as_many_alterations_as_wanted():
    for seed in range(50):
        assert len(alterations.alterations(scenes.draw(WORLD, seed), WORLD, Random(seed), 9)) == 9


def test_two_things_in_no_relation_may_be_named_in_either_order_but_keep_their_colours():
    shown = facts(noun0=1, colour0=2, noun1=3, colour1=4, count=1, relation=1)
    same = facts(noun0=3, colour0=4, noun1=1, colour1=2, count=1, relation=0)
    bound = facts(noun0=3, colour0=2, noun1=1, colour1=4, count=1, relation=0)
    related = facts(noun0=3, colour0=4, noun1=1, colour1=2, count=1, relation=1)
    assert match.truths(torch.cat([same, bound, related]), shown).flatten().tolist() == [True, False, False]


def test_the_loss_is_that_of_choosing_among_what_is_false():
    """At scale log 3, logits are log 3 times the cosine: each choice is between weights 3 and 1."""
    images = torch.eye(2, 3)
    texts = torch.cat([images, torch.eye(3)[2:].expand(2, 3)])
    true = torch.tensor([[True, False], [False, True], [False, False], [False, False]])
    scale = torch.tensor(np.log(3.0))
    by_picture, by_text = np.log(3 / (3 + 1 + 1 + 1)), np.log(3 / (3 + 1))
    assert match.contrastive_loss(images, texts, true, scale).item() == pytest.approx(-(by_picture + by_text) / 2)
    true[1, 0] = true[2, 0] = True  # true of picture 0 too, so not to be told apart from its own
    by_picture = (np.log(3 / (3 + 1)) + by_picture) / 2
    by_text = np.log(3 / (3 + 1)) / 2 + np.log(3 / 3) / 2
    assert match.contrastive_loss(images, texts, true, scale).item() == pytest.approx(-(by_picture + by_text) / 2)


def test_softening_keeps_pictures_in_range_and_much_alike():
    x = match._levels(torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8))
    x = torch.nn.functional.avg_pool2d(x, 8).repeat_interleave(8, 2).repeat_interleave(8, 3)
    y = match.softened(x, torch.Generator().manual_seed(1))
    assert y.shape == x.shape and y.abs().max() <= 1 and 0.01 < (y - x).abs().mean() < 0.3
    again = match.softened(x, torch.Generator().manual_seed(1))
    assert torch.equal(again, y)


def test_network_looks_at_128_pixels_of_the_models_pictures():
    for size, pool in ((64, 1), (128, 1), (256, 2)):
        network = match.network_of({"picture_size": size}, 160)
        assert (network["image_size"], network["pool"], network["text_input_width"]) == (size, pool, 160)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The small model of the runtime's fixtures, given a prompt match in three steps and three more."""
    model = tmp_path_factory.mktemp("match") / "small"
    shutil.copytree(SMALL, model, ignore=shutil.ignore_patterns("graphs", "prompt_match"))
    (model / "afterimage.json").write_text(json.dumps({"name": "Small", "examples": []}))
    network = {"widths": [4, 8, 8, 8], "blocks": [0, 0, 0, 1], "head_width": 4, "text_width": 16, "projection_width": 8}
    options = {"renders": 12, "captions": 2, "altered": 2, "batch": 6, "steps": 3, "tests": 12, "network": network}
    config = CONFIG | {"device": "cpu", "threads": 1, "picture_size": 64, "log_every": 1, "match": options}
    work = tmp_path_factory.mktemp("work")
    match.train(config, model, work)
    return model, match.train(config, model, work)  # the second time from where the first one ended


def test_the_whole_way_at_toy_size(trained):
    model, numbers = trained
    sidecar = json.loads((model / "afterimage.json").read_text())
    saved = prompt_match.load(model / "prompt_match")
    assert saved.config["image_size"] == 64 and all(p.isfinite().all() for p in saved.parameters())
    assert sidecar["name"] == "Small" and set(sidecar["promptMatch"]) == {"typical", "mismatched"}
    for part in numbers.values():
        assert 0 <= part["retrieval"] <= 1 and 0 <= part["hardOfAll"] <= 1
        assert 0 <= part["mismatched"] <= 100 and set(part["hard"]) <= set(alterations.KINDS)


def test_texts_are_read_as_the_whole_encoder_reads_them_with_padding():
    said = ["a red cat on the dog", "cat"]
    texts = match.Texts(SMALL, said, {"device": "cpu", "bf16": False})
    hidden, ends = texts.take(torch.tensor([1, 0]))
    tokenizer = CLIPTokenizer.from_pretrained(SMALL / "tokenizer")
    ids = tokenizer([said[1], said[0]], padding="max_length", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        want = CLIPTextModel.from_pretrained(SMALL / "text_encoder").eval()(ids).last_hidden_state
    assert ends.tolist() == [2, 7]
    torch.testing.assert_close(hidden, want[:, : hidden.shape[1]], atol=4e-3, rtol=4e-3)
