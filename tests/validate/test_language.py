"""Values of expressions, against arithmetic done by hand on three times and two elements."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from egendekning.study import expressions
from egendekning.validate.language import Run, words

TIMES = xr.DataArray([2019.0, 2019.5, 2020.0], dims="time", coords={"time": [2019.0, 2019.5, 2020.0]})


def series(*values: float) -> xr.DataArray:
    return xr.DataArray(list(values), coords={"time": TIMES.values}, dims="time")


def by_class(*rows: tuple[float, float]) -> xr.DataArray:
    return xr.DataArray(
        [list(row) for row in rows],
        coords={"time": TIMES.values, "class": ["trade", "Public_sector"]},
        dims=("time", "class"),
    )


BASE = Run({"people": series(10, 10, 10)}, TIMES)
RUN = Run({"people": series(10, 12, 15), "jobs": by_class((1, 2), (3, 5), (4, 9))}, TIMES, BASE)


def value(text: str, run: Run = RUN) -> np.ndarray:
    """Return the left side of ``text == 0``."""
    return run.value(expressions.parse(f"{text} == 0").operands[0]).values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("people + 2 * 3", [16, 18, 21]),
        ("-people^2", [-100, -144, -225]),
        ("(people - 10) / 5", [0, 0.4, 1]),
        ("total(jobs)", [3, 8, 13]),
        ("min(jobs)", [1, 3, 4]),
        ("max(jobs)", [2, 5, 9]),
        ("max(people, 11, 2 * people - 14)", [11, 12, 16]),
        ("min(people, 12)", [10, 12, 12]),
        ("abs(people - 12)", [2, 0, 3]),
        ("change(people)", [0, 2, 3]),
        ("integral(people)", [0, 5, 11]),  # half a year of 10, then half a year of 12
        ("integral(2)", [0, 1, 2]),
        ("people - baseline(people)", [0, 2, 5]),
        ("Time - 2019", [0, 0.5, 1]),
    ],
)
def test_an_expression_has_the_value_that_hand_arithmetic_gives(text: str, expected: list[float]) -> None:
    np.testing.assert_allclose(value(text), expected, rtol=1e-15)


def test_initial_no_longer_varies_with_time() -> None:
    assert value("initial(jobs)").tolist() == [1, 2]


def test_an_element_is_found_in_any_spelling() -> None:
    assert value("jobs[public sector]").tolist() == [2, 5, 9]


def test_the_integral_of_a_subscripted_flow_is_taken_by_element() -> None:
    assert value("integral(jobs)").tolist() == [[0, 0], [0.5, 1], [2, 3.5]]


def test_a_run_on_half_the_step_meets_the_baseline_on_common_times_only() -> None:
    fine = np.arange(2019.0, 2020.01, 0.25)
    run = Run(
        {"people": xr.DataArray(fine * 0 + 12, {"time": fine}, "time")},
        xr.DataArray(fine, {"time": fine}, "time"),
        BASE,
    )
    assert value("people - baseline(people)", run).tolist() == [2, 2, 2]


def test_a_value_that_is_no_number_is_never_skipped() -> None:
    run = Run({"jobs": by_class((1, np.nan), (3, 5), (4, 9))}, TIMES)
    assert np.isnan(value("min(jobs)", run)[0])
    assert np.isnan(value("total(jobs)", run)[0])


def test_words_say_an_expression_again() -> None:
    node = expressions.parse("min(jobs[trade], -people) + 2 == 0").operands[0]
    assert words(node) == "(min(jobs[trade], -people) + 2)"
