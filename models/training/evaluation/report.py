"""`EVALUATION.md` and `evaluation.json` of what has been measured; what has not is left out."""

from training.evaluation.learning import Schedule
from training.evaluation.metrics import wilson
from training.evaluation.obedience import GENEVAL, SETTING_PARTS, TASKS
from training.evaluation.sampling import STUDENT
from training.evaluation.sections import FEWEST_FOR_DISTANCE, PICTURES_PER_PROMPT, score

GOALS = {"mean": 0.88, "task": 0.80, "setting": 0.95, "style": 0.95}
PART_NAMES = {"colour": "background colour"}
STUDENT_NAME = "few-step student"
SAMPLERS = {"ddpm": "DDPM", "ddim": "DDIM", "dpmpp_2m": "DPM++ 2M", "lcm": "LCM"}


def label(row: dict) -> str:
    """The name of a row's sampler."""
    return STUDENT_NAME if row["unet"] == STUDENT else SAMPLERS[row["sampler"]]


def summary(results: dict) -> dict:
    """What the app's model card shows, `evaluation.json`."""
    out: dict = {}
    if "judge" in results:
        judged = results["judge"]
        both = [judged[name][task] for name in ("seen", "heldOut") for task in TASKS]
        out["judge"] = {task: _mean(judged[name][task]["accepted"] for name in ("seen", "heldOut")) for task in TASKS}
        out["judge"]["false claims rejected"] = _mean(one["rejected"] for one in both)
    if "obedience" in results:
        named = {name: results["obedience"][name] for name in ("seen", "heldOut")}
        out["obedience"] = {
            name: {**{task: round(shares[task], 4) for task in GENEVAL}, "mean": round(score(shares), 4)}
            for name, shares in named.items()
        }
        for task in ("setting", "style"):
            out[task] = {name: round(shares[task], 4) for name, shares in named.items()}
    if "samplers" in results:
        kept = ("steps", "fid", "clipScore", "accuracy", "pictures")
        out["samplers"] = [
            {
                "sampler": STUDENT_NAME if row["unet"] == STUDENT else row["sampler"],
                **{key: row[key] for key in kept if key in row},
            }
            for row in results["samplers"]
        ]
    if "guidance" in results:
        kept = ("fid", "precision", "recall", "clipScore", "accuracy", "pictures")
        out["guidance"] = [
            {"guidanceScale": row["guidance_scale"], **{key: row[key] for key in kept if key in row}}
            for row in results["guidance"]
        ]
    out |= {key: results[key] for key in ("autoencoder", "cost") if key in results}
    return out


def _mean(values) -> float:
    shares = list(values)
    return round(sum(shares) / len(shares), 4)


def document(results: dict, config: str) -> str:
    """`EVALUATION.md`."""
    writers = {
        "judge": _judge, "obedience": _obedience, "samplers": _samplers, "guidance": _guidance,
        "autoencoder": _autoencoder, "cost": _cost, "sheet": _sheet,
    }  # fmt: skip
    parts = [write(results) for key, write in writers.items() if key in results]
    return "\n".join([_head(config), *parts])


def _head(config: str) -> str:
    return f"""# TinyWorld, measured

    python -m training.evaluate --config configs/{config}.json

from `models/` makes this page, `evaluation.json` and the figures. Everything is drawn by the exported graphs, as the
app runs them: onnxruntime, diffusers' schedulers, the app's own noise of each seed. Prompts come from scenes that no
training has seen; seeds are fixed and nothing is picked. TinyWorld's world is closed, so **no number here can be
compared with one from the open world**: the tasks are GenEval's, the words are TinyWorld's.

Some pairs were kept out of training altogether: this noun never in that place, that colour or that style. *Seen*
prompts have none of them; each *held-out* prompt has at least one.
"""


def _share(value: float) -> str:
    return f"{value:.2f}"


