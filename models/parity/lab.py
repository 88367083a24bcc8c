"""Everything that a case of parity needs, each made once: checkpoints, graphs, what diffusers draws."""

import functools
from pathlib import Path

from parity import compare, results
from parity.families import FAMILIES, make
from parity.forms import FORMS
from parity.graphs import Library


class Lab:
    """Keeps what it makes in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._library = Library(root / "graphs")
        self.folder = functools.cache(self._folder)

    def _folder(self, family: str) -> Path:
        """The family's checkpoint in float32, a diffusers folder."""
        return make(family, self._place("families", family))

    def graphs(self, family: str) -> Path:
        """A library with graphs for the family (and for those that were asked for before)."""
        return self._library.add(family, self.folder(family))

    def measure(
        self, family: str, form: str = "diffusers folder", negative: str = compare.NEGATIVE
    ) -> compare.Agreement:
        """How near to diffusers we draw a family that lies in a form."""
        how, folder = FORMS[form], self.folder(family)
        model = how.write(folder, self._place("forms", f"{form} {family}"))
        against = how.reference(folder, self._place("references", f"{form} {family}")) if how.reference else model
        want = compare.by_diffusers(against, FAMILIES[family], negative, **how.options)
        papers = None if how.own_papers else folder
        out = self._place("pictures", f"{form} {family} {negative}")
        got = compare.by_us(model, self.graphs(family), FAMILIES[family], out, negative, papers)
        agreement = compare.agree(got, want)
        if negative == compare.NEGATIVE:
            results.record((family, form), agreement)
        return agreement

    def _place(self, kind: str, name: str) -> Path:
        place = self.root / kind / name.replace("/", " ")
        place.parent.mkdir(parents=True, exist_ok=True)
        return place
