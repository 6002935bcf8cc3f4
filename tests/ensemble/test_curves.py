"""The line through measured costs, against points whose line is known."""

from __future__ import annotations

import numpy as np
import pytest

from egendekning.ensemble.curves import line


def test_points_on_a_line_give_that_line() -> None:
    x = np.array([1.0, 10.0, 100.0, 1000.0])
    found = line(x, 2.0 + 3.0 * x)
    assert found["each"] == pytest.approx(3.0)
    assert found["fixed"] == pytest.approx(2.0)
    assert found["largest error"] == pytest.approx(0.0, abs=1e-12)


def test_cost_that_grows_with_the_square_has_the_exponent_two_and_no_line() -> None:
    x = np.array([1.0, 10.0, 100.0, 1000.0])
    found = line(x, 5.0 * x**2)
    assert found["power"] == pytest.approx(2.0)
    assert found["largest error"] > 0.5
