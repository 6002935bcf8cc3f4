"""Algebra at one time, and slopes of whole runs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from egendekning.engine import Model, load

from .conftest import MODELS

Loader = Callable[[str], Model]
SLOPE = 1e-6  # central differences with a step of 1e-5 are right to about 1e-8 relative here


def test_given_values_replace_what_they_name(model: Loader) -> None:
    tax = model("income = 5 ~ ~ |\nrate = 0.2 ~ ~ |\ntax = income * rate ~ ~ |\nnet = income - tax ~ ~ |")
    assert float(tax.evaluate(["net"], {"income": 100.0})["net"]) == 80.0
    assert float(tax.evaluate(["net"], {"tax": 1.0})["net"]) == 4.0


def test_only_what_is_needed_has_to_be_computable(model: Loader) -> None:
    found = model("a = LN(-1) ~ ~ |\nb = 2 * c ~ ~ |\nc = 3 + a ~ ~ |").evaluate(["b"], {"c": 5.0})
    assert float(found["b"]) == 10.0


def test_stocks_that_are_not_given_have_their_initial_values() -> None:
    ages = load(MODELS / "mapping.mdl")
    assert ages.evaluate(["leaving"])["leaving"].tolist() == [60, 50, 40, 30, 20, 5]
    assert ages.evaluate(["leaving"], {"people": 2.0})["leaving"].tolist() == [2, 2, 2, 2, 2, 1]


def test_time_and_draws_can_be_given() -> None:
    series = load(MODELS / "time_series.mdl")
    assert float(series.evaluate(["rate"], time=2019.5)["rate"]) == pytest.approx(0.25, rel=1e-12)
    found = series.evaluate(["here"], {"stock": np.array([1.0, 2.0])}, time=2020.0)["here"]
    assert found.shape == (2, 2)


def test_algebra_agrees_with_a_run() -> None:
    bath = load(MODELS / "stock_and_flow.mdl")
    run = bath.simulate()
    found = bath.evaluate(["outflow"], {"bath": float(run["bath"][2])}, time=2.0)["outflow"]
    assert float(found) == pytest.approx(float(run["outflow"][2]), rel=1e-14)


@pytest.mark.parametrize(
    ("name", "outcome", "wrt"),
    [("stock_and_flow", "bath", ["emptying time", "inflow", "start"]), ("initial", "growing", ["growing"])],
)
def test_slopes_agree_with_finite_differences(name: str, outcome: str, wrt: list[str]) -> None:
    model = load(MODELS / f"{name}.mdl")
    value, slopes = model.value_and_grad(outcome, wrt)({})
    assert value == pytest.approx(float(model.simulate()[outcome][-1]), rel=1e-12)
    for constant in wrt:
        stock = model.variables[constant].kind == "stock"
        centre = float(model.simulate()[constant][0])
        ends = []
        for h in (1e-5, -1e-5):
            given = {constant: centre + h}
            run = model.simulate(None if stock else given, given if stock else None)
            ends.append(float(run[outcome][-1]))
        assert float(slopes[constant]) == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=SLOPE)


def test_slopes_by_elements_and_points_have_their_shapes() -> None:
    series = load(MODELS / "time_series.mdl")
    _, slopes = series.value_and_grad("stock", ["rate table", "by region"])({})
    assert slopes["rate table"].shape == (4,)
    assert (slopes["rate table"] > 0).all()
    assert not slopes["by region"].any()


def test_an_outcome_may_be_any_function_of_outputs() -> None:
    bath = load(MODELS / "stock_and_flow.mdl")
    f = bath.value_and_grad(lambda out: (out["bath"] ** 2).sum(), ["start"], outputs=["bath"])
    value, slopes = f({"start": 6.0})
    assert value == pytest.approx(5 * 36.0)
    # the bath is in balance at 6; each unit more decays by 1/16 a step, saved every 8 steps
    assert float(slopes["start"]) == pytest.approx(2 * 6 * sum((15 / 16) ** (8 * k) for k in range(5)), rel=1e-12)


def test_without_names_the_slope_is_by_every_constant() -> None:
    bath = load(MODELS / "stock_and_flow.mdl")
    _, by_all = bath.value_and_grad("bath")({})
    constants = [name for name, v in bath.variables.items() if v.kind == "constant"]
    _, by_name = bath.value_and_grad("bath", constants)({})
    assert set(by_all) == set(constants) != set()
    assert {name: float(slope) for name, slope in by_all.items()} == {n: float(s) for n, s in by_name.items()}


def test_a_branch_that_is_not_taken_spoils_no_slope(model: Loader) -> None:
    trap = model(
        "c = 0 ~ ~ |\na = IF THEN ELSE(c > 0, LN(c) + SQRT(c) + 1 / c, 2 * c) + ZIDZ(1, c) + XIDZ(1, c, 3) ~ ~ |\n"
        "b = IF THEN ELSE(c > 0, c ^ 0.5, c) ~ ~ |\ns = INTEG(a + b, 0) ~ ~ |"
    )
    _, slopes = trap.value_and_grad("s", ["c"])({})
    assert float(slopes["c"]) == pytest.approx(4 * 3.0)
