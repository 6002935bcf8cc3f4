from __future__ import annotations

import math

import numpy as np
import pytest

from egendekning.validate import benchmarks, scores
from egendekning.validate.leaveout import predict_unseen, rivals
from egendekning.validate.observed import Figure
from egendekning.validate.periods import Period
from egendekning.validate.scoring import Row, in_all
from egendekning.validate.series import Counterpart, Error
from egendekning.validate.theil import theil


def test_crps_of_two_draws_is_what_the_formula_gives_by_hand() -> None:
    # mean |x - y| = (1 + 3)/2 = 2; pairs: 2 |4 - 0| / (2 * 2 * 1) = 2; 2 - 2 = 0 for y = 1 between 0 and 4
    assert scores.crps(np.array([[0.0], [4.0]]), np.array([1.0])) == pytest.approx([0.0])
    # y = 10: mean distance 8, spread 2
    assert scores.crps(np.array([[0.0], [4.0]]), np.array([10.0])) == pytest.approx([6.0])


def test_crps_of_three_draws_is_what_the_formula_gives_by_hand() -> None:
    # distances 3, 1, 2 -> 2; pairs |0-2|, |0-5|, |2-5| = 10, twice = 20, over 2*3*2 = 12
    assert scores.crps(np.array([[5.0], [0.0], [2.0]]), np.array([3.0])) == pytest.approx([2.0 - 20.0 / 12.0])


def test_crps_of_one_draw_is_the_absolute_error() -> None:
    assert scores.crps(np.array([[7.0, 1.0]]), np.array([4.0, 3.0])) == pytest.approx([3.0, 2.0])


@pytest.mark.parametrize("at", [0.0, 1.0, -2.5])
def test_crps_of_a_normal_sample_is_the_closed_form(at: float) -> None:
    # Gneiting et al. 2005: sigma (z (2 Phi(z) - 1) + 2 phi(z) - 1/sqrt(pi))
    rng = np.random.default_rng(3)
    draws = 10.0 + 2.0 * rng.standard_normal((20000, 1))
    phi, cdf = math.exp(-at * at / 2) / math.sqrt(2 * math.pi), 0.5 * (1 + math.erf(at / math.sqrt(2)))
    exact = 2.0 * (at * (2 * cdf - 1) + 2 * phi - 1 / math.sqrt(math.pi))
    found = scores.crps(draws, np.array([10.0 + 2.0 * at]))
    assert found == pytest.approx([exact], abs=0.05)  # three Monte Carlo errors of 20 000 draws


def test_a_perfect_ensemble_covers_as_often_as_its_intervals_say() -> None:
    rng = np.random.default_rng(7)
    draws, figures = rng.standard_normal((500, 4000)), rng.standard_normal(4000)
    for share in (0.8, 0.95):
        # one standard error of 4000 trials is 0.006, and 500 draws place the ends within 0.02
        assert scores.inside(draws, figures, share).mean() == pytest.approx(share, abs=0.02)


def test_the_interval_of_eleven_draws_cuts_a_tenth_at_either_end() -> None:
    low, high = scores.interval(np.arange(11.0)[:, None], 0.8)
    assert (low[0], high[0]) == pytest.approx((1.0, 9.0))


def test_percent_errors_by_hand() -> None:
    predicted, figures = np.array([110.0, 180.0]), np.array([100.0, 200.0])
    assert scores.mape(predicted, figures) == pytest.approx(10.0)
    assert scores.rmspe(predicted, figures) == pytest.approx(10.0)
    assert math.isnan(scores.mape(predicted, np.array([0.0, 1.0])))


def test_skill_is_one_for_no_error_zero_for_the_same_and_negative_for_worse() -> None:
    assert (scores.skill(0.0, 2.0), scores.skill(2.0, 2.0), scores.skill(4.0, 2.0)) == (1.0, 0.0, -1.0)
    assert math.isnan(scores.skill(1.0, 0.0))


