from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from egendekning.sensitivity.indices import Options, indices, outcome_of, sweep_of
from egendekning.sensitivity.indices.regression import _distance

PI = [[-np.pi, np.pi]] * 3
UNIT = [[0.0, 1.0]] * 5
QUICK = Options(resamples=50)


def values(found: Any, name: str) -> np.ndarray:
    return np.asarray(found[name].sel(stat="value").values)


@pytest.fixture(scope="module")
def ishigami(analytic: ModuleType) -> Any:
    return analytic.sweep("sobol", {"y": analytic.ishigami}, PI, 4096)


def test_sobol_indices_of_ishigami_are_the_analytic_ones(ishigami: Any, analytic: ModuleType) -> None:
    found, known = indices(ishigami, "y", "sobol", QUICK), analytic.ishigami_shares()
    # 4096 quasi-random base samples: errors of a few thousandths
    assert values(found, "S1") == pytest.approx(known["S1"], abs=0.01)
    assert values(found, "ST") == pytest.approx(known["ST"], abs=0.01)
    pairs = values(found, "S2")
    # a pair is a difference of three estimates, each as wrong as the above
    assert pairs[0, 2] == pytest.approx(known["S13"], abs=0.02)
    assert [pairs[0, 1], pairs[1, 2]] == pytest.approx([0.0, 0.0], abs=0.02)
    assert np.array_equal(pairs, pairs.T, equal_nan=True)


def test_sobol_indices_of_the_g_function_are_the_analytic_ones(analytic: ModuleType) -> None:
    found = indices(analytic.sweep("sobol", {"y": analytic.sobol_g}, UNIT, 4096), "y", "sobol", QUICK)
    known = analytic.sobol_g_shares()
    # 4096 quasi-random base samples: errors of a few thousandths
    assert values(found, "S1") == pytest.approx(known["S1"], abs=0.01)
    assert values(found, "ST") == pytest.approx(known["ST"], abs=0.01)


def test_sobol_estimates_are_those_of_salib(ishigami: Any) -> None:
    from SALib.analyze import sobol

    problem = {**ishigami.attrs["problem"], "num_vars": 3}
    theirs = sobol.analyze(problem, ishigami["y"].values, num_resamples=100, seed=3)
    ours = indices(ishigami, "y", "sobol", Options(resamples=400))
    for name in ("S1", "ST"):
        assert values(ours, name) == pytest.approx(theirs[name], abs=1e-10)
        half = (ours[name].sel(stat="high") - ours[name].sel(stat="low")).values / 2
        # two bootstraps of 100 and 400 resamples: widths within a third of each other
        assert half == pytest.approx(theirs[f"{name}_conf"], rel=0.35, abs=2e-3)
    upper = np.triu_indices(3, 1)
    assert values(ours, "S2")[upper] == pytest.approx(theirs["S2"][upper], abs=1e-10)


def test_bootstrap_intervals_hold_the_truth_about_as_often_as_they_say(analytic: ModuleType) -> None:
    known = analytic.ishigami_shares()["ST"]
    hits = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        a, b = rng.uniform(-np.pi, np.pi, (2, 200, 3))  # plain Monte Carlo, for which the bootstrap is made
        rows = [a]
        for first, second in ((a, b), (b, a)):
            for i in range(3):
                crossed = first.copy()
                crossed[:, i] = second[:, i]
                rows.append(crossed)
        design = np.stack([*rows, b], axis=1).reshape(-1, 3)
        found = indices(analytic.sweep("sobol", {"y": analytic.ishigami}, PI, 0, design=design), "y", "sobol", QUICK)
        ends = found["ST"]
        hits.append((ends.sel(stat="low").values <= known) & (known <= ends.sel(stat="high").values))
    # 95 % intervals in 120 trials, three of them dependent: 0.95 with a standard error of 0.02 to 0.035
    assert 0.85 <= np.mean(hits) <= 1.0


def test_indices_over_time_are_those_of_every_time_by_itself(analytic: ModuleType) -> None:
    def series(x: np.ndarray) -> np.ndarray:
        return np.column_stack([0 * x[:, 0], x[:, 0] + x[:, 1], analytic.ishigami(x)])

    made = {"y": series, "end": analytic.ishigami}
    sweep = analytic.sweep("sobol", made, PI, 256, times=[2020.0, 2030.0, 2040.0])
    found = indices(sweep, "y", "sobol", QUICK)
    assert found["S1"].dims == ("factor", "time", "stat")
    assert np.isnan(found["S1"].sel(time=2020.0)).all(), "nothing varies in the first year"
    # 256 base samples: the standard error of a half is 0.5 / 16, and quasi-random points are much better than that
    assert values(found.sel(time=2030.0), "S1") == pytest.approx([0.5, 0.5, 0.0], abs=0.02)
    alone = indices(sweep, "end", "sobol", QUICK)
    assert found["ST"].sel(time=2040.0).values == pytest.approx(alone["ST"].values, abs=1e-12)


