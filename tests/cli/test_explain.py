"""`egendekning explain` at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from egendekning.cli import main

VILLAGE = str(Path(__file__).parents[1] / "ensemble" / "fixtures" / "village")


def program(*words: str) -> int:
    """Run the program and return its exit code."""
    try:
        return main(list(words))
    except SystemExit as stop:
        return int(stop.code or 0)


def explained(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert program("explain", "--study", VILLAGE, *words) == 0
    return capsys.readouterr().out


def test_a_constant_is_explained_with_its_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    shown = explained(capsys, "YIELD_of land", "--lang", "en")
    for text in ("yield of land", "Jobs per daa.", "person/daa", "3 person/daa", "drives: new jobs",
                 "derived, grade B: Land survey, 2018", "1.0 to 5.0, uniform"):  # fmt: skip
        assert text in shown


def test_an_outcome_is_explained_with_its_equation_and_label(capsys: pytest.CaptureFixture[str]) -> None:
    shown = explained(capsys, "egendekning", "--lang", "en")
    assert "Self-coverage" in shown
    assert "jobs/employed residents" in shown
    assert "depends on: employed residents, jobs" in shown
    assert "0.909091 Dmnl" in shown  # 900 jobs over 990 residents at work
    assert "nothing: an outcome" in shown


def test_values_of_elements_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "trade 0.75, public 0.25" in explained(capsys, "share of new jobs")


def test_a_national_rule_is_explained_with_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    shown = explained(capsys, "tax table")
    assert "2021: 0.2 (A, Budget 2021)" in shown
    assert "The last figure is kept" in shown


def test_a_lever_is_explained_by_its_constant(capsys: pytest.CaptureFixture[str]) -> None:
    shown = explained(capsys, "land")
    assert "business land lever" in shown
    assert "Næringsareal (land, target)" in shown


def test_an_unknown_name_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert program("explain", "--study", VILLAGE, "employd residents") == 2
    assert "did you mean: employed residents?" in capsys.readouterr().err
