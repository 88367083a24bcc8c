"""The figures of an evaluation, and its contact sheet."""

import textwrap
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt
from PIL import Image, ImageDraw

from training.evaluation.metrics import wilson
from training.evaluation.obedience import GENEVAL

INK, SOFT = "#22262e", "#c9ced6"
COLOURS = ("#2f6fde", "#e8793a", "#2a9d74", "#8c5bc4")
RIGHT, WRONG = "#2a9d74", "#d64545"
GOAL, GOAL_PER_TASK = 0.88, 0.80
COLUMNS, SIDE, LINE, CAPTION_WIDTH = 10, 144, 11, 24
STYLE = {
    "font.size": 9, "axes.edgecolor": SOFT, "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK,
    "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
    "figure.dpi": 130, "axes.titlesize": 10, "axes.titleweight": "bold", "axes.titlelocation": "left",
}  # fmt: skip


def obedience(numbers: dict, path: Path) -> None:
    """Bars by task, seen and held-out combinations side by side, with intervals."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
        names = [*GENEVAL, "setting", "style"]
        places = np.arange(len(names))
        for k, (key, label) in enumerate((("seen", "seen combinations"), ("heldOut", "held-out combinations"))):
            shares = [numbers[key][name] for name in names]
            bounds = [wilson(share, numbers["promptsPerTask"]) for share in shares]
            errors = np.abs(np.array(bounds).T - shares)
            axes.bar(places + 0.4 * k - 0.2, shares, 0.38, label=label, color=COLOURS[k], yerr=errors,
                     error_kw={"ecolor": INK, "elinewidth": 0.8, "capsize": 2})  # fmt: skip
        axes.axhline(GOAL_PER_TASK, color=INK, linewidth=0.8, linestyle=":")
        axes.set_xticks(places, [textwrap.fill(name, 10) for name in names])
        axes.set_ylim(0, 1.02)
        axes.set_title("Share of pictures that have what was asked")
        axes.grid(axis="y", color=SOFT, linewidth=0.5)
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        figure.savefig(path)
        plt.close(figure)


def samplers(rows: list[dict], floor: dict, path: Path) -> None:
    """FID, accuracy and CLIP score over the number of steps, a line for each sampler."""
    lines: dict[str, list[dict]] = {}
    for row in rows:
        lines.setdefault(row["label"], []).append(row)
    _curves(lines, "steps", floor, ("fid", "accuracy", "clipScore"), "steps", path)


def guidance(rows: list[dict], floor: dict, path: Path) -> None:
    """FID, precision, recall, accuracy and CLIP score over the guidance scale."""
    _curves({"": rows}, "guidanceScale", floor, ("fid", "precision", "recall", "accuracy", "clipScore"),
            "guidance scale", path)  # fmt: skip


TITLES = {
    "fid": "FID (lower is better)", "accuracy": "accuracy", "clipScore": "CLIP score",
    "precision": "precision (quality)", "recall": "recall (diversity)",
}  # fmt: skip


def _curves(lines: dict[str, list[dict]], x: str, floor: dict, keys: tuple[str, ...], label: str, path: Path) -> None:
    shown = [key for key in keys if any(key in row for rows in lines.values() for row in rows)]
    with plt.rc_context(STYLE):
        figure, many = plt.subplots(1, len(shown), figsize=(2.7 * len(shown), 2.8), layout="constrained", squeeze=False)
        for axes, key in zip(many[0], shown, strict=True):
            for colour, (name, rows) in zip(COLOURS, lines.items(), strict=False):
                points = sorted((row[x], row[key]) for row in rows if key in row)
                axes.plot(
                    [p[0] for p in points],
                    [p[1] for p in points],
                    "o-",
                    color=colour,
                    label=name,
                    markersize=4,
                    linewidth=1.4,
                )
            if key in floor:
                axes.axhline(floor[key], color=INK, linewidth=0.8, linestyle=":")
            axes.set_xscale("log")
            ticks = sorted({row[x] for rows in lines.values() for row in rows})
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            axes.minorticks_off()
            axes.set_title(TITLES[key])
            axes.set_xlabel(label)
            axes.grid(color=SOFT, linewidth=0.5)
        if len(lines) > 1:
            figure.legend(*many[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
        figure.savefig(path)
        plt.close(figure)


def sheet(made: np.ndarray, texts: list[str], right: list[bool], path: Path) -> None:
    """The pictures in rows of ten, each with its prompt and a dot: green if the judge finds in it what was asked."""
    wrapped = [textwrap.wrap(text, CAPTION_WIDTH) for text in texts]
    room = LINE * max(map(len, wrapped)) + 6
    rows = -(-len(made) // COLUMNS)
    out = Image.new("RGB", (COLUMNS * (SIDE + 6) + 6, rows * (SIDE + room + 6) + 6), "white")
    pen = ImageDraw.Draw(out)
    for i, picture in enumerate(made):
        x, y = i % COLUMNS * (SIDE + 6) + 6, i // COLUMNS * (SIDE + room + 6) + 6
        out.paste(Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.LANCZOS), (x, y))
        pen.ellipse((x + SIDE - 11, y + 3, x + SIDE - 3, y + 11), RIGHT if right[i] else WRONG, "white")
        for k, line in enumerate(wrapped[i]):
            pen.text((x, y + SIDE + 2 + k * LINE), line, INK, font_size=9)
    out.save(path, optimize=True)
