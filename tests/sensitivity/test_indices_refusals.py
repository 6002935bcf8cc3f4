from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import xarray as xr

from egendekning.errors import UsageError
from egendekning.sensitivity.indices import METHODS, Options, indices

UNIT = [[0.0, 1.0]] * 3


def total(x: np.ndarray) -> np.ndarray:
    return np.asarray(x.sum(axis=1))


@pytest.fixture
def lhs(analytic: ModuleType) -> Any:
    return analytic.sweep("lhs", {"y": total}, UNIT, 300)


def problem(error: pytest.ExceptionInfo[UsageError]) -> Any:
    (found,) = error.value.problems
    assert found.where
    assert found.found
    assert found.expected
    return found


def test_a_dataset_that_is_no_sweep_says_what_to_give() -> None:
    with pytest.raises(UsageError, match="holds no sweep") as error:
        indices(xr.Dataset({"x": ("a", [1.0])}), "x")
    assert "egendekning sweep --out" in problem(error).fix


def test_a_store_half_done_says_how_far_and_how_to_go_on(lhs: Any) -> None:
    half = lhs.assign(done=("chunk", np.array([1, 0, 0], dtype=np.uint8)))
    with pytest.raises(UsageError, match="1 of 3 chunks") as error:
        indices(half, "y")
    assert "goes on where it stopped" in problem(error).fix


def test_delta_of_yes_and_no_is_refused_because_they_have_no_density(analytic: ModuleType) -> None:
    sweep = analytic.sweep("lhs", {"y": lambda x: (x[:, 0] > 0.5).astype(float)}, UNIT, 300)
    with pytest.raises(UsageError, match="has 2 different values") as error:
        indices(sweep, "y", "delta")
    assert "pawn" in problem(error).fix


def test_an_unknown_outcome_gets_the_nearest(lhs: Any) -> None:
    with pytest.raises(UsageError, match="unknown outcome") as error:
        indices(lhs.rename(y="social costs"), "social cost")
    assert problem(error).nearest == "social costs"


def test_an_unknown_method_gets_the_nearest(lhs: Any) -> None:
    with pytest.raises(UsageError, match="unknown method") as error:
        indices(lhs, "y", "regresion")
    assert problem(error).nearest == "regression"


@pytest.mark.parametrize("method", ["sobol", "morris", "fast", "ff"])
def test_an_index_of_another_design_says_which_design_it_needs_and_what_this_one_allows(lhs: Any, method: str) -> None:
    with pytest.raises(UsageError, match=f"{method} of a sweep of method lhs") as error:
        indices(lhs, "y", method)
    assert f"--method {method}" in problem(error).fix
    assert "regression" in problem(error).fix


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"sobol", "morris", "fast", "ff"}))
def test_a_constant_outcome_says_its_value(analytic: ModuleType, method: str) -> None:
    sweep = analytic.sweep("lhs", {"y": lambda x: 0 * x[:, 0] + 97.5}, UNIT, 300)
    with pytest.raises(UsageError, match=r"is 97\.5 in every run"):
        indices(sweep, "y", method)


def test_a_factor_that_does_not_move_is_named(analytic: ModuleType) -> None:
    design = np.random.default_rng(1).random((300, 3))
    design[:, 1] = 0.5
    sweep = analytic.sweep("lhs", {"y": total}, UNIT, 0, design=design)
    with pytest.raises(UsageError, match="x2: has the same value in every run"):
        indices(sweep, "y")


def test_columns_of_the_posterior_that_do_not_move_are_left_out(analytic: ModuleType) -> None:
    design = np.random.default_rng(1).random((300, 3))
    design[:, 1] = 0.0
    kinds = ["lever", "constant", "driver"]
    sweep = analytic.sweep("draws", {"y": total}, UNIT, 0, design=design, kinds=kinds)
    found = indices(sweep, "y")
    assert list(found["factor"].values) == ["x1", "x3"]
    assert list(found["kind"].values) == ["lever", "driver"]


@pytest.mark.parametrize("method", ["regression", "delta", "pawn", "rsa", "shapley", "swings"])
def test_too_few_runs_say_how_many_there_are_and_how_many_are_needed(analytic: ModuleType, method: str) -> None:
    sweep = analytic.sweep("lhs", {"y": total}, UNIT, 7)
    with pytest.raises(UsageError, match="7 runs with numbers") as error:
        indices(sweep, "y", method)
    assert "at least" in problem(error).expected
    assert "--n" in problem(error).fix


@pytest.mark.parametrize(("method", "n"), [("sobol", 8), ("morris", 3)])
def test_too_few_blocks_of_a_structured_design_are_refused(analytic: ModuleType, method: str, n: int) -> None:
    with pytest.raises(UsageError, match="or more"):
        indices(analytic.sweep(method, {"y": total}, UNIT, n), "y", method)


@pytest.mark.parametrize(("method", "n"), [("sobol", 64), ("morris", 10), ("fast", 65), ("ff", 0)])
def test_a_structured_design_with_a_run_without_a_number_is_refused(analytic: ModuleType, method: str, n: int) -> None:
    sweep = analytic.sweep(method, {"year": total}, UNIT, n)
    sweep["year"][3] = np.nan
    with pytest.raises(UsageError, match=r"1 of .* runs have no number"):
        indices(sweep, "year", method)


def test_a_sample_leaves_runs_without_a_number_out_and_says_how_many(analytic: ModuleType) -> None:
    sweep = analytic.sweep("lhs", {"year": total}, UNIT, 250)
    sweep["year"][:40] = np.nan
    sweep["year"][40:50] = np.inf
    for method in ("regression", "rsa", "delta", "pawn", "shapley", "swings"):
        assert indices(sweep, "year", method, Options(resamples=20)).attrs["runs_left_out"] == 50


def test_an_outcome_without_any_number_is_refused(lhs: Any) -> None:
    lhs["y"][:] = np.nan
    with pytest.raises(UsageError, match="has no number in any run"):
        indices(lhs, "y")


def test_a_threshold_outside_the_outcome_is_refused(lhs: Any) -> None:
    with pytest.raises(UsageError, match="on one side of 99"):
        indices(lhs, "y", "rsa", Options(threshold=99.0))


def test_too_many_groups_for_shapley_say_how_to_name_groups(analytic: ModuleType) -> None:
    sweep = analytic.sweep("lhs", {"y": total}, [[0.0, 1.0]] * 12, 300)
    with pytest.raises(UsageError, match="12 groups") as error:
        indices(sweep, "y", "shapley")
    assert "--group" in problem(error).fix


def test_a_group_of_an_unknown_factor_gets_the_nearest(lhs: Any) -> None:
    with pytest.raises(UsageError, match="unknown factor"):
        indices(lhs, "y", "shapley", Options(groups={"x9": "a"}))


def test_options_that_make_no_sense_are_all_told_at_once() -> None:
    with pytest.raises(UsageError) as error:
        Options(resamples=1, level=1.5, seed=-1)
    assert len(error.value.problems) == 3
