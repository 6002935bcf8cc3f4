"""`egendekning run` at the command line."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import xarray as xr

from egendekning.cli import main

VILLAGE = str(Path(__file__).parents[1] / "ensemble" / "fixtures" / "village")


def program(*words: str) -> int:
    """Run the program and return its exit code."""
    try:
        return main(list(words))
    except SystemExit as stop:
        return int(stop.code or 0)


def run(*words: str) -> int:
    return program("run", "--study", VILLAGE, *words)


def test_a_run_shows_the_fourth_quarter_of_years(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("land", "--variables", "jobs,egendekning", "--lang", "en") == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    years = next(line for line in lines if "2019" in line).split()
    jobs = next(line for line in lines if line.startswith("Jobs, persons")).replace(",", "").split()
    assert years == ["2019", "2020", "2025", "2030", "2035", "2040", "2044"]
    assert jobs[2:5] == ["904", "909", "957"]  # 904.375, 909.375 and 900 + 5 x 6.875 + 12 x 1.875


def test_settings_stand_above_the_scenario(tmp_path: Path) -> None:
    assert run("land", "--set", "land=0", "--set", "migration=0.01", "--out", str(tmp_path / "x.csv")) == 0
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        rows = {float(row["time"]): row for row in csv.DictReader(file)}
    assert float(rows[2030.0]["jobs"]) == pytest.approx(955.0)
    assert float(rows[2030.0]["jobs by class[trade]"]) == pytest.approx(540.0 + 0.75 * 55.0)
    assert float(rows[2020.0]["total population"]) == pytest.approx(2000.0 * 1.00125**8, rel=1e-12)


def test_a_netcdf_file_holds_every_saved_time(tmp_path: Path) -> None:
    assert run("baseline", "--variables", "JOBS", "--variables", "own_tax", "--out", str(tmp_path / "x.nc")) == 0
    with xr.open_dataset(tmp_path / "x.nc") as found:
        assert set(found.data_vars) == {"jobs", "own tax"}
        assert found.sizes["time"] == 26 * 8 + 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lnd", "--set", "lnd=1", "--set", "land=x"], ["unknown scenario", "unknown lever or driver", "3 problems"]),
        (["land", "--set", "land=99"], ["outside its range"]),
        (["land", "--set", "land=5 km"], ["the unit is 'km'"]),
        (["land", "--variables", "jbs,own tx"], ["did you mean: jobs", "did you mean: own tax", "2 problems"]),
        (["land", "--out", "run.txt"], ["the suffix is '.txt'", "name it run.csv"]),
        (["land", "--out", "nowhere/run.csv"], ["its folder is missing"]),
    ],
)
def test_a_bad_request_is_refused(
    words: list[str],
    said: list[str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*words) == 2
    error = capsys.readouterr().err
    assert all(text in error for text in said), error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_run_says_how_far_national_rules_are_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.csv"
    assert program("run", "baseline", "--variables", "jobs", "--lang", "en", "--out", str(out)) == 0
    assert "all assumed 2027–2049" in capsys.readouterr().out
    with out.open(encoding="utf-8", newline="") as file:
        rules = {float(row["time"]): row["rules"] for row in csv.DictReader(file)}
    assert rules[2040.0] == "extended"
