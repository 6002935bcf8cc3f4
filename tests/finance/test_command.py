"""`egendekning finance` at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from egendekning.cli import main

VILLAGE = str(Path(__file__).parents[1] / "ensemble" / "fixtures" / "village")


def program(*words: str) -> int:
    try:
        return main(["finance", *words])
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.mark.slow
def test_three_files_appear_and_the_main_lines_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "result"
    assert program("inclusion", "--draws", "2", "--lang", "en", "--years", "2022-2025", "--out", str(out)) == 0
    assert {p.name for p in out.iterdir() if not p.name.startswith(".")} == {
        "finance.xlsx",
        "finance.csv",
        "finance.nc",
    }
    shown = capsys.readouterr().out
    assert "Net operating result" in shown
    assert "Rules are extended by assumption in 2019–2020, 2026–2040" in shown


def test_a_settlement_is_shown_part_by_part(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--settlement", "2020", "--own-tax", "2988878803", "--population", "101386", "--lang", "en"]
    assert program(*words) == 0
    shown = capsys.readouterr().out
    assert "835.39" in shown
    assert "84,696.8" in shown


def test_the_grants_of_a_year_are_shown_with_what_is_assumed(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--tax-per-inhabitant", "34000", "--population-july", "101641", "--population-year-before", "101386"]
    assert program("--settlement", "2021", *words) == 0
    shown = capsys.readouterr().out
    assert "844,7" in shown  # 393 NOK times 101 386 is 39 844.7 thousand
    assert "Antatt" not in shown
    assert program("--settlement", "2026", "--tax-per-inhabitant", "34000") == 0
    assert "Antatt, ikke publisert for 2026: " in capsys.readouterr().out


@pytest.mark.slow
def test_a_template_is_written_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "egne.xlsx"
    assert program("--template", "--out", str(path)) == 0
    assert path.is_file()
    assert program("--template", "--out", str(path)) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.slow
def test_bad_requests_are_told_before_anything_is_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program() == 2
    assert program("inclusionn", "--years", "2030-2029", "--prices", "real", "--out", str(tmp_path / "x")) == 2
    said = capsys.readouterr().err
    for part in ("SCENARIO: none is named", "did you mean: inclusion?", "--years: 2030-2029", "--prices: 'real'"):
        assert part in said
    assert not (tmp_path / "x").exists()
    assert program("inclusion", "--override", str(tmp_path / "none.xlsx")) == 2
    assert "the file does not exist" in capsys.readouterr().err


def test_a_study_without_finance_rules_is_told_which_file_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert program("land", "--study", VILLAGE) == 2
    assert "finance_rules.yaml: the file is missing" in capsys.readouterr().err
