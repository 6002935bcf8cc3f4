from __future__ import annotations

import pytest

from egendekning.validate.periods import read_period


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2022-Q4", 2022.875),  # the registers' third week of November
        ("2022K1", 2022.125),
        ("2023-01-01", 2023.0),
        ("2020-07-01", 2020.0 + 182 / 366),  # a leap year: 31+29+31+30+31+30 = 182 days before
        ("2021-12-31", 2021.0 + 364 / 365),
        ("2022-05", 2022.0 + 5 / 12),  # counted at the end of the month
        ("2022M12", 2023.0),
        ("2024", 2024.5),
        ("2020-04-07 (week 15, peak)", 2020.0 + 97 / 366),
    ],
)
def test_a_period_stands_for_the_time_that_its_publisher_means(text: str, instant: float) -> None:
    period = read_period(text)
    assert period is not None
    assert period.instant == pytest.approx(instant, abs=1e-9)


def test_a_year_runs_from_january_to_january() -> None:
    period = read_period("2024")
    assert period is not None
    assert (period.kind, period.start, period.end) == ("year", 2024.0, 2025.0)


@pytest.mark.parametrize("text", ["", "2022-Q5", "2022-13", "2021-02-30", "last year", "2022/2023", "2022-H1", "22-Q4"])
def test_what_would_have_to_be_guessed_is_not_read(text: str) -> None:
    assert read_period(text) is None
