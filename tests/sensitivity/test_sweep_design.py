"""Designs: how many points, where they lie, and what makes one impossible."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from egendekning.ensemble import Bound
from egendekning.sensitivity.design import Sampling, run_count, sample, sampling_problems
from egendekning.sensitivity.factor_words import resolve
from egendekning.sensitivity.factors import Factor

THREE = tuple(
    Factor(name, "constant", name, low, high, low) for name, low, high in (("a", 0, 1), ("b", -2, 2), ("c", 5, 9))
)


@pytest.mark.parametrize(
    ("plan", "runs"),
    [
        (Sampling("sobol", 8), 8 * (3 + 2)),  # Saltelli et al. 2010
        (Sampling("sobol", 8, second_order=True), 8 * (2 * 3 + 2)),  # Saltelli 2002
        (Sampling("morris", 6), 6 * (3 + 1)),  # Morris 1991
        (Sampling("lhs", 7), 7),
        (Sampling("fast", 65), 65 * 3),  # Saltelli et al. 1999
        (Sampling("ff", 1), 8),  # twice the power of two above three factors
        (Sampling("grid", 4), 4**3),
    ],
)  # fmt: skip
def test_a_design_has_the_runs_of_its_method_within_the_ranges(plan: Sampling, runs: int) -> None:
    points = sample(plan, THREE)
    assert run_count(plan, THREE) == runs
    assert points.shape == (runs, 3)
    assert (points >= [0, -2, 5]).all()
    assert (points <= [1, 2, 9]).all()
    assert (np.ptp(points, axis=0) > 0).all()


@pytest.mark.parametrize("method", ["sobol", "morris", "lhs", "fast"])
def test_a_seed_gives_the_same_points_again_and_zero_is_a_seed(method: str) -> None:
    plan = Sampling(method, 128, 0)  # type: ignore[arg-type]
    np.testing.assert_array_equal(sample(plan, THREE), sample(plan, THREE))
    assert (sample(plan, THREE) != sample(replace(plan, seed=1), THREE)).any()


def test_each_slice_of_a_latin_hypercube_holds_one_point() -> None:
    shares = (sample(Sampling("lhs", 50), THREE) - [0, -2, 5]) / [1, 4, 4]
    assert (np.sort((shares * 50).astype(int), axis=0) == np.arange(50)[:, None]).all()


def test_a_grid_holds_every_combination_of_levels() -> None:
    points = sample(Sampling("grid", 3), THREE)
    assert {tuple(p) for p in points} == {(a, b, c) for a in (0, 0.5, 1) for b in (-2, 0, 2) for c in (5, 7, 9)}


def test_neighbours_in_a_morris_trajectory_differ_in_one_factor() -> None:
    paths = sample(Sampling("morris", 10), THREE).reshape((10, 4, 3))
    assert ((np.diff(paths, axis=1) != 0).sum(axis=-1) == 1).all()


def test_points_follow_the_law_of_a_constant() -> None:
    skewed = Factor("a", "constant", "a", 0.0, 1.0, 0.0, law="triangular")
    points = sample(Sampling("lhs", 4000), (skewed,))
    assert points.mean() == pytest.approx(1 / 3, abs=1e-3)  # mean of a triangle: a third of the sum of its corners


def test_stepped_designs_take_every_range_as_even() -> None:
    normal = tuple(replace(f, law="normal") for f in THREE)
    for method in ("morris", "grid", "ff"):
        points = sample(Sampling(method, 4), normal)  # type: ignore[arg-type]
        assert (points >= [0, -2, 5]).all()
        assert (points <= [1, 2, 9]).all()


def test_factors_of_a_group_move_together() -> None:
    grouped = tuple(replace(f, group="first" if f.id != "c" else "c") for f in THREE)
    plan = Sampling("sobol", 4)
    points = sample(plan, grouped).reshape((4, 4, 3))  # A, A with the group's B, A with c's B, B
    np.testing.assert_array_equal(points[:, 1, :2], points[:, 3, :2])
    np.testing.assert_array_equal(points[:, 1, 2], points[:, 0, 2])


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Sampling("sobol", 0), "0 samples"),
        (Sampling("lhs", -3), "-3 samples"),
        (Sampling("sobol", 100), "--n 64 or --n 128"),
        (Sampling("fast", 64), "at least 65"),
        (Sampling("grid", 1), "every column would be constant"),
        (Sampling("lhs", 3, -1), "at least 0"),
        (Sampling("lhs", 8, 1, second_order=True), "leave --second-order out"),
        (Sampling("sobl", 8), "did you mean: sobol?"),  # type: ignore[arg-type]
    ],
)
def test_an_impossible_design_is_refused(plan: Sampling, said: str) -> None:
    assert said in "\n".join(map(str, sampling_problems(plan, THREE)))


def test_sobol_indices_of_one_factor_are_refused() -> None:
    assert "at least two" in str(next(sampling_problems(Sampling("sobol", 8), THREE[:1])))
    assert "nothing varies" in str(next(sampling_problems(Sampling("lhs", 8), ())))


def test_designs_are_of_the_factors_as_the_study_has_them(village: Bound) -> None:
    points = sample(Sampling("lhs", 1000), resolve(village, ["base new jobs", "yield of land"]))
    np.testing.assert_allclose(points.mean(axis=0), [5.0, 3.0], atol=0.01)  # triangle 2-5-8; even 1-5
    assert points[:, 0].std() == pytest.approx(np.sqrt(1.5), rel=0.01)  # (4 + 25 + 64 - 10 - 16 - 40) / 18
