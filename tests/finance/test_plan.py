"""The economy plan adds up to the øre, and says what the model says."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from egendekning.ensemble import Bound, run_scenarios
from egendekning.errors import UsageError
from egendekning.finance.lines import BY_ID, LINES
from egendekning.finance.tables import Finance, Request, check_request

pytestmark = pytest.mark.slow

ORE_PER_MNOK = 1e8
ONE_ORE = 1e-8  # MNOK
EXACT = ("central", "reference")
MONEY = [line for line in LINES if line.kind == "sum"]


def in_ore(table: xr.DataArray, line: str) -> np.ndarray:
    return np.rint(table.sel(line=line).values * ORE_PER_MNOK).astype(np.int64)


@pytest.mark.parametrize("statistic", EXACT)
@pytest.mark.parametrize("line", MONEY, ids=lambda line: line.id)
def test_every_sum_is_the_sum_of_its_lines_to_the_ore(tables: Finance, line: object, statistic: str) -> None:
    one = BY_ID[line.id]  # type: ignore[attr-defined]
    table = tables.dataset["plan"].sel(statistic=statistic)
    total = sum(int(sign) * in_ore(table, name) for sign, name in one.parts)
    assert np.array_equal(in_ore(table, one.id), total)


@pytest.mark.parametrize(("opening", "closing"), [("fund_opening", "reserve_fund"), ("debt_opening", "net_debt")])
def test_a_year_opens_where_the_last_one_closed(tables: Finance, opening: str, closing: str) -> None:
    table = tables.dataset["plan"].sel(statistic="central")
    assert np.array_equal(in_ore(table, opening)[:, 1:], in_ore(table, closing)[:, :-1])


def test_a_year_is_the_mean_over_its_steps_and_a_stock_its_end(bound: Bound, tables: Finance) -> None:
    step = bound.model.time.step
    times = [2021 + i * step for i in range(round(1 / step) + 1)]
    names = ["own tax", "operating income", "operating expenditure", "net operating result", "reserve fund", "net debt"]
    run = run_scenarios(bound, ["baseline", "full_toolbox"], 0, 0, names, times).isel(draw=0)
    level = tables.prices.level[2021]
    for line, name in (("own_tax", "own tax"), ("operating_income", "operating income"),
                       ("operating_expenditure", "operating expenditure"),
                       ("net_operating_result", "net operating result")):  # fmt: skip
        mean = run[name].isel(time=slice(0, -1)).mean("time").values
        found = tables.dataset["plan"].sel(line=line, year=2021, statistic="reference").values
        assert found == pytest.approx(mean * level, abs=40 * ONE_ORE), line  # forty lines rounded to the øre
    for line, name in (("reserve_fund", "reserve fund"), ("net_debt", "net debt")):
        end = run[name].isel(time=-1).values * level
        found = tables.dataset["plan"].sel(line=line, year=2021, statistic="reference").values
        assert found == pytest.approx(end, abs=100 * ONE_ORE), line  # three years of rounded flows


def test_what_no_rule_foresees_is_nothing_in_the_run_of_the_model_file(tables: Finance) -> None:
    reference = tables.dataset["plan"].sel(statistic="reference")
    for line in ("unforeseen_grants", "unforeseen_costs"):
        assert np.all(reference.sel(line=line).values == 0)


def test_the_band_holds_the_central_result_in_most_years(tables: Finance) -> None:
    plan = tables.dataset["plan"].sel(line="operating_income")
    low, high, middle = (plan.sel(statistic=s).values for s in ("p10", "p90", "central"))
    assert np.all(low <= high)
    assert np.mean((low <= middle) & (middle <= high)) > 0.9


def test_shares_are_of_operating_income_in_percent(tables: Finance) -> None:
    table = tables.dataset["plan"].sel(statistic="central", year=2030)
    expected = 100 * table.sel(line="net_operating_result") / table.sel(line="operating_income")
    assert table.sel(line="result_share").values == pytest.approx(expected.values)
    norm = 0.0175 * table.sel(line="operating_income").values
    assert table.sel(line="result_norm").values == pytest.approx(norm, abs=ONE_ORE)


def test_nominal_amounts_are_the_rules_own_kroner(bound: Bound, tables: Finance) -> None:
    # Per-inhabitant grant 2021: 24 761.35 NOK times the population of 1 July 2020, no price level in between
    plan = tables.dataset["plan"].sel(statistic="reference", scenario="baseline", year=2021)
    people = float(plan.sel(line="population_july"))
    assert float(plan.sel(line="per_inhabitant_grant")) == pytest.approx(24761.35 * people / 1e6, rel=1e-5)


def test_the_published_account_adds_up_to_the_published_totals(bound: Bound) -> None:
    # SSB KOSTRA tables 12137 and 13551, Drammen konsern 2020: income 8 544.106, expenditure 8 394.601,
    # depreciation 483.647
    finance = bound.study.finance
    assert finance is not None
    lines = next(a for a in finance.accounts if a.year == 2020).lines
    income = ("own_tax", "income_equalisation", "grant_before_equalisation", "property_tax", "other_income")
    assert sum(lines[n].value for n in income) == pytest.approx(8544.106, abs=1e-6)
    costs = ("kindergarten", "school", "care", "general_services", "social_assistance", "qualification_programme",
             "introduction_programme", "other_social_services", "child_welfare")  # fmt: skip
    assert sum(lines[n].value for n in costs) == pytest.approx(8394.601 - 483.647, abs=1e-6)
    result = 8544.106 - (8394.601 - 483.647) + lines["net_finance"].value
    assert result == pytest.approx(lines["net_operating_result"].value, abs=1e-6)


def test_years_are_history_budget_plan_and_projection(tables: Finance) -> None:
    assert [tables.kind(y) for y in (2020, 2021, 2022, 2024, 2025, 2040)] == [
        "history", "budget", "plan", "plan", "projection", "projection"]  # fmt: skip


def test_a_year_without_a_rule_is_said_to_be_extended_in_the_dataset(tables: Finance) -> None:
    said = dict(zip(tables.years, tables.dataset["rules"].values, strict=True))
    assert said[2022] != "extended"
    assert said[2030] == "extended"
    assert "rules_extension" in tables.dataset.attrs


def test_everything_wrong_with_a_request_is_told_at_once(bound: Bound) -> None:
    request = Request("ful_toolbox", "ful_toolbox", 2019, 2055, "real", "NB99", -1)
    with pytest.raises(UsageError) as caught:
        check_request(bound, request)
    text = str(caught.value)
    for part in ("unknown scenario 'ful_toolbox'", "full_toolbox", "--years: 2019-2055", "--prices", "--deflator",
                 "--draws", "--against"):  # fmt: skip
        assert part in text


def test_free_income_is_laid_out_as_tax_and_the_booked_block_grant(tables: Finance) -> None:
    # KOSTRA item 800 books grants and income equalisation as one; published 2020: 2 936.272 MNOK
    names = [line.id for line in LINES]
    assert names.index("grant_before_equalisation") < names.index("income_equalisation") < names.index("booked_grant")
    assert BY_ID["free_income"].parts == ((1.0, "own_tax"), (1.0, "booked_grant"))
    finance = tables.rules
    lines = next(a for a in finance.accounts if a.year == 2020).lines
    booked = lines["grant_before_equalisation"].value + lines["income_equalisation"].value
    assert booked == pytest.approx(2936.272, abs=1e-6)


def test_what_is_not_transferred_to_investment_is_allocated_to_the_fund(tables: Finance) -> None:
    table = tables.dataset["plan"].sel(statistic="central", year=2023)
    change = table.sel(line="reserve_fund") - table.sel(line="fund_opening") - table.sel(line="fund_revaluation")
    assert table.sel(line="fund_allocation").values == pytest.approx(change.values, abs=2 * ONE_ORE)
