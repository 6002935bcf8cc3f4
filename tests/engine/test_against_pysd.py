"""One tiny model per construct gives what PySD gives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from egendekning.engine import Model, load

from .conftest import MODELS

pytestmark = pytest.mark.slow  # PySD translates every model

# The rest of the folder holds what PySD cannot run or gets wrong; those have hand-made expectations elsewhere.
COMPARED = [
    "arithmetic", "bath", "delay", "delay_fixed", "except", "initial", "logic", "lookup", "mapping", "names",
    "reductions", "safe_division", "sample_if_true", "smooth", "stock_and_flow", "subscripts", "test_inputs",
    "time_series", "trend",
]  # fmt: skip
Loader = Callable[[str], Model]
TOLERANCE = 1e-9  # different order of rounding over 32 steps; the contract of the engine


@pytest.mark.parametrize("name", COMPARED)
def test_a_construct_gives_what_pysd_gives(name: str) -> None:
    model = load(next(MODELS.glob(f"{name}.*")))
    ours = model.simulate()
    theirs = model.simulate(engine="pysd")
    assert list(ours.data_vars) == list(theirs.data_vars)
    for variable in ours.data_vars:
        np.testing.assert_allclose(
            ours[variable].values, theirs[variable].values, rtol=TOLERANCE, atol=TOLERANCE, err_msg=str(variable)
        )


def test_pysd_takes_the_same_parameters_and_starting_values() -> None:
    model = load(MODELS / "stock_and_flow.mdl")
    given = {"emptying time": np.array([1.0, 4.0])}
    ours = model.simulate(given, {"bath": 2.0})
    theirs = model.simulate(given, {"bath": 2.0}, engine="pysd")
    np.testing.assert_allclose(ours["bath"], theirs["bath"], rtol=TOLERANCE)
    assert theirs["bath"].dims == ("draw", "time")


def test_pysd_takes_tables_and_subscripted_parameters() -> None:
    model = load(MODELS / "time_series.mdl")
    given = {"rate table": [0.0, 0.1, 0.2, 0.3]}
    np.testing.assert_allclose(
        model.simulate(given)["stock"], model.simulate(given, engine="pysd")["stock"], rtol=TOLERANCE
    )


def test_the_reference_keeps_nothing_from_a_call_before() -> None:
    model = load(MODELS / "stock_and_flow.mdl")
    before = model.simulate(engine="pysd")["bath"].values
    model.simulate({"emptying time": 7.0}, engine="pysd")
    np.testing.assert_array_equal(model.simulate(engine="pysd")["bath"].values, before)


def test_the_reference_writes_nothing_beside_the_model() -> None:
    before = sorted(MODELS.iterdir())
    load(MODELS / "smooth.mdl").simulate(engine="pysd")
    assert sorted(MODELS.iterdir()) == before


def test_the_reference_is_mended_where_pysd_cuts_numbers_or_fails_to_spread_them(model: Loader) -> None:
    faults = model(
        "r: n, s ~ ~ |\nt((0,0.3),(4,0.9)) ~ ~ |\nx = t(Time) ~ ~ |\n"
        "from whole number = SMOOTH3I(x, 2, 1) + DELAY1I(x, 2, 1) ~ ~ |\n"
        "spread[r] = x ~ ~ |\nlate[r] = DELAY3(spread[r], 1 + x) ~ ~ |\n"
    )
    ours, theirs = faults.simulate(), faults.simulate(engine="pysd")
    for variable in ours.data_vars:
        np.testing.assert_allclose(ours[variable], theirs[variable], rtol=TOLERANCE, err_msg=str(variable))
