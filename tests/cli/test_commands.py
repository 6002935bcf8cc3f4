"""The commands show what a study holds, and failures read as failures."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import egendekning
from egendekning.cli import main
from egendekning.cli.app import common_first

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the program and gives exit code, output and messages."""

    def call(*words: str | Path) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version") == (0, f"egendekning {egendekning.__version__}\n", "")


def test_help_names_the_commands(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert all(name in out for name in ("scenarios", "levers", "study", "--study", "--debug"))


@pytest.mark.parametrize(("lang", "title"), [("nb", "Boligvekst i oppgang"), ("en", "Housing growth in a boom")])
def test_scenarios_are_listed_in_either_language(lang: str, title: str, run: Run, town: Path) -> None:
    code, out, _ = run("--study", town, "scenarios", "--lang", lang)
    assert code == 0
    assert title in out


def test_a_scenario_is_shown_with_what_it_sets_in_the_end(run: Run, town: Path) -> None:
    code, out, _ = run("scenarios", "boom", "--lang", "en", "--study", town)
    assert code == 0
    assert "Demand rises by half." in out
    assert "Housing: 30 person/year from 2022 over 3 years" in out
    _, out, _ = run("scenarios", "boom", "--lang", "nb", "--study", town)
    assert "30 person/år fra 2022 over 3 år" in out


def test_levers_and_drivers_are_listed_apart(run: Run, town: Path) -> None:
    code, out, _ = run("levers", "--study", town, "--lang", "en")
    assert code == 0
    levers, drivers = out.split("drivers:")
    assert "0 – 50" in levers
    assert "0.5 – 2" in drivers


def test_a_lever_is_shown_with_cost_and_scenarios(run: Run, town: Path) -> None:
    code, out, _ = run("levers", "housing", "--study", town, "--lang", "en")
    assert code == 0
    assert "cost: cost per head" in out
    assert "scenarios: housing_push, boom" in out


def test_headings_are_in_the_language_asked_for(run: Run, town: Path) -> None:
    code, out, _ = run("levers", "housing", "--study", town, "--lang", "nb")
    assert code == 0
    assert "kostnad: cost per head" in out
    assert "scenarioer: housing_push, boom" in out


def test_the_study_is_shown_with_its_hash_and_precedence(run: Run, town: Path) -> None:
    code, out, _ = run("study", "show", "--study", town)
    assert code == 0
    assert "model file < national_rules.yaml < parameter draws < scenario clauses < command line" in out
    assert "model/town.mdl" in out


def test_schemas_are_printed_and_written(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("study", "schema", "levers")
    assert run("study", "schema", "--write", tmp_path)[0] == 0
    assert (tmp_path / "levers.schema.json").read_text(encoding="utf-8") == out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("scenarios", "bom"), "did you mean: boom?"),
        (("levers", "huosing"), "did you mean: housing?"),
        (("study", "schema", "lever"), "did you mean: levers?"),
        (("study", "schema", "--write", "/proc/nowhere"), "cannot be written"),
    ],
)
def test_what_the_user_can_mend_ends_with_code_2(words: tuple[str, ...], said: str, run: Run, town: Path) -> None:
    code, out, err = run(*words, "--study", town)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_every_problem_of_a_broken_study_is_shown_and_counted(run: Run, town_copy: Path) -> None:
    (town_copy / "model" / "labels.yaml").unlink()
    (town_copy / "model" / "checks.yaml").write_text("checks: 1\n", encoding="utf-8")
    code, out, err = run("scenarios", "--study", town_copy)
    assert (code, out) == (2, "")
    assert f"{town_copy / 'model' / 'labels.yaml'}: the file is missing" in err
    assert f"{town_copy / 'model' / 'checks.yaml'}:1: checks is 1" in err
    assert "2 problems; nothing was written." in err


def test_a_traceback_comes_only_with_debug(run: Run, tmp_path: Path) -> None:
    words = ("scenarios", "--study", tmp_path / "nowhere")
    assert "Traceback" not in run(*words)[2]
    assert "Traceback" in run(*words, "--debug")[2]


def test_a_fault_of_the_program_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("egendekning.cli.app.build", fail)
    code, _, err = run("scenarios")
    assert code == 1
    assert "ZeroDivisionError: by nought" in err
    assert "--debug" in err


def test_an_unknown_command_ends_with_code_2(run: Run) -> None:
    code, _, err = run("scenaros")
    assert code == 2
    assert "scenarios" in err


def test_common_options_may_stand_after_the_command() -> None:
    assert common_first(["run", "x", "--study", "a", "--debug"]) == ["--study", "a", "--debug", "run", "x"]
    assert common_first(["run", "--study=a"]) == ["--study=a", "run"]
    assert common_first(["run", "--", "--debug"]) == ["run", "--", "--debug"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_that_comes_while_memory_is_freed_is_not_forgotten(number: int, code: int) -> None:
    program = f"""
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores Ctrl-C
import egendekning.cli as cli
from egendekning.cli import app

class Freed:
    def __del__(self):
        signal.raise_signal({int(number)})

def build():
    def work(**_):
        Freed()
        time.sleep(20)
    return work

app.build = build
try:
    sys.exit(cli.main([]))
except KeyboardInterrupt:
    sys.exit(130)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=15, check=False)
    assert ended.returncode == code
    assert "ignored" not in ended.stderr
