"""`egendekning finance` at the command line."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from egendekning.cli import main
from egendekning.cli.finance_request import amount
from egendekning.cli.outdir import room
from egendekning.errors import OutputError

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
    assert "all assumed 2027–2040" in shown


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


@pytest.mark.parametrize(
    ("words", "told"),
    [("--settlement 2020 --tax-per-inhabitant nan", "own tax per inhabitant: nan"),
     ("--settlement 2020 --tax-per-inhabitant -5", "own tax per inhabitant: -5"),
     ("--settlement 2020 --tax-per-inhabitant 30000 --national-tax 0", "national tax per inhabitant: 0"),
     ("--settlement 2020 --own-tax 2988,9 --population 101386", "give NOK, not thousand or million"),
     ("--settlement 2020 --own-tax 2988878803 --population 101.386", "--population: 101.386"),
     ("--settlement 2020 --tax-per-inhabitant 30000 --own-tax 5 --population 10", "0.50 NOK by total and population"),
     ("--settlement 2020 full_toolbox", "SCENARIO: says nothing beside --settlement"),
     ("--template --override x.xlsx --out y.xlsx", "--override: says nothing beside --template"),
     ("full_toolbox --own-tax 5", "--own-tax: says nothing beside tables"),
     ("full_toolbox --years ²⁰²¹", "--years: '²⁰²¹'"), ("full_toolbox --years 2021-", "--years: '2021-'"),
     ("full_toolbox --years 2021,2023", "--years: '2021,2023'")],
)  # fmt: skip
def test_words_that_cannot_be_meant_are_told(words: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert program(*words.split()) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_amounts_may_be_written_the_norwegian_way(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--settlement", "2020", "--own-tax", "2 988 878 803,00", "--population", "101\u00a0386"]
    assert program(*words) == 0
    assert "835,39" in capsys.readouterr().out
    with pytest.raises(ValueError, match="could not convert"):
        amount("1.234,5")


def test_a_full_disk_is_told_with_what_could_not_be_written() -> None:
    for error in (OSError(errno.ENOSPC, "No space left on device"), RuntimeError("NetCDF: HDF error")):
        with pytest.raises(OutputError, match=r"results: cannot be written"), room(Path("results")):
            raise error
    with pytest.raises(RuntimeError), room(Path("results")):
        raise RuntimeError("a fault of the program")
