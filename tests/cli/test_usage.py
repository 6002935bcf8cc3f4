"""Words that no command takes are told as every other problem: where, found, expected, nearest, fix; exit code 2."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from egendekning.cli import main
from egendekning.cli.app import build

Run = Callable[..., tuple[int, str]]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the program and gives exit code and messages; nothing may go to the output."""

    def call(*words: str) -> tuple[int, str]:
        code = main(list(words))
        out, err = capsys.readouterr()
        assert out == ""
        return code, err

    return call


def paths() -> list[tuple[str, ...]]:
    """Return all commands, those of groups too."""
    program = typer.main.get_command(build())
    found: list[tuple[str, ...]] = []
    for name, command in program.commands.items():  # type: ignore[attr-defined]
        found += [(name, inner) for inner in getattr(command, "commands", {})] or [(name,)]
    return found


def test_every_command_is_among_those_asked() -> None:
    assert {("compare",), ("run",), ("sweep",), ("finance",), ("study", "new")} <= set(paths())


@pytest.mark.parametrize("words", paths(), ids=" ".join)
def test_an_unknown_option_of_any_command_is_told_with_the_known_ones(words: tuple[str, ...], run: Run) -> None:
    code, said = run(*words, "--debugg")
    assert code == 2
    first, expected, near, fix, last = said.splitlines()
    assert first == f"error egendekning {' '.join(words)}: unknown option --debugg"
    assert expected.startswith("  expected: one of --")
    assert near == "  did you mean: --debug?"
    assert fix == f"  fix: write --debug; see egendekning {' '.join(words)} -h"
    assert last == "1 problem; nothing was written."


@pytest.mark.parametrize("words", [("runn",), ("--study", "run", "runn"), ("--debug", "runn")])
def test_an_unknown_command_is_told_with_the_nearest(words: tuple[str, ...], run: Run) -> None:
    code, said = run(*words)
    assert code == 2
    assert "error egendekning: unknown command 'runn'\n" in said
    assert "expected: one of compare, run, scenarios, " in said
    assert "did you mean: run?" in said
    assert "fix: egendekning run\n" in said


def test_an_unknown_command_of_a_group_names_the_group(run: Run) -> None:
    code, said = run("study", "shov")
    assert code == 2
    assert "error egendekning study: unknown command 'shov'\n" in said
    assert "fix: egendekning study show\n" in said


def test_a_command_like_no_other_gets_no_guess(run: Run) -> None:
    code, said = run("qqq")
    assert code == 2
    assert "did you mean" not in said
    assert "fix: egendekning -h tells what each does\n" in said


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("run",), "SCENARIO: The scenario to run"),
        (("explain",), "VARIABLE: "),
        (("sensitivity",), "STORE.zarr: What 'egendekning sweep' wrote"),
        (("study", "new"), "FOLDER: Folder to make"),
        (("export",), "--out OUT: The file to write"),
    ],
)
def test_what_is_missing_is_told_with_what_it_is(words: tuple[str, ...], wanted: str, run: Run) -> None:
    code, said = run(*words)
    assert code == 2
    name = wanted.partition(":")[0]
    assert f"error egendekning {' '.join(words)}: no {name} is given\n" in said
    assert f"expected: {wanted}" in said
    assert f"fix: egendekning {' '.join(words)} {name}\n" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("compare", "--draws", "many"), ("--draws: 'many' cannot be read", "a whole number", "--draws 500")),
        (("compare", "--draws=2.5"), ("--draws: '2.5' cannot be read", "a whole number", "--draws 500")),
        (("search", "--probability", "80%"), ("--probability: '80%' cannot be read", "a number", "--probability 0.8")),
        (("sweep", "--threads", "all"), ("--threads: 'all' cannot be read", "a whole number", "see egendekning sweep")),
        (("levers", "--lang", "nbb"), ("--lang: 'nbb' cannot be read", "one of nb, en", "--lang nb")),
    ],
)
def test_a_bad_value_is_told_with_what_can_be_read(words: tuple[str, ...], told: tuple[str, ...], run: Run) -> None:
    code, said = run(*words)
    assert code == 2
    found, expected, fix = told
    assert f"error {found}\n  expected: {expected}\n" in said
    assert f"  fix: {fix}" in said


def test_a_word_of_a_few_is_guessed(run: Run) -> None:
    _, said = run("export", "--out", "x", "--format", "xmil")
    assert "did you mean: xmile?" in said
    assert "fix: --format xmile\n" in said


def test_an_option_without_its_value_and_a_switch_with_one_are_told(run: Run) -> None:
    code, said = run("compare", "--draws")
    assert code == 2
    assert "error --draws: no value after it\n  expected: a whole number\n  fix: write --draws 500, or leave" in said
    code, said = run("check", "--json=1")
    assert code == 2
    assert "error --json: a value for a switch\n  expected: the option alone\n" in said


def test_a_name_with_spaces_is_to_be_quoted(run: Run) -> None:
    code, said = run("explain", "jobs", "by", "class")
    assert code == 2
    assert "error egendekning explain: more words than it takes: by class\n" in said
    assert "expected: egendekning explain VARIABLE and options\n" in said
    assert "fix: put a name with spaces in quotation marks\n" in said


def test_words_for_a_command_that_takes_none_are_to_be_left_out(run: Run) -> None:
    code, said = run("calibrate", "now")
    assert code == 2
    assert "expected: egendekning calibrate with options alone\n" in said
    assert "fix: leave it out; see egendekning calibrate -h\n" in said


def test_no_words_at_all_give_the_help_and_an_exit_code_of_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    said = "".join(capsys.readouterr())
    assert "compare" in said
    assert "problem" not in said


def written(page: Path) -> list[list[str]]:
    """Return the words of every command line in a page, what follows a # left out."""
    found = re.findall(r"^ *(?:\.venv/bin/)?egendekning +(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [shlex.split(line, comments=True) for line in found]


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_commands_and_options_that_the_documents_write_are_there(page: Path) -> None:
    program = typer.main.get_command(build())
    for words in written(page):
        command, rest = program, [word for word in words if word != "--debug"]
        while rest and rest[0] in getattr(command, "commands", {}):
            command, rest = command.commands[rest[0]], rest[1:]
        assert command is not program, words
        known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--study", "--help"}
        assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= known, words


def test_the_readme_writes_commands() -> None:
    assert len(written(ROOT / "README.md")) >= 10
