"""When a word counts as a slip of the hand; the same rule as in the app (src/prompt/understanding/spelling.ts)."""

from collections import defaultdict
from collections.abc import Iterable

TWO_SLIPS = 8
"""Letters from which on two slips are forgiven."""


def is_slip(typed: str, meant: str) -> bool:
    """Whether `typed` may be `meant` with a slip: the same first letter, one slip, two from eight letters on.

    Words of three letters are one slip from too many others: for these a letter must be doubled, or two swapped.
    """
    if typed == meant or len(typed) < 3 or typed[0] != meant[0]:
        return False
    if len(meant) < 4:
        doubled = any(typed == meant[: i + 1] + meant[i:] for i in range(len(meant)))
        return doubled or (len(typed) == len(meant) and sorted(typed) == sorted(meant) and distance(typed, meant) == 1)
    return distance(typed, meant) <= (1 if len(typed) < TWO_SLIPS else 2)


def distance(a: str, b: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours (Damerau 1964, restricted), or 3 if above 2."""
    if abs(len(a) - len(b)) > 2:
        return 3
    before, row = [], list(range(len(b) + 1))
    for i in range(1, len(a) + 1):
        next_row = [i]
        for j in range(1, len(b) + 1):
            cost = min(row[j] + 1, next_row[j - 1] + 1, row[j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                cost = min(cost, before[j - 2] + 1)
            next_row.append(cost)
        before, row = row, next_row
        if min(row) > 2:
            return 3
    return min(row[-1], 3)


class Targets:
    """Words to be meant, found fast: near words share a word with at most two letters taken away (SymSpell)."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_rest: dict[str, list[str]] = defaultdict(list)
        for word in words:
            for rest in _rests(word, 2 if len(word) >= TWO_SLIPS - 2 else 1):
                self._by_rest[rest].append(word)

    def near(self, typed: str) -> bool:
        """Whether `typed` is a slip from any of the words."""
        rests = _rests(typed, 2 if len(typed) >= TWO_SLIPS else 1)
        return any(is_slip(typed, word) for rest in rests if rest in self._by_rest for word in self._by_rest[rest])


def _rests(word: str, most: int) -> set[str]:
    """The word without none, one … `most` of its letters; the first stays."""
    out = {word}
    for _ in range(most):
        out |= {rest[:i] + rest[i + 1 :] for rest in out for i in range(1, len(rest))}
    return out
