"""A call gives what it was asked for, the same every time, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import factorial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from egendekning.engine import Model, load, runtime
from egendekning.errors import SimulationError, UsageError

from .conftest import MODELS

Loader = Callable[[str], Model]


@pytest.fixture(scope="module")
def bath() -> Model:
    return load(MODELS / "stock_and_flow.mdl")


@pytest.fixture(scope="module")
def ages() -> Model:
    return load(MODELS / "mapping.mdl")


def test_a_dataset_carries_units_documentation_and_kinds(bath: Model) -> None:
    found = bath.simulate()
    assert found["bath"].attrs == {"unit": "litre", "long_name": "Water in the bath.", "kind": "stock"}
    assert found["bath"].dims == ("time",)
    assert found["time"].attrs["unit"] == "year"
    assert found["inflow"].attrs["kind"] == "constant"


def test_dims_are_draw_time_then_subscripts(ages: Model) -> None:
    found = ages.simulate({"births": np.array([1.0, 2.0, 3.0])}, outputs=["people", "share"])
    assert found["people"].dims == ("draw", "time", "age")
    assert found["share"].dims == ("draw", "time", "age")
    assert found["age"].values.tolist() == ["a0", "a1", "a2", "a3", "a4", "a5"]


def test_permuted_draws_give_permuted_results(ages: Model) -> None:
    births = np.random.default_rng(1).uniform(10, 90, 300)
    order = np.random.default_rng(2).permutation(300)
    straight = ages.simulate({"births": births})["people"].values
    np.testing.assert_array_equal(ages.simulate({"births": births[order]})["people"].values, straight[order])


@pytest.mark.parametrize("name", ["arithmetic", "delay", "lookup", "initial"])
def test_batch_size_and_threads_change_no_byte(name: str) -> None:
    model = load(MODELS / f"{name}.mdl")
    first = next(v.name for v in model.variables.values() if v.kind in ("auxiliary", "stock"))
    constant = {first: np.linspace(0.4, 2.0, 70)} if model.variables[first].kind != "stock" else None
    starts = None if constant else {first: np.linspace(50.0, 200.0, 70)}
    one = model.simulate(constant, starts, batch=128)
    for options in ({"batch": 16}, {"batch": 32, "threads": 2}, {"batch": 64}):
        other = model.simulate(constant, starts, **options)
        for variable in one.data_vars:
            np.testing.assert_array_equal(one[variable].values, other[variable].values, err_msg=str(variable))


def test_a_single_run_is_a_batch_of_one(ages: Model) -> None:
    one = ages.simulate({"births": 30.0})["people"].values
    # a kernel for one lane may round the last bit of a fused multiply-add differently
    np.testing.assert_allclose(ages.simulate({"births": np.array([30.0])})["people"].values[0], one, rtol=1e-13)


def test_no_parameter_leaks_into_the_next_call(bath: Model) -> None:
    before = bath.simulate()["bath"].values.tobytes()
    bath.simulate({"emptying time": 9.0}, {"bath": 1.0})
    assert bath.simulate()["bath"].values.tobytes() == before


def test_arguments_are_not_changed(ages: Model) -> None:
    births = np.array([1.0, 2.0])
    ages.simulate({"births": births})
    assert births.tolist() == [1.0, 2.0]


def test_a_labelled_array_is_matched_by_element_name(ages: Model) -> None:
    names = [f"a{i}" for i in range(6)]
    straight = xr.DataArray(np.arange(6.0), {"age": names}, ["age"])
    turned = straight.isel(age=slice(None, None, -1))
    np.testing.assert_array_equal(
        ages.simulate({"start": straight})["people"], ages.simulate({"start": turned})["people"]
    )
    assert ages.simulate({"start": straight})["people"].values[0].tolist() == [0, 1, 2, 3, 4, 5]


def test_an_array_over_draw_and_subscripts_is_taken(ages: Model) -> None:
    values = xr.DataArray(np.arange(12.0).reshape(6, 2), dims=["age", "draw"])
    found = ages.simulate({"start": values}, outputs=["people"])["people"]
    assert found.values[1, 0].tolist() == [1, 3, 5, 7, 9, 11]


def test_table_values_can_be_given_per_draw() -> None:
    series = load(MODELS / "time_series.mdl")
    y = xr.DataArray([[0.1, 0.1, 0.1, 0.1], [0.0, 0.0, 0.0, 0.0]], dims=["draw", "point"])
    found = series.simulate({"rate table": y}, outputs=["rate", "stock"])
    np.testing.assert_allclose(found["rate"].values[:, 0], [0.1, 0.0], rtol=1e-14)
    assert found["stock"].values[1, -1] == 1.0
    np.testing.assert_allclose(found["stock"].values[0, -1], (1 + 0.1 / 8) ** 32, rtol=1e-12)


def test_a_flow_can_be_replaced_by_a_number(bath: Model) -> None:
    found = bath.simulate({"outflow": 3.0})
    assert found["bath"].values.tolist() == [10.0] * 5
    assert found["outflow"].values.tolist() == [3.0] * 5


def test_starting_values_can_differ_between_draws(bath: Model) -> None:
    found = bath.simulate(initial_values={"bath": np.array([6.0, 10.0])})["bath"]
    assert found.values[:, 0].tolist() == [6.0, 10.0]
    assert found.values[0].tolist() == [6.0] * 5


def test_saving_times_choose_what_comes_out(bath: Model) -> None:
    full = bath.simulate(time={"saveper": 0.125})["bath"]
    some = bath.simulate(time=[0.5, 1.0, 3.25])["bath"]
    assert some["time"].values.tolist() == [0.5, 1.0, 3.25]
    np.testing.assert_allclose(some.values, full.sel(time=[0.5, 1.0, 3.25]).values, rtol=1e-13)


def test_outputs_are_what_was_asked_in_that_order(bath: Model) -> None:
    assert list(bath.simulate(outputs=["Outflow", "bath"]).data_vars) == ["outflow", "bath"]


def test_numbers_that_are_not_finite_are_named_with_time_and_draw(model: Loader) -> None:
    broken = model("c = 1 ~ ~ |\nx = LN(c - Time) ~ ~ |")
    assert broken.simulate({"c": 9.0}).attrs["non_finite"] == ""
    report = broken.simulate({"c": np.array([9.0, 1.5])}).attrs["non_finite"]
    assert "x is nan at time 2, draw 1 (1 of 2 draws)" in report


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"emtying time": 1.0}, ["unknown name", "emptying time"]),
        ({"bath": 1.0}, ["is a stock", "initial_values"]),
        ({"TIME STEP": 1.0}, ["time grid", "time="]),
        ({"inflow": "much"}, ["not a number"]),
        ({"inflow": np.zeros((2, 2))}, ["shape (2, 2)", "DataArray"]),
        ({"inflow": np.zeros(2), "start": np.zeros(3)}, ["3 draws", "2 draws"]),
        ({"inflow": xr.DataArray([1.0], dims=["region"])}, ["'region'"]),
    ],
)
def test_a_parameter_that_cannot_be_used_is_explained(bath: Model, parameters: dict, words: list[str]) -> None:
    with pytest.raises(SimulationError) as caught:
        bath.simulate(parameters)
    assert all(word in str(caught.value) for word in words)


def test_all_wrong_parameters_are_reported_at_once(bath: Model) -> None:
    with pytest.raises(SimulationError) as caught:
        bath.simulate({"nonsense": 1.0, "rubbish": 2.0}, {"inflow": 3.0})
    assert len(caught.value.problems) == 3


def test_an_unknown_output_gets_the_nearest_name(bath: Model) -> None:
    with pytest.raises(SimulationError, match="did you mean: outflow"):
        bath.simulate(outputs=["outflows"])


@pytest.mark.parametrize("time", [{"step": -1.0}, {"final": -1.0}, {"finl": 2.0}, [2.0, 1.0], [0.01], 7])
def test_a_time_grid_that_does_not_fit_is_refused(bath: Model, time: object) -> None:
    with pytest.raises(UsageError):
        bath.simulate(time=time)  # type: ignore[arg-type]


def test_a_wrong_number_of_table_values_is_refused() -> None:
    with pytest.raises(SimulationError, match="4 values, one per point"):
        load(MODELS / "time_series.mdl").simulate({"rate table": [1.0, 2.0]})


def test_a_damaged_kernel_file_is_compiled_again(
    model: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EGENDEKNING_CACHE", str(tmp_path))
    text = "s = INTEG(0.125, 1) ~ ~ |"
    before = model(text).simulate()["s"].values
    (kept,) = (tmp_path / "kernels").glob("*.kernel")
    kept.write_bytes(b"damaged")
    runtime._compiled.clear()
    np.testing.assert_array_equal(model(text).simulate()["s"].values, before)
    assert kept.stat().st_size > 1000


def test_a_kept_kernel_gives_the_same_bytes(model: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGENDEKNING_CACHE", str(tmp_path))
    text = "s = INTEG(-s * rate ^ 1.3, 1) ~ ~ |\nrate = 0.1 ~ ~ |"
    given = {"rate": np.linspace(0.1, 0.9, 5)}
    before = model(text).simulate(given)["s"].values
    runtime._compiled.clear()
    np.testing.assert_array_equal(model(text).simulate(given)["s"].values, before)


def test_a_kept_kernel_is_not_taken_for_another_method_or_start(model: Loader) -> None:
    grown = model("s = INTEG(s, 1) ~ ~ |")
    assert grown.simulate()["s"].values[-1] == pytest.approx(1.25**16, rel=1e-12)
    slope = sum(0.25**k / factorial(k) for k in range(5))  # one step of fourth order on s' = s
    assert grown.simulate(method="rk4")["s"].values[-1] == pytest.approx(slope**16, rel=1e-12)
    for at in (1.0, 2.0):
        later = grown.simulate(start=grown.state(at))["s"]
        assert later.values[-1] == pytest.approx(1.25**16, rel=1e-12)
        assert later["time"].values[0] == at


def test_part_of_a_set_has_the_numbers_of_the_set(model: Loader) -> None:
    chance = model("k = 1 ~~|\nr = RANDOM UNIFORM(0, 1, 1) ~~|\nx = k / IF THEN ELSE(r > 0.9, 0, r) ~~|")
    k = np.linspace(1.0, 2.0, 200)
    whole = chance.simulate({"k": k}, seed=5)
    part = chance.simulate({"k": k[50:90]}, seed=5, first_draw=50)
    np.testing.assert_array_equal(part["x"], whole["x"].sel(draw=slice(50, 89)))
    assert part["draw"].values.tolist() == list(range(50, 90))
    told = json.loads(part.attrs["first_non_finite"])
    assert np.isinf(whole["x"].sel(draw=told["draw"], time=told["time"])), "the draw is named by its number in the set"
    assert f"draw {told['draw']} (" in part.attrs["non_finite"]


@pytest.mark.parametrize("number", [-1, 2.5, "a"])
def test_a_number_that_is_none_of_a_draw_is_refused(bath: Model, number: object) -> None:
    with pytest.raises(UsageError, match="first_draw"):
        bath.simulate(first_draw=number)  # type: ignore[arg-type]


def test_draws_keep_the_numbers_they_come_with(model: Loader) -> None:
    inverse = model("k = 1 ~~|\nx = 1 / k ~~|")
    drawn = xr.Dataset({"k": ("draw", [2.0, 0.0, 4.0])}, {"draw": [1, 2, 3]})
    found = inverse.simulate(drawn)
    assert found["draw"].values.tolist() == [1, 2, 3]
    product = (found["x"] * drawn["k"]).sel(draw=[1, 3])  # by label: counted from 0, each would meet its neighbour
    np.testing.assert_array_equal(product, 1.0)
    assert "draw 2 (1 of 3 draws)" in found.attrs["non_finite"]
    assert json.loads(found.attrs["first_non_finite"])["draw"] == 2
    assert inverse.simulate({"k": [2.0, 4.0]})["draw"].values.tolist() == [0, 1]
