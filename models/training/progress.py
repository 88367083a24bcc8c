"""How far a training is, and the learning rate that goes with it.

A budget is a number of minutes or of steps. With minutes the schedule follows the clock, so that the rate is at its end
when the time is, on a machine of any speed.

A training whose length is not known in advance is a stage of "constant" rate and one that cools it down along a line
(WSD, Hu et al. 2024, arXiv 2404.06395; Hägele et al. 2024, arXiv 2405.18392). The constant stage may be made longer in
the configuration while it runs; a file named `cool-down` in the run's folder ends it at once.
"""

import math
from pathlib import Path


def done(count: dict, budget: dict) -> float:
    """How much is done, from 0; 1 or more is the end. `budget` names `steps` or else `minutes`."""
    return count["step"] / budget["steps"] if "steps" in budget else count["seconds"] / (60 * budget["minutes"])


def asked_to_cool(folder: Path, budget: dict) -> bool:
    """Whether a stage of constant rate is to end now; the file that says so serves once."""
    wish = folder / "cool-down"
    if budget["decay"] != "constant" or not wish.exists():
        return False
    wish.unlink()
    return True


def rate(count: dict, budget: dict) -> float:
    """Learning rate: `warm_up` (200) steps up, then `learning_rate` for good, or to 2 % of it in the way of `decay`.

    "linear" and "cosine" go down all the time, "cooled" in the last quarter.
    """
    part = min(1.0, done(count, budget))
    shape = {
        "constant": 1.0, "linear": 1 - part, "cosine": 0.5 * (1 + math.cos(math.pi * part)),
        "cooled": min(1.0, 4 * (1 - part)),
    }[budget["decay"]]  # fmt: skip
    return budget["learning_rate"] * min(1, (count["step"] + 1) / budget.get("warm_up", 200)) * (0.02 + 0.98 * shape)
