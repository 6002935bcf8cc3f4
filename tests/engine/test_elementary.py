"""The kernel's own logarithm, against 40-digit arithmetic and the rules of IEEE 754."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest

from egendekning.engine.elementary import logarithm
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
