"""A town whose best mix is a page of arithmetic: three levers of one price, and luck with a normal distribution.

Egendekning is 0.96 + luck (sd 0.02) + 0.002 strong + 0.001 min(weak, 10) - 0.001 harmful. By 2027 a daa a year costs
1 MNOK a year in the 24 quarters from 2022. So the strong lever is bought first, up to its 20, then the weak one to 10,
the harmful one never, and an effect of e reaches 1.00 with the probability Phi((e - 0.04)/0.02).
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from egendekning.ensemble import Bound, bind
from egendekning.errors import UsageError
from egendekning.sensitivity.search.climb import Climber, Tangent, solve
from egendekning.sensitivity.search.draws import both_sets
from egendekning.sensitivity.search.found import Found, interval
from egendekning.sensitivity.search.goal import checked, question
from egendekning.sensitivity.search.kernel import Kernel
from egendekning.sensitivity.search.run import search
from egendekning.sensitivity.search.scaled import Scaled
from egendekning.sensitivity.search.truth import lacking_jobs
from egendekning.study import Study

pytestmark = pytest.mark.slow

TOWN = Path(__file__).parent / "search_town"
SD = 0.02
DRAWS = 400
ONE = sum(0.25 * 1.04 ** (-k / 4) for k in range(24))  # MNOK for a daa a year from 2022 through 2027
NORMAL = NormalDist()
OF_DRAWS = 2.0 / DRAWS  # a Latin hypercube puts one draw in each of its slices, so a share is right to a draw or two
WIDE = math.hypot(SD, 0.3 * SD)  # luck and the smoothing of the target together


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Keep compiled kernels of the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EGENDEKNING_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def town() -> Bound:
    return bind(Study.open(TOWN))


@pytest.fixture(scope="module")
def reached(town: Bound) -> Found:
    """Six in ten draws: all of the strong lever and some of the weak one."""
    return search(town, 100.0, 2027, 0.6, draws=DRAWS, generations=25)


@pytest.fixture(scope="module")
def beyond(town: Bound) -> Found:
    """Eight in ten draws: more than all levers can give."""
    return search(town, 100.0, 2027, 0.8, draws=DRAWS, generations=0)


def test_the_cheapest_mix_is_the_one_worked_out_by_hand(reached: Found) -> None:
    weak = (0.04 + SD * NORMAL.inv_cdf(0.6) - 20 * 0.002) / 0.001
    assert reached.verdict == "reached"
    assert reached.answer.probability == pytest.approx(0.6, abs=OF_DRAWS)
    assert reached.answer.values["strong"] == pytest.approx(20.0, abs=0.05)
    assert reached.answer.values["weak"] == pytest.approx(weak, abs=0.3)  # a draw more or less is 0.13 of the lever
    assert reached.answer.values["harmful"] == 0.0
    assert reached.answer.cost == pytest.approx((20 + weak) * ONE, rel=0.015)


def test_the_probability_holds_on_draws_that_the_search_has_not_seen(reached: Found) -> None:
    # two sets of draws, each right to `OF_DRAWS`
    assert reached.answer.fresh == pytest.approx(reached.answer.probability, abs=2 * OF_DRAWS)


def test_a_target_out_of_reach_is_said_to_be_so_with_the_best_that_is_reached(beyond: Found) -> None:
    assert beyond.verdict == "out of reach"
    assert beyond.cheapest is None
    assert beyond.top.probability == pytest.approx(NORMAL.cdf(0.5), abs=OF_DRAWS)


def test_a_target_beyond_the_budget_is_told_from_one_out_of_reach(town: Bound) -> None:
    found = search(town, 100.0, 2027, 0.6, 20 * ONE, draws=DRAWS, generations=0)
    assert found.verdict == "over budget"
    assert found.answer.cost <= 20 * ONE * 1.001
    assert found.answer.probability == pytest.approx(0.5, abs=OF_DRAWS)
    assert found.cheapest is not None
    assert found.cheapest.cost > 20 * ONE


def test_the_price_of_the_budget_is_the_density_of_luck_times_the_effect_of_money(town: Bound) -> None:
    found = search(town, 100.0, 2027, 0.6, 15 * ONE, draws=DRAWS, generations=0)
    z = (15 * 0.002 - 0.04) / WIDE
    assert found.binding.budget
    # a smoothed density of 400 draws; the points of a hypercube lie evenly, so it is right to a few hundredths
    assert found.binding.per_mnok == pytest.approx(NORMAL.pdf(z) / WIDE * 0.002 / ONE, rel=0.03)
    states = {state.lever: state for state in found.binding.levers}
    assert (states["strong"].place, states["weak"].place) == ("inside", "low")
    assert states["strong"].price == 0.0
    assert states["weak"].price < 0.0 < states["weak"].per_unit
    assert states["harmful"].per_unit < 0.0


def test_a_lever_at_the_end_of_its_range_has_a_price_and_a_lever_inside_has_none(reached: Found) -> None:
    states = {state.lever: state for state in reached.binding.levers}
    z = (reached.answer.values["weak"] * 0.001) / WIDE
    assert states["strong"].place == "high"
    assert states["weak"].place == "inside"
    # the difference of two such densities' slopes
    assert states["strong"].price == pytest.approx(NORMAL.pdf(z) / WIDE * (0.002 - 0.001), rel=0.05)
    assert states["weak"].price == 0.0


def test_a_limit_of_the_model_has_a_price_where_it_is_in_the_way_and_nowhere_else(
    reached: Found, beyond: Found
) -> None:
    z = 0.01 / WIDE
    assert reached.binding.limits == {"port limit": 0.0}
    # the same density as that of the budget
    assert beyond.binding.limits["port limit"] == pytest.approx(NORMAL.pdf(z) / WIDE * 0.001, rel=0.03)


def test_more_money_never_lowers_the_probability(town: Bound) -> None:
    budgets = [0.0, 10.0, 40.0, 80.0, 120.0, 200.0]
    best = [search(town, 100.0, 2027, 1.0, b, draws=200, generations=0).answer.probability for b in budgets]
    assert best == sorted(best)
    assert best[0] < best[-1]


def test_the_front_rises_with_cost(beyond: Found) -> None:
    cost, probability = zip(*((p.cost, p.probability) for p in beyond.front), strict=True)
    assert list(cost) == sorted(cost)
    assert list(probability) == sorted(probability)
    assert cost[0] == 0.0


def test_evolution_finds_no_better_mix_and_nearly_as_good_a_one(reached: Found) -> None:
    assert reached.second is not None
    assert reached.second.point.cost <= reached.answer.cost * 1.001
    assert -1e-3 <= reached.second.gap < 0.02


def test_a_scenario_is_set_beside_the_best_mix_of_its_cost(reached: Found) -> None:
    (rival,) = reached.rivals
    assert rival.scenario == "even"
    assert rival.point.cost == pytest.approx(30 * ONE)
    assert rival.point.probability == pytest.approx(NORMAL.cdf((0.02 - 0.04) / SD), abs=OF_DRAWS)
    assert rival.best.cost <= rival.point.cost * 1.001
    assert rival.best.probability == pytest.approx(NORMAL.cdf(0.5), abs=OF_DRAWS)


def test_what_would_have_to_be_true_names_luck_the_weather_and_the_lacking_jobs(beyond: Found) -> None:
    told = beyond.truth
    assert [item.name for item in told.inputs] == ["luck"]
    assert told.inputs[0].better == 1.0
    assert told.inputs[0].worse == 0.0
    (push,) = told.pushes
    needed = 0.04 + SD * NORMAL.inv_cdf(0.8) - 0.05
    assert push.best == 0.03
    assert push.needed == pytest.approx(needed, abs=0.0006)  # the last halving of 0.03, and a draw or two
    assert told.jobs == pytest.approx(1000 * needed, abs=0.3)
    assert told.median_jobs == 0.0


def test_levers_that_are_left_out_do_nothing(town: Bound) -> None:
    found = search(town, 100.0, 2027, 0.6, draws=100, generations=0, levers=["weak"])
    assert set(found.answer.values) == {"weak"}
    assert found.top.probability == pytest.approx(NORMAL.cdf(-1.5), abs=0.02)  # two of 100 draws
    assert found.rivals == ()


def test_the_slopes_of_every_draw_equal_finite_differences(town: Bound) -> None:
    goal, space = checked(town, 100.0, 2027, 0.6, None, None)
    names = (*space.constants, "port limit")
    kernel = Kernel(town, both_sets(town, 150, 1), names, question(town, goal))
    draws, mix, step = np.arange(150), np.array([7.0, 12.0, 3.0, np.nan]), 1e-3
    slopes = kernel.slopes(mix, draws)
    for i in range(len(names)):
        up, down = (np.where(np.isnan(mix), 10.0, mix) + sign * step * (np.arange(4) == i) for sign in (1, -1))
        runs = kernel.runs(np.stack([up, down]), draws)
        between = (runs.highest[0] - runs.highest[1]) / (2 * step)
        np.testing.assert_allclose(slopes.of_highest[:, i], between, atol=1e-10)  # the model is linear here
        np.testing.assert_allclose(slopes.of_cost[:, i], (runs.cost[0] - runs.cost[1]) / (2 * step), atol=1e-8)


def test_a_run_has_the_same_result_in_any_company(town: Bound) -> None:
    goal, space = checked(town, 100.0, 2027, 0.6, None, None)
    kernel = Kernel(town, both_sets(town, 150, 1), space.constants, question(town, goal))
    model = Scaled(kernel, space, np.arange(300))
    alone = model.all_of(np.array([[0.5, 0.5, 0.0]]))
    among = model.all_of(np.array([[0.1, 0.0, 0.0], [0.5, 0.5, 0.0], [1.0, 1.0, 1.0]]))
    np.testing.assert_array_equal(alone.highest[0], among.highest[1])


def test_fresh_draws_are_others_than_those_of_the_search(town: Bound) -> None:
    luck = both_sets(town, 50, 1).parameters["luck"].values
    assert luck.shape == (101,)
    assert not set(luck[1:51]) & set(luck[51:])


def test_a_tangent_is_maximised_at_the_corner_that_a_budget_allows() -> None:
    rng = np.random.default_rng(1)
    tangent = Tangent(np.zeros(3), rng.normal(-1.0, 1.0, 500), 0.0, np.tile([3.0, 2.0, -1.0], (500, 1)),
                      np.array([2.0, 1.0, 1.0]))  # fmt: skip
    at, _ = solve(tangent, 0.0, 0.3, 1.5, [np.zeros(3)])
    np.testing.assert_allclose(at, [0.25, 1.0, 0.0], atol=1e-4)  # 2 a krone first, then 1.5 a krone


def test_a_climb_takes_new_tangents_where_the_old_ones_mislead() -> None:
    class Curved:
        def runs(self, mixes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            height = -((mixes[:, :1] - 0.7) ** 2)
            return height + np.linspace(-0.2, 0.2, 101), mixes[:, 0]

        def slopes(self, mix: np.ndarray) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
            highest, cost = self.runs(mix[None])
            return highest[0], float(cost[0]), np.full((101, 1), -2 * (mix[0] - 0.7)), np.ones(1)

    climber = Climber(Curved(), 0.0, np.zeros(1))
    best = climber.climb(np.inf, steps=3)
    assert len(climber.tangents) > 1
    assert best.smoothed > climber.mixes[0].smoothed


def test_levers_that_help_each_other_are_found_for_a_budget_that_buys_just_those_two() -> None:
    class Pair:
        """Two levers of half a krone that are worth most together, and one of a krone that stands alone."""

        def runs(self, mixes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            first, second, alone = mixes.T
            height = first * second + 0.05 * (first + second) + 0.3 * alone
            return height[:, None] + np.linspace(-1.0, 1.0, 101), 0.5 * first + 0.5 * second + alone

        def slopes(self, mix: np.ndarray) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
            highest, cost = self.runs(mix[None])
            slope = np.array([mix[1] + 0.05, mix[0] + 0.05, 0.3])
            return highest[0], float(cost[0]), np.tile(slope, (101, 1)), np.array([0.5, 0.5, 1.0])

    climber = Climber(Pair(), 1.0, np.zeros(3))
    climber.climb(np.inf)
    # the top is a corner: a linear programme ends in it, to the solver's own tolerance
    np.testing.assert_allclose(climber.climb(1.0).at, [1.0, 1.0, 0.0], atol=1e-3)


def test_lacking_jobs_are_those_of_the_draw_at_the_wanted_share(town: Bound) -> None:
    goal, _ = checked(town, 100.0, 2027, 0.75, None, None)
    highest = np.array([1.02, 0.99, 0.98, 0.90])
    assert lacking_jobs(highest, np.full(4, 100.0), goal, 0.75) == pytest.approx(2.0)
    assert lacking_jobs(highest, np.full(4, 100.0), replace(goal, target=0.9), 0.75) == 0.0


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, high = interval(0.5, 100)
    half = 1.2815515655 * math.sqrt(0.25 / 100 + 1.2815515655**2 / 40000) / (1 + 1.2815515655**2 / 100)
    assert (low, high) == (pytest.approx(0.5 - half), pytest.approx(0.5 + half))
    assert interval(0.0, 100)[0] == 0.0


@pytest.mark.parametrize(
    ("asked", "where", "near"),
    [
        ({"target": 0.95}, "--target", "95"),
        ({"target": -3.0}, "--target", None),
        ({"target": math.nan}, "--target", None),
        ({"by": 2150}, "--by", "2029"),
        ({"by": 1999}, "--by", "2022"),
        ({"probability": 80.0}, "--probability", "0.8"),
        ({"probability": 0.0}, "--probability", None),
        ({"probability": math.nan}, "--probability", None),
        ({"budget": -5.0}, "--budget", "5"),
        ({"budget": math.inf}, "--budget", None),
        ({"levers": ["storng"]}, "--levers", "strong"),
        ({"levers": ["weather"]}, "--levers", None),
        ({"levers": []}, "--levers", None),
    ],
)
def test_a_question_that_makes_no_sense_is_told_with_what_would(
    town: Bound, asked: dict[str, object], where: str, near: str | None
) -> None:
    given = {"target": 100.0, "by": 2027, "probability": 0.6, "budget": None, "levers": None, **asked}
    with pytest.raises(UsageError) as caught:
        checked(town, **given)  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    assert problem.where == where
    assert problem.nearest == near
    assert problem.expected
    assert problem.fix


def test_everything_wrong_with_a_question_is_told_at_once(town: Bound) -> None:
    with pytest.raises(UsageError) as caught:
        checked(town, 0.0, 1900, 2.0, -1.0, ["nothing at all"])
    assert [p.where for p in caught.value.problems] == ["--target", "--by", "--probability", "--budget", "--levers"]
