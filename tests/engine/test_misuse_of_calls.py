"""Calls that a newcomer gets wrong are told with what, where, what instead and how; no value is guessed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from egendekning.engine import Model, load
from egendekning.errors import EgendekningError

from .conftest import CONTROL

EPIDEMIC = """{UTF-8}
Susceptible = INTEG(-infection, 990) ~ person ~ |
Infected = INTEG(infection - recovery, 10) ~ person ~ |
infection = contacts*risk*season(Time)*Susceptible*Infected/(Susceptible + Infected + 1) ~ person/year ~ |
recovery = Infected/duration ~ person/year ~ |
contacts = 6 ~ 1/year ~ |
risk = 0.25 ~ Dmnl ~ |
duration = 2 ~ year ~ |
season( (0,1), (2,0.8), (4,1) ) ~ Dmnl ~ |
order = 3 ~ Dmnl ~ |
late = DELAY N(infection, duration, 0, order) ~ person/year ~ |
"""
REGIONS = """{UTF-8}
Region: North, South ~ ~ |
Age: young, old ~ ~ |
pop[Region, Age] = INTEG(growth[Region]*pop[Region, Age] - pop[Region, Age]/life[Age], 10) ~ person ~ |
growth[Region] = 0.02, 0.03 ~ 1/year ~ |
life[Age] = 40, 20 ~ year ~ |
total = SUM(pop[Region!, Age!]) ~ person ~ |
"""


@pytest.fixture(scope="module")
def epidemic(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return loaded(tmp_path_factory.mktemp("epidemic"), EPIDEMIC)


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return loaded(tmp_path_factory.mktemp("regions"), REGIONS)


def loaded(folder: Path, text: str) -> Model:
    path = folder / "model.mdl"
    path.write_text(text + CONTROL, encoding="utf-8")
    return load(path)


def told(call: Callable[[], object]) -> str:
    """Return what a wrong call is told; each problem has all its parts."""
    with pytest.raises(EgendekningError) as caught:
        call()
    for problem in caught.value.problems:
        assert problem.where
        assert problem.found
        assert problem.expected
        assert problem.fix, str(problem)
    return str(caught.value)


def region(values: Any, labels: Any = None, dim: str = "Region") -> xr.DataArray:
    return xr.DataArray(values, {dim: labels} if labels is not None else None, [dim])


def timed(times: Any) -> xr.DataArray:
    return xr.DataArray([1.0, 2.0], {"time": times}, ["time"])


ONE = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"contact": 1}, "did you mean: contacts?"),
        ({"contacts": 1, "Contacts": 2}, "given twice"),
        ({"contacts": "5"}, "'5' is not a number"),
        ({"contacts": ["5", "6"]}, "not a number"),
        ({"contacts": [1, None]}, "not a number"),
        ({"contacts": np.array([1j, 2])}, "complex"),
        ({"contacts": np.array(["2020-01-01"], dtype="datetime64[D]")}, "datetime64"),
        ({"contacts": np.ma.array([1.0, 2.0], mask=[0, 1])}, "masked"),
        ({"contacts": {"a": 1}}, "not a number"),
        ({"contacts": []}, "without draws"),
        ({"contacts": [[1, 2], [3]]}, "not a number"),
        ({"contacts": np.ones((2, 2))}, "xarray.DataArray"),
        ({"contacts": xr.DataArray(ONE, dims=["draws"])}, "value.rename({'draws': 'draw'})"),
        ({"contacts": pd.Series([1.0, 2.0], pd.Index(["a", "b"], name="case"))}, "rename({'case': 'draw'})"),
        (
            {"contacts": xr.DataArray(ONE, {"draw": [0, 1, 2]}, ["draw"]),
             "risk": xr.DataArray(ONE, {"draw": [2, 1, 0]}, ["draw"])},
            "labelled otherwise",
        ),
        ({"contacts": timed(["a", "b"])}, "times of type"),
        ({"contacts": timed(pd.date_range("2020", periods=2))}, "times of type datetime64"),
        ({"contacts": timed([0.0, np.nan])}, "out of order"),
        ({"contacts": timed([0.0, 0.0])}, "out of order"),
        ({"TIME STEP": 0.1}, "time={'step': value}"),
        ({"Time": 0.1}, "the clock"),
        ({"order": 2}, "change line 10 of the file"),
        ({"Infected": 2}, "give it in initial_values"),
        ({"season": 1.0}, "3 values, one per point"),
        ({"season": [(0, 1), (4, 2)]}, "3 values, one per point"),
        ({"season": xr.DataArray(np.ones((2, 3)), dims=["time", "point"])}, "changes over time"),
        ("contacts", "parameters={'name': value}"),
        ([1], "parameters={'name': value}"),
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_meant_is_told(epidemic: Model, parameters: Any, words: str) -> None:
    assert words in told(lambda: epidemic.simulate(parameters))


@pytest.mark.parametrize(
    ("parameters", "starts", "words"),
    [
        ({"growth": region([0.1, 0.2], dim="region")}, None, "value.rename({'region': 'Region'})"),
        ({"growth": region([0.1, 0.2], ["North", "West"])}, None, "no value for Region South, but one for West"),
        ({"growth": region([0.1, 0.2, 0.3], ["North", "North", "South"])}, None, "two values for Region north"),
        ({"growth": region([0.1, 0.2, 0.3])}, None, "give 2 values"),
        ({"growth": region([0.1, 0.2], dim="Age")}, None, "dim 'Age'"),
        ({"growth[North]": 0.1}, None, "give growth whole"),
        ({"growth": {"North": 0.1, "South": 0.2}}, None, "not a number"),
        (None, {"growth": 2}, "give it in parameters"),
        (None, {"pop": xr.DataArray(np.ones((5, 2, 2)), dims=["time", "Region", "Age"])}, "value.isel(time=-1)"),
    ],
)
def test_a_subscripted_value_that_cannot_be_meant_is_told(
    regions: Model, parameters: Any, starts: Any, words: str
) -> None:
    assert words in told(lambda: regions.simulate(parameters, starts))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"outputs": []}, "no names"),
        ({"outputs": 3}, "a int"),
        ({"outputs": [None]}, "NoneType"),
        ({"outputs": ["season"]}, "ask for a variable that reads it"),
        ({"outputs": ["Infectd"]}, "did you mean: Infected?"),
        ({"draws": "5"}, "'5'"),
        ({"draws": 5.0}, "5.0"),
        ({"draws": True}, "True"),
        ({"draws": 10**10}, "egendekning.ensemble.stream"),
        ({"draws": 2, "parameters": {"contacts": ONE}}, "draws=3"),
        ({"seed": -1}, "-1"),
        ({"seed": "a"}, "'a'"),
        ({"seed": 1.5}, "1.5"),
        ({"batch": 0, "threads": 0}, "threads: 0"),
        ({"threads": None}, "None"),
        ({"thread": 2}, "did you mean: threads?"),
        ({"method": "rk45"}, "did you mean: rk4?"),
        ({"engine": "julia"}, "'jax' or 'pysd'"),
        ({"on_error": "skip"}, "'keep' or 'raise'"),
        ({"start": 3.0}, "start=model.state(time)"),
        ({"time": "2"}, "'2'"),
        ({"time": 3.0}, "3.0"),
        ({"time": []}, "[]"),
        ({"time": [1.0, 0.0]}, "sort them"),
        ({"time": {"fianl": 2}}, "did you mean: final?"),
        ({"time": np.ones((2, 2))}, "array"),
        ({"time": pd.date_range("2020", "2022")}, "give numbers"),
        ({"time": [0.1]}, "a whole number of steps"),
    ],
)
def test_an_argument_that_makes_no_sense_is_told(epidemic: Model, options: Any, words: str) -> None:
    assert words in told(lambda: epidemic.simulate(**options))


def test_results_that_do_not_fit_in_memory_are_refused_before_anything_is_run(epidemic: Model) -> None:
    many = np.broadcast_to(np.array([0.25]), (3_000_000_000,))  # one number in memory, seen so many times
    # five times and a number of the draw, 8 bytes each: 144e9 bytes
    assert "need 134 GiB" in told(lambda: epidemic.simulate({"risk": many}, outputs=["Infected"]))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: m.value_and_grad("Infectd"), "did you mean: Infected?"),
        (lambda m: m.value_and_grad(3), "outcome 3"),
        (lambda m: m.value_and_grad(lambda d: 0.0), "outputs=[...]"),
        (lambda m: m.value_and_grad(lambda d: d["Infected"], "risk", outputs=["Infected"])(), "of shape (5,)"),
        (lambda m: m.value_and_grad(lambda d: d["infectd"][0], "risk", outputs=["Infected"])(), "reads 'infectd'"),
        (lambda m: m.value_and_grad(lambda d: np.sum(np.asarray(d["Infected"])), "risk", outputs=["Infected"])(),
         "use jax.numpy"),
        (lambda m: m.value_and_grad("Infected", "infection")(), "infection is a flow"),
        (lambda m: m.value_and_grad("Infected", ["TIME STEP"])(), "is a control"),
        (lambda m: m.value_and_grad("Infected", "risk")([1]), "a list"),
        (lambda m: m.value_and_grad("Infected", "risk")({"risk": ONE}), "call it once for each draw"),
        (lambda m: m.value_and_grad("Infected", "risk", method="heun"), "rk4"),
        (lambda m: m.evaluate(["infectoin"]), "did you mean: infection?"),
        (lambda m: m.evaluate(["infection"], time="x"), "time='x'"),
        (lambda m: m.evaluate(["infection"], [1]), "given=[1]"),
        (lambda m: m.state(2.1), "a whole number of steps"),
        (lambda m: m.depends_on("infecton"), "did you mean: infection?"),
    ],
)  # fmt: skip
def test_other_calls_that_make_no_sense_are_told(epidemic: Model, call: Callable[[Model], object], words: str) -> None:
    assert words in told(lambda: call(epidemic))


@pytest.mark.parametrize(
    "value",
    [
        5, np.int32(5), np.array(5.0), xr.DataArray(5), [5, 6], (5, 6), np.array([5, 6]), pd.Series([5, 6]),
        np.array([5, 6], dtype=object), pd.Series([5, 6], pd.RangeIndex(2, name="draw")), np.float32([5, 6]),
    ],
)  # fmt: skip
def test_whatever_can_only_mean_one_thing_is_taken(epidemic: Model, value: Any) -> None:
    found = epidemic.simulate({"contacts": value}, outputs="contacts")["contacts"]
    assert found.values.reshape(-1, 5)[:, 0].tolist() == np.atleast_1d(np.asarray(value, dtype=float)).tolist()


def test_tables_of_pandas_and_xarray_are_taken_as_they_are(epidemic: Model, regions: Model) -> None:
    draws = {"contacts": [5.0, 6.0], "risk": [0.1, 0.2]}
    plain = epidemic.simulate(draws, outputs=["Infected"])
    for table in (pd.DataFrame(draws), xr.Dataset({n: ("draw", v) for n, v in draws.items()})):
        xr.testing.assert_identical(epidemic.simulate(table, outputs=["Infected"]), plain)
    series = pd.Series([5.0, 7.0], pd.Index([0.0, 4.0], name="time"))
    assert epidemic.simulate({"contacts": series})["contacts"].values.tolist() == [5, 5.5, 6, 6.5, 7]
    end = regions.simulate(outputs=["pop"]).isel(time=-1)
    again = regions.simulate(initial_values=end, outputs=["pop"])
    np.testing.assert_array_equal(again["pop"].isel(time=0), end["pop"])
    north = pd.Series([0.5, 0.1], pd.Index(["South", "North"], name="Region"))
    assert regions.simulate({"growth": north}, outputs=["growth"])["growth"].values[0].tolist() == [0.1, 0.5]


def test_one_wrong_name_does_not_hide_the_next(epidemic: Model) -> None:
    said = told(lambda: epidemic.simulate({"contact": 1, "risc": 2, "season": 3}, {"duration": 1}))
    assert said.count("expected:") == 4


def test_what_the_time_grid_is_made_from_keeps_its_value(tmp_path: Path) -> None:
    path = tmp_path / "grid.mdl"
    path.write_text(
        "{UTF-8}\nend = 3 ~~|\nx = INTEG(1, 0) ~~|\nINITIAL TIME = 0 ~~|\nFINAL TIME = end + 1 ~~|\nTIME STEP = 1 ~~|\n"
    )
    model = load(path)
    assert model.simulate({"end": np.full(2, 3.0)}, outputs=["x"])["x"].values.tolist() == [[0, 1, 2, 3, 4]] * 2
    for other in (5.0, np.array([3.0, 5.0]), xr.DataArray([3.0, 3.0], {"time": [0.0, 1.0]}, ["time"])):
        with pytest.raises(EgendekningError, match="computes its time grid from it") as failure:
            model.simulate({"end": other})
        assert "time={'final'" in str(failure.value)
