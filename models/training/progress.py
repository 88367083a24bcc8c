"""How far a training is, and the learning rate that goes with it.

A budget is a number of minutes or of steps. With minutes the schedule follows the clock, so that the rate is at its end
when the time is, on a machine of any speed.
"""

import math


def done(count: dict, budget: dict) -> float:
    """How much is done, from 0; 1 or more is the end. `budget` names `steps` or else `minutes`."""
    return count["step"] / budget["steps"] if "steps" in budget else count["seconds"] / (60 * budget["minutes"])


def rate(count: dict, budget: dict) -> float:
    """Learning rate: `warm_up` (200) steps up, then from `learning_rate` to 2 % of it along a line or half a cosine."""
    part = min(1.0, done(count, budget))
    shape = 1 - part if budget["decay"] == "linear" else 0.5 * (1 + math.cos(math.pi * part))
    return budget["learning_rate"] * min(1, (count["step"] + 1) / budget.get("warm_up", 200)) * (0.02 + 0.98 * shape)
