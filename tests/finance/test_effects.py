"""Effects are taken apart to the krone, transfers between parties sum to zero, present values are right by hand."""

from __future__ import annotations

import numpy as np
import pytest

from egendekning.finance.effects import PARTS
from egendekning.finance.gains import PARTIES
from egendekning.finance.tables import Finance
from egendekning.finance.words import rows
from egendekning.finance.workbook.texts import definitions
from egendekning.finance.worth import DEBT, factors

pytestmark = pytest.mark.slow

ONE_KRONE = 1e-6  # MNOK
ORE_PER_MNOK = 1e8
LEAVES = [part.id for part in PARTS if not part.of and part.id != "not_explained"]
TRANSFERS = ("municipal_tax", "moved_tax", "equalisation", "grants", "other_grants", "county_tax",
             "county_equalisation", "state_tax", "benefits", "assistance", "services", "fees", "property_tax",
             "standard")  # fmt: skip


@pytest.mark.parametrize("statistic", ["central", "reference"])
def test_the_parts_sum_to_the_change_in_net_operating_result_to_the_krone(tables: Finance, statistic: str) -> None:
    effect = tables.dataset["effect"].sel(statistic=statistic)
    plan = tables.dataset["plan"].sel(statistic=statistic, line="net_operating_result")
    change = plan.sel(scenario="full_toolbox") - plan.sel(scenario="baseline")
    assert effect.sel(part=LEAVES).sum("part").values == pytest.approx(change.values, abs=ONE_KRONE)
    assert effect.sel(part="total").values == pytest.approx(change.values, abs=ONE_KRONE)
    assert float(abs(change).max()) > 10  # there is something to take apart


def test_nothing_is_left_unexplained_in_any_draw(tables: Finance) -> None:
    left = tables.dataset["effect"].sel(part="not_explained")
    assert float(np.nanmax(np.abs(left.values))) < ONE_KRONE


@pytest.mark.parametrize("part", [p for p in PARTS if p.of], ids=lambda p: p.id)
def test_every_group_is_the_sum_of_its_parts_to_the_ore(tables: Finance, part: object) -> None:
    effect = tables.dataset["effect"].sel(statistic="central")

    def ore(name: str) -> np.ndarray:
        return np.rint(effect.sel(part=name).values * ORE_PER_MNOK).astype(np.int64)

    assert np.array_equal(ore(part.id), sum(ore(name) for name in part.of))  # type: ignore[attr-defined]


def test_what_the_levers_cost_before_they_start_is_nothing(tables: Finance) -> None:
    before = tables.dataset["effect"].sel(year=[2019, 2020, 2021], statistic="central")
    assert float(abs(before).max()) < ONE_KRONE


def test_assumptions_that_do_not_differ_give_no_effect(tables: Finance) -> None:
    effect = tables.dataset["effect"].sel(part=["other_grants", "other_costs", "finance_income"])
    assert float(np.nanmax(np.abs(effect.values))) < ONE_KRONE


@pytest.mark.parametrize("item", TRANSFERS)
def test_a_transfer_sums_to_zero(tables: Finance, item: str) -> None:
    row = tables.dataset["gain"].sel(item=item, statistic=["central", "reference"])
    assert float(abs(row.sel(party="all")).max()) < ONE_KRONE


def test_the_municipality_gains_what_its_result_gains(tables: Finance) -> None:
    gain = tables.dataset["gain"].sel(party="municipality", statistic="central")
    effect = tables.dataset["effect"].sel(statistic="central")
    assert gain.sel(item="total").values == pytest.approx(effect.sel(part="total").values, abs=ONE_KRONE)
    before = effect.sel(part="before_standard").values
    assert gain.sel(item="before_standard").values == pytest.approx(before, abs=ONE_KRONE)


def test_all_parties_are_the_sum_of_the_parties(tables: Finance) -> None:
    gain = tables.dataset["gain"].sel(statistic="central")
    parts = gain.sel(party=list(PARTIES[:-1])).sum("party")
    assert gain.sel(party="all").values == pytest.approx(parts.values, abs=ONE_KRONE)


def test_discounting_begins_in_the_first_plan_year() -> None:
    assert factors([2020, 2021, 2022, 2023], 2021, 4.0) == pytest.approx([0.0, 1.0, 1 / 1.04, 1 / 1.04**2])


def test_the_present_value_at_four_percent_is_the_sum_by_hand(tables: Finance) -> None:
    flow = tables.dataset["effect_fixed"].sel(part="before_standard", statistic="central")
    by_hand = sum(float(flow.sel(year=y)) / 1.04 ** (y - 2021) for y in range(2021, 2041))
    found = tables.dataset["worth"].sel(worth_row="before_standard", rate=4.0, statistic="central")
    assert float(found) == pytest.approx(by_hand, abs=ONE_KRONE)
    assert list(tables.dataset["rate"].values) == [2.0, 3.0, 4.0, 6.0]


def test_services_to_a_changed_population_hold_no_digital_saving(tables: Finance) -> None:
    # full_toolbox has hardly moved people by 2026, but its technology programme saves from 2023 on
    effect = tables.dataset["effect"].sel(year=2026, statistic="reference")
    assert abs(float(effect.sel(part="services"))) < 1
    assert float(effect.sel(part="digital_saving")) > 10


def test_the_debt_that_is_left_is_taken_from_the_municipality_and_from_nobody_else(tables: Finance) -> None:
    worth = tables.dataset["worth"].sel(rate=4.0, statistic="central")
    flow = tables.dataset["gain_fixed"].sel(item="before_standard", statistic="central")
    owed = float(worth.sel(worth_row=DEBT))
    assert owed < -100
    for party, debt in (("municipality", owed), ("state", 0.0), ("residents", 0.0), ("all", owed)):
        by_hand = sum(float(flow.sel(party=party, year=y)) / 1.04 ** (y - 2021) for y in range(2021, 2041))
        assert float(worth.sel(worth_row=f"party_{party}")) == pytest.approx(by_hand + debt, abs=ONE_KRONE), party


@pytest.mark.parametrize("table", ["effect", "gain", "job", "social"])
def test_every_row_of_every_table_is_defined_in_both_languages(table: str) -> None:
    said = definitions()[table]
    assert set(said) == set(rows(table))
    assert all(what["nb"] and what["en"] for what in said.values())
