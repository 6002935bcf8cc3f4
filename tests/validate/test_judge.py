"""Expectations against runs of three times whose worst places are known."""

from __future__ import annotations

import math

import pytest
import xarray as xr

from egendekning.study.schemas import Expect
from egendekning.validate.judge import judge
from egendekning.validate.language import Run

TIMES = [2019.0, 2020.0, 2021.0]


def line(*values: float) -> xr.DataArray:
    return xr.DataArray(list(values), coords={"time": TIMES}, dims="time")


TIME = line(*TIMES)
BASE = Run({"x": line(5, 5, 5)}, TIME)
GROUPS = xr.DataArray(
    [[1.0, 2.0], [1.0, 7.0], [1.0, 3.0]], {"time": TIMES, "group": ["young", "old"]}, ("time", "group")
)
RUN = Run({"x": line(1, 4, 2), "y": line(1, 4, 2 + 1e-8), "n": GROUPS}, TIME, BASE)


def judged(**said: object):  # type: ignore[no-untyped-def]
    return judge(Expect.model_validate(said), RUN, {"baseline": BASE})


@pytest.mark.parametrize(
    ("said", "passed"),
    [
        ({"always": "x <= 4"}, True),
        ({"always": "x < 4"}, False),
        ({"always": "0 < x <= 4"}, True),
        ({"always": "0 < x <= 3"}, False),
        ({"always": "x != 3"}, True),
        ({"always": "x != 4"}, False),
        ({"end": "x == 2", "tolerance": 0}, True),
        ({"end": "x == y", "tolerance": 1e-9}, False),
        ({"end": "x == y", "tolerance": 1e-8}, True),
        ({"that": "x == 4", "at": 2020, "tolerance": 0}, True),
        ({"that": "x == 2.5", "at": 2019.5, "tolerance": 1e-15}, True),
        ({"that": "x >= 2", "since": 2020}, True),
        ({"that": "x >= 2", "since": 2019}, False),
        ({"always": "n >= 1"}, True),
        ({"always": "n < 7"}, False),
        ({"compare": {"variable": "x", "to": "baseline", "direction": "lower"}}, True),
        ({"compare": {"variable": "x", "to": "baseline", "direction": "lower", "by": 2020, "at_least": 1}}, True),
        ({"compare": {"variable": "x", "to": "baseline", "direction": "lower", "by": 2020, "at_least": 1.5}}, False),
        ({"compare": {"variable": "x", "to": "baseline", "direction": "higher"}}, False),
        ({"compare": {"variable": "x", "to": "baseline", "direction": "equal", "tolerance": 0.2, "by": 2020}}, True),
        ({"compare": {"variable": "x", "to": "baseline", "direction": "equal", "tolerance": 0.1, "by": 2020}}, False),
    ],
)
def test_an_expectation_holds_exactly_where_it_is_true(said: dict[str, object], passed: bool) -> None:
    assert judged(**said).passed is passed


def test_the_worst_place_is_named_with_year_element_value_and_bound() -> None:
    finding = judged(always="n <= 2.5")
    assert (finding.time, finding.element, finding.value, finding.bound, finding.miss) == (2020.0, "old", 7.0, 2.5, 4.5)


def test_a_bound_on_the_left_is_still_the_bound() -> None:
    finding = judged(always="3 <= x")
    assert (finding.value, finding.bound) == (1.0, 3.0)


def test_the_least_of_a_list_is_named_where_the_list_fails() -> None:
    assert judged(always="min(x, min(n), 9) >= 2").element in ("x", "min(n)")
    assert judged(end="min(x, min(n), 9) >= 1.5").element == "min(n)"


def test_a_value_that_is_no_number_fails_every_comparison() -> None:
    run = Run({"x": line(1, math.nan, 2)}, TIME, BASE)
    for text in ("x < 100", "x > -100", "x != 3"):
        finding = judge(Expect.model_validate({"always": text}), run, {})
        assert not finding.passed
        assert finding.time == 2020.0


def test_a_year_outside_the_run_fails_rather_than_passes_unseen() -> None:
    assert not judged(that="x > 0", at=2030).passed
    assert not judged(that="x > 0", since=2030).passed
