"""`egendekning resilience` at the command line."""

from __future__ import annotations

import re

import pytest

from egendekning.cli import main


def program(*words: str) -> int:
    """Run the program and return its exit code."""
    try:
        return main(list(words))
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["basline"], ["unknown scenario 'basline'", "did you mean: baseline"]),
        (["--shock", "standard_shok=0.1"], ["did you mean: standard_shock"]),
        (["--shock", "standard_shock=7"], ["outside its range"]),
        (["--draws", "0"], ["--draws 0", "1 or more"]),
        (["--start", "1999"], ["--start 1999", "2019 to 2050"]),
    ],
)
def test_mistakes_are_told_before_anything_runs(
    words: list[str], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert program("resilience", *words) == 2
    told = capsys.readouterr().err
    assert [piece for piece in said if piece not in told] == []


@pytest.mark.slow
def test_a_shock_of_a_tenth_of_private_positions_costs_jobs_for_years(capsys: pytest.CaptureFixture[str]) -> None:
    """Two thirds of the jobs are private, so the loss stays below 6.7 percent; it is not over in the year it lasts."""
    assert program("resilience", "baseline", "--draws", "8", "--lang", "en") == 0
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if "Baseline" in line)
    depth, years = float(re.findall(r"[\d.]+", row)[0]), float(re.findall(r"[\d.]+", row)[3])
    assert 1.0 < depth < 6.7
    assert years > 1.0
