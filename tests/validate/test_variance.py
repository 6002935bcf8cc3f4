from __future__ import annotations

import numpy as np
import pytest

from egendekning.ensemble.inputs import NOISE
from egendekning.validate.headline import Input, strongest
from egendekning.validate.knockouts import LoopResult
from egendekning.validate.leaveout import weights
from egendekning.validate.plan import KnockOut
from egendekning.validate.variance import rank_correlations, shares

RNG = np.random.default_rng(11)
DRAWS = 4000


def test_shares_of_a_sum_of_independent_inputs_are_their_variances() -> None:
    a, b, c = RNG.standard_normal((3, DRAWS, 1))
    outcome = (3 * a + 1 * b + 0 * c)[:, 0]  # 9 and 1 of 10
    found = shares({"a": a, "b": b, "c": c}, outcome)
    assert found is not None
    alone = {g.group: g.alone for g in found.groups}
    # the standard error of a share with 4 000 draws is about 0.006
    assert alone == pytest.approx({"a": 0.9, "b": 0.1, "c": 0.0}, abs=0.02)
    assert found.curved == pytest.approx(0.0, abs=1e-6)


def test_what_no_plane_explains_is_said() -> None:
    a = RNG.uniform(-1, 1, (DRAWS, 1))
    found = shares({"a": a}, a[:, 0] ** 2)
    assert found is not None
    assert found.curved == pytest.approx(1.0, abs=0.02)  # a plane through 4 000 draws explains 1 / 4 000 by chance


def test_many_idle_inputs_do_not_earn_a_share() -> None:
    idle, a = RNG.standard_normal((600, 200)), RNG.standard_normal((600, 1))
    found = shares({"idle": idle, "a": a}, a[:, 0] + RNG.standard_normal(600))
    assert found is not None
    # 600 draws less 200 directions leave a standard error near 0.04 of a share of a half; three of them
    assert {g.group: g.alone for g in found.groups} == pytest.approx({"idle": 0.0, "a": 0.5}, abs=0.12)


def test_too_few_draws_for_so_many_inputs_give_no_share() -> None:
    assert shares({"a": RNG.standard_normal((50, 30))}, RNG.standard_normal(50)) is None


def test_rank_correlation_of_a_rising_function_is_one_and_of_a_constant_zero() -> None:
    x = RNG.standard_normal(100)
    block = np.stack([x, -x, np.ones(100)], axis=1)
    assert rank_correlations(block, np.exp(x)) == pytest.approx([1.0, -1.0, 0.0])


def test_a_loop_that_makes_no_difference_fails_whatever_its_sign() -> None:
    item = KnockOut(switch="s", push={"p": 1.0}, read="x", year=2030, with_loop="more", theory="so")
    assert LoopResult(item, (0.0, 0.0), 10.0, 5.0).passed
    assert not LoopResult(item, (0.0, 0.0), 5.0, 10.0).passed
    assert not LoopResult(item, (0.0, 0.0), 10.0, 9.999).passed


def test_of_a_table_of_noise_only_the_strongest_knot_is_listed() -> None:
    inputs = [Input("shock 2039", NOISE, 0.3), Input("shock 2040", NOISE, -0.4), Input("rate", "source", 0.1)]
    assert [item.name for item in strongest(inputs)] == ["shock 2040", "rate"]


def test_draws_without_figures_weigh_the_same() -> None:
    assert weights(np.zeros((4, 0)), []) == pytest.approx([0.25] * 4)
