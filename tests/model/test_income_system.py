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
