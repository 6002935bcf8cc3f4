"""Long table functions: the segment is found at once, and the value is that of NumPy's own interpolation."""

from __future__ import annotations

import numpy as np
import pytest

from egendekning.engine.runtime import jax_module
from egendekning.engine.tables import chain, interpolate

LENGTHS = (13, 61, 128, 129, 1000)
"""Just above the short ones, in between, on both sides of where halving begins, and long."""


def _points(kind: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    r = np.random.default_rng(count)
    x = np.linspace(1.3, 9.7, count) if kind == "even" else np.sort(r.uniform(0.0, 10.0, count))
    return x, r.normal(size=(count, 1))


def _arguments(x: np.ndarray) -> np.ndarray:
    r = np.random.default_rng(7)
    around = (x, np.nextafter(x, -99.0), np.nextafter(x, 99.0))
    return np.concatenate([r.uniform(-3.0, 13.0, 500), *around, [-np.inf, np.inf]])[:, None]


@pytest.fixture(params=["numpy", pytest.param("jax", marks=pytest.mark.slow)])
def xp(request: pytest.FixtureRequest) -> object:
    return np if request.param == "numpy" else jax_module().numpy


@pytest.mark.parametrize("count", LENGTHS)
@pytest.mark.parametrize("kind", ["even", "uneven"])
def test_a_long_table_is_straight_between_points_and_flat_beyond(xp, kind: str, count: int) -> None:  # type: ignore[no-untyped-def]
    x, y = _points(kind, count)
    a = _arguments(x)
    with np.errstate(invalid="ignore"):
        found = np.asarray(interpolate(xp, a, x, y, "interpolate"))
    # values are of size 1 and widths down to 1e-6 of the range: rounding of a - x grows by as much
    assert found[:, 0] == pytest.approx(np.interp(a[:, 0], x, y[:, 0]), abs=1e-9)


@pytest.mark.parametrize("count", LENGTHS)
@pytest.mark.parametrize("kind", ["even", "uneven"])
def test_a_long_table_is_exact_at_its_points(xp, kind: str, count: int) -> None:  # type: ignore[no-untyped-def]
    x, y = _points(kind, count)
    assert np.asarray(interpolate(xp, x[:, None], x, y, "interpolate")).tolist() == y.tolist()


@pytest.mark.parametrize("mode", ["interpolate", "extrapolate", "hold_backward"])
def test_a_long_table_with_steps_agrees_with_a_comparison_per_point(xp, mode: str) -> None:  # type: ignore[no-untyped-def]
    x, _ = _points("uneven", 40)
    x[5], x[1], x[-2] = x[6], x[0], x[-1]
    y = np.random.default_rng(2).normal(size=(40, 5))
    a = np.random.default_rng(1).uniform(-2.0, 12.0, (50, 5))
    found = np.asarray(interpolate(xp, a, x, y, mode))
    assert found == pytest.approx(np.asarray(chain(np, a, x, y, mode)), abs=1e-9)


@pytest.mark.parametrize("kind", ["even", "uneven"])
def test_no_number_gives_no_number(xp, kind: str) -> None:  # type: ignore[no-untyped-def]
    x, y = _points(kind, 61)
    with np.errstate(invalid="ignore"):
        assert np.isnan(np.asarray(interpolate(xp, np.array([[np.nan]]), x, y, "interpolate"))).all()


def test_an_argument_just_before_a_point_holds_the_value_before() -> None:
    x, y = np.arange(20.0), np.arange(20.0)[:, None] * 10.0
    a = np.array([[np.nextafter(7.0, 0.0)], [7.0]])
    assert interpolate(np, a, x, y, "hold_backward").tolist() == [[60.0], [70.0]]
