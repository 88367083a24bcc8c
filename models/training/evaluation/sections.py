"""The parts of an evaluation. Each takes what it needs and returns plain data, which `training.evaluate` keeps."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from random import Random

import numpy as np

from training.evaluation import metrics
from training.evaluation.judge import Judge, feature_distance, look
from training.evaluation.obedience import GENEVAL, SETTING_PARTS, TASKS, Question, Sight, falsehood, is_met, question
from training.evaluation.sampling import (
    STUDENT,
    Model,
    Recipe,
    clip_scores,
    decoded,
    encoded,
    pictures,
)
from training.world import captions, render, scenes
from training.world.scene import Scene, World

# Scenes of each part have seeds of their own, none of them those of any training.
JUDGE_SEED, OBEDIENCE_SEED, TABLE_SEED, REFERENCE_SEED, SHEET_SEED, AUTOENCODER_SEED = (
    million * 1_000_000 for million in (71, 72, 73, 74, 75, 76)
)
PICTURES_PER_PROMPT = 4
FEWEST_FOR_DISTANCE = 64
"""With fewer pictures than the features have numbers a Fréchet distance says nothing, and none is given."""
GUIDANCE = (1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0)
GUIDANCE_STEPS = 20
COMBINATIONS = {"seen": False, "heldOut": True}


@dataclass(frozen=True)
class Amounts:
    """How many prompts: per task and kind of combination, per task of the tables, on the sheet; renders per task."""

    obedience: int
    table: int
    slow: int
    """Per task, for DDPM with 1000 steps."""
    sheet: int
    judge: int
    reference: int
    autoencoder: int


def amounts(scale: float) -> Amounts:
    """Enough for twenty minutes of two cores at 1; the sheet has 100 pictures unless the scale is a toy's."""

    def some(count: int) -> int:
        return max(round(count * scale), 1)

    return Amounts(some(20), some(16), some(2), min(some(200), 100), some(100), some(125), some(128))


@dataclass(frozen=True)
class Bench:
    """What every part works with."""

    model: Model
    world: World
    judge: Judge
    amounts: Amounts


@dataclass(frozen=True)
class Prompt:
    """A scene that a model is asked for, and the task it is asked in."""

    task: str
    scene: Scene

    @property
    def text(self) -> str:
        """Its canonical wording."""
        return captions.prompt(self.scene)

    @property
    def asked(self) -> Question:
        """What must be true of its picture."""
        return question(self.scene, self.task)


def prompts(world: World, first_seed: int, per_task: int, held_out: bool) -> list[Prompt]:
    """`per_task` prompts of each task, task by task."""
    return [
        Prompt(task, scenes.for_task(world, task, first_seed + 1000 * TASKS.index(task) + i, held_out))
        for task in TASKS
        for i in range(per_task)
    ]


def renders(asked: list[Prompt], side: int) -> np.ndarray:
    """The true pictures of prompts, uint8 [n, side, side, 3]."""
    return np.stack([render.render(prompt.scene, side) for prompt in asked])


def side_of(model: Model) -> int:
    """Pixels of the model's pictures."""
    return model.card()["defaults"]["width"]


def judge_accuracy(bench: Bench) -> dict:
    """Of renders it has not seen: the share it finds right, and the share of false questions on them it says no to."""
    out = {}
    for name, held_out in COMBINATIONS.items():
        asked = prompts(bench.world, JUDGE_SEED, bench.amounts.judge, held_out)
        sights, _ = look(bench.judge, renders(asked, side_of(bench.model)))
        out[name] = {}
        for task in TASKS:
            own = [(p, s) for p, s in zip(asked, sights, strict=True) if p.task == task]
            lies = [falsehood(p.asked, task, bench.world, Random(p.scene.seed)) for p, _ in own]
            out[name][task] = {
                "accepted": float(np.mean([is_met(p.asked, s) for p, s in own])),
                "rejected": float(np.mean([not is_met(q, s) for q, (_, s) in zip(lies, own, strict=True)])),
                "pictures": len(own),
            }
    return out


def obedience(bench: Bench) -> dict:
    """Shares of pictures that have what was asked, by combination and task; parts of settings over all tasks."""
    out: dict = {}
    recipe = bench.model.default_recipe()
    for name, held_out in COMBINATIONS.items():
        asked = prompts(bench.world, OBEDIENCE_SEED, bench.amounts.obedience, held_out)
        asked = [prompt for prompt in asked for _ in range(PICTURES_PER_PROMPT)]
        made = pictures(bench.model, [p.text for p in asked], range(len(asked)), recipe)
        sights, _ = look(bench.judge, made)
        met = np.array([is_met(p.asked, s) for p, s in zip(asked, sights, strict=True)])
        tasks = np.array([p.task for p in asked])
        out[name] = {task: float(met[tasks == task].mean()) for task in TASKS}
        out[name]["parts"] = {}
        for part in SETTING_PARTS:
            wanted = [(getattr(p.scene.setting, part), s.setting[part]) for p, s in zip(asked, sights, strict=True)]
            right = [want == got for want, got in wanted if want is not None]
            if right:
                out[name]["parts"][part] = {"accuracy": float(np.mean(right)), "pictures": len(right)}
    return {**out, "recipe": asdict(recipe), "promptsPerTask": bench.amounts.obedience}


def share_met(asked: list[Prompt], sights: list[Sight]) -> float:
    """The share of pictures that have what was asked of them."""
    return round(float(np.mean([is_met(p.asked, s) for p, s in zip(asked, sights, strict=True)])), 4)


