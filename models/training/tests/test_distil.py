"""A student takes over from its teacher, in a file that diffusers reads."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch.nn.utils import parametrize

from training import distil, run
from training.networks import build_text_encoder, build_unet

CONFIGS = Path(__file__).parents[2] / "configs"
OPTIONS = {
    "rank": 8, "sampling_steps": 4, "teacher_steps": 12, "ways": {"batch": 512, "steps": 1},
    "own_states": 0.25, "steps": 100, "batch": 64, "learning_rate": 0.02, "decay": "cosine", "warm_up": 10,
}  # fmt: skip


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A teacher with random weights, alive enough for prompts and guidance to matter, and its student."""
    folder = tmp_path_factory.mktemp("distil")
    config = run.toy(json.loads((CONFIGS / "cpu.json").read_text()))
    config.update(student=OPTIONS, log_every=20, picture_size=32)
    config["unet"].update(widths=[16, 16], heads=[1, 1], norm_groups=4)
    words = run.save_tokenizer(config, folder / "tokenizer")
    torch.manual_seed(3)
    reader, unet = build_text_encoder(config, words), build_unet(config)
    with torch.no_grad():
        for parameter in unet.parameters():
            parameter.mul_(1.3) if parameter.dim() > 1 else parameter.add_(0.1 * torch.randn_like(parameter))
    lesson = distil.Lesson(config, unet, reader, words)
    return folder, lesson, distil.train(config, unet, reader, words)


@pytest.mark.parametrize("steps", [12, 4, 2, 1])
def test_levels_are_the_schedulers_own_from_pure_noise_to_data(steps):
    way = distil.levels(steps)
    assert len(way) == steps + 1 and way[0] == (999, 0.0, 1.0) and way[-1] == (-1, 1.0, 0.0)
    few = min(4, steps)
    assert way[:: steps // few] == distil.levels(few)


def test_a_jump_is_the_step_that_lands_there():
    torch.manual_seed(0)
    x, landing = torch.randn(2, 3, 4, 5), torch.randn(2, 3, 4, 5)
    way = distil.levels(4)
    for place, (here, there) in enumerate(pairwise(way)):
        v = distil.jump(x, landing, here, there)
        (_, a, sigma), (_, b, tau) = here, there
        torch.testing.assert_close(b * (a * x - sigma * v) + tau * (sigma * x + a * v), landing, msg=str(place))


def test_from_its_own_states_a_student_learns_to_get_back_onto_the_way():
    torch.manual_seed(1)
    way = distil.levels(3)
    states, context = torch.randn(2, 4, 1, 2, 2), torch.randn(2, 5, 8)
    stand = distil.own_states(lambda x, t: 0.1 * x + t / 1000, states)
    assert stand.shape == (2, 3, 1, 2, 2) and torch.equal(stand[:, 0], states[:, 0])
    (_, a, sigma), (_, b, tau) = way[0], way[1]
    v = 0.1 * states[:, 0] + way[0][0] / 1000
    x, timesteps, contexts, wanted = distil.lessons(states, context, stand)
    torch.testing.assert_close(stand[:, 1], b * (a * states[:, 0] - sigma * v) + tau * (sigma * states[:, 0] + a * v))
    for row in range(6):
        (_, a, sigma), (_, b, tau) = way[row % 3], way[row % 3 + 1]
        landed = b * (a * x[row] - sigma * wanted[row]) + tau * (sigma * x[row] + a * wanted[row])
        torch.testing.assert_close(landed, states[row // 3, row % 3 + 1])
        assert timesteps[row] == way[row % 3][0] and torch.equal(contexts[row], context[row // 3])


def test_a_student_begins_as_its_teacher(taught):
    _, lesson, _ = taught
    student = distil.with_low_rank(lesson.unet, 4)
    noise, context = lesson.start(5, 2)
    with torch.no_grad():
        want, got = (distil.plain(unet, context)(noise, 499) for unet in (lesson.unet, student))
    torch.testing.assert_close(got, want)
    learning = {name for name, p in student.named_parameters() if p.requires_grad}
    assert learning == {name for name, _ in student.named_parameters() if name.endswith((".0.up", ".0.down"))}


def test_four_steps_of_the_student_come_nearer_than_four_of_the_teacher(taught):
    _, lesson, student = taught
    found = distil.nearness(lesson, student)
    assert found["student"][4] < 0.8 * found["teacher"][4]


def test_diffusers_reads_the_student(taught):
    folder, lesson, student = taught
    distil.save(student, folder)
    factors = load_file(folder / distil.WEIGHTS)
    layers = [name for name, m in student.named_modules() if parametrize.is_parametrized(m, "weight")]
    assert len(factors) == 2 * len(layers) and {t.dtype for t in factors.values()} == {torch.float16}
    noise, context = lesson.start(5, 2)
    with torch.no_grad():
        want = distil.plain(student, context)(noise, 749)
        before = distil.plain(lesson.unet, context)(noise, 749)
        lesson.unet.load_lora_adapter(factors, prefix="unet")
        got = distil.plain(lesson.unet, context)(noise, 749)
        lesson.unet.delete_adapters(lesson.unet.active_adapters())
    assert (want - before).abs().max() > 0.1
    torch.testing.assert_close(got, want, atol=1e-2, rtol=1e-2)
