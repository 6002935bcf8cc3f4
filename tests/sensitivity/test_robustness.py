from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from egendekning.errors import UsageError
from egendekning.sensitivity.robustness import levels, pairwise, regret_table, regrets, stability

# three policies in four draws, worked out by hand below
HAND = np.array([[1.0, 1.0, 4.0, 4.0], [2.0, 2.0, 2.0, 2.0], [0.0, 3.0, 2.0, 1.0]])


def level(values: np.ndarray = HAND) -> xr.DataArray:
    names = ["a", "b", "c"][: len(values)]
    coords = {"scenario": names, "draw": np.arange(1, values.shape[1] + 1)}
    return xr.DataArray(values, coords, ("scenario", "draw"), attrs={"unit": "Dmnl"})


def runs(values: np.ndarray) -> xr.Dataset:
    """Return a comparison whose egendekning is constant over time; draw 0 is far off and must not count."""
    times = np.arange(2024.125, 2041.0, 0.25)
    with_reference = np.concatenate([np.full((len(values), 1), 99.0), values], axis=1)
    data = np.repeat(with_reference[:, :, None], len(times), axis=2)
    coords = {"scenario": ["a", "b", "c"], "draw": np.arange(values.shape[1] + 1), "time": times}
    return xr.Dataset({"egendekning": (("scenario", "draw", "time"), data, {"unit": "Dmnl"})}, coords)


def test_a_policy_beats_another_in_the_share_of_draws_counted_by_hand() -> None:
    found = pairwise(level())
    assert float(found.sel(scenario="a", other="b")) == 0.5  # draws 3 and 4
    assert float(found.sel(scenario="c", other="b")) == 0.25  # draw 2; draw 3 is a tie and counts for neither
    assert float(found.sel(scenario="b", other="c")) == 0.5
    assert np.isnan(np.diag(found)).all()


def test_where_lower_is_better_the_shares_turn_round() -> None:
    both = pairwise(level()), pairwise(level(), lowest=True)
    assert np.array_equal(both[0].values, both[1].values.T, equal_nan=True)


def test_regret_is_the_distance_to_the_best_of_the_draw() -> None:
    found = regrets(level())
    assert found.values.tolist() == [[1, 2, 0, 0], [0, 1, 2, 2], [2, 0, 2, 3]]
    table = regret_table(found)
    assert table.sel(statistic="mean").values == pytest.approx([0.75, 1.25, 1.75])
    assert table.sel(statistic="max").values.tolist() == [2, 2, 3]
    assert table.sel(statistic="p90").values.tolist() == [2, 2, 3]  # 90 % of four draws is all of them


def test_the_best_policy_of_every_draw_has_no_regret() -> None:
    found = regrets(level(np.random.default_rng(0).random((3, 50))))
    assert (found.min("scenario") == 0.0).all()
    assert (found >= 0.0).all()


def test_regret_of_a_year_that_never_comes_is_infinite_unless_it_comes_for_nobody() -> None:
    found = regrets(level(np.array([[2030.0, np.inf], [np.inf, np.inf]])), lowest=True)
    assert found.values.tolist() == [[0.0, 0.0], [np.inf, 0.0]]


def test_stability_of_an_order_that_never_changes_is_one() -> None:
    found = stability(level(np.array([[3.0, 4.0], [2.0, 2.5], [1.0, 1.5]])))
    assert list(found["scenario"].values) == ["a", "b", "c"]
    assert found.attrs["agreement"] == pytest.approx(1.0)
    assert found["best"].values.tolist() == [1.0, 0.0, 0.0]
    assert found["ahead"].values[:2].tolist() == [1.0, 1.0]


def test_stability_turns_round_where_lower_is_better_and_medians_stay_in_their_unit() -> None:
    found = stability(level(np.array([[3.0, 4.0], [2.0, 2.5], [1.0, 1.5]])), lowest=True)
    assert list(found["scenario"].values) == ["c", "b", "a"]
    assert found["median"].values.tolist() == [1.25, 2.25, 3.5]


def test_less_is_better_of_what_a_council_wants_less_of() -> None:
    from egendekning.sensitivity.robustness import lower_is_better

    assert [lower_is_better(name) for name in ("social costs@2040", "Year of  balance", "net_debt_share@2030")] == [
        True
    ] * 3
    assert [lower_is_better(name) for name in ("egendekning@2040", "jobs by class[trade]@2030")] == [False] * 2


def test_the_reference_draw_is_left_out() -> None:
    found = levels(runs(np.random.default_rng(1).random((3, 30))), "egendekning@2040")
    assert found.sizes == {"scenario": 3, "draw": 30}
    assert float(found.max()) < 1.0


def test_an_unknown_measure_gets_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown measure") as error:
        levels(runs(np.ones((3, 30))), "egendekning@2041")
    assert error.value.problems[0].nearest == "egendekning@2040"


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(UsageError, match="at least 20 sampled draws"):
        levels(runs(np.ones((3, 5))), "egendekning@2040")


def test_one_policy_has_no_order() -> None:
    with pytest.raises(UsageError, match="two policies"):
        stability(level(np.ones((1, 4))))
