"""The table of `parity/README.md` says what the tests hold: every case, and nothing that was not near enough."""

import math

from parity import table
from parity.cases import CASES, TABLED
from parity.compare import LATENTS_TOLERANCE, PSNR_LEAST, Agreement
from parity.forms import FORMS


def rows() -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.written().splitlines()]


def test_table_has_every_case_in_order() -> None:
    head, _, *body = rows()
    assert tuple(head) == table.HEAD
    assert [(row[0], row[1]) for row in body] == list(TABLED), "run python -m parity.table"
    assert set(CASES) <= set(TABLED)
    assert {form for _, form in TABLED} == set(FORMS)


def test_table_says_nothing_that_does_not_hold() -> None:
    for *_, latents, picture in rows()[2:]:
        psnr = math.inf if picture == "the bit" else float(picture.removesuffix(" dB"))
        assert float(latents) <= LATENTS_TOLERANCE
        assert psnr >= PSNR_LEAST


def test_a_row_says_how_it_was_drawn() -> None:
    said = table.row("SD-Turbo", "one file", Agreement(2.34e-7, math.inf))
    assert said == ("SD-Turbo", "one file", "EulerDiscrete", "4", "1", "2e-07", "the bit")
