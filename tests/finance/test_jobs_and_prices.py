"""What a job is worth, by hand; price growth as budgets of the time saw it; social costs."""

from __future__ import annotations

import pytest

from egendekning.ensemble import Bound
from egendekning.errors import UsageError
from egendekning.finance.prices import price_levels
from egendekning.finance.tables import Finance

pytestmark = pytest.mark.slow


def job(tables: Finance, row: str, filler: str, regime: str = "above") -> float:
    return float(tables.dataset["job"].sel(job_row=row, filler=filler, regime=regime))


def test_two_fifths_of_own_tax_are_kept_above_ninety_percent_and_a_fifteenth_below(tables: Finance) -> None:
    # w = 101 386 / 5 367 580: above 1 - 0.6 + 0.6 w, below 1 - 0.95 + (0.6 + 0.35 x 0.9) w
    w = 101850 / 5367580
    assert job(tables, "kept", "unemployed") == pytest.approx(100 * (0.4 + 0.6 * w), abs=0.05)
    assert job(tables, "kept", "unemployed", "below") == pytest.approx(100 * (0.05 + 0.915 * w), abs=0.05)


def test_a_job_filled_by_an_in_commuter_gives_no_tax_and_moves_the_ratio_most(tables: Finance) -> None:
    assert job(tables, "municipality", "in_commuter") == 0
    assert job(tables, "state", "in_commuter") == 0
    assert job(tables, "egendekning", "in_commuter") > 10 * job(tables, "egendekning", "unemployed")


def test_work_for_the_unemployed_saves_assistance_by_hand(bound: Bound, tables: Finance) -> None:
    recipients = 100 * float(bound.values["recipients per unemployed"])
    expected = recipients * float(bound.values["payment per recipient"]) / 1e6
    assert job(tables, "assistance", "unemployed") == pytest.approx(expected)


def test_most_of_what_a_job_for_the_unemployed_gives_falls_on_the_state(tables: Finance) -> None:
    assert job(tables, "state", "unemployed") > 2 * job(tables, "municipality", "unemployed")


def test_in_migrants_bring_tax_and_grants_and_cost_services(tables: Finance) -> None:
    assert job(tables, "people", "in_migrant") == 180
    assert job(tables, "grants", "in_migrant") > 0
    assert job(tables, "services", "in_migrant") < 0
    parts = ("own_tax", "equalisation", "grants", "fees", "services")
    assert job(tables, "municipality", "in_migrant") == pytest.approx(sum(job(tables, p, "in_migrant") for p in parts))


@pytest.mark.parametrize(
    ("view", "year", "growth"),
    [("final", 2020, 1.0), ("RNB20", 2020, 1.4), ("NB20", 2020, 3.1), ("NB21", 2021, 2.7), ("final", 2021, 4.4),
     ("NB22", 2021, 3.3)],
)  # fmt: skip
def test_a_replay_of_a_past_budget_uses_the_estimates_of_its_time(
    bound: Bound, view: str, year: int, growth: float
) -> None:
    finance = bound.study.finance
    assert finance is not None
    assert price_levels(finance, range(2019, 2025), view).growth[year] == growth


def test_a_budget_knows_nothing_of_later_deflators(bound: Bound) -> None:
    finance = bound.study.finance
    assert finance is not None
    levels = price_levels(finance, range(2019, 2025), "NB21")
    assert levels.source[2023] == "assumption"
    assert levels.level[2022] == pytest.approx(1.027 * 1.025)


def test_an_unknown_budget_names_the_nearest(bound: Bound) -> None:
    finance = bound.study.finance
    assert finance is not None
    with pytest.raises(UsageError, match=r"(?s)unknown 'NB211'.*did you mean: NB21"):
        price_levels(finance, [2021], "NB211")


def test_social_costs_hold_recipients_months_and_kroner(tables: Finance) -> None:
    social = tables.dataset["social"].sel(statistic="central", scenario="baseline", year=2020)
    recipients, months = (float(social.sel(social_row=n)) for n in ("recipients", "months"))
    assert months == pytest.approx(5.5 * recipients)
    parts = ("assistance", "qualification", "introduction", "services", "child_welfare")
    total = sum(float(social.sel(social_row=n)) for n in parts)
    assert float(social.sel(social_row="total")) == pytest.approx(total, abs=1e-7)


def test_recipients_fall_in_2020_although_unemployment_rises(tables: Finance) -> None:
    social = tables.dataset["social"].sel(statistic="reference", scenario="baseline")
    change = {n: float(social.sel(social_row=n, year=2020) / social.sel(social_row=n, year=2019))
              for n in ("recipients", "unemployed")}  # fmt: skip
    assert change["recipients"] < 1 < change["unemployed"]
