"""`egendekning bench` at the command line: what it reports, not how fast anything is."""

from __future__ import annotations

import json
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


@pytest.mark.slow
def test_machines_get_seconds_and_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    assert program("bench", "--study", VILLAGE, "--repeats", "1", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["one scenario, one thread"]["500 draws s"] > 0
    assert found["threads"]["scenarios"] == 3
    assert found["reference engine"]["ratio"] > 1
    assert found["memory"]["peak of this process MiB"] > 1


def test_no_repeats_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert program("bench", "--study", VILLAGE, "--repeats", "0") == 2
    assert "at least 1" in capsys.readouterr().err
