"""Writes every family in `models/graphs`, from configurations alone: `python -m export.all [DIR]`.

A network that two families share is written once, in the first of them, so the order below matters.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from export.family import export_family, list_files, quiet

MODELS = Path(__file__).resolve().parents[1]
GRAPHS, PUBLISHED = MODELS / "graphs", MODELS / "published"


@dataclass(frozen=True)
class Family:
    """A folder of `graphs`, the configurations that it is made from, and the published papers that go with its U-Net.

    The first of `published` is taken for a checkpoint that comes without papers.
    """

    name: str
    configs: Path
    published: tuple[str, ...] = ()


FAMILIES = (
    Family("sd1", PUBLISHED / "sd15", ("sd15",)),
    Family("lcm", PUBLISHED / "lcm-dreamshaper-v7", ("lcm-dreamshaper-v7",)),
    Family("tiny-sd", PUBLISHED / "tiny-sd", ("tiny-sd",)),
    Family("sd2", PUBLISHED / "sd21-base", ("sd21-base", "sd-turbo")),
    Family("sd2-upcast", PUBLISHED / "sd21", ("sd21",)),
    Family("sdxl", PUBLISHED / "sdxl", ("sdxl", "sdxl-turbo")),
    Family("ssd-1b", PUBLISHED / "ssd-1b", ("ssd-1b",)),
    Family("vega", PUBLISHED / "segmind-vega", ("segmind-vega",)),
    Family("taesd", PUBLISHED / "taesd"),
    Family("sdxs", PUBLISHED / "sdxs-512-dreamshaper"),
    Family("tinyworld", MODELS / "tinyworld"),
)


def export_all(graphs: Path) -> None:
    known: dict[tuple, str] = {}
    for family in FAMILIES:
        export_family(family.configs, family.name, graphs / family.name, family.published, known)
        list_files(graphs / family.name)


if __name__ == "__main__":
    quiet()
    export_all(Path(sys.argv[1]) if len(sys.argv) > 1 else GRAPHS)
