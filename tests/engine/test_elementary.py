"""The kernel's own functions against 40-digit arithmetic, the C library and the rules of IEEE 754, draw by draw."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest

from egendekning.engine import Model
from egendekning.engine.elementary import arctangent, logarithm
from egendekning.engine.runtime import jax_module


@pytest.fixture(scope="module")
def log() -> object:
    jax = jax_module()
    return jax.jit(logarithm(jax))


def _exact(x: float) -> Decimal:
    with localcontext() as context:
        context.prec = 40
        return Decimal(x).ln()


def test_a_logarithm_is_right_to_one_unit_in_the_last_place(log) -> None:  # type: ignore[no-untyped-def]
    r = np.random.default_rng(3)
    x = np.concatenate([r.uniform(0.4, 3.0, 300), np.exp(r.uniform(-700.0, 700.0, 300)), 1.0 + r.normal(0, 1e-7, 100)])
    found = np.asarray(log(x))
    for value, got in zip(x.tolist(), found.tolist(), strict=True):
        assert abs(Decimal(got) - _exact(value)) <= Decimal(float(np.spacing(abs(got)))), value


def test_a_subnormal_number_counts_as_zero_as_in_the_rest_of_the_kernel(log) -> None:  # type: ignore[no-untyped-def]
    assert np.asarray(log(np.array([5e-324, 1e-310]))).tolist() == [-np.inf, -np.inf]
    assert np.asarray(jax_module().jit(lambda x: x * 1e300)(np.array([1e-310])))[0] == 0.0


def test_zero_infinity_and_numbers_below_zero_have_the_logarithms_that_ieee_gives_them(log) -> None:  # type: ignore[no-untyped-def]
    assert np.asarray(log(np.array([0.0, -0.0, np.inf, 1.0]))).tolist() == [-np.inf, -np.inf, np.inf, 0.0]
    assert np.isnan(np.asarray(log(np.array([-1.0, -np.inf, np.nan])))).all()


def test_an_inverse_tangent_is_right_to_two_units_in_the_last_place() -> None:
    arctan = jax_module().jit(arctangent(jax_module()))
    r = np.random.default_rng(4)
    x = np.concatenate(
        [r.normal(0, 1, 400), r.normal(0, 1, 400) * 10 ** r.uniform(-8, 8, 400), [0.4375, 0.6875, 2.4375]]
    )
    found = np.asarray(arctan(x))
    expected = np.array([math.atan(v) for v in x])  # the C library: within one unit itself
    assert (np.abs(found - expected) <= 2 * np.spacing(np.abs(expected))).all()
    assert np.asarray(arctan(np.array([0.0, np.inf, -np.inf]))).tolist() == [0.0, math.pi / 2, -math.pi / 2]
    assert np.isnan(np.asarray(arctan(np.array([np.nan])))).all()


ONE = {
    "ABS": abs, "EXP": math.exp, "LN": math.log, "SQRT": math.sqrt, "SIN": math.sin, "COS": math.cos, "TAN": math.tan,
    "ARCSIN": math.asin, "ARCCOS": math.acos, "ARCTAN": math.atan, "SINH": math.sinh, "COSH": math.cosh,
    "TANH": math.tanh, "INTEGER": math.trunc, "GAMMA LN": math.lgamma,
}  # fmt: skip
TWO = {
    "MIN": min, "MAX": max, "POWER": math.pow, "MODULO": math.fmod, "LOG": math.log,
    "QUANTUM": lambda x, y: y * math.trunc(x / y), "ZIDZ": lambda x, y: x / y,
}  # fmt: skip


def test_every_draw_has_its_own_value_of_every_function(model: Callable[[str], Model]) -> None:
    a = np.random.default_rng(5).permutation(np.linspace(0.01, 0.99, 300))  # two rows of draws and a part of a third
    b = a[::-1] + 1.25
    lines = ["a = 1 ~~|", "b = 1 ~~|", *(f"{n} one = {n}(a) + 0 * Time ~~|" for n in ONE)]
    lines += [f"{n} two = {n}(a, b) + 0 * Time ~~|" for n in TWO]
    found = model("\n".join(lines)).simulate({"a": a, "b": b}, time=[0.0, 1.0])
    for name, function in ONE.items():
        expected = [function(x) for x in a.tolist()]
        np.testing.assert_allclose(found[f"{name} one"].values[:, 1], expected, rtol=1e-12, atol=1e-13, err_msg=name)
    for name, binary in TWO.items():
        expected = [binary(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
        np.testing.assert_allclose(found[f"{name} two"].values[:, 1], expected, rtol=1e-12, atol=1e-13, err_msg=name)
