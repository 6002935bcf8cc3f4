"""A table that is not what it should be ends with a message, never with a traceback or a number that is no figure."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest

from egendekning.cli import main
from egendekning.ensemble import Bound, bind, design
from egendekning.errors import SimulationError, StudyError, UsageError
from egendekning.study import Study
from egendekning.validate.observed import Years, read_observed
from egendekning.validate.predict import predictions
from egendekning.validate.series import SeriesMap, read_series

YEARS = Years(2019.0, 2050.0)
HEADER = "series,period,value,unit\n"


@pytest.fixture(scope="module")
def bound() -> Bound:
    return bind(Study.shipped())


@pytest.fixture(scope="module")
def known(bound: Bound) -> SeriesMap:
    return read_series(bound)


def refused(folder: Path, known: SeriesMap, text: str) -> list[str]:
    path = folder / "figures.csv"
    path.write_text(HEADER + text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_observed(path, known, YEARS)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("jobs_by_workplace,2022-Q4", "the row ends before 'value'"),
        ("jobs_by_workplace,2022-Q4,45000", "the row ends before 'unit'"),
        ("jobs_by_workplace,2022-Q4,inf,persons", "value 'inf'"),
        ("jobs_by_workplace,2022-Q4,1e400,persons", "value '1e400'"),
        ("jobs_by_workplace,2022-Q4,1e30,persons", "at most 1e+15 persons"),
        ("skatt på inntekt og formue,2022,1e306,billion NOK", "at most 1e+15 MNOK"),
        ("jobs_by_workplace,2022-Q4,45_000,persons", "value '45_000'"),
        ("jobs_by_workplace,2022-Q4,٤٥٠٠٠,persons", "value '٤٥٠٠٠'"),
        ("jobs_by_workplace,2022-Q5,45000,persons", "period '2022-Q5'"),
        ("jobs_by_workplace,2022-13,45000,persons", "period '2022-13'"),
        ("jobs_by_workplace,32-01-2022,45000,persons", "period '32-01-2022'"),
        ("jobs_by_workplace,2022-02-30,45000,persons", "period '2022-02-30'"),
        ("jobs_by_workplace,,45000,persons", "period ''"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_with_its_line(
    row: str, words: str, tmp_path: Path, known: SeriesMap
) -> None:
    (problem,) = refused(tmp_path, known, row + "\n")
    assert "figures.csv:2: " in problem
    assert words in problem
    assert "fix:" in problem


def test_thousands_of_faults_are_counted_after_the_first_two_hundred(tmp_path: Path, known: SeriesMap) -> None:
    problems = refused(tmp_path, known, "".join(f"jobs_by_workplace,x{i},1,persons\n" for i in range(5000)))
    assert len(problems) == 201
    assert "4800 more problems" in problems[-1]


def test_a_year_beyond_the_model_is_left_out_and_not_an_error(tmp_path: Path, known: SeriesMap) -> None:
    path = tmp_path / "figures.csv"
    path.write_text(HEADER + "jobs_by_workplace,9999-Q4,1,persons\n,2022,1,persons\n", encoding="utf-8")
    observed = read_observed(path, known, YEARS)
    assert observed.figures == ()
    assert [item.reason for item in observed.left_out] == ["after the model's last year (2050)", "no series"]


@pytest.mark.slow
def test_a_series_that_divides_by_zero_is_named_and_not_scored(tmp_path: Path, bound: Bound) -> None:
    file = read_series(bound).file
    series = {**file.series, "none": file.series["jobs_by_workplace"].model_copy(update={"also": ()})}
    text = type(file.series["jobs_by_workplace"]).model_validate(
        {"model": "jobs / 0", "reading": "instant", "unit": "persons", "error": {"relative": 0.1}}
    )
    known = SeriesMap(file.model_copy(update={"series": {**series, "none": text}}), bound.model)
    path = tmp_path / "figures.csv"
    path.write_text(HEADER + "none,2022-Q4,1,persons\n", encoding="utf-8")
    figures = read_observed(path, known, YEARS).figures
    with pytest.raises(SimulationError, match="'jobs / 0' is no finite number"):
        predictions(bound, figures, design(bound, 2, 1), "baseline")


def test_series_that_are_not_text_are_told_with_their_line(tmp_path: Path, bound: Bound) -> None:
    path = tmp_path / "series.yaml"
    path.write_bytes(b"units:\n  \xe5: 1\n")
    study = type("Study", (), {"calibration": {"series.yaml": path}, "root": "here"})()
    stand_in = type("Bound", (), {"study": study, "model": bound.model})()
    with pytest.raises(StudyError, match=r"series.yaml:2: byte 0xe5 is not UTF-8"):
        read_series(stand_in)


def test_numbers_with_spaces_and_a_real_minus_sign_are_numbers(tmp_path: Path, known: SeriesMap) -> None:
    path = tmp_path / "figures.csv"
    rows = (
        "netto driftsresultat,2021,\N{MINUS SIGN}65.5,MNOK\njobs_by_workplace,2021-Q4,45\N{NO-BREAK SPACE}000,persons\n"
    )
    path.write_text(HEADER + rows, encoding="utf-8")
    found = [figure.value for figure in read_observed(path, known, YEARS).figures]
    assert np.allclose(found, [-65.5, 45000.0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "table.csv"], "--out table.csv: is the table itself"),
        (["--out", "folder.csv"], "--out folder.csv: is a folder"),
        (["--out", "none/x.csv"], "its folder does not exist"),
        (["--out", "x" * 245 + ".csv"], "its name is too long"),
        (["--draws", "1000000000"], "--draws: 1000000000"),
        (["--seed", str(2**63)], f"--seed: {2**63}"),
    ],
)
def test_places_and_sizes_that_cannot_be_are_told_before_the_work(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "table.csv").write_text(HEADER + "jobs_by_workplace,2022-Q4,45000,persons\n", encoding="utf-8")
    assert main(["validate", "--observations", "table.csv", *words]) == 2
    caught = capsys.readouterr()
    assert said in caught.err
    assert "fix:" in caught.err
    assert caught.out == ""
    assert (tmp_path / "table.csv").read_text(encoding="utf-8").startswith(HEADER)


def test_a_table_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "table.csv"
    rows = "".join(f"jobs_by_workplace,2022-Q4,45{i:04d},persons,{i}\n" for i in range(1001))
    table.write_text(f"{HEADER.strip()},source\n{rows}", encoding="utf-8")
    assert main(["validate", "--observations", str(table), "--draws", "100000", "--json"]) == 2
    caught = capsys.readouterr()
    assert "1001 figures for 100000 draws" in caught.err
    assert caught.out == ""


@pytest.mark.slow
def test_a_table_of_nothing_but_faults_is_told_in_a_screenful_and_leaves_standard_output_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(HEADER + "".join(f"jobs_by_workplace,x{i},1,persons\n" for i in range(3000)), encoding="utf-8")
    assert main(["validate", "--observations", str(table), "--json"]) == 2
    caught = capsys.readouterr()
    assert "201 problems" in caught.err
    assert caught.out == ""


def test_a_full_disk_behind_standard_output_is_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("egendekning.cli.app.build", lambda: full)
    assert main(["validate"]) == 2
    assert "standard output: cannot be written (No space left on device)" in capsys.readouterr().err
