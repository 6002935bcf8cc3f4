"""Every lever of the study at the top of its range: late, in the right direction, and never free.

Directions are those of the mechanism that each lever is said to act through; a lever whose effect on egendekning theory
leaves open has none here.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from egendekning.ensemble import Bound

from .conftest import Laboratory

pytestmark = pytest.mark.slow

LEVERS = Path(__file__).parents[2] / "scenarios" / "levers.yaml"
IDS = list(yaml.safe_load(LEVERS.read_text(encoding="utf-8"))["levers"])
FIRST_YEAR = 0.0002  # 0.02 percentage points: a lever that moves egendekning in its first year is wrong

MOVES = {  # lever: variables that it moves up (+1) or down (-1) by 2040, with the element of a subscripted one
    "business_land_logistics": {"jobs": 1, "egendekning": 1},
    "business_land_industry": {"jobs": 1, "egendekning": 1, "positions national": 1},
    "business_land_bigbox": {"jobs": 1, "egendekning": 1, "positions trade": 1},
    "business_land_mixed": {"jobs": 1, "egendekning": 1},
    "business_land_office": {"jobs": 1, "egendekning": 1},
    "residential_land": {"total population": 1, "employed residents": 1, "egendekning": -1},
    "densification": {"total population": 1, "positions trade": 1},
    "transport": {"out commuters": 1},
    "local_procurement": {"positions regional": 1, "egendekning": 1},
    "sme_share": {"small firm share": 1},
    "climate_weight": {"emissions": -1},
    "framework": {"zoning time": -1, "jobs": 1},
    "business_services": {"jobs": 1, "egendekning": 1},
    "inclusion": {"outside total": -1, "employed residents": 1, "social assistance": -1},
    "green": {"circular jobs": 1, "emissions": -1, "egendekning": 1},
    "technology": {"digital saving": 1},
    "port": {"positions regional": 1, "egendekning": 1},
    "centre": {"positions trade": 1, "egendekning": 1},
    "property_tax": {"property tax": 1, "positions national": -1},
}


def gain(laboratory: Laboratory, lever: str, variable: str, time: float) -> float:
    """Return how far a lever moves a variable; ``positions trade`` is the element trade of positions."""
    name, _, element = variable.partition(" ") if variable.startswith("positions ") else (variable, "", "")
    difference = (laboratory[f"lever {lever}"][name] - laboratory["nothing"][name]).sel(time=time)
    return float(difference.sel({"class": element}) if element else difference)


def test_every_lever_has_a_claim() -> None:
    assert set(MOVES) == set(IDS)


@pytest.mark.parametrize("lever", IDS)
def test_a_lever_does_not_move_egendekning_in_its_first_year(laboratory: Laboratory, bound: Bound, lever: str) -> None:
    start = float(bound.values[bound.study.levers[lever].constants.start])
    year = slice(start, start + 1)
    effect = (laboratory[f"lever {lever}"]["egendekning"] - laboratory["nothing"]["egendekning"]).sel(time=year)
    assert float(abs(effect).max()) < FIRST_YEAR


@pytest.mark.parametrize("lever", IDS)
def test_a_lever_has_moved_what_it_acts_on_by_2040(laboratory: Laboratory, lever: str) -> None:
    moved = {variable: gain(laboratory, lever, variable, 2040.0) for variable in MOVES[lever]}
    assert {variable: (value > 0) - (value < 0) for variable, value in moved.items()} == MOVES[lever], moved


@pytest.mark.parametrize("lever", IDS)
def test_a_lever_costs_money_from_the_year_it_starts(laboratory: Laboratory, bound: Bound, lever: str) -> None:
    start = float(bound.values[bound.study.levers[lever].constants.start])
    cost = laboratory[f"lever {lever}"]["lever cost"]
    assert float(cost.sel(time=start + 1)) > 0
    assert float(abs(cost.sel(time=slice(None, start))).max()) == 0


def test_without_levers_there_is_no_lever_cost(laboratory: Laboratory) -> None:
    assert float(abs(laboratory["nothing"]["lever cost"]).max()) == 0


def test_each_lever_pays_for_itself_only_where_it_is_booked(laboratory: Laboratory) -> None:
    booked = laboratory["lever transport"]
    per_lever = (booked["lever operating cost"] + booked["lever investment cost"]).sel(time=2030.0)
    assert [str(name) for name in per_lever["lever"].values[per_lever.values != 0]] == ["l transport"]
