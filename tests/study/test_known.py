"""Which years of the national rules are published, and which rest on assumptions."""

from __future__ import annotations

from egendekning.study import RuleSeries, RuleValue
from egendekning.study.known import extended_rules, rules_known, rules_of_year, year_spans


def series(**years: str) -> RuleSeries:
    values = {
        int(year.removeprefix("y")): RuleValue(value=1.0, source="s", grade="C", basis=basis)  # type: ignore[arg-type]
        for year, basis in years.items()
    }
    return RuleSeries(unit="Dmnl", label_nb="a", label_en="a", extension="held", values=values)


RULES = {
    "rate": series(y2020="source", y2021="source", y2022="assumption"),
    "grant": series(y2020="assumption", y2021="derived", y2022="assumption"),
}


def test_years_are_told_as_spans() -> None:
    assert year_spans([2020, 2019, 2026, 2028, 2027]) == "2019–2020, 2026–2028"
    assert year_spans([]) == "–"


def test_a_year_without_a_figure_and_one_that_is_assumed_are_both_extended() -> None:
    assert extended_rules(RULES, 2020) == ("grant",)
    assert extended_rules(RULES, 2021) == ()
    assert extended_rules(RULES, 2023) == ("rate", "grant")


def test_a_figure_of_ones_own_is_no_assumption() -> None:
    assert extended_rules(RULES, 2020, [("grant", 2020)]) == ()


def test_a_year_is_published_extended_or_some_of_each() -> None:
    assert [rules_of_year(2, n, "nb") for n in (0, 1, 2)] == ["publisert", "1 av 2 forlenget", "forlenget"]


def test_a_sentence_tells_how_far_the_rules_are_known() -> None:
    said = rules_known(RULES, range(2020, 2024))
    assert said.startswith("National rules (2 in all): published 2021; some assumed 2020; all assumed 2022–2023.")
    assert "ingen nasjonale regler" in rules_known({}, range(2020, 2024), "nb")
