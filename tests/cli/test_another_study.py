"""A small study, and texts and requests that nobody thought of, get a result or a message, never a traceback."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from egendekning.cli import main
from egendekning.cli.outdir import room, staged
from egendekning.errors import OutputError

VILLAGE = Path(__file__).parents[1] / "ensemble" / "fixtures" / "village"


def call(*words: object) -> int:
    """Run the program and return its exit code."""
    try:
        return main(["--study", *map(str, words)])
    except SystemExit as ending:
        return int(ending.code or 0)


def write_half_and_be_stopped(out: Path) -> None:
    """Write one file of a folder and be told to stop."""
    with staged(out) as stage:
        (stage / "half").write_text("x", encoding="utf-8")
        os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.slow
def test_a_model_with_fewer_outcomes_gets_the_figures_it_can_fill(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(VILLAGE, "compare", "--draws", 4, "--out", tmp_path / "out", "--lang", "en") == 0
    made = {path.name for path in (tmp_path / "out" / "figures").iterdir()}
    assert {"fan_en.png", "ranking_en.png", "change_en.png"} <= made
    assert not any(name.startswith(("labour", "economy", "emissions")) for name in made)
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"summary.csv", "results.nc"}
    told = capsys.readouterr().err
    assert "figures/emissions is left out: the model has no emissions, emission cut" in told
    assert "report.html is left out: the model has no " in told


@pytest.mark.slow
def test_brackets_in_a_title_are_shown_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = Path(shutil.copytree(VILLAGE, tmp_path / "village"))
    path = study / "scenarios" / "land.yaml"
    path.write_text(path.read_text("utf-8").replace("Mer areal", "'Mer [/x] [bold]areal'"), encoding="utf-8")
    assert call(study, "scenarios") == 0
    assert "Mer [/x] [bold]areal" in capsys.readouterr().out
    assert call(study, "compare", "--draws", 2, "--out", tmp_path / "out") == 0


@pytest.mark.parametrize("words", [("--draws", 10**9), ("--draws", 2, "--seed", 2**64)])
def test_a_request_beyond_the_machine_is_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[object, ...]
) -> None:
    assert call(VILLAGE, "compare", *words, "--out", tmp_path / "out") == 2
    assert "expected: " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a" * 300, "file/out", "loop/out"])
def test_an_impossible_folder_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OutputError, match="cannot be written"), staged(tmp_path / name):
        pass


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("NetCDF: HDF error")])
def test_a_full_disk_is_told_as_a_problem_with_the_folder(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(OutputError, match="make room on the disk"), room(tmp_path):
        raise error


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_a_program_that_is_told_to_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert call(VILLAGE, "scenarios") == 0  # the program answers the signal from now on
        with pytest.raises(SystemExit):
            write_half_and_be_stopped(tmp_path / "out")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n", ["observations.csv:1: no column 'series'", "4 problems"]),
        ("series,period,value,unit\nself_coverage,2019-Q4,93 %,%\n", ["observations.csv:2: ", "'93 %'"]),
    ],
)
def test_observations_that_cannot_be_read_are_told_with_their_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, words: list[str]
) -> None:
    study = Path(shutil.copytree(VILLAGE, tmp_path / "village"))
    (study / "calibration" / "observations.csv").write_text(content, encoding="utf-8")
    assert call(study, "compare", "--draws", 2, "--out", tmp_path / "out") == 2
    told = capsys.readouterr().err
    assert all(word in told for word in words), told
    assert not (tmp_path / "out").exists()