def test_morris_effects_of_a_plane_are_its_slopes_times_the_ranges_without_spread(analytic: ModuleType) -> None:
    bounds = [[0.0, 2.0], [-1.0, 1.0], [5.0, 6.0]]
    sweep = analytic.sweep("morris", {"y": lambda x: 3 * x[:, 0] - 5 * x[:, 1] + 0 * x[:, 2]}, bounds, 10)
    found = indices(sweep, "y", "morris", QUICK)
    assert values(found, "mu_star") == pytest.approx([6.0, 10.0, 0.0])
    assert values(found, "mu") == pytest.approx([6.0, -10.0, 0.0])
    assert values(found, "sigma") == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_morris_spread_shows_an_interaction(analytic: ModuleType) -> None:
    sweep = analytic.sweep("morris", {"y": lambda x: x[:, 0] * x[:, 1] + x[:, 2]}, [[0.0, 1.0]] * 3, 200)
    found = indices(sweep, "y", "morris", QUICK)
    # the effect of x1 is x2, which lies on the levels 0, 1/3, 2/3, 1: mean 1/2, spread sqrt(5)/6
    assert values(found, "mu_star") == pytest.approx([0.5, 0.5, 1.0], abs=0.08)
    assert values(found, "sigma") == pytest.approx([np.sqrt(5) / 6] * 2 + [0.0], abs=0.05)


def test_fast_finds_the_shares_of_ishigami(analytic: ModuleType) -> None:
    found = indices(analytic.sweep("fast", {"y": analytic.ishigami}, PI, 4097), "y", "fast")
    known = analytic.ishigami_shares()
    # the curve of one factor lends its harmonics to the others: a few hundredths whatever the number of runs
    assert values(found, "S1") == pytest.approx(known["S1"], abs=0.04)
    assert values(found, "ST") == pytest.approx(known["ST"], abs=0.05)
    assert np.isnan(found["S1"].sel(stat="low")).all(), "FAST has no interval that can be trusted"


def test_a_two_level_design_gives_the_effects_of_a_plane_with_a_product(analytic: ModuleType) -> None:
    sweep = analytic.sweep("ff", {"y": lambda x: 3 * x[:, 0] + 2 * x[:, 1] + x[:, 0] * x[:, 2]}, [[-1.0, 1.0]] * 3, 0)
    found = indices(sweep, "y")
    assert values(found, "effect") == pytest.approx([6.0, 4.0, 0.0])  # from -1 to 1
    pairs = values(found, "pair_effect")
    assert [pairs[0, 1], pairs[0, 2], pairs[1, 2]] == pytest.approx([0.0, 2.0, 0.0])


def test_regression_of_a_plane_gives_its_standardised_slopes(analytic: ModuleType) -> None:
    bounds = [[0.0, 2.0], [-1.0, 1.0], [5.0, 6.0]]
    sweep = analytic.sweep("lhs", {"y": lambda x: 3 * x[:, 0] - 4 * x[:, 1]}, bounds, 2000)
    found = indices(sweep, "y", "regression", QUICK)
    # equal ranges, so the slopes 3 and -4 over their length 5; random columns correlate by about 0.02
    assert values(found, "SRC") == pytest.approx([0.6, -0.8, 0.0], abs=0.02)
    # ranks of a sum of two uniforms are not quite a plane of their ranks
    assert values(found, "PRCC")[:2] == pytest.approx([1.0, -1.0], abs=0.05)
    assert float(found["R2"]) == pytest.approx(1.0, abs=1e-6)


def test_a_plane_through_noise_explains_nothing_however_many_factors_it_has(analytic: ModuleType) -> None:
    rng = np.random.default_rng(4)
    x, noise = rng.random((90, 40)), rng.random(90)
    sweep = analytic.sweep("draws", {"y": lambda _: noise}, [[0.0, 1.0]] * 40, 0, design=x)
    # unadjusted, 40 factors explain 40 / 89 of 90 runs of noise
    assert float(indices(sweep, "y", "regression", QUICK)["R2"]) < 0.2


