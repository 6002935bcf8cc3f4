"""The settlement function against published settlements.

Source: Ministry of Local Government (KDD), final calculations of income equalisation 2015-2025 (internettinntektsutj
files): own tax and net equalisation per inhabitant; Stavanger 2020 from its annual report 2020, table 3-9, in thousand
kroner; populations on 1 January from Statistics Norway, table 07459.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from egendekning.ensemble import Bound, bind
from egendekning.errors import UsageError
from egendekning.finance.settlement import population_grants, settlement
from egendekning.study import Study

TO_THE_ORE = 0.01  # NOK per inhabitant
A_THOUSAND = 1000.0  # NOK: settlements are published in thousand kroner
STUDY = Study.shipped()

OSLO = {  # year: (own tax per inhabitant, equalisation per inhabitant)
    2015: (34721.32825672095, -5288.583463017466),
    2016: (38764.38888804508, -6386.7531586564155),
    2017: (41098.806315325324, -7176.842746458855),
    2018: (41828.890625997636, -7041.472792038667),
    2019: (43192.71517653813, -7150.09671996772),
    2020: (42517.605672147125, -6987.058547460981),
    2021: (50063.42300971292, -8661.513893979303),
    2022: (58881.355796503994, -11492.936398957401),
    2023: (54199.78740319617, -10026.188723841711),
    2024: (51503.99097685695, -8249.37227700249),
    2025: (55308.74807742755, -8462.424332764058),
}
NEDRE_EIKER = {  # year: (population, own tax in thousand NOK, equalisation in thousand NOK, per inhabitant)
    2015: (24154, 541773.0, 61960.014352496604, 2565.2071852486793),
    2016: (24431, 584271.0, 78262.68354066045, 3203.4171151676337),
    2017: (24718, 609858.0, 84626.96474756801, 3423.6979022399873),
    2018: (24917, 633764.083, 88724.59182743925, 3560.805547515321),
    2019: (24963, 664991.205, 87766.8371877271, 3515.876985447546),
}


@pytest.mark.parametrize("year", OSLO)
def test_oslo_above_the_mean_comes_out_to_the_ore_in_every_year(year: int) -> None:
    tax, published = OSLO[year]
    assert settlement(STUDY.rules, year, tax=tax).equalisation == pytest.approx(published, abs=TO_THE_ORE)


@pytest.mark.parametrize("year", NEDRE_EIKER)
def test_nedre_eiker_below_the_threshold_comes_out_to_the_ore_and_the_thousand(year: int) -> None:
    population, own_tax, total, per_inhabitant = NEDRE_EIKER[year]
    found = settlement(STUDY.rules, year, own_tax=own_tax * 1000, population=population)
    assert found.share < 0.9
    assert found.supplement > 0
    assert found.equalisation == pytest.approx(per_inhabitant, abs=TO_THE_ORE)
    assert found.total == pytest.approx(total * 1000, abs=A_THOUSAND)


def test_drammen_2020_comes_out_to_the_ore_and_the_thousand() -> None:
    found = settlement(STUDY.rules, 2020, own_tax=2988878803.0, population=101386)
    assert found.equalisation == pytest.approx(835.3893191654279, abs=TO_THE_ORE)
    assert found.total == pytest.approx(84696781.51290608, abs=A_THOUSAND)
    assert found.supplement == 0


@pytest.mark.parametrize(
    ("year", "own_tax", "population", "before", "after"),
    [  # Ministry: shares of the national mean before and after equalisation
        (2015, 541773.0, 24154, 0.8482478108617437, 0.9452578991006694),
        (2019, 664991.205, 24963, 0.8343363242861819, 0.9444536608507038),
        (2020, 2988878.803, 101386, 0.9369117677268811, 0.963461325778009),
    ],
)
def test_shares_before_and_after_equalisation_are_the_published_ones(
    year: int, own_tax: float, population: int, before: float, after: float
) -> None:
    found = settlement(STUDY.rules, year, own_tax=own_tax * 1000, population=population)
    assert found.share == pytest.approx(before, abs=1e-8)
    assert found.share_after == pytest.approx(after, abs=1e-8)


def test_the_grants_of_drammen_2021_that_follow_population_are_those_of_the_green_book() -> None:
    # Grønt hefte 2021, tables 1-k and 2-k: 101 641 inhabitants on 1 July 2020, 101 386 on 1 January 2020
    found = population_grants(STUDY.rules, 2021, july=101641, year_before=101386)
    assert found.per_inhabitant == pytest.approx(2516768.8775374e3, abs=A_THOUSAND)
    assert found.income_guarantee == pytest.approx(-3838.62393345e3, abs=A_THOUSAND)
    assert found.large_city == pytest.approx(39845e3, abs=A_THOUSAND)
    assert found.extended == ()


def test_oslo_2021_gets_the_large_city_grant_of_the_green_book() -> None:
    found = population_grants(STUDY.rules, 2021, year_before=693494)
    assert found.large_city == pytest.approx(272543e3, abs=A_THOUSAND)
    assert found.per_inhabitant is None


def test_a_year_that_rests_on_an_assumption_says_which_rules_do() -> None:
    assert settlement(STUDY.rules, 2025, tax=40000.0).extended == ()
    assert "national tax table" in settlement(STUDY.rules, 2026, tax=40000.0).extended
    assert "national tax table" not in settlement(STUDY.rules, 2026, tax=40000.0, national_tax=43000.0).extended
    assert population_grants(STUDY.rules, 2019, july=100442).extended


def test_a_population_that_is_none_is_an_error_for_the_grants_too() -> None:
    with pytest.raises(UsageError, match=r"population \(july\): 0"):
        population_grants(STUDY.rules, 2021, july=0)


def test_stavanger_comes_out_with_the_old_rate_and_the_new() -> None:
    old = settlement(STUDY.rules, 2020, own_tax=5548456e3, population=143574)
    assert old.total == pytest.approx(-669579e3, abs=A_THOUSAND)
    new = settlement(STUDY.rules, 2025, tax=53807.396241748436)
    assert new.equalisation == pytest.approx(-7531.58619464301, abs=TO_THE_ORE)


@pytest.mark.parametrize("year", range(2015, 2026))
def test_the_function_and_the_equation_of_the_model_agree(year: int, bound: Bound) -> None:
    name = "income equalisation per inhabitant"
    taxes = np.array([22000.0, 30000.0, 55000.0])
    by_model = bound.model.evaluate([name], {"own tax per inhabitant": taxes}, time=year)[name]
    found = [settlement(STUDY.rules, year, tax=float(tax)).equalisation for tax in taxes]
    assert found == pytest.approx(by_model, abs=1e-6)


def test_a_national_mean_of_the_callers_own_replaces_the_rule() -> None:
    found = settlement(STUDY.rules, 2020, tax=25000.0, national_tax=30000.0)
    assert found.equalisation == pytest.approx(0.6 * 5000 + 0.35 * 2000 - 355.6641)


def test_a_year_without_a_figure_is_an_error_that_says_where_to_add_it() -> None:
    with pytest.raises(UsageError, match=r"(?s)year 2031: no figure.*national_rules\.yaml"):
        settlement(STUDY.rules, 2031, tax=30000.0)


def test_neither_tax_nor_population_is_an_error() -> None:
    with pytest.raises(UsageError, match="own tax per inhabitant is not given"):
        settlement(STUDY.rules, 2020, own_tax=1.0)


def test_one_changed_figure_in_the_rules_file_changes_what_the_model_says(tmp_path: Path, bound: Bound) -> None:
    for folder in ("model", "scenarios", "calibration"):
        (tmp_path / folder).mkdir()
    for name, source in study_files(bound).items():
        shutil.copy(source, tmp_path / name)
    rules = tmp_path / "model" / "national_rules.yaml"
    rules.write_text(rules.read_text("utf-8").replace("value: 0.35\n", "value: 0.25\n"), "utf-8")
    changed = bind(Study.open(tmp_path))
    name, given = "income equalisation per inhabitant", {"own tax per inhabitant": 25000.0}
    before, after = (float(b.model.evaluate([name], {**b.rules, **given}, time=2020)[name]) for b in (bound, changed))
    # 0.10 less of what is missing to 90 % of 31 465.28 NOK, and the same from the function
    assert after - before == pytest.approx(-0.10 * (0.9 * 31465.28155 - 25000))
    assert settlement(changed.study.rules, 2020, tax=25000.0).equalisation == pytest.approx(after, abs=1e-6)


def study_files(bound: Bound) -> dict[str, Path]:
    model = bound.study.model_file.parent
    return {
        f"{place.name}/{path.name}": path
        for place in (model, model.parent / "scenarios", model.parent / "calibration")
        for path in place.iterdir()
        if path.is_file() and path.suffix in (".mdl", ".yaml", ".csv")
    }
