"""Quantiles of the distributions against values worked out by hand or from their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from egendekning.ensemble.laws import LAWS, quantiles


def test_the_triangular_distribution_has_the_area_of_a_triangle_below_each_quantile() -> None:
    # on [0, 2] with peak 1 the area below x <= 1 is x^2/2: 1/8 at 0.5, 1/2 at 1, and 7/8 at 1.5 by symmetry
    found = quantiles("triangular", np.array([0.0, 0.125, 0.5, 0.875, 1.0]), 0.0, 1.0, 2.0)
    np.testing.assert_allclose(found, [0.0, 0.5, 1.0, 1.5, 2.0], atol=1e-15)


def test_a_triangle_may_lean_all_the_way_to_one_end() -> None:
    # density falls from 2 at 0 to 0 at 1: area 1 - (1 - x)^2, which is 3/4 at 0.5
    np.testing.assert_allclose(quantiles("triangular", np.array([0.75]), 0.0, 0.0, 1.0), [0.5])


def test_the_uniform_distribution_is_linear() -> None:
    np.testing.assert_allclose(quantiles("uniform", np.array([0.0, 0.25, 1.0]), -2.0, 0.0, 2.0), [-2.0, -1.0, 2.0])


@pytest.mark.parametrize(("low", "mode", "high"), [(0.0, 1.0, 4.0), (-1.0, 0.0, 1.0), (2.0, 9.0, 10.0)])
def test_the_mean_of_a_pert_counts_the_mode_four_times(low: float, mode: float, high: float) -> None:
    shares = (np.arange(20_000) + 0.5) / 20_000
    # the midpoint rule over 20 000 slices is good to about 1e-5 of the range
    assert np.mean(quantiles("pert", shares, low, mode, high)) == pytest.approx((low + 4 * mode + high) / 6, abs=1e-3)


def test_a_normal_range_is_the_5th_and_95th_percentile() -> None:
    found = quantiles("normal", np.array([0.05, 0.5, 0.95]), 10.0, 12.0, 20.0)
    np.testing.assert_allclose(found, [10.0, 15.0, 20.0], rtol=1e-12)


def test_the_median_of_a_lognormal_is_the_geometric_mean_of_its_range() -> None:
    found = quantiles("lognormal", np.array([0.05, 0.5, 0.95]), 1.0, 1.5, 4.0)
    np.testing.assert_allclose(found, [1.0, 2.0, 4.0], rtol=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_a_range_without_width_is_a_constant(law: str) -> None:
    assert quantiles(law, np.array([0.1, 0.9]), 3.0, 3.0, 3.0).tolist() == [3.0, 3.0]


@pytest.mark.parametrize("law", LAWS)
def test_larger_shares_give_larger_values(law: str) -> None:
    found = quantiles(law, np.linspace(0.001, 0.999, 99), 1.0, 2.0, 5.0)
    assert (np.diff(found) > 0).all()
