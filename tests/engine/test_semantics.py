"""Values worked out by hand from the definitions in the Vensim reference manual."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from egendekning.engine import Model, load

from .conftest import MODELS

Loader = Callable[[str], Model]
EXACT = 1e-12  # a handful of operations in double precision


def values(model: Model, name: str, **options: object) -> np.ndarray:
    return np.asarray(model.simulate(outputs=[name], **options)[name].values)


def test_a_stock_moves_by_its_rate_times_the_step(model: Loader) -> None:
    bath = model("bath = INTEG(3 - bath/2, 10) ~ litre ~ |")
    expected = [10.0]
    for _ in range(4):
        expected.append(expected[-1] + 0.25 * (3 - expected[-1] / 2))
    found = values(bath, "bath", time={"final": 1.0, "saveper": 0.25})
    np.testing.assert_allclose(found, expected, rtol=EXACT)


def test_an_output_is_the_state_before_the_step(model: Loader) -> None:
    assert values(model("s = INTEG(1, 5) ~ ~ |"), "s").tolist() == [5.0, 6.0, 7.0, 8.0, 9.0]


def test_step_starts_at_its_time_and_not_a_step_later(model: Loader) -> None:
    found = values(model("x = STEP(2, 1) ~ ~ |"), "x", time={"saveper": 0.25, "final": 1.5})
    assert found.tolist() == [0, 0, 0, 0, 2, 2, 2]


def test_step_off_the_grid_starts_at_the_nearest_step(model: Loader) -> None:
    found = values(model("x = STEP(2, 1.1) ~ ~ |"), "x", time={"saveper": 0.25, "final": 1.5})
    assert found.tolist() == [0, 0, 0, 0, 2, 2, 2]


def test_ramp_rises_from_start_to_finish(model: Loader) -> None:
    assert values(model("x = RAMP(2, 1, 3) ~ ~ |"), "x").tolist() == [0, 0, 2, 4, 4]


def test_a_pulse_lasts_its_width(model: Loader) -> None:
    found = values(model("x = PULSE(0.5, 0.5) ~ ~ |"), "x", time={"saveper": 0.25, "final": 1.5})
    assert found.tolist() == [0, 0, 1, 1, 0, 0, 0]


def test_a_pulse_without_width_lasts_one_step(model: Loader) -> None:
    found = values(model("x = PULSE(0.5, 0) ~ ~ |"), "x", time={"saveper": 0.25, "final": 1.0})
    assert found.tolist() == [0, 0, 1, 0, 0]


def test_third_order_delay_starts_in_balance_and_conserves(model: Loader) -> None:
    delay = model("out = DELAY3(5, 2) ~ ~ |\nheld = INTEG(5 - out, 10) ~ ~ |")
    np.testing.assert_allclose(values(delay, "out"), 5.0, rtol=EXACT)
    np.testing.assert_allclose(values(delay, "held"), 10.0, rtol=EXACT)


def test_third_order_delay_follows_its_stages(model: Loader) -> None:
    delay = model("out = DELAY3I(4, 3, 0) ~ ~ |")
    stages, expected = [0.0, 0.0, 0.0], []
    for _ in range(5):
        expected.append(stages[2])
        flows = [4.0, *stages]
        stages = [s + 0.25 * (flows[i] - s) for i, s in enumerate(stages)]
    found = values(delay, "out", time={"saveper": 0.25, "final": 1.0})
    np.testing.assert_allclose(found, expected, rtol=EXACT)


def test_smooth_closes_its_gap(model: Loader) -> None:
    smooth = model("out = SMOOTHI(10, 2, 4) ~ ~ |")
    expected = [10 - 6 * (1 - 0.25 / 2) ** k for k in range(5)]
    np.testing.assert_allclose(values(smooth, "out", time={"saveper": 0.25, "final": 1.0}), expected, rtol=EXACT)


def test_a_fixed_delay_of_a_fixed_delay_adds_their_times() -> None:
    chain = load(MODELS / "delay_chain.mdl")
    # late is 7 until 1.5, then 3 (t - 1.5); later is 0 until 0.5, then late half a year before, plus 1
    assert values(chain, "later").tolist() == [0.0, 8.0, 1.0, 4.0, 7.0]


def test_initial_keeps_the_first_value(model: Loader) -> None:
    kept = model("s = INTEG(1, 5) ~ ~ |\nx = INITIAL(s * 2) ~ ~ |")
    assert values(kept, "x").tolist() == [10.0] * 5


def test_active_initial_breaks_a_loop_of_initial_values_only(model: Loader) -> None:
    active = model("a = ACTIVE INITIAL(s * 2, 3) ~ ~ |\ns = INTEG(1, a) ~ ~ |")
    assert values(active, "a").tolist() == [6.0, 8.0, 10.0, 12.0, 14.0]


def test_lookup_modes_differ_between_and_beyond_points() -> None:
    # argument -1, 0.5, 2, 3.5, 5 on the points (0,0) (1,10) (3,20) (4,18)
    modes = load(MODELS / "lookup_modes.mdl").simulate()
    assert modes["forward"].values.tolist() == [0, 10, 20, 18, 18]
    assert modes["backward"].values.tolist() == [0, 0, 10, 20, 18]
    assert modes["beyond"].values.tolist() == [-10, 5, 15, 19, 16]


def test_a_table_is_flat_beyond_its_ends(model: Loader) -> None:
    table = model("t((0,1),(1,3)) ~ ~ |\nx = t(Time - 1) ~ ~ |")
    assert values(table, "x").tolist() == [1, 1, 3, 3, 3]


def test_integer_goes_towards_zero_and_modulo_keeps_the_sign(model: Loader) -> None:
    whole = model(
        "a = INTEGER(-1.7) ~ ~ |\nb = MODULO(-7, 3) ~ ~ |\nc = QUANTUM(1.9, 0.5) ~ ~ |\nd = QUANTUM(1.9, 0) ~ ~ |"
    )
    found = whole.simulate(time={"final": 0.0})
    assert [float(found[n][0]) for n in "abcd"] == [-1.0, -1.0, 1.5, 1.9]


def test_division_by_nearly_zero_gives_the_alternative(model: Loader) -> None:
    safe = model("a = ZIDZ(5, 0.0000001) ~ ~ |\nb = XIDZ(5, 0, 7) ~ ~ |\nc = XIDZ(5, 2, 7) ~ ~ |")
    found = safe.simulate(time={"final": 0.0})
    assert [float(found[n][0]) for n in "abc"] == [0.0, 7.0, 2.5]


def test_and_binds_before_or(model: Loader) -> None:
    logic = model("x = IF THEN ELSE(1 = 1 :OR: 1 = 1 :AND: 1 = 2, 5, 6) ~ ~ |")
    assert values(logic, "x")[0] == 5.0


@pytest.mark.parametrize(("base", "power"), [(2.0, 0.5), (0.0, 2.5), (-2.0, 3.0), (3.0, -2.0), (0.0, 0.0), (-8.0, 2.0)])
def test_a_power_is_a_true_power(model: Loader, base: float, power: float) -> None:
    raised = model("b = 1 ~ ~ |\np = 1 ~ ~ |\nx = b ^ p ~ ~ |")
    found = raised.simulate({"b": base, "p": power}, outputs=["x"])["x"].values[-1]
    assert found == pytest.approx(base**power, rel=EXACT)


def test_a_power_of_no_number_is_no_number_and_is_told(model: Loader) -> None:
    raised = model("b = 4 ~ ~ |\np = 1.5 ~ ~ |\nx = b ^ p ~ ~ |\ny = SQRT(b) ^ 2.5 ~ ~ |\nz = 2 ^ (1 / 0) ~ ~ |")
    found = raised.simulate({"b": np.array([4.0, np.nan, -4.0])})
    np.testing.assert_allclose(found["x"].values[:, -1], [8, np.nan, np.nan], rtol=EXACT)
    np.testing.assert_allclose(found["y"].values[:, -1], [2**2.5, np.nan, np.nan], rtol=EXACT)
    assert np.isinf(found["z"].values).all()
    alone = raised.simulate({"b": np.array([4.0, np.nan, -4.0])}, outputs=["y"])
    assert alone["finite"].values.tolist() == [True, False, False]


def test_ageing_moves_people_one_age_up() -> None:
    ages = load(MODELS / "mapping.mdl").simulate(time={"final": 0.125, "saveper": 0.125})["people"].values
    # each age loses an eighth of itself (a5 a sixteenth) and gains an eighth of the age below; 55 are born a year
    expected = [60 - 7.5 + 55 / 8] + [
        y * 7 / 8 + b / 8 for y, b in zip([50, 40, 30, 20], [60, 50, 40, 30], strict=True)
    ]
    expected.append(10 * 15 / 16 + 20 / 8)
    np.testing.assert_allclose(ages[1], expected, rtol=EXACT)


def test_a_list_constant_fills_its_table_row_by_row() -> None:
    table = load(MODELS / "subscripts.mdl").simulate()["table"]
    assert float(table.sel(region="south", kind="new")[0]) == 4.0
    assert float(table.sel(region="west", kind="old")[0]) == 7.0


def test_exceptions_take_their_own_equation() -> None:
    found = load(MODELS / "except.mdl").simulate(time={"final": 0.0})
    assert found["size"].values[0].tolist() == [2, 5, 2, 2]
    assert found["rate"].values[0].tolist() == [[1, 7], [1, 1], [1, 1], [8, 1]]


def test_one_element_may_be_computed_from_another() -> None:
    found = load(MODELS / "self_reference.mdl").simulate(time={"final": 0.0})
    np.testing.assert_allclose(found["alive"].values[0], [1, 0.9, 0.72, 0.504, 0.3024], rtol=EXACT)
    assert found["each"].values[0].tolist() == [1, 2, 12]


@pytest.mark.parametrize("points", [5, 40])
def test_short_and_long_tables_interpolate_alike(model: Loader, points: int) -> None:
    x = np.linspace(0.0, 4.0, points)
    y = np.sin(3 * x)
    table = model(
        "t(" + ",".join(f"({a!r},{b!r})" for a, b in zip(x.tolist(), y.tolist(), strict=True)) + ") ~ ~ |\n"
        "shift = 0 ~ ~ |\nv = t(Time * 1.3 - 1 + shift) ~ ~ |"
    )
    shift = np.array([0.0, 0.3, 0.9])
    found = table.simulate({"shift": shift}, outputs=["v"])["v"].values
    argument = np.arange(5) * 1.3 - 1 + shift[:, None]
    np.testing.assert_allclose(found, np.interp(argument, x, y), rtol=1e-12, atol=1e-14)
    taller = xr.DataArray(np.stack([y, 2 * y, 3 * y]), dims=["draw", "point"])
    raised = table.simulate({"shift": shift, "t": taller}, outputs=["v"])["v"].values
    np.testing.assert_allclose(raised, found * np.array([[1], [2], [3]]), rtol=1e-12, atol=1e-14)
