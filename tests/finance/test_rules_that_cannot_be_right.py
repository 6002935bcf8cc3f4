"""Rules files that a hand slipped in: what cannot be right is told with its line, and the shipped ones are right."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from egendekning.ensemble import Bound
from egendekning.errors import Problem, StudyError
from egendekning.finance.facts import finance_rules
from egendekning.study import FinanceRules, Study, faults, yamltree
from egendekning.study.schemas.rules import RulesFile

FINANCE, NATIONAL = "model/finance_rules.yaml", "model/national_rules.yaml"
MODEL = Path(__file__).parents[2]


def changed(study: Study, file: str, old: str, new: str) -> tuple[Study | None, list[Problem]]:
    """Read a study again with one piece of a file written over."""
    text = (MODEL / file).read_text("utf-8")
    edited, count = re.subn(old, new, text, count=1, flags=re.DOTALL | re.MULTILINE)
    assert count == 1
    assert edited != text
    document, problems = yamltree.parse(edited, file)
    documents = {**study.documents, file: document}
    if file == NATIONAL:
        rules, more = faults.read(document, RulesFile)
        return (replace(study, rules=rules.series, documents=documents) if rules else None), problems + more
    finance, more = faults.read(document, FinanceRules)
    return (replace(study, finance=finance, documents=documents) if finance else None), problems + more


def told(study: Study, file: str, old: str, new: str) -> list[Problem]:
    found, problems = changed(study, file, old, new)
    if found is None:
        return problems
    with pytest.raises(StudyError) as caught:
        finance_rules(found)
    return list(caught.value.problems)


def figure(name: str) -> str:
    return rf"(^  {name}:\n    value: )\S+(.*?)(    low: \S+\n    high: \S+\n)?(    source)"


def of_year(name: str, year: int) -> str:
    return rf"(^  {name}:.*?{year}:\s*\{{?\s*value: )-?[\d.]+"


PUBLISHED = {2015: 2.4, 2016: 2.6, 2017: 2.4, 2018: 3.1, 2019: 3.2, 2020: 1.0, 2021: 4.4, 2022: 6.7, 2023: 4.3,
             2024: 5.0, 2025: 4.7, 2026: 4.1}  # fmt: skip
"""Growth of the municipal deflator, percent (Ministry of Finance, spring 2026)."""

AGAIN = '      2023: {value: 4.3, grade: A, source: "Ministry of Finance"}\n'


def growth(study: Study) -> dict[float, float]:
    return {year: entry.value for year, entry in finance_rules(study).series["municipal_deflator"].values.items()}


def test_the_shipped_rules_can_be_right_and_prices_grow_as_published(bound: Bound) -> None:
    assert growth(bound.study) == PUBLISHED


def test_prices_of_tables_grow_as_the_levels_of_the_model_whatever_these_are(bound: Bound) -> None:
    # 1.2 / 1.11395 = 1.0772 and 1.21994 / 1.2 = 1.0166: one file is changed, and both follow
    found, _ = changed(bound.study, NATIONAL, of_year("price level table", 2023), r"\g<1>1.2")
    assert found is not None
    assert growth(found) == {**PUBLISHED, 2023: 7.72, 2024: 1.66}


@pytest.mark.parametrize(
    ("name", "value"),
    [("discount_rate", "0.04"), ("discount_rate", "-100"), ("result_norm", "0.0175"), ("price_growth", "-100"),
     ("assistance_months", "13"), ("benefit_unemployed", "-5"), ("minimum_deduction", "104.45"),
     ("county_equalisation_rate", "0.875"), ("benefit_outside", "null")],
)  # fmt: skip
def test_a_figure_in_another_unit_or_beyond_its_bounds_is_told(bound: Bound, name: str, value: str) -> None:
    problems = told(bound.study, FINANCE, figure(name), rf"\g<1>{value}\2\4")
    assert len(problems) == 1
    assert re.search(rf"finance_rules\.yaml:\d+: {name}", str(problems[0]))
    assert problems[0].fix


@pytest.mark.parametrize(
    ("name", "year", "value"),
    [("municipal_tax_rate", 2021, "0.1215"), ("municipal_tax_rate", 2021, "-12.15"),
     ("municipal_tax_rate", 2021, "1215"),
     ("general_tax_rate", 2019, "0"), ("national_population", 2020, "0"), ("national_population", 2020, "5367.58"),
     ("national_population", 2020, "-5367580"), ("employer_contribution", 2020, "0.0141")],
)  # fmt: skip
def test_a_dated_rule_in_another_unit_or_beyond_its_bounds_is_told(
    bound: Bound, name: str, year: int, value: str
) -> None:
    (problem,) = told(bound.study, FINANCE, of_year(name, year), rf"\g<1>{value}")
    assert re.search(rf"finance_rules\.yaml:\d+: .*{name}", str(problem))
    assert problem.fix


@pytest.mark.parametrize(
    ("name", "year", "value"),
    [("symmetric rate table", 2022, "60"), ("symmetric rate table", 2022, "-0.6"),
     ("national tax table", 2022, "40.714"),
     ("national tax table", 2022, "-40714"), ("national tax table", 2022, "0"), ("supplement rate table", 2022, "1.35"),
     ("grant per inhabitant table", 2024, "29.8")],
)  # fmt: skip
def test_a_national_rule_in_another_unit_or_beyond_its_bounds_is_told(
    bound: Bound, name: str, year: int, value: str
) -> None:
    problems = told(bound.study, NATIONAL, of_year(name, year), rf"\g<1>{value}")
    assert any(re.search(rf"national_rules\.yaml:\d+: .*{name}", str(p)) for p in problems)


def test_price_growth_that_two_files_tell_is_told_at_its_line(bound: Bound) -> None:
    (problem,) = told(bound.study, FINANCE, r"(municipal_deflator:.*?2015:[^\n]*\n)", r"\g<1>" + AGAIN)
    assert "the price growth of 2023 stands here and, as 4.3 %, in 'price level table'" in problem.found
    assert re.search(r"finance_rules\.yaml:\d+$", problem.where)


def test_the_base_year_of_prices_stays_one(bound: Bound) -> None:
    problems = told(bound.study, NATIONAL, of_year("price level table", 2020), r"\g<1>1.1")
    assert "the price level of 2020 is 1.1" in problems[0].found


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [(r"(  - \{year: 2021, budget: NB21.*?\n)", r"\1\1", "NB21 on 2021 twice"),
     (r"budget: NB22, published: 2021.78, growth: 2.5", "budget: NB22, published: 2020.78, growth: 2.5",
      "NB22 is published"),
     (r"budget: NB21, published", "budget: final, published", "a budget called final"),
     (r"innb_6_12: 0.1631", "innb_6_12: 0.9631", "the weights sum to 1.7999"),
     (r"innb_6_12: 0.1631", "innb_6_12: -0.1631", "innb_6_12: -0.1631"),
     (r"      own_tax: \{value: 2988", "      own_taxx: {value: 2988", "unknown line 'own_taxx'"),
     (r"own_tax: \{value: 2988.878803", "own_tax: {value: 2988878.803", "own_tax: 2.98888e+06 MNOK"),
     (r"(national_population:.*?)      2019: .*?\n      2020: ", r"\1      2030: ",
      "national_population begins in 2030"),
     (r"      2021: \{value: 12\.15", "      2021.5: {value: 12.15", "municipal_tax_rate: 2021.5"),
     (r'(municipal_tax_rate:\n    unit: )"%"', r'\1"NOK"', "the unit is 'NOK'"),
     (r"^  county_tax_rate:", "  county_taxrate:", "no series 'county_tax_rate'"),
     (r"2021: \{value: 12\.15, grade: A, ", "2021: {value: 12.15, ", "values > 2021: grade is missing"),
     (r"value: 12\.15", "value: 12,15", "values > 2021: 15 is 15")],
)  # fmt: skip
def test_a_slip_in_the_finance_rules_is_told_where_it_is(bound: Bound, old: str, new: str, says: str) -> None:
    problems = told(bound.study, FINANCE, old, new)
    assert any(says in problem.found for problem in problems)
    assert all(re.search(r"finance_rules\.yaml(:\d+)?$", problem.where) for problem in problems)