def test_partial_rank_correlation_does_not_mind_bends(analytic: ModuleType) -> None:
    sweep = analytic.sweep("lhs", {"y": lambda x: np.exp(8 * x[:, 0])}, UNIT, 500)
    found = indices(sweep, "y", "regression", QUICK)
    assert values(found, "PRCC")[0] == pytest.approx(1.0, abs=1e-3)  # ranks are those of x, to rounding in their planes
    assert float(found["R2"]) < 0.7 < float(found["R2_ranks"])


def test_factors_that_hang_together_split_the_slope_between_them(analytic: ModuleType) -> None:
    free = np.random.default_rng(2).random((400, 2))
    x = np.column_stack([free[:, 0], 1 - free[:, 0] + 1e-7 * free[:, 1], free[:, 1]])  # shares, rounded
    sweep = analytic.sweep("draws", {"y": lambda x: x[:, 0] + x[:, 2]}, [[0.0, 1.0]] * 3, 0, design=x)
    found = values(indices(sweep, "y", "regression", QUICK), "SRC")
    # both terms have a spread of 0.71 of the outcome's; the first is halved between x1 and x2, with opposite signs
    assert found == pytest.approx([0.354, -0.354, 0.707], abs=0.03)


def test_partial_correlation_is_that_of_the_residuals(analytic: ModuleType) -> None:
    from egendekning.sensitivity.indices.regression import _plane

    rng = np.random.default_rng(5)
    x = rng.normal(size=(300, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.3], [0, 0, 1]])
    y = x @ np.array([1.0, -2.0, 0.5]) + rng.normal(size=300)
    rest = np.column_stack([np.ones(300), x[:, 1:]])
    left = [v - rest @ np.linalg.lstsq(rest, v, rcond=None)[0] for v in (x[:, 0], y)]
    assert _plane(x, y[:, None])[1][0, 0] == pytest.approx(np.corrcoef(*left)[0, 1], abs=1e-8)


def test_regional_sensitivity_of_a_sum_is_the_distance_worked_out_by_hand(analytic: ModuleType) -> None:
    sweep = analytic.sweep("lhs", {"y": lambda x: x[:, 0] + x[:, 1]}, [[0.0, 1.0]] * 3, 8000)
    found = indices(sweep, "y", "rsa", Options(threshold=1.0))
    # above 1 a term has density 2x, below 2(1 - x): distance 2x - 2x^2, largest 1/2
    assert values(found, "KS") == pytest.approx([0.5, 0.5, 0.0], abs=0.04)
    assert values(found, "p")[2] > 0.01 > values(found, "p")[0]


def test_the_distance_between_two_distributions_is_that_of_scipy_with_ties_too() -> None:
    from scipy.stats import ks_2samp

    rng = np.random.default_rng(2)
    for x in (rng.normal(size=200), rng.integers(0, 4, 200).astype(float)):
        above = rng.random(200) < 0.3
        assert _distance(x, above[:, None])[0] == pytest.approx(ks_2samp(x[above], x[~above]).statistic)


def test_shapley_effects_of_ishigami_share_the_interaction_in_halves(analytic: ModuleType) -> None:
    sweep = analytic.sweep("lhs", {"y": analytic.ishigami}, PI, 6000)
    found = indices(sweep, "y", "shapley")
    # a share of 6 000 runs has a standard error near 0.01, and the polynomials leave a part unexplained
    assert values(found, "shapley") == pytest.approx(analytic.ishigami_shares()["shapley"], abs=0.02)
    assert float(found["unexplained"]) == pytest.approx(0.0, abs=0.01)


def test_shapley_effects_of_dependent_factors_are_those_of_owen_and_prieur(analytic: ModuleType) -> None:
    rho = 0.8
    rng = np.random.default_rng(3)
    x = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 20000)
    sweep = analytic.sweep("draws", {"y": lambda x: x[:, 0]}, [[-4.0, 4.0]] * 2, 0, design=x)
    found = indices(sweep, "y", "shapley")
    # Owen & Prieur (2017), section 3: a factor that does nothing earns by what it tells of the other, rho^2 / 2
    assert values(found, "shapley") == pytest.approx([1 - rho**2 / 2, rho**2 / 2], abs=0.01)


