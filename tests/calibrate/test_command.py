"""`egendekning calibrate` writes results, accepts only what may be accepted, and writes medians into the model file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from egendekning.cli import main
from egendekning.ensemble import bind, design
from egendekning.ensemble.posterior import read_posterior
from egendekning.study import Study

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str | Path) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--chains", "1"), "--chains: 1"),
        (("--draws", "0"), "--draws: 0"),
        (("--seed", "-1"), "--seed: -1"),
        (("--synthetic", "-3"), "--synthetic: -3"),
        (("--quick", "--accept"), "--accept: with --quick"),
        (("--write-model",), "the study has no posterior"),
    ],
)
def test_requests_that_make_no_sense_end_with_code_2(
    words: tuple[str, ...], said: str, run: Run, line_copy: Path
) -> None:
    code, _, err = run("--study", line_copy, "calibrate", *words)
    assert code == 2
    assert said in err


@pytest.mark.slow
def test_a_quick_run_writes_a_posterior_and_tables_but_does_not_touch_the_study(
    run: Run, line_copy: Path, tmp_path: Path
) -> None:
    code, out, _ = run("--study", line_copy, "calibrate", "--quick", "--out", tmp_path / "out")
    assert code == 0
    assert "not to be kept: size: 4 chains of 150 draws" in out
    assert "late effect" in (tmp_path / "out" / "identifiability.csv").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "posterior.nc").exists()
    assert not (line_copy / "calibration" / "posterior.nc").exists()


@pytest.mark.slow
def test_an_accepted_posterior_gives_the_draws_and_its_medians_the_model_file(
    run: Run, line_copy: Path, tmp_path: Path
) -> None:
    code, out, _ = run("--study", line_copy, "calibrate", "--accept", "--write-model", "--out", tmp_path / "out")
    assert code == 0, out
    bound = bind(Study.open(line_copy))
    posterior = read_posterior(bound)
    assert posterior is not None
    assert posterior.rows >= 1000
    median = float(f"{np.median(posterior.parameters['growth']):.4g}")
    assert float(bound.values["growth"]) == median
    assert design(bound, 5, 1).source.startswith("rows of calibration/posterior.nc")
    with (line_copy / "calibration" / "prior_modes.csv").open(encoding="utf-8") as file:
        modes = {row["parameter"]: float(row["mode"]) for row in csv.DictReader(file)}
    assert modes == {"growth": 10.0, "people at the start": 100.0}


@pytest.mark.slow
def test_a_run_that_fails_the_gate_is_not_accepted(run: Run, line_copy: Path, tmp_path: Path) -> None:
    words = ("--accept", "--draws", "20", "--out", tmp_path / "out")
    code, _, err = run("--study", line_copy, "calibrate", *words)
    assert code == 2
    assert "4 chains of 20 draws" in err
    assert not (line_copy / "calibration" / "posterior.nc").exists()


@pytest.mark.slow
def test_the_synthetic_test_is_written_as_a_table(run: Run, line_copy: Path, tmp_path: Path) -> None:
    code, out, _ = run("--study", line_copy, "calibrate", "--synthetic", "20", "--out", tmp_path)
    assert code == 0
    with (tmp_path / "synthetic.csv").open(encoding="utf-8") as file:
        found = {(row["of"], row["name"]): row["value"] for row in csv.DictReader(file)}
    assert found["run", "replicates"] == found["run", "converged"] == "20"
    assert ("sampler 2", "largest_shift_in_sd") in found
    assert ("coverage", "growth") in found
    assert "90 % intervals" in out
