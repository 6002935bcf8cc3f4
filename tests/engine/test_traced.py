"""A run as a function that JAX can trace gives what a simulation gives, with slopes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from egendekning.engine import Model
from egendekning.engine.runtime import jax_module
from egendekning.engine.traced import run_function
from egendekning.errors import SimulationError

Loader = Callable[[str], Model]

EQUATIONS = """
kind: a, b ~ ~ |
stock[kind] = INTEG(inflow[kind] - rate*stock[kind], start[kind]) ~ ~ |
start[kind] = 1, 2 ~ ~ |
rate = 0.5 ~ ~ |
table((0,0),(2,1),(4,1)) ~ ~ |
inflow[kind] = table(Time)*share[kind] ~ ~ |
share[kind] = 0.25, 0.75 ~ ~ |
level = 3 ~ ~ |
"""


def test_it_gives_what_a_simulation_gives(model: Loader) -> None:
    made = model(EQUATIONS)
    run = run_function(made, ["stock", "level"], ["rate", "table", "share"])
    values = {"rate": 0.3, "table": np.array([1.0, 0.5, 2.0]), "share": np.array([0.6, 0.4])}
    found = run(values)
    given = {"rate": 0.3, "table": values["table"], "share": xr.DataArray(values["share"], dims="kind")}
    expected = made.simulate(given, outputs=["stock", "level"])
    for name in ("stock", "level"):
        assert np.asarray(found[name]) == pytest.approx(expected[name].values, rel=1e-14)


def test_what_is_left_out_has_the_value_of_the_file_and_tables_may_replace_it(model: Loader) -> None:
    made = model(EQUATIONS)
    plain = run_function(made, ["stock"], ["rate"])({})
    assert np.asarray(plain["stock"]) == pytest.approx(made.simulate(outputs=["stock"])["stock"].values, rel=1e-14)
    other = run_function(made, ["stock"], ["rate"], tables={"table": np.zeros(3)})({})
    euler = np.array([1.0, 2.0]) * (1 - 0.25 * 0.5) ** np.arange(0, 17, 4)[:, None]
    assert np.asarray(other["stock"]) == pytest.approx(euler, rel=1e-14)


def test_its_slope_is_that_of_the_euler_steps(model: Loader) -> None:
    jax = jax_module()
    run = run_function(model(EQUATIONS), ["stock"], ["rate", "stock"], tables={"table": np.zeros(3)})
    rate, start = jax.grad(lambda r, s: run({"rate": r, "stock": s})["stock"][-1].sum(), argnums=(0, 1))(
        0.5, np.array([1.0, 2.0])
    )
    keep = 1 - 0.25 * 0.5
    assert float(rate) == pytest.approx(-0.25 * 16 * keep**15 * 3.0, rel=1e-12)
    assert np.asarray(start) == pytest.approx(keep**16, rel=1e-12)


def test_it_runs_over_many_draws_under_vmap(model: Loader) -> None:
    jax = jax_module()
    made = model(EQUATIONS)
    run = run_function(made, ["stock"], ["rate"], {"final": 2.0})
    rates = np.array([0.1, 0.2, 0.7])
    found = jax.vmap(lambda r: run({"rate": r})["stock"])(rates)
    expected = made.simulate({"rate": rates}, outputs=["stock"], time={"final": 2.0})["stock"].values
    assert np.asarray(found) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(("outputs", "parameters", "said"), [
    (["stck"], ["rate"], "did you mean: stock"),
    (["stock"], ["rte"], "did you mean: rate"),
    (["stock"], ["inflow"], "inflow is a"),
])  # fmt: skip
def test_names_that_cannot_be_given_are_refused(
    model: Loader, outputs: list[str], parameters: list[str], said: str
) -> None:
    with pytest.raises(SimulationError, match=said):
        run_function(model(EQUATIONS), outputs, parameters)