def _interval(value: float, count: int) -> str:
    low, high = wilson(value, count)
    return f"{value:.2f} ({low:.2f}–{high:.2f})"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _judge(results: dict) -> str:
    judged, schedule = results["judge"], Schedule()
    rows = [
        [task, *(_share(judged[name][task][key]) for key in ("accepted", "rejected") for name in ("seen", "heldOut"))]
        for task in TASKS
    ]
    return f"""## The judge

A picture is judged by a small detector and classifier, trained on {schedule.renders:,} renders alone (seen and held-out
combinations both, bent, blurred and noisy). It shares nothing with the model and has never seen a generated picture. A
thing counts as there if the judge is at least 0.4 sure of it; rules are GenEval's.

First, how far it can be trusted. Of true renders that it has not seen ({judged["seen"]["counting"]["pictures"]} per
task and column), *right* is the share in which it finds what is there: the most that a perfect model could score
below. *Wrong refused* is the share of false claims about the same renders that it refuses: another noun, one thing more
or less, another colour, the two things or their colours exchanged, another place or time, another style.

{_table(["task", "right, seen", "right, held-out", "wrong refused, seen", "wrong refused, held-out"], rows)}"""


def _obedience(results: dict) -> str:
    numbers = results["obedience"]
    count, recipe = numbers["promptsPerTask"], numbers["recipe"]
    rows = [[task, *(_interval(numbers[n][task], count) for n in ("seen", "heldOut")), _share(GOALS["task"])]
            for task in GENEVAL]  # fmt: skip
    means = [f"**{score(numbers[name]):.2f}**" for name in ("seen", "heldOut")]
    rows.append(["**mean of the six**", *means, f"{GOALS['mean']:.2f}"])
    rows += [[task, *(_interval(numbers[n][task], count) for n in ("seen", "heldOut")), _share(GOALS[task])]
             for task in ("setting", "style")]  # fmt: skip
    parts = [
        [PART_NAMES.get(part, part), *(_part(numbers[name]["parts"].get(part)) for name in ("seen", "heldOut"))]
        for part in SETTING_PARTS
    ]
    return f"""## Obedience

GenEval's six tasks (Ghosh et al. 2023, arXiv 2310.11513) and two of ours. {count} prompts per task and column,
{PICTURES_PER_PROMPT} pictures each, {recipe["steps"]} steps of {SAMPLERS[recipe["sampler"]]},
guidance {recipe["guidance_scale"]:g}. A picture passes if all that its task asks is right. In brackets the 95 %
interval (Wilson), counting prompts and not pictures, since the pictures of one prompt are alike: the cautious choice.

{_table(["task", "seen", "held-out", "goal"], rows)}
![bars of the table](evaluation/obedience.png)

A setting passes only if everything named of it is right: place, time, weather and season together. Each part alone,
over the pictures of all tasks that name it:

{_table(["part of the setting", "seen", "held-out"], parts)}"""


def _part(part: dict | None) -> str:
    return "–" if part is None else f"{part['accuracy']:.2f} of {part['pictures']}"


COLUMNS = (
    ("FID", "fid", ".3g"), ("precision", "precision", ".2f"), ("recall", "recall", ".2f"),
    ("CLIP score", "clipScore", ".1f"), ("accuracy", "accuracy", ".2f"), ("pictures", "pictures", "d"),
)  # fmt: skip


def _cells(row: dict, columns: tuple) -> list[str]:
    return [format(row[key], form) if key in row else "–" for _, key, form in columns]


def _columns(results: dict) -> tuple:
    """Those that any row of any table has."""
    rows = [*results.get("samplers", []), *results.get("guidance", [])]
    return tuple(column for column in COLUMNS if any(column[1] in row for row in rows))