def test_shapley_effects_of_groups_add_up_to_what_is_explained(analytic: ModuleType) -> None:
    kinds = ["lever", "lever", "constant", "constant", "driver"]
    sweep = analytic.sweep("lhs", {"y": analytic.sobol_g}, UNIT, 3000, kinds=kinds)
    found = indices(sweep, "y", "shapley")
    assert list(found["factor"].values) == ["lever", "constant", "driver"]
    assert values(found, "shapley").sum() == pytest.approx(1 - float(found["unexplained"]))


@pytest.mark.slow
def test_delta_of_a_sum_of_two_normals_is_the_integral_over_their_densities(analytic: ModuleType) -> None:
    x = norm.ppf(analytic.design_of("lhs", {"names": ["x1", "x2", "x3"], "bounds": [[1e-9, 1 - 1e-9]] * 3}, 1500))
    sweep = analytic.sweep("draws", {"y": lambda x: x[:, 0] + x[:, 1]}, [[0, 1]] * 3, 0, design=x)
    y, given = np.linspace(-9, 9, 1801), np.linspace(-6, 6, 601)
    area = np.trapezoid(np.abs(norm.pdf(y, 0, np.sqrt(2)) - norm.pdf(y, given[:, None], 1)), y, axis=1) / 2
    known = np.trapezoid(norm.pdf(given) * area, given)
    found = values(indices(sweep, "y", "delta"), "delta")
    # classes of finite width smooth the density given the factor: a few hundredths low
    assert found == pytest.approx([known, known, 0.0], abs=0.04)


def test_pawn_of_a_sum_of_two_normals_lies_at_the_distance_and_the_idle_factor_at_the_dummy(
    analytic: ModuleType,
) -> None:
    x = norm.ppf(analytic.design_of("lhs", {"names": ["x1", "x2", "x3"], "bounds": [[1e-9, 1 - 1e-9]] * 3}, 4000))
    sweep = analytic.sweep("draws", {"y": lambda x: x[:, 0] + x[:, 1]}, [[0, 1]] * 3, 0, design=x)
    found = indices(sweep, "y", "pawn")
    grid = np.linspace(-8, 8, 2001)

    def distance(x: float) -> float:
        return float(np.abs(norm.cdf(grid, 0, np.sqrt(2)) - norm.cdf(grid, x, 1)).max())

    middles = norm.ppf((np.arange(10) + 0.5) / 10)
    # a tenth of 4 000 runs against all: the distance of two samples of one law is 1 / sqrt(400) or less
    assert values(found, "PAWN")[:2] == pytest.approx(np.median([distance(x) for x in middles]), abs=0.04)
    assert values(found, "PAWN")[2] == pytest.approx(float(found["PAWN_dummy"]), abs=0.03)


def test_swings_of_a_plane_are_what_its_ends_give(analytic: ModuleType) -> None:
    sweep = analytic.sweep("lhs", {"y": lambda x: 10 * x[:, 0] - 2 * x[:, 1]}, [[0.0, 1.0]] * 2, 4000)
    found = indices(sweep, "y", "swings")
    # tenths at the ends have their middles at 0.05 and 0.95; x2 moves the rest around a median of -1
    assert values(found, "at_low")[0] == pytest.approx(10 * 0.05 - 1, abs=0.2)
    assert values(found, "at_high")[0] == pytest.approx(10 * 0.95 - 1, abs=0.2)
    assert values(found, "at_high")[1] < values(found, "at_low")[1]


def test_the_same_seed_gives_the_same_intervals_and_zero_is_a_seed(ishigami: Any) -> None:
    for seed in (0, 7):
        once, again = (indices(ishigami, "y", "sobol", Options(resamples=20, seed=seed)) for _ in range(2))
        assert once.identical(again)


@pytest.mark.slow
def test_nothing_of_the_sweep_is_changed(ishigami: Any) -> None:
    before = ishigami.copy(deep=True)
    for method in ("sobol", "regression", "rsa", "shapley"):
        indices(ishigami, "y", method, QUICK)
    assert ishigami.identical(before)
    assert ishigami.attrs["problem"] == before.attrs["problem"]


@pytest.mark.slow
def test_the_state_of_the_global_generator_is_left_alone(analytic: ModuleType) -> None:
    sweep = analytic.sweep("lhs", {"y": analytic.sobol_g}, UNIT, 120)
    np.random.seed(4)  # noqa: NPY002
    wanted = np.random.random(3)  # noqa: NPY002
    np.random.seed(4)  # noqa: NPY002
    for method in ("delta", "pawn", "regression"):
        indices(sweep, "y", method, QUICK)
    assert np.random.random(3) == pytest.approx(wanted)  # noqa: NPY002


