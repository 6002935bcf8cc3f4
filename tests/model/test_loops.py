"""Each named loop is cut by its switch, and what a push then does differs as theory says.

A push is 2 000 national-market jobs at the start, 600 dwellings a year, a municipality without interest, 2 000 net jobs
in the hospital, or 40 daa of industrial land a year. What it moves is compared with and without the loop.
"""

from __future__ import annotations

import pytest

from .conftest import LOOPS, Laboratory

pytestmark = pytest.mark.slow

CLAIMS = {
    # switch: (variable, element, year, whether the push moves it further up with the loop than without)
    "job migration": ("total population", {}, 2040.0, True),
    "housing gate": ("total population", {}, 2040.0, True),
    "services to attractiveness": ("domestic in migration", {}, 2035.0, True),
    "land gate": ("jobs", {}, 2040.0, True),
    "population to trade": ("positions", {"class": "trade"}, 2040.0, True),
    "crowding out": ("positions", {"class": "national"}, 2035.0, False),
    "multipliers": ("positions", {"class": "regional"}, 2035.0, True),
    "population to labour supply": ("egendekning", {}, 2040.0, False),
    "labour shortage": ("jobs", {}, 2022.0, False),
    "jobs to exclusion": ("outside total", {}, 2030.0, False),
    "tax to services": ("net operating result", {}, 2035.0, False),
    "jobs to social costs": ("social costs", {}, 2030.0, False),
}


def test_every_loop_has_a_claim() -> None:
    assert set(CLAIMS) == set(LOOPS)


@pytest.mark.parametrize("switch", CLAIMS)
def test_cutting_the_loop_changes_the_effect_of_a_push_as_theory_says(laboratory: Laboratory, switch: str) -> None:
    variable, element, year, further = CLAIMS[switch]
    whole = laboratory.gain(LOOPS[switch], variable, year, **element)
    cut = laboratory.gain(LOOPS[switch], variable, year, without=switch, **element)
    assert (whole > cut) is further, f"{variable} moves {whole:g} with the loop and {cut:g} without"
    assert abs(whole - cut) > 1e-3 * abs(whole), "the loop makes no difference that matters"
