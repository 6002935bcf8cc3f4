"""The national income system through the model's own equation, against published settlements.

Source: Ministry of Local Government, final calculations of income equalisation (sluttavregning, files
internettinntektsutj_YYYYkom), kroner per inhabitant: own tax and net equalisation. Drammen in 2020 lies above 90 % of
the national mean, Nedre Eiker in 2015-2019 below it, so that both parts of the formula are tried.
"""

from __future__ import annotations

import pytest

from egendekning.engine import Model

TO_THE_ORE = 0.01  # NOK per inhabitant
NEDRE_EIKER = {  # year: (own tax per inhabitant, equalisation per inhabitant as published)
    2015: (22429.949490767576, 2565.2071852486793),
    2016: (23915.148786377962, 3203.4171151676337),
    2017: (24672.627235213204, 3423.6979022399873),
    2018: (25435.007545049564, 3560.805547515321),
    2019: (26639.074029563755, 3515.876985447546),
}
INHABITANTS = 101386  # Drammen, 1 January 2020
OWN_TAX = 2988878803.0  # NOK, Drammen 2020
EQUALISATION = 835.3893  # NOK per inhabitant, Drammen 2020, as published
EQUALISATION_IN_ALL = 84696.8  # thousand NOK, as published


def equalisation(model: Model, tax: float, year: float) -> float:
    name = "income equalisation per inhabitant"
    return float(model.evaluate([name], {"own tax per inhabitant": tax}, time=year)[name])


def test_drammen_2020_above_the_threshold_comes_out_to_the_ore(model: Model) -> None:
    found = equalisation(model, OWN_TAX / INHABITANTS, 2020)
    assert found == pytest.approx(EQUALISATION, abs=TO_THE_ORE)
    assert found * INHABITANTS / 1000 == pytest.approx(EQUALISATION_IN_ALL, abs=0.1)


@pytest.mark.parametrize("year", NEDRE_EIKER)
def test_nedre_eiker_below_the_threshold_comes_out_to_the_ore(model: Model, year: int) -> None:
    tax, published = NEDRE_EIKER[year]
    assert equalisation(model, tax, year) == pytest.approx(published, abs=TO_THE_ORE)


def test_a_municipality_exactly_at_the_threshold_gets_no_supplement(model: Model) -> None:
    national = 31465.28155  # NOK per inhabitant, 2020
    without = 0.60 * (national - 0.9 * national) - 355.6641
    assert equalisation(model, 0.9 * national, 2020) == pytest.approx(without, abs=TO_THE_ORE)


def test_the_municipality_keeps_two_fifths_above_the_threshold_and_a_fifteenth_below(model: Model) -> None:
    # 1 - 0.60 and 1 - 0.60 - 0.35 of one more krone, and what comes back through Drammen's own weight in the mean
    name = "share kept of own tax"
    national = 31465.28155
    above = model.evaluate([name], {"own tax per inhabitant": 0.94 * national}, time=2020)[name]
    below = model.evaluate([name], {"own tax per inhabitant": 0.85 * national}, time=2020)[name]
    assert float(above) == pytest.approx(0.41, abs=0.01)
    assert float(below) == pytest.approx(0.07, abs=0.01)


def test_the_rate_of_2025_is_the_new_one(model: Model) -> None:
    national = 42269.57697  # NOK per inhabitant, 2025
    expected = 0.62 * (national - 40000) - 378.1382
    assert equalisation(model, 40000, 2025) == pytest.approx(expected, abs=TO_THE_ORE)


# Grønt hefte 2021, tables 1-k and 2-k, Drammen, thousand NOK; population on 1 July 2020 and 1 January 2020
JULY, JANUARY = 101641, 101386
GRANTS_2021 = {
    "per inhabitant grant": 2516768.878,
    "expenditure equalisation": -12131.355,
    "income guarantee": -3838.624,
    "large city grant": 39845,
    "discretionary grant": 5800,
    "special and merger grants": 73384,
}
PRICE_2021 = 1.044  # municipal deflator, 2020 = 1
MNOK_IN_THOUSANDS = 1000


