"""Values over time, Runge and Kutta's method, runs that go on from a state, loops, data files, and bounds on files."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egendekning.engine import Model, load
from egendekning.errors import ModelFileError, SimulationError, UsageError

from .conftest import CONTROL, MODELS

Loader = Callable[[str], Model]
Writer = Callable[..., Path]
EXACT = 1e-12

MEMORY = (
    "A: a1, a2 ~~|\nk = 0.5 ~~|\ninflow = 0 ~~|\nx = INTEG(inflow - k * x, 10) ~~|\nlate = DELAY FIXED(x, 2, 0) ~~|\n"
    "even = SMOOTH3(x + RANDOM 0 1(), 3) ~~|\nfirst = INITIAL(x * 2) ~~|\n"
    "kept[A] = SAMPLE IF TRUE(Time < 2, Time * A, 0) ~~|\n"
)


def test_a_parameter_may_change_along_time(model: Loader) -> None:
    run = model(MEMORY)
    ramp = xr.DataArray([0.0, 8.0], dims="time", coords={"time": [0.0, 4.0]})
    found = run.simulate({"inflow": ramp, "k": np.array([0.0, 0.5])}, outputs=["inflow", "x"])
    assert found["inflow"].values[0].tolist() == [0, 2, 4, 6, 8]
    # without outflow: 10 + sum of 0.25 * 2 t over t = 0, 0.25 ...
    expected = [10 + 0.5 * sum(0.25 * i for i in range(4 * year)) for year in range(5)]
    np.testing.assert_allclose(found["x"].values[0], expected, rtol=EXACT)


def test_a_series_without_times_stands_at_steps_or_saves(model: Loader) -> None:
    run = model("a = 1 ~~|\nb = a * 2 ~~|")
    saves = xr.DataArray([[0.0, 1, 2, 3, 4], [5.0, 5, 5, 5, 5]], dims=("draw", "time"))
    assert run.simulate({"a": saves})["b"].values.tolist() == [[0, 2, 4, 6, 8], [10] * 5]
    with pytest.raises(SimulationError, match="3 values along time"):
        run.simulate({"a": xr.DataArray([1.0, 2, 3], dims="time")})


def test_runge_kutta_is_of_fourth_order(model: Loader) -> None:
    run = model(MEMORY)
    errors = []
    for step in (0.5, 0.25):
        last = run.simulate(outputs=["x"], time={"step": step}, method="rk4")["x"].values[-1]
        errors.append(abs(last - 10 * np.exp(-2.0)))
    assert 12 < errors[0] / errors[1] < 20  # 16 for the fourth order
    h = 0.25 * 0.5
    assert last == pytest.approx(10 * (1 - h + h**2 / 2 - h**3 / 6 + h**4 / 24) ** 16, rel=EXACT)


@pytest.mark.parametrize(
    "options",
    [
        {},
        pytest.param({"method": "rk4"}, marks=pytest.mark.slow),
        pytest.param({"parameters": {"k": np.array([0.1, 0.2])}}, marks=pytest.mark.slow),
        pytest.param({"draws": 3, "seed": 7}, marks=pytest.mark.slow),
    ],
)
def test_a_run_goes_on_from_a_state_as_if_it_had_never_stopped(model: Loader, options: dict[str, object]) -> None:
    run = model(MEMORY)
    whole = run.simulate(**options)
    rest = run.simulate(start=run.state(2.0, **options), **options)
    assert rest["time"].values.tolist() == [2, 3, 4]
    for name in whole:
        np.testing.assert_allclose(rest[name], whole[name].sel(time=[2, 3, 4]), rtol=EXACT, atol=EXACT)


def test_a_state_belongs_to_its_model_and_grid(model: Loader) -> None:
    run = model(MEMORY)
    state = run.state(2.0)
    with pytest.raises(UsageError, match=r"a grid from 0 by 0\.25"):
        run.simulate(start=state, time={"step": 0.5})
    with pytest.raises(UsageError, match="another model"):
        load(MODELS / "delay.mdl").simulate(start=state)


def test_one_state_begins_many_futures(model: Loader) -> None:
    run = model("k = 1 ~~|\nbegan = INITIAL(k) ~~|\ns = INTEG(k, 5) ~~|\nlate = DELAY FIXED(s, 2, 0) ~~|\n")
    found = run.simulate({"k": np.array([1.0, 2.0])}, start=run.state(2.0))
    assert found["s"].values.tolist() == [[7, 8, 9], [7, 9, 11]]
    assert found["late"].values.tolist() == [[5, 6, 7], [5, 6, 7]], "what is on its way went in before"
    assert found["began"].values.tolist() == [[1] * 3] * 2, "and so did the run"


def test_a_fixed_delay_goes_on_with_the_time_it_began_with(model: Loader) -> None:
    run = model("wait = 1 ~~|\nlate = DELAY FIXED(Time, wait, -1) ~~|\n")
    waits = np.array([0.5, 2.0])
    state = run.state(2.0, {"wait": waits})
    for given_ in ({}, {"wait": waits}, {"wait": np.array([1.0, 3.0])}, {"wait": 4.0}):
        found = run.simulate(given_, start=state, outputs=["late"])["late"]
        assert found.values.tolist() == [[1.5, 2.5, 3.5], [0, 1, 2]]
    alone = run.simulate({"wait": waits}, start=run.state(2.0), outputs=["late"])["late"]
    np.testing.assert_array_equal(alone, np.broadcast_to([1.0, 2, 3], alone.shape))


def test_a_start_is_given_by_a_state_or_by_initial_values(model: Loader) -> None:
    run = model(MEMORY)
    with pytest.raises(UsageError, match="initial values beside a state"):
        run.simulate(None, {"x": 3.0}, start=run.state(2.0))


def test_saving_less_moves_no_number(model: Loader) -> None:
    run = model("s = INTEG(FINAL TIME, 0) ~~|\nlast = IF THEN ELSE(Time >= FINAL TIME, 1, 0) ~~|\n")
    found = run.simulate(time=[1.0, 2.0])
    assert found["s"].values.tolist() == [4, 8]
    assert found["last"].values.tolist() == [0, 0]
    assert run.simulate(start=run.state(2.0))["s"].values.tolist() == [8, 12, 16]
    beyond = run.simulate(time=[1.0, 6.0])
    assert beyond["s"].values.tolist() == [6, 36], "a run goes on to a saving time after its end"


def test_loops_come_shortest_first_and_within_bounds(model: Loader) -> None:
    run = model("a = INTEG(b, 1) ~~|\nb = a + c ~~|\nc = INTEG(d, 1) ~~|\nd = b ~~|\ne = a ~~|\n")
    assert run.loops() == (("a", "b"), ("b", "d", "c"))
    assert run.loops(limit=1) == (("a", "b"),)
    assert run.loops(longest=2) == (("a", "b"),)


def test_data_variables_take_their_series_from_files_or_parameters(write: Writer, tmp_path: Path) -> None:
    path = write("A: a1, a2 ~~|\nd ~~|\ne[A] :RAW: ~~|\nx = d * 2 ~~|\n")
    (tmp_path / "run.csv").write_text("Time,d,e[a1],e[a2]\n0,5,1,2\n2,7,3,4\n")
    found = load(path, data=[tmp_path / "run.csv"]).simulate()
    assert found["x"].values.tolist() == [10, 12, 14, 14, 14]
    np.testing.assert_array_equal(found["e"].values[:3], [[1, 2], [np.nan, np.nan], [3, 4]])
    assert found.attrs["non_finite"] == ""
    bare = load(path)
    with pytest.raises(SimulationError, match="no values for the data variable d"):
        bare.simulate(outputs=["x"])
    assert bare.simulate({"d": 3.0}, outputs=["x"])["x"].values.tolist() == [6] * 5
    series = xr.DataArray([0.0, 4.0], dims="time", coords={"time": [0.0, 4.0]})
    np.testing.assert_allclose(bare.simulate({"d": series}, outputs=["x"])["x"], [0, 2, 4, 6, 8], rtol=1e-15)


def test_the_first_data_file_that_has_a_series_gives_it(write: Writer, tmp_path: Path) -> None:
    path = write("d ~~|\nx = d * 2 ~~|\n")
    for name, value in (("a", 1), ("b", 2)):
        (tmp_path / f"{name}.csv").write_text(f"time,d\n0,{value}\n4,{value}\n")
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    one, other = load(path, data=files), load(path, data=files[::-1])
    assert one.hash != other.hash, "kernels and stores are found by the hash"
    assert one.simulate(outputs=["x"])["x"].values.tolist() == [2] * 5
    assert other.simulate(outputs=["x"])["x"].values.tolist() == [4] * 5


@pytest.mark.parametrize(
    ("equation", "words"),
    [
        ("x = " + "(" * 3000 + "1" + ")" * 3000 + " ~~|", "brackets 3000 deep"),
        ("x = " + "ABS(" * 300 + "1" + ")" * 300 + " ~~|", "brackets 300 deep"),
        ("x" * 2_000_000 + " = 1 ~~|", "a name of 2000000 characters"),
        ("x = " + "1+" * 1_000_000 + "1 ~~|", "an equation of"),
        ("x = " + "^".join(["Time"] * 2000) + " ~~|", "powers are more than 100 deep"),
        ("A: (a1-a2000000000) ~~|\nx[A] = 1 ~~|", "a range from 1 to 2000000000"),
        ("A: (a1-a3000) ~~|\nB <-> A ~~|\nC <-> A ~~|\nx[A, B, C] = 1 ~~|", "3000 x 3000 x 3000 elements"),
        ("|" * 20_000, "cannot be read"),
    ],
)
def test_a_file_beyond_all_bounds_is_refused_with_words(write: Writer, equation: str, words: str) -> None:
    with pytest.raises(ModelFileError, match=words):
        load(write(equation))


def test_a_sum_of_thousands_of_terms_is_computed(model: Loader) -> None:
    found = model(
        "x = " + " - ".join(["Time"] * 1001) + " ~~|\ny = " + " / ".join(["16"] + ["2"] * 150) + " ~~|"
    ).simulate()
    assert found["x"].values.tolist() == [0, -999, -1998, -2997, -3996]
    assert found["y"].values[0] == 16 / 2.0**150


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_but_never_breaks(tmp_path: Path, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(sorted(p for p in MODELS.iterdir() if p.suffix in (".mdl", ".stmx"))))
    text = bytearray(source.read_bytes())
    at = data.draw(st.integers(0, len(text) - 1))
    change = data.draw(st.sampled_from(["cut", "byte", "drop"]))
    if change == "cut":
        del text[at:]
    elif change == "byte":
        text[at] = data.draw(st.integers(0, 255))
    else:
        del text[at : at + data.draw(st.integers(1, 30))]
    path = tmp_path / f"damaged{source.suffix}"
    path.write_bytes(bytes(text))
    with contextlib.suppress(ModelFileError):  # any other error fails the test
        load(path)


_LEAVES = st.one_of(
    st.integers(1, 9).map(str), st.sampled_from(["Time", "a", "b"]), st.floats(0.1, 9.0).map(lambda x: f"{x:.3f}")
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"MAX({t[0]}, {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"XIDZ({t[0]}, {t[1]}, 7)"),
        st.tuples(inner, inner, inner).map(lambda t: f"IF THEN ELSE({t[0]} > {t[1]}, {t[1]}, {t[2]})"),
        inner.map(lambda t: f"ABS({t})"),
        inner.map(lambda t: f"INTEGER({t})"),
    ),
    max_leaves=12,
)


def _plain(text: str, names: dict[str, float]) -> float:
    """Evaluate the same text in plain Python."""
    functions = {
        "MAX": max, "XIDZ": lambda a, b, x: x if abs(b) < 1e-6 else a / b, "CHOOSE": lambda c, a, b: a if c else b,
        "ABS": abs, "INTEGER": lambda x: float(int(x)),
    }  # fmt: skip
    return float(eval(text.replace("IF THEN ELSE", "CHOOSE"), {"__builtins__": {}}, {**functions, **names}))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees=st.lists(_TREES, min_size=1, max_size=4), a=st.floats(0.1, 5), b=st.floats(-5, 5))
def test_random_expressions_agree_with_a_plain_evaluation(tmp_path: Path, trees: list[str], a: float, b: float) -> None:
    equations = [f"a = {a!r} ~~|", f"b = {b!r} ~~|", *(f"y{k} = {tree} ~~|" for k, tree in enumerate(trees))]
    path = tmp_path / "tree.mdl"
    path.write_text("{UTF-8}\n" + "\n".join(equations) + CONTROL, encoding="utf-8")
    found = load(path).evaluate([f"y{k}" for k in range(len(trees))], time=2.0)
    for k, tree in enumerate(trees):
        expected = _plain(tree, {"Time": 2.0, "a": a, "b": b})
        assert float(found[f"y{k}"]) == pytest.approx(expected, rel=1e-9, abs=1e-9)