EXPLAINED = f"""*FID* (Heusel et al. 2017, arXiv 1706.08500) is the distance between the pictures and renders in the
judge's 64 features, lower is better; it is not the FID of other papers, whose features are Inception's. *Precision* is
the share of pictures that lie among the renders, *recall* the share of renders that lie among the pictures
(Kynkäänniemi et al. 2019, arXiv 1904.06991, k = 3). *CLIP score* is 100 times the cosine between picture and prompt, by
the model's own small contrastive network, which is trained on renders. *Accuracy* is the share of pictures that have
what was asked, over all eight tasks, on held-out prompts, one picture a prompt.

Few pictures make every FID larger: compare rows with each other and with *other renders*, which is what a perfect model
would get of as many pictures. Below {FEWEST_FOR_DISTANCE} pictures no FID is given. Accuracy over 128 pictures is known
to about 0.09 either way.
"""


def _samplers(results: dict) -> str:
    columns = _columns(results)
    rows = [["other renders", "", *_cells(results["floor"], columns)]]
    rows += [[label(row), str(row["steps"]), *_cells(row, columns)] for row in results["samplers"]]
    scale = next(row["guidance_scale"] for row in results["samplers"] if row["unet"] != STUDENT)
    return f"""## Samplers

{EXPLAINED}
Guidance {scale:g}; a few-step student has its own. DDPM with 1000 steps costs a hundred times as much as ten steps
of DDIM, so it has fewer pictures.

{_table(["sampler", "steps", *(column[0] for column in columns)], rows)}
![the table as curves; the dotted line is other renders](evaluation/samplers.png)
"""


def _guidance(results: dict) -> str:
    columns = _columns(results)
    rows = [["other renders", *_cells(results["floor"], columns)]]
    rows += [[f"{row['guidance_scale']:g}", *_cells(row, columns)] for row in results["guidance"]]
    explained = "" if "samplers" in results else f"{EXPLAINED}\n"
    return f"""## Guidance

{explained}Quality against diversity (Ho and Salimans 2022, arXiv 2207.12598):
{results["guidance"][0]["steps"]} steps of DDIM.

{_table(["guidance scale", *(column[0] for column in columns)], rows)}
![the table as curves; the dotted line is other renders](evaluation/guidance.png)
"""


def _autoencoder(results: dict) -> str:
    numbers = results["autoencoder"]
    rows = [
        ["PSNR of the round trip", f"{numbers['psnr']:.2f} dB"],
        ["distance in the judge's layers (LPIPS-like; 0 is the same picture)", f"{numbers['featureDistance']:.4f}"],
        ["R² of the linear preview", f"{numbers['previewR2']:.3f}"],
        ["the judge finds what was asked in the renders", _share(numbers["accuracyBefore"])],
        ["and in them after the round trip", _share(numbers["accuracyAfter"])],
    ]
    return f"""## The autoencoder

Over {numbers["pictures"]} renders of held-out scenes, from all tasks. It bounds what the diffusion model can show: were
that perfect, its pictures would still be those of the last row.

{_table(["", ""], rows)}"""


def _cost(results: dict) -> str:
    cost = results["cost"]
    names = list(dict.fromkeys([*cost["gigaFlops"], *cost["parameters"]]))
    rows = [
        [name, f"{cost['parameters'][name]:,}" if name in cost["parameters"] else "–",
         f"{cost['gigaFlops'][name]:.3f}" if name in cost["gigaFlops"] else "–"]
        for name in names
    ]  # fmt: skip
    seconds = ""
    if "secondsPerPicture" in cost:
        seconds = f"A picture takes\n{cost['secondsPerPicture']:.2f} s ({cost['machine']}; median of `npm run bench`)."
    return f"""## Cost

The folder is {cost["folderMiB"]:.1f} MiB. GFLOP is of one call on one picture, twice the multiply-adds of convolutions,
matrix products and attention, counted from the graphs; a guided step calls the U-Net twice. {seconds}

{_table(["network", "parameters", "GFLOP"], rows)}"""


def _sheet(results: dict) -> str:
    sheet = results["sheet"]
    return f"""## {sheet["pictures"]} pictures, unpicked

Held-out prompts, the eight tasks in turn, the first seed of each. The dot is the judge's: green if it finds what was
asked ({sheet["right"]} of {sheet["pictures"]}).

![contact sheet](evaluation/sheet.png)
"""
