from __future__ import annotations

import numpy as np
import pytest

from egendekning.ensemble.ranking import ranking


def test_a_ranking_by_hand() -> None:
    effects = np.array([[1.0, 1.0, 1.0], [2.0, 2.0, 0.0], [0.0, 3.0, -1.0]])  # policies a, b, c in three draws
    found = ranking(["a", "b", "c"], effects)
    assert found.order == ("b", "a", "c")  # medians 2, 1, 0
    assert found.first == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert found.holds == pytest.approx((2 / 3, 2 / 3))  # b > a in draws 1 and 2; a > c in draws 1 and 3
    # orders: b a c (tau 1), c b a (tau -1/3), a b c (tau 1/3)
    assert found.agreement == pytest.approx(1 / 3)


def test_two_policies_have_an_order_too() -> None:
    found = ranking(["a", "b"], np.array([[1.0, 1.0, 3.0], [2.0, 2.0, 2.0]]))
    assert found.order == ("b", "a")
    assert found.holds == pytest.approx((2 / 3,))
    assert found.same_top == 1.0  # there are no more than three
