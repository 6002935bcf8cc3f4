"""Statements about a town of 100 people whose every figure can be worked out by hand.

The town grows by 1 % a year; a quarter of a year is a step, so that after n years it has 100 * 1.0025^(4n) people.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from egendekning.ensemble import bind
from egendekning.errors import StudyError, UsageError
from egendekning.study import Study
from egendekning.validate import Verdict, check_statements

TWO_YEARS = 100 * 1.0025**8  # by hand: eight steps of a quarter per cent


def statement(name: str, **said: Any) -> dict[str, Any]:
    return {"id": name, "statement_nb": "Påstand.", "statement_en": "Statement.", "kind": "behaviour", **said}


def check(town: Path, *statements: dict[str, Any], ids: list[str] | None = None) -> tuple[Verdict, ...]:
    """Write the statements into a copy of the town and judge them."""
    text = yaml.safe_dump({"checks": list(statements)}, allow_unicode=True)
    (town / "model" / "checks.yaml").write_text(text, encoding="utf-8")
    return check_statements(bind(Study.open(town)), ids)


def test_the_statements_of_the_small_study_hold(town: Path) -> None:
    verdicts = check_statements(bind(Study.open(town)))
    assert [(verdict.id, verdict.passed) for verdict in verdicts] == [
        ("nobody_appears", True),
        ("nobody_moves", True),
        ("tenfold", True),
    ]


def test_given_scaled_and_restarted_names_each_reach_the_run(town_copy: Path) -> None:
    verdicts = check(
        town_copy,
        statement("as_it_is", expect=[{"that": f"population == {TWO_YEARS!r}", "at": 2021, "tolerance": 1e-12}]),
        statement("constant", given={"migration rate": 0}, expect=[{"end": "population == 100", "tolerance": 0}]),
        statement("flow", given={"net migration": 4},
                  expect=[{"that": "population == 108", "at": 2021, "tolerance": 1e-12}]),
        statement("scaled", scale={"migration rate": 2}, until=2019.25,
                  expect=[{"end": "population == 100.5", "tolerance": 1e-12}]),
        statement("restarted", initial={"population": 50},
                  expect=[{"that": f"population == {TWO_YEARS / 2!r}", "at": 2021, "tolerance": 1e-12}]),
        statement("table", given={"tax rate table": 0.2}, expect=[{"always": "tax rate == 0.2", "tolerance": 0}]),
        statement("lever", levers={"housing": 40}, given={"migration rate": 0},
                  expect=[{"that": "population == 140", "at": 2025, "tolerance": 1e-12}]),
        statement("fine_step", step=0.125,
                  expect=[{"that": "population == 100 * 1.00125^16", "at": 2021, "tolerance": 1e-12}]),
    )  # fmt: skip
    assert [verdict.id for verdict in verdicts if not verdict.passed] == []


def test_a_broken_statement_names_the_year_and_the_value(town_copy: Path) -> None:
    (verdict,) = check(town_copy, statement("small", expect=[{"always": "population <= 101"}]))
    assert not verdict.passed
    assert verdict.worst.time == 2030.0
    assert verdict.worst.value == pytest.approx(100 * 1.0025**44, rel=1e-12)
    assert verdict.worst.bound == 101


def test_a_run_may_start_from_a_scenario_and_is_compared_with_another(town_copy: Path) -> None:
    compare = {"variable": "population", "to": "housing_push", "direction": "equal", "tolerance": 0, "by": 2028}
    more = {"variable": "population", "to": "baseline", "direction": "higher"}
    (verdict,) = check(
        town_copy, statement("push", scenario="housing_push", expect=[{"compare": compare}, {"compare": more}])
    )
    assert verdict.passed


def test_a_value_that_is_not_finite_fails_a_statement_that_did_not_ask_for_it(town_copy: Path) -> None:
    model = town_copy / "model" / "town.mdl"
    extra = "people per tax = population/tax rate\n\t~\tperson\n\t~\tNot finite where the tax rate is 0.\n\t|\n\n"
    model.write_text(model.read_text(encoding="utf-8").replace("FINAL TIME", extra + "FINAL TIME", 1), encoding="utf-8")
    (verdict,) = check(
        town_copy, statement("no_tax", given={"tax rate table": 0}, expect=[{"always": "population > 0"}])
    )
    assert not verdict.passed
    assert verdict.not_finite is not None
    assert (verdict.not_finite.variable, verdict.not_finite.time) == ("people per tax", 2019.0)


def test_what_happens_after_the_last_year_asked_for_does_not_count(town_copy: Path) -> None:
    always = [{"always": "population < 101"}]
    (verdict,) = check(town_copy, statement("short", until=2019.75, expect=always))
    assert verdict.passed


def test_one_statement_alone_gets_the_verdict_it_gets_among_all(town_copy: Path) -> None:
    both = (
        statement("a", given={"migration rate": 0.02}, expect=[{"end": "population < 120"}]),
        statement("b", levers={"housing": 20}, expect=[{"end": "population < 120"}]),
    )
    among_all = check(town_copy, *both)[1]
    (alone,) = check(town_copy, *both, ids=["b"])
    assert alone == among_all


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"given": {"population": 3}}, ["stock", "initial"]),
        ({"given": {"migration rate": [1, 2]}}, ["migration rate", "2 numbers"]),
        ({"initial": {"population": [1, 2]}}, ["population", "2 numbers"]),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_line(
    town_copy: Path, said: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(StudyError) as error:
        check(town_copy, statement("wrong", expect=[{"always": "population > 0"}], **said))
    assert "checks.yaml:" in str(error.value)
    for word in words:
        assert word in str(error.value)


def test_an_unknown_id_gets_the_nearest_one(town: Path) -> None:
    with pytest.raises(UsageError, match="nobody_moves"):
        check_statements(bind(Study.open(town)), ["nobody_move"])
