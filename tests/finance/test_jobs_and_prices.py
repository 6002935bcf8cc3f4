"""What a job is worth, by hand; price growth as budgets of the time saw it; social costs."""

from __future__ import annotations

import pytest

from egendekning.ensemble import Bound
from egendekning.errors import UsageError
from egendekning.finance.facts import finance_rules
from egendekning.finance.prices import price_levels
from egendekning.finance.tables import Finance, Request, finance

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
    rules = finance_rules(bound.study)
    assert price_levels(rules, range(2019, 2025), view).growth[year] == growth


def test_a_budget_knows_nothing_of_later_deflators(bound: Bound) -> None:
    rules = finance_rules(bound.study)
    levels = price_levels(rules, range(2019, 2025), "NB21")
    assert levels.source[2023] == "assumption"
    assert levels.level[2022] == pytest.approx(1.027 * 1.025)


def test_an_unknown_budget_names_the_nearest(bound: Bound) -> None:
    rules = finance_rules(bound.study)
    with pytest.raises(UsageError, match=r"(?s)unknown 'NB211'.*did you mean: NB21"):
        price_levels(rules, [2021], "NB211")


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


@pytest.mark.parametrize(("regime", "rate"), [("above", 0.6), ("below", 0.95)])
def test_what_equalisation_takes_of_a_marginal_job_by_hand(tables: Finance, regime: str, rate: float) -> None:
    # symmetric rate 60 %, supplement 35 % below 90 %; the national mean rises with what the nation gains
    w = 101850 / 5367580
    mean = 0.6 if regime == "above" else 0.6 + 0.35 * 0.9
    lost = job(tables, "own_tax", "unemployed", regime) * (-rate + mean * w)
    assert job(tables, "equalisation", "unemployed", regime) == pytest.approx(lost, rel=1e-3)


def test_in_migrants_also_bring_the_tax_that_follows_inhabitants(tables: Finance) -> None:
    # 12 % of the tax follows neither work nor age: of about 29 500 NOK per inhabitant some 3 500 for each of 180
    more = job(tables, "own_tax", "in_migrant") - job(tables, "own_tax", "unemployed")
    assert more == pytest.approx(180 * 0.12 * 0.032, rel=0.15)


def test_the_marginal_tables_follow_the_rules_of_the_first_plan_year(bound: Bound) -> None:
    # 60 % until 2024, 62 % from 2025
    kept = {
        first: float(finance(bound, Request("inclusion", "baseline", first, first, draws=0)).dataset["job"].sel(
            job_row="kept", filler="unemployed", regime="above"))
        for first in (2024, 2025)
    }  # fmt: skip
    assert kept[2024] - kept[2025] == pytest.approx(2.0, abs=0.05)


def test_the_state_support_of_2020_is_told_apart_from_the_rest_of_the_fall(tables: Finance) -> None:
    social = tables.dataset["social"].sel(statistic="reference", scenario="baseline", social_row=["recipients",
                                          "without_support"])  # fmt: skip
    saved = social.sel(social_row="without_support") - social.sel(social_row="recipients")
    assert float(saved.sel(year=2020)) > 20
    assert float(abs(saved.sel(year=[2019, 2025])).max()) < 1e-6