def reference(bench: Bench) -> np.ndarray:
    """Features of renders of held-out scenes, as many of each task, which the tables are compared with."""
    asked = prompts(bench.world, REFERENCE_SEED, bench.amounts.reference, held_out=True)
    return look(bench.judge, renders(asked, side_of(bench.model)))[1]


def compared(bench: Bench, real: np.ndarray, asked: list[Prompt], made: np.ndarray) -> dict:
    """A row of a table: distance from renders, CLIP score, and the share of pictures that have what was asked.

    Precision and recall compare as many renders as pictures, drawn evenly from the reference.
    """
    sights, features = look(bench.judge, made)
    row: dict = {"pictures": len(made), "accuracy": share_met(asked, sights)}
    if bench.model.has("prompt_match"):
        row["clipScore"] = round(float(clip_scores(bench.model, [p.text for p in asked], made).mean()), 2)
    if len(made) >= FEWEST_FOR_DISTANCE:
        row["fid"] = float(f"{metrics.frechet_distance(real, features):.4g}")
        even = real[np.linspace(0, len(real) - 1, len(made)).round().astype(int)]
        precision, recall = metrics.precision_recall(even, features)
        row |= {"precision": round(precision, 4), "recall": round(recall, 4)}
    return row


def floor(bench: Bench, real: np.ndarray) -> dict:
    """The row that other renders of the same scenes get: what a perfect model of as few pictures would."""
    asked = prompts(bench.world, TABLE_SEED, bench.amounts.table, held_out=True)
    return compared(bench, real, asked, renders(asked, side_of(bench.model)))


def row(bench: Bench, real: np.ndarray, recipe: Recipe, per_task: int) -> dict:
    """What a recipe makes of the prompts of the tables, one picture a prompt."""
    asked = prompts(bench.world, TABLE_SEED, per_task, held_out=True)
    made = pictures(bench.model, [p.text for p in asked], range(len(asked)), recipe)
    return {**asdict(recipe), **compared(bench, real, asked, made)}


def sampler_recipes(bench: Bench) -> Iterator[tuple[Recipe, int]]:
    """The recipes of the table of samplers, each with its prompts per task; slow ones last."""
    guidance, table = bench.model.default_recipe().guidance_scale, bench.amounts.table
    for sampler, steps in (*(("ddim", n) for n in (50, 20, 10, 5)), ("dpmpp_2m", 20), ("dpmpp_2m", 10)):
        yield Recipe(sampler, steps, guidance), table
    if bench.model.has(STUDENT):
        few_step = bench.model.card()["few_step"]
        for steps in (4, 2, 1):
            yield Recipe(few_step["sampler"], steps, few_step["guidanceScale"], STUDENT), table
    yield Recipe("ddpm", 100, guidance), table
    yield Recipe("ddpm", 1000, guidance), bench.amounts.slow


def guidance_recipes(bench: Bench) -> Iterator[tuple[Recipe, int]]:
    """The recipes of the table of guidance."""
    for scale in GUIDANCE:
        yield replace(Recipe("ddim", GUIDANCE_STEPS, 1.0), guidance_scale=scale), bench.amounts.table


TABLES = {"guidance": guidance_recipes, "samplers": sampler_recipes}


def name_of(recipe: Recipe, per_task: int) -> str:
    """What a row is kept under."""
    return f"row-{recipe.unet}-{recipe.sampler}-{recipe.steps}-{recipe.guidance_scale:g}-{per_task}"


def autoencoder(bench: Bench) -> dict:
    """The round trip of renders, and how well the card's linear map from latents tells their colours."""
    asked = prompts(bench.world, AUTOENCODER_SEED, -(-bench.amounts.autoencoder // len(TASKS)), held_out=True)
    real = renders(asked, side_of(bench.model))
    z = encoded(bench.model, real)
    back = decoded(bench.model, z)
    preview = bench.model.card()["preview"]
    cell = real.shape[1] // z.shape[2]
    small = (real / 127.5 - 1).reshape(len(real), z.shape[2], cell, z.shape[3], cell, 3).mean((2, 4)).reshape(-1, 3)
    guess = z.transpose(0, 2, 3, 1).reshape(-1, z.shape[1]) @ np.array(preview["matrix"]) + np.array(preview["bias"])
    before, after = (look(bench.judge, some)[0] for some in (real, back))
    return {
        "psnr": round(metrics.peak_signal_to_noise(real / 127.5 - 1, back / 127.5 - 1), 2),
        "featureDistance": round(feature_distance(bench.judge, real, back), 4),
        "previewR2": round(metrics.explained(small, guess), 4),
        "accuracyBefore": share_met(asked, before),
        "accuracyAfter": share_met(asked, after),
        "pictures": len(real),
    }


def sheet(bench: Bench) -> tuple[np.ndarray, list[str], list[bool]]:
    """Pictures of held-out prompts, tasks in turn, first seed each, none left out; their prompts; which are right."""
    count = bench.amounts.sheet
    asked = [
        Prompt(TASKS[i % len(TASKS)], scenes.for_task(bench.world, TASKS[i % len(TASKS)], SHEET_SEED + i, True))
        for i in range(count)
    ]
    texts = [prompt.text for prompt in asked]
    made = pictures(bench.model, texts, range(count), bench.model.default_recipe())
    sights, _ = look(bench.judge, made)
    return made, texts, [is_met(p.asked, s) for p, s in zip(asked, sights, strict=True)]


def score(by_task: dict) -> float:
    """GenEval's: the mean of the six tasks."""
    return float(np.mean([by_task[task] for task in GENEVAL]))
