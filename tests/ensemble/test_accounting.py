"""Growth accounting: parts that sum exactly, and that are what hand arithmetic says."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from egendekning.ensemble import between_dates, decomposition, from_baseline
from egendekning.ensemble.accounting import log_mean
from egendekning.errors import SimulationError

CLASSES = ["trade", "regional", "national", "public"]


def state(jobs: list[float], residents: float, population: float, supply: float) -> xr.Dataset:
    return xr.Dataset(
        {
            "jobs by class": ("class", jobs),
            "employed residents": residents,
            "total population": population,
            "age weighted labour supply": supply,
        },
        {"class": CLASSES},
    )


START = state([120.0, 150.0, 50.0, 150.0], 500.0, 1000.0, 550.0)


def part(found: xr.DataArray, name: str) -> float:
    return float(found.sel(part=name))


def test_parts_sum_to_the_change_to_rounding() -> None:
    random = np.random.default_rng(1)
    shape = (3, 40)
    dims = ("scenario", "draw")

    def any_state() -> xr.Dataset:
        return xr.Dataset(
            {
                "jobs by class": ((*dims, "class"), random.uniform(1e3, 2e4, (*shape, 4))),
                "employed residents": (dims, random.uniform(4e4, 6e4, shape)),
                "total population": (dims, random.uniform(9e4, 1.3e5, shape)),
                "age weighted labour supply": (dims, random.uniform(4e4, 7e4, shape)),
            },
            {"class": CLASSES},
        )

    start, end = any_state(), any_state()
    change = [s["jobs by class"].sum("class") / s["employed residents"] for s in (start, end)]
    residual = decomposition(start, end).sum("part") - (change[1] - change[0])
    assert float(abs(residual).max()) < 1e-12


def test_more_jobs_in_one_class_are_that_class_alone() -> None:
    found = decomposition(START, state([130.0, 150.0, 50.0, 150.0], 500.0, 1000.0, 550.0))
    assert part(found, "jobs trade") == pytest.approx(10.0 / 500.0, rel=1e-12)
    assert float(abs(found).sum()) == pytest.approx(0.02, rel=1e-12)


def test_more_residents_of_the_same_kind_are_population_alone() -> None:
    found = decomposition(START, state([120.0, 150.0, 50.0, 150.0], 550.0, 1100.0, 605.0))
    assert part(found, "population") == pytest.approx(470.0 / 550.0 - 470.0 / 500.0, rel=1e-12)
    np.testing.assert_allclose(found.drop_sel(part="population"), 0.0, atol=1e-15)


def test_an_older_population_with_the_same_work_is_age_mix_against_employment() -> None:
    found = decomposition(START, state([120.0, 150.0, 50.0, 150.0], 500.0, 1000.0, 500.0))
    # supply falls by a factor 10/11 with residents at work unchanged: two parts of opposite sign, 0.94 x ln 1.1
    assert part(found, "age mix") == pytest.approx(0.94 * np.log(1.1), rel=1e-12)
    assert part(found, "employment rate") == pytest.approx(-0.94 * np.log(1.1), rel=1e-12)


def test_no_change_has_no_parts() -> None:
    assert float(abs(decomposition(START, START)).sum()) == 0.0


def test_the_way_back_has_the_opposite_parts() -> None:
    end = state([100.0, 190.0, 70.0, 140.0], 520.0, 1040.0, 560.0)
    np.testing.assert_allclose(decomposition(START, end), -decomposition(end, START), rtol=1e-12)


def test_the_logarithmic_mean_keeps_its_digits_near_equality() -> None:
    # (e - 1)/1 for a = e, b = 1; and 1 + x/2 + x^2/6 for a = e^x, b = 1
    a = xr.DataArray([np.e, np.exp(1e-9), 1.0])
    np.testing.assert_allclose(log_mean(a, xr.ones_like(a)), [np.e - 1.0, 1.0 + 0.5e-9, 1.0], rtol=1e-15)


def test_dates_and_baseline_are_picked_from_a_dataset() -> None:
    grown = state([130.0, 150.0, 50.0, 150.0], 500.0, 1000.0, 550.0)
    over = xr.concat([xr.concat([START, START], "time"), xr.concat([START, grown], "time")], "scenario")
    over = over.expand_dims(draw=[0, 1]).transpose("scenario", "draw", "time", "class")
    over = over.assign_coords(scenario=["baseline", "policy"], time=[2019.875, 2040.875])
    found = between_dates(over, 2019.875, 2040.875)
    assert found.dims == ("scenario", "draw", "part")
    assert found.sum("part").values.tolist() == pytest.approx(np.array([[0, 0], [0.02, 0.02]]), abs=1e-15)
    against = from_baseline(over, 2040.875, "baseline")
    assert against.dims == ("scenario", "draw", "part")
    assert against.sel(scenario="policy", part="jobs trade").values == pytest.approx(0.02)
    assert found["label_nb"].sel(part="population").item() == "Innbyggere: flere eller færre"


def test_levels_without_a_logarithm_are_refused() -> None:
    with pytest.raises(SimulationError, match="employed residents is not positive"):
        decomposition(START, state([1.0, 1.0, 1.0, 1.0], 0.0, 1000.0, 550.0))


def test_a_dataset_without_the_variables_says_which_is_lacking() -> None:
    with pytest.raises(SimulationError, match="no variable 'total population'"):
        between_dates(START.drop_vars("total population").expand_dims(time=[2019.0]), 2019.0, 2019.0)