@pytest.mark.parametrize("name", GRANTS_2021)
def test_every_grant_of_2021_comes_out_to_the_thousand(model: Model, name: str) -> None:
    given = {
        "population on 1 July the year before": JULY,
        "population on 1 January the year before": JANUARY,
        "need on 1 July the year before": -0.004,  # in a settled year it does not matter
    }
    found = float(model.evaluate([name], given, time=2021)[name]) * PRICE_2021 * MNOK_IN_THOUSANDS
    assert found == pytest.approx(GRANTS_2021[name], abs=1)


@pytest.mark.slow
def test_the_run_misses_the_settled_equalisation_of_2021_by_its_inhabitants_alone(model: Model) -> None:
    names = ["expenditure equalisation", "population on 1 July the year before"]
    run = model.simulate(outputs=names).sel(time=2021.5)
    people = float(run["population on 1 July the year before"])
    settled = GRANTS_2021["expenditure equalisation"] / JULY * people
    found = float(run["expenditure equalisation"]) * PRICE_2021 * MNOK_IN_THOUSANDS
    assert found == pytest.approx(settled, abs=1)


def test_after_the_last_settlement_the_equalisation_moves_with_need(model: Model) -> None:
    base = {
        "population on 1 July the year before": 100000,
        "held settled need": 0.0,
        "national need per inhabitant": 54000,
    }
    name = "expenditure equalisation"
    low, high = (
        float(model.evaluate([name], {**base, "need on 1 July the year before": need}, time=2024)[name])
        for need in (0.0, 0.01)
    )
    assert high - low == pytest.approx(54.0)  # MNOK: one percent of 54 000 NOK for 100 000 inhabitants


def test_a_municipality_without_a_settlement_is_equalised_by_age_alone(model: Model) -> None:
    given = {"last need settlement": 2018, "population on 1 July the year before": 100000, "held settled need": 0.0,
             "need on 1 July the year before": 0.02, "national need per inhabitant": 50000}  # fmt: skip
    name = "expenditure equalisation"
    assert float(model.evaluate([name], given, time=2021)[name]) == pytest.approx(100.0)


def growth_grant(model: Model, growth: float, tax: float) -> float:
    given = {
        "population on 1 January the year before": 100000 * (1 + growth) ** 3,
        "population on 1 January four years before": 100000,
        "relative tax capacity": tax,
    }
    return float(model.evaluate(["growth grant"], given, time=2021)["growth grant"])


def test_the_growth_grant_is_paid_above_the_limit_only(model: Model) -> None:
    # 2 % a year for three years against a limit of 1.4 %: 0.6 % of 106 121 inhabitants at 63 371 NOK of 2021
    assert growth_grant(model, 0.02, 0.95) == pytest.approx(0.006 * 106120.8 * 63371 / 1.044 / 1e6, rel=1e-6)
    assert growth_grant(model, 0.014, 0.95) == pytest.approx(0.0, abs=1e-9)
    assert growth_grant(model, -0.02, 0.95) == 0.0


def test_a_rich_municipality_gets_no_growth_grant(model: Model) -> None:
    assert growth_grant(model, 0.02, 1.39) > 0
    assert growth_grant(model, 0.02, 1.41) == 0.0


@pytest.mark.slow
def test_the_growth_grant_counts_three_years_to_1_january_of_the_year_before(model: Model) -> None:
    names = ["population on 1 January the year before", "population on 1 January four years before"]
    run = model.simulate(outputs=[*names, "total population"])
    for year in (2019.0, 2021.25, 2021.875):
        at = run.sel(time=year)
        counted = {2018: 100302.0, 2015: 97771.0, 2017: 99734.0}  # Statistics Norway, table 07459
        for name, back in zip(names, (1, 4), strict=True):
            first = int(year) - back
            wanted = counted[first] if first < 2019 else float(run["total population"].sel(time=first))
            assert float(at[name]) == pytest.approx(wanted)


def test_the_merger_grant_is_taken_out_of_the_special_cases_and_fades_from_2035(model: Model) -> None:
    names = ["special grants", "merger grant paid", "special and merger grants"]
    run = model.simulate({"merger grant": 40.0}, outputs=names)
    whole = run["special grants"] + run["merger grant paid"]
    early = run["time"] <= 2035
    assert whole.where(early, drop=True).values == pytest.approx(
        run["special and merger grants"].where(early, drop=True)
    )
    assert float(run["merger grant paid"].sel(time=2037.5)) == pytest.approx(20.0)
    assert float(run["merger grant paid"].sel(time=2040)) == 0.0