def test_theil_of_a_shifted_series_is_all_bias() -> None:
    found = theil(np.array([2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    assert found is not None
    assert (found.bias, found.variation, found.covariation) == pytest.approx((1.0, 0.0, 0.0), abs=1e-12)
    assert found.r2 == pytest.approx(1.0)


def test_theil_of_a_hand_example() -> None:
    # s = 1, 3; a = 0, 6: MSE = (1 + 9)/2 = 5; means 2 and 3 -> 1; sds 1 and 3 -> 4; r = 1 -> 0
    found = theil(np.array([1.0, 3.0]), np.array([0.0, 6.0]))
    assert found is not None
    assert (found.bias, found.variation, found.covariation) == pytest.approx((0.2, 0.8, 0.0))


def test_theils_shares_sum_to_one() -> None:
    rng = np.random.default_rng(1)
    found = theil(rng.standard_normal(9), rng.standard_normal(9))
    assert found is not None
    assert found.bias + found.variation + found.covariation == pytest.approx(1.0)


def test_theil_of_one_figure_is_not_given() -> None:
    assert theil(np.array([1.0]), np.array([2.0])) is None


def test_the_last_value_is_that_before_the_cut_off() -> None:
    history = [(2019.0, 5.0), (2021.0, 7.0), (2020.0, 6.0)]
    assert benchmarks.last_value(history, 2020.5) == 6.0
    assert benchmarks.last_value(history, 2021.0) == 7.0
    assert benchmarks.last_value(history, 2018.0) is None


def test_a_line_through_points_on_a_line_goes_on() -> None:
    history = [(2017.0, 1.0), (2018.0, 3.0), (2019.0, 5.0), (2020.0, 100.0)]
    assert benchmarks.linear_trend(history, 2019.0, 2017.0, 2022.0) == pytest.approx(11.0)
    assert benchmarks.linear_trend(history, 2018.0, 2017.0, 2022.0) is None


def test_a_projection_is_read_between_its_points_only() -> None:
    points = [(2020.0, 100.0), (2040.0, 140.0)]
    assert benchmarks.projection(points, 2030.0) == pytest.approx(120.0)
    assert benchmarks.projection(points, 2041.0) is None


def _row(series: str, value: float, crps: float, last: float) -> Row:
    item = Counterpart(series, "instant", "start", "persons", Error(), series)
    figure = Figure(1, series, "2022-01-01", Period("date", 2022.0, 2022.0), value, value, "persons", item)
    rules: dict[str, float | None] = {"last value": last, "linear trend": None, "projection": None}
    return Row(figure, False, value, ((value, value), (value, value)), crps, rules)


def test_skill_over_all_series_lets_no_figure_near_zero_drown_the_others() -> None:
    # ratios of CRPS to the error of the last value: 10/40 and 4/1; their geometric mean is 1
    rows = [_row("large", 1000.0, 10.0, 1040.0), _row("near zero", 0.1, 4.0, 1.1)]
    overall = in_all(rows)[0]
    assert overall.skill_crps["last value"] == pytest.approx(0.0, abs=1e-12)
    assert overall.compared["last value"] == 2
    assert math.isnan(overall.skill_crps["projection"])


def test_prediction_of_the_unseen_weighs_the_prior_with_what_is_known() -> None:
    item = Counterpart("a", "instant", "start", "persons", Error(absolute=1.0), "a")
    times = (2020.0, 2021.0)
    figures = [
        Figure(1, "a", f"{t:g}", Period("date", t, t), v, v, "persons", item)
        for t, v in zip(times, (5, 50), strict=True)
    ]
    draws = np.stack([np.linspace(0, 10, 1001)] * 2, axis=1)
    prior = predict_unseen(draws, figures, 2019.0, {}, 2015.0, ["a"], seed=1)
    assert (prior.used, prior.effective) == ((), pytest.approx(1001))
    assert [p.inside(0) for p in prior.predictions] == [True, False]  # 5 is in the middle of 0 to 10, 50 is far outside
    found = predict_unseen(draws, figures, 2020.5, {}, 2015.0, ["a"], seed=1)
    (late,) = found.predictions
    # draws with weights of a normal of sd 1 around 5, and an error of 1: 80 % lie within 1.28 times the root of two
    assert late.median == pytest.approx(5.0, abs=0.1)
    assert late.bands[0] == pytest.approx((5 - 1.81, 5 + 1.81), abs=0.1)
    # (integral of w)^2 / integral of w^2 of that normal is 2 sqrt(pi), a hundred draws to the unit
    assert found.effective == pytest.approx(100 * 2 * math.sqrt(math.pi), rel=0.02)
    (series,) = rivals([prior, found])
    assert (series.count, series.rules, series.better) == (3, (None, None), True)
    assert series.model == pytest.approx((0 + 45 + 45) / 3, abs=0.1)  # the medians above, to a tenth
