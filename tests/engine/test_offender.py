"""A number that is not finite is traced to where it began, and the other draws are kept."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from egendekning.engine import Model
from egendekning.errors import SimulationError, UsageError

Loader = Callable[[str], Model]

RATIO = "c = 1 ~ ~ |\nk = 3 ~ ~ |\nratio = k/(c - Time) ~ ~ |\ns = INTEG(ratio, 0) ~ ~ |"


def first(found: xr.Dataset) -> dict[str, object]:
    """Return the account of the first number that is not finite."""
    return dict(json.loads(found.attrs["first_non_finite"]))


def test_one_draw_that_divides_by_zero_is_named_and_the_others_are_kept(model: Loader) -> None:
    found = model(RATIO).simulate({"c": np.array([9.0, 1.25, 7.0])}, outputs=["s"])
    account = first(found)
    assert account["variable"] == "ratio", "the stock is only what came of it"
    assert (account["time"], account["draw"]) == (1.25, 1), "between two saving times"
    assert (account["value"], account["cause"]) == ("inf", "division by zero")
    assert account["parameters"] == {"c": 1.25}
    assert account["line"] == 4
    assert "ratio is inf at time 1.25, draw 1 (1 of 3 draws), division by zero, with c = 1.25" in str(
        found.attrs["non_finite"]
    )
    assert found["finite"].values.tolist() == [True, False, True]
    kept = found.sel(draw=found["finite"])
    alone = model(RATIO).simulate({"c": np.array([9.0, 7.0])}, outputs=["s"])
    np.testing.assert_array_equal(kept["s"].values, alone["s"].values)


def test_a_sound_run_has_neither_report_nor_mask(model: Loader) -> None:
    found = model(RATIO).simulate({"c": np.array([9.0, 8.0])})
    assert found.attrs["non_finite"] == ""
    assert "first_non_finite" not in found.attrs
    assert "finite" not in found.coords


def test_raising_tells_where_what_and_how_to_mend_it(model: Loader) -> None:
    broken = model(RATIO)
    with pytest.raises(SimulationError) as caught:
        broken.simulate({"c": np.array([9.0, 1.25]), "k": 2.0}, outputs=["s"], on_error="raise")
    (problem,) = caught.value.problems
    assert problem.where.endswith("model.mdl:4")
    assert problem.found.endswith("draw 1 (1 of 2 draws), division by zero, with c = 1.25, k = 2")
    assert problem.expected == "finite numbers"
    assert problem.nearest is not None
    assert "ZIDZ" in problem.nearest
    assert "on_error='keep'" in problem.fix
    assert broken.simulate({"c": 9.0}, on_error="raise")["s"].size == 5, "a sound run goes through"


def test_an_unknown_way_of_dealing_with_errors_is_refused(model: Loader) -> None:
    with pytest.raises(UsageError, match="'keep' or 'raise'"):
        model(RATIO).simulate(on_error="ignore")


def test_a_single_run_is_told_without_a_draw(model: Loader) -> None:
    found = model(RATIO).simulate()
    assert first(found)["draw"] is None
    assert found.attrs["non_finite"].startswith("ratio is inf at time 1, division by zero\n")


def test_what_vensim_calls_not_available_is_no_fault(model: Loader) -> None:
    found = model("x = IF THEN ELSE(Time > 2, :NA:, Time) ~ ~ |").simulate(on_error="raise")
    assert np.isnan(found["x"].values).tolist() == [False, False, False, True, True]
    assert found.attrs["non_finite"] == ""


def test_a_parameter_that_is_not_finite_is_itself_the_first(model: Loader) -> None:
    found = model(RATIO).simulate({"c": np.array([9.0, np.nan])})
    account = first(found)
    assert (account["variable"], account["time"], account["draw"], account["cause"]) == ("c", 0.0, 1, "as given")
    assert account["parameters"] == {"c": "nan"}, "JSON knows no nan"


def test_a_smooth_inside_an_equation_does_not_take_the_blame_for_what_it_reads(model: Loader) -> None:
    found = model("c = 1 ~ ~ |\nx = c*SMOOTH(Time, 2) ~ ~ |\ns = INTEG(x, 0) ~ ~ |").simulate({"c": np.nan})
    assert first(found)["variable"] == "c"


def test_an_initial_value_is_traced_to_the_equation_that_spoilt_it(model: Loader) -> None:
    found = model("a = 0 ~ ~ |\nb = LN(a - 1) ~ ~ |\ns = INTEG(1, b) ~ ~ |\nt = INTEG(1, 1/a) ~ ~ |").simulate()
    account = first(found)
    assert (account["variable"], account["cause"]) == ("b", "LN(-1)")
    alone = first(model("a = 0 ~ ~ |\nt = INTEG(1, 1/a) ~ ~ |").simulate())
    assert (alone["variable"], alone["cause"]) == ("t", "division by zero")


def test_a_stock_that_grows_out_of_all_bounds_is_the_first(model: Loader) -> None:
    account = first(model("s = INTEG(s*1e100, 1) ~ ~ |").simulate(outputs=["s"]))
    # each step multiplies by 0.25e100, and 1e308 is the largest number: the fourth goes beyond
    assert (account["variable"], account["value"], account["time"]) == ("s", "inf", 1.0)


def test_what_recovers_between_saving_times_is_seen_once_it_reaches_a_stock_or_every_step_is_saved(
    model: Loader,
) -> None:
    brief = model(
        "c = 1.25 ~ ~ |\ntouch = 0 ~ ~ |\npulse = 1/(c - Time) ~ ~ |\n"
        "level = INTEG(IF THEN ELSE(touch > 0, pulse, 0), 0) ~ ~ |"
    )
    assert brief.simulate().attrs["non_finite"] == "", "no number of the result is touched"
    account = first(brief.simulate({"touch": 1.0}, outputs=["level"]))
    assert (account["variable"], account["time"], account["cause"]) == ("pulse", 1.25, "division by zero")
    every = first(brief.simulate(time={"saveper": brief.time.step}))
    assert (every["variable"], every["time"]) == ("pulse", 1.25)


def test_the_element_of_an_array_is_named(model: Loader) -> None:
    text = "region: north, south ~ ~ |\nwidth[region] = 2, 0 ~ ~ |\nx[region] = 1/width[region] ~ ~ |"
    found = model(text).simulate()
    assert (first(found)["variable"], first(found)["element"]) == ("x", "south")
    assert "x[south] is inf at time 0, division by zero" in found.attrs["non_finite"]


def test_values_over_time_starts_and_random_functions_are_those_of_the_draw(model: Loader) -> None:
    chance = model(
        "u = 1 ~ ~ |\ns = INTEG(0, 1) ~ ~ |\nr = RANDOM UNIFORM(0, 1, 1) ~ ~ |\n"
        "x = 1/IF THEN ELSE(r > 0.9, 0, u*s) ~ ~ |"
    )
    series = xr.DataArray([1.0, 2.0, 3.0, 4.0, 5.0], dims=["time"])  # one for each saving time
    every = chance.simulate({"u": series}, {"s": 2.0}, ["r", "x"], draws=40, seed=3, time={"saveper": 1.0})
    account = first(every)
    draw, time = account["draw"], float(str(account["time"]))
    steps = chance.simulate({"u": 1.0}, outputs=["r"], draws=40, seed=3, time={"saveper": 0.25})["r"]
    assert steps.sel(draw=draw, time=time) > 0.9
    assert (steps.sel(draw=draw, time=slice(0.0, time - 0.1)) <= 0.9).all()
    assert account["variable"] == "x"
    assert account["parameters"] == {"s": 2.0, "u": time + 1.0}
