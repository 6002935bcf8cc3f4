"""The command as a user meets it: exit codes, table and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from egendekning.cli import main


def run(arguments: list[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)


def test_a_sound_study_passes_with_exit_code_0(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--study", str(town)]) == 0
    said = capsys.readouterr().out
    assert "3 of 3 statements hold" in said
    assert "Uten flytting står folketallet stille." in said


def test_json_holds_a_verdict_for_each_statement(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--study", str(town), "--json", "--id", "tenfold"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is True
    assert [(s["id"], s["passed"], len(s["findings"])) for s in found["statements"]] == [("tenfold", True, 2)]
    assert found["units"]["equations"] > 0


def test_a_statement_that_fails_gives_exit_code_1_and_its_worst_place(
    town_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = town_copy / "model" / "checks.yaml"
    text = checks.read_text(encoding="utf-8").replace(
        'end: "population == initial population"', 'end: "population == 7"'
    )
    checks.write_text(text, encoding="utf-8")
    assert run(["check", "--study", str(town_copy), "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "FAILED" in said
    assert "worst in 2030.00: 100 against 7" in said


def test_units_that_do_not_balance_give_exit_code_1(town_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = town_copy / "model" / "town.mdl"
    model.write_text(
        model.read_text(encoding="utf-8").replace(
            "population * migration rate +", "population + population * migration rate +"
        ),
        encoding="utf-8",
    )
    assert run(["check", "--study", str(town_copy)]) == 1
    assert "net migration" in capsys.readouterr().out


def test_a_name_that_the_model_lacks_gives_exit_code_2(town_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checks = town_copy / "model" / "checks.yaml"
    checks.write_text(
        checks.read_text(encoding="utf-8").replace("{migration rate: 10}", "{migration rat: 10}"), encoding="utf-8"
    )
    assert run(["check", "--study", str(town_copy)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "migration rate" in said.err
    assert "checks.yaml:" in said.err