def test_an_outcome_is_found_in_any_spelling(ishigami: Any) -> None:
    renamed = ishigami.rename(y="net operating result")
    assert outcome_of(sweep_of(renamed), "Net_Operating  Result").name == "net operating result"


@pytest.mark.slow
def test_intervals_and_p_values_of_a_crossed_design_count_base_samples_not_rows(analytic: ModuleType) -> None:
    """Rows of a Saltelli design share columns: taken for independent, seven of ten idle factors passed PAWN's dummy."""
    known, hits, sure, far = np.sqrt(1 / 13), [], [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        a, b = rng.random((2, 60, 5))
        rows = [a]
        for first, second in ((a, b), (b, a)):
            for i in range(5):
                crossed = first.copy()
                crossed[:, i] = second[:, i]
                rows.append(crossed)
        design = np.stack([*rows, b], axis=1).reshape(-1, 5)
        # x1 has 1/13 of the variance; x2 and x3 all the rest, as a product; x4 and x5 do nothing
        made = {"y": lambda x: x[:, 0] + 3 * (2 * x[:, 1] - 1) * (2 * x[:, 2] - 1)}
        sweep = analytic.sweep("sobol", made, UNIT, 0, design=design)
        ends = indices(sweep, "y", "regression", QUICK)["SRC"]
        truth = np.array([known, 0.0, 0.0, 0.0, 0.0])
        hits.append((ends.sel(stat="low").values <= truth) & (truth <= ends.sel(stat="high").values))
        sure.append(values(indices(sweep, "y", "rsa"), "p")[3:] < 0.05)
        found = indices(sweep, "y", "pawn")
        far.append(values(found, "PAWN")[3:] > float(found["PAWN_dummy"]))
    assert 0.85 <= np.mean(hits) <= 1.0  # 95 % intervals, 150 trials
    assert np.mean(sure) <= 0.15  # 5 % or fewer, 60 trials
    assert np.mean(far) <= 0.15  # one in 21 or fewer


def test_regional_sensitivity_of_what_mostly_happens_parts_the_runs_in_which_it_does_not(analytic: ModuleType) -> None:
    sweep = analytic.sweep("lhs", {"y": lambda x: (x[:, 0] > 0.3).astype(float)}, UNIT, 400)
    found = indices(sweep, "y", "rsa")
    assert float(found["share_above"]) == pytest.approx(0.7, abs=0.01)  # one point of the hypercube in each 400th
    assert values(found, "KS")[0] == pytest.approx(1.0)


def test_swings_of_idle_factors_look_like_chance_and_those_of_real_ones_do_not(analytic: ModuleType) -> None:
    from egendekning.figures.factors import may_be_chance

    idle, real = [], []
    for seed in range(20):
        x = np.random.default_rng(seed).random((400, 8))
        sweep = analytic.sweep("draws", {"y": lambda x: x[:, 0] + x[:, 1]}, [[0.0, 1.0]] * 8, 0, design=x)
        grey = may_be_chance(indices(sweep, "y", "swings"))
        real.append(grey[:2])
        idle.append(grey[2:])
    assert not np.any(real)
    assert 0.88 <= np.mean(idle) <= 1.0  # about 95 % of 120 trials, six of a sample


def test_swings_of_a_grid_lie_between_its_end_levels_however_many_levels_there_are(analytic: ModuleType) -> None:
    x = np.linspace(0.0, 1.0, 41)[:, None]  # a tenth would be four levels
    found = indices(analytic.sweep("grid", {"y": lambda x: 10 * x[:, 0]}, [[0.0, 1.0]], 0, design=x), "y", "swings")
    assert found["at_low"].sel(stat="value").values == pytest.approx([0.0], abs=1e-12)
    assert found["at_high"].sel(stat="value").values == pytest.approx([10.0], abs=1e-12)
    assert found.attrs["tail"] == 0.0


def test_swings_of_a_grid_have_no_intervals_because_nothing_is_drawn(analytic: ModuleType) -> None:
    x = np.stack(np.meshgrid(*[np.linspace(0, 1, 5)] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
    sweep = analytic.sweep("grid", {"y": lambda x: x[:, 0] + 2 * x[:, 1]}, [[0.0, 1.0]] * 2, 0, design=x)
    assert np.isnan(indices(sweep, "y", "swings")["at_low"].sel(stat="high")).all()
