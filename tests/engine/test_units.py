"""The unit checker passes what balances and finds what does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from egendekning.engine import Model, load
from egendekning.engine.units import UnitSyntaxError, check_units, parse_unit, show

from .conftest import MODELS


def test_a_model_whose_units_balance_passes_in_full() -> None:
    report = check_units(load(MODELS / "units_right.mdl"))
    assert report.problems == ()
    assert report.ok
    assert report.balanced == report.equations == 16  # twelve of its own and four of the time grid


def test_each_planted_fault_is_found_with_variable_line_and_both_sides() -> None:
    model = load(MODELS / "units_wrong.mdl")
    found = {p.variable: p for p in check_units(model).problems}
    assert set(found) == {"people", "births", "late", "used twice", "growth", "nameless"}
    assert (found["births"].left, found["births"].right) == ("person", "person/year")
    assert found["births"].line == model.variables["births"].line
    assert "the time of DELAY" in found["late"].what
    assert "the argument of curve" in found["used twice"].what
    assert "births: the right-hand side has unit person/year" in str(found["births"])


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("NOK/(person*year)", "NOK/person/year"),
        ("1/year", "Dmnl/years"),
        ("persons", "person"),
        ("t CO2e*year/year", "t CO2e"),
        ("(job/daa)^2", "job*job/(daa*daa)"),
        ("Dmnl", "1"),
    ],
)
def test_units_that_mean_the_same_are_equal(text: str, same: str) -> None:
    assert parse_unit(text) == parse_unit(same)


@pytest.mark.parametrize(("text", "other"), [("NOK", "MNOK"), ("person", "job"), ("1/year", "year")])
def test_units_that_differ_are_not_equal(text: str, other: str) -> None:
    assert parse_unit(text) != parse_unit(other)


@pytest.mark.parametrize("text", ["", "person/", "(person", "person^x", "*year", "a)b"])
def test_a_unit_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UnitSyntaxError):
        parse_unit(text)


def test_a_unit_is_shown_as_people_write_it() -> None:
    assert show(parse_unit("NOK/person/year"), {"nok": "NOK"}) == "NOK/(person*year)"
    assert show(parse_unit("1/year")) == "1/year"
    assert show(None) == "any"


def test_measures_of_a_table_have_units_of_both_its_axes(model: Callable[[str], Model]) -> None:
    table = "t((0,0),(1,2)) ~ kg ~ |\nh = 3 ~ hour ~ |\na = t(h) ~ kg ~ |\n"
    right = (
        "x = LOOKUP INVERT(t, a) ~ hour ~ |\ny = LOOKUP AREA(t, h, 2*h) ~ kg*hour ~ |\n"
        "z = LOOKUP SLOPE(t, h, 1) ~ kg/hour ~ |\n"
    )
    assert check_units(model(table + right)).ok
    wrong = right.replace("INVERT(t, a)", "INVERT(t, h)").replace("kg*hour", "kg").replace("kg/hour", "kg")
    found = check_units(model(table + wrong))
    assert {p.variable for p in found.problems} == {"x", "y", "z"}


def test_a_unit_without_end_is_a_fault_of_its_declaration() -> None:
    for text in ("(" * 100_000, "*".join(["person"] * 10_000)):
        with pytest.raises(UnitSyntaxError, match="words and signs"):
            parse_unit(text)
