"""A posterior on disk is the default source of draws, belongs to its model, and needs no sampler to be read."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from egendekning.calibrate import Calibration, Target, calibrate
from egendekning.calibrate.store import posterior_datasets, write_posterior
from egendekning.ensemble import bind, design
from egendekning.ensemble.design import from_ranges
from egendekning.ensemble.posterior import POSTERIOR, read_posterior, structure_hash
from egendekning.ensemble.process import chosen_rows
from egendekning.errors import StudyError
from egendekning.study import Study

from .conftest import LINE

pytestmark = pytest.mark.slow  # a small posterior is sampled first


@pytest.fixture(scope="module")
def run(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    return calibrate(target, tmp_path_factory.mktemp("work"), chains=2, draws=300, warmup=100, seed=1)


@pytest.fixture(scope="module")
def fitted(run: Calibration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a study with a posterior of 400 rows; not to be changed."""
    study = tmp_path_factory.mktemp("study") / "line"
    shutil.copytree(LINE, study)
    write_posterior(posterior_datasets(run, 400), study / "calibration" / POSTERIOR)
    return study


@pytest.fixture
def fitted_copy(fitted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fitted, tmp_path / "fitted"))


def test_it_comes_back_as_it_was_written(fitted: Path, run: Calibration) -> None:
    posterior = read_posterior(bind(Study.open(fitted)))
    assert posterior is not None
    rows = run.rows(400)
    at = run.target.prior.labels.index("growth")
    assert posterior.rows == 400
    assert posterior.parameters["growth"] == pytest.approx(10.0 + 12.0 / 3.2897072539 * rows[:, at], rel=1e-6)
    assert posterior.active == posterior.moved == {"people at the start", "growth"}
    assert posterior.attrs["seed"] == 1
    assert posterior.attrs["divergences"] == 0
    assert posterior.process.knots.shape == (400, 2, 3)


def test_draws_are_its_rows_each_once_while_there_are_enough(fitted: Path) -> None:
    bound = bind(Study.open(fitted))
    posterior = read_posterior(bound)
    assert posterior is not None
    drawn = design(bound, 400, seed=3)
    assert "posterior.nc" in drawn.source
    growth = drawn.parameters["growth"].values
    assert growth[0] == 10.0
    assert sorted(growth[1:]) == sorted(posterior.parameters["growth"])
    start = drawn.parameters["people at the start"].values
    together = {
        (g, s) for g, s in zip(posterior.parameters["growth"], posterior.parameters["people at the start"], strict=True)
    }
    assert set(zip(growth[1:], start[1:], strict=True)) == together


def test_more_draws_than_rows_repeat_rows() -> None:
    rows = chosen_rows(10, 25, seed=1)
    assert len(rows) == 25
    assert sorted(rows[:10]) == list(range(10))
    assert set(rows) == set(range(10))
    assert list(chosen_rows(10, 4, seed=1)) == list(rows[:4])


def test_the_same_seed_gives_the_same_draws(fitted: Path) -> None:
    bound = bind(Study.open(fitted))
    one, same, other = (design(bound, 50, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.parameters["surprise"], same.parameters["surprise"])
    assert not np.array_equal(one.parameters["surprise"], other.parameters["surprise"])


def test_process_noise_begins_with_the_rows_own_knots_and_goes_on_as_ar1(fitted: Path) -> None:
    bound = bind(Study.open(fitted))
    posterior = read_posterior(bound)
    assert posterior is not None
    drawn = design(bound, 4000, seed=1)
    path = drawn.parameters["surprise"].values
    assert np.all(path[0] == 0.0)
    rows = chosen_rows(posterior.rows, 4000, seed=1)
    assert path[1:, :3] == pytest.approx(posterior.process.knots[rows, 0])
    innovations = path[1:, 3:] - 0.5 * path[1:, 2:-1]  # autocorrelation 0.5, sd 4 in the fixture
    assert innovations.std() == pytest.approx(4.0, rel=0.05)
    assert np.corrcoef(innovations[:, 0], path[1:, 2])[0, 1] == pytest.approx(0.0, abs=0.07)


def test_a_table_that_follows_another_moves_with_it(fitted: Path) -> None:
    drawn = design(bind(Study.open(fitted)), 4000, seed=1)
    leads, follows = (drawn.parameters[n].values[1:] for n in ("surprise", "echo"))
    assert np.all(follows[:, :3] == 0.0)  # zero until 2021
    first = leads[:, 3] - 0.5 * leads[:, 2]
    assert np.corrcoef(first, follows[:, 3])[0, 1] == pytest.approx(0.5, abs=0.05)


def test_a_study_without_a_posterior_draws_from_its_ranges(line_copy: Path) -> None:
    bound = bind(Study.open(line_copy))
    assert read_posterior(bound) is None
    drawn = design(bound, 20, seed=1)
    assert "parameters.yaml" in drawn.source
    assert "surprise" not in drawn.parameters
    same = from_ranges(bound, 20, seed=1)
    assert all(np.array_equal(drawn.parameters[n], same.parameters[n]) for n in same.parameters)


def test_a_parameter_that_the_posterior_lacks_is_drawn_from_its_range(fitted_copy: Path) -> None:
    path = fitted_copy / "calibration" / POSTERIOR
    with xr.open_dataset(path) as file:
        root = file.load().drop_vars("late effect")
    with xr.open_dataset(path, group="process") as file:
        process = file.load()
    write_posterior({"": root, "process": process}, path)
    bound = bind(Study.open(fitted_copy))
    drawn = design(bound, 30, seed=1).parameters["late effect"]
    assert np.array_equal(drawn, from_ranges(bound, 30, seed=1).parameters["late effect"])


def test_values_may_change_but_equations_may_not(fitted_copy: Path) -> None:
    path = fitted_copy / "model" / "line.mdl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("growth = 10", "growth = 11").replace("(2020,0)", "(2020,1)", 1), encoding="utf-8")
    assert read_posterior(bind(Study.open(fitted_copy))) is not None
    path.write_text(text.replace("INTEG(growth +", "INTEG(2*growth +"), encoding="utf-8")
    other = bind(Study.open(fitted_copy))
    assert float(design(other, 0, seed=1).parameters["growth"][0]) == 10.0  # a single run needs no posterior
    with pytest.raises(StudyError) as caught:
        design(other, 5, seed=1)
    assert "other equations" in str(caught.value)
    assert "egendekning calibrate --accept" in str(caught.value)


def test_the_hash_of_the_structure_ignores_layout(fitted_copy: Path) -> None:
    before = structure_hash(bind(Study.open(fitted_copy)).model)
    path = fitted_copy / "model" / "line.mdl"
    path.write_text(
        path.read_text(encoding="utf-8").replace("growth + surprise", "growth  +\n\tsurprise"), encoding="utf-8"
    )
    assert structure_hash(bind(Study.open(fitted_copy)).model) == before


def test_other_figures_make_it_invalid_but_not_other_words(fitted_copy: Path) -> None:
    path = fitted_copy / "calibration" / "observations.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Counted", "Counted by hand"), encoding="utf-8")
    assert read_posterior(bind(Study.open(fitted_copy))) is not None
    path.write_text(text.replace(",114,", ",115,"), encoding="utf-8")
    with pytest.raises(StudyError, match="other figures"):
        read_posterior(bind(Study.open(fitted_copy)))


@pytest.mark.parametrize("content", [b"", b"CDF\x01 no", b"\x89HDF\r\n\x1a\n but short"])
def test_a_corrupt_file_is_told_with_the_command_to_run(content: bytes, fitted_copy: Path) -> None:
    (fitted_copy / "calibration" / POSTERIOR).write_bytes(content)
    with pytest.raises(StudyError) as caught:
        read_posterior(bind(Study.open(fitted_copy)))
    assert "is not a posterior" in str(caught.value)
    assert "egendekning calibrate --accept" in str(caught.value)


def test_another_netcdf_file_is_no_posterior(fitted_copy: Path) -> None:
    xr.Dataset({"x": ("draw", np.zeros(3))}).to_netcdf(fitted_copy / "calibration" / POSTERIOR)
    with pytest.raises(StudyError, match="is not a posterior"):
        read_posterior(bind(Study.open(fitted_copy)))


def _rewritten(path: Path, root: xr.Dataset, process: xr.Dataset) -> None:
    root.to_netcdf(path)
    process.to_netcdf(path, mode="a", group="process")


DAMAGE = {
    "fewer rows of noise": (lambda r, p: (r, p.isel(draw=slice(0, 5))), "(5, 2, 3)"),
    "no rows": (lambda r, p: (r.isel(draw=slice(0, 0)), p.isel(draw=slice(0, 0))), "has no rows"),
    "unknown table": (lambda r, p: (r, p.assign_coords(table=["surprize", "echo"])), "'surprize' is no table"),
    "other knots": (lambda r, p: (r, p.assign_coords(knot=p["knot"] + 100.0)), "the knots of 'surprise'"),
    "follows nothing": (lambda r, p: (r, p.assign(follows=("table", [7, 7]))), "'surprise' follows a table"),
    "noise not finite": (lambda r, p: (r, p.assign(knots=p["knots"] * np.nan)), "knots of the process noise"),
    "negative noise": (lambda r, p: (r, p.assign(sd=-p["sd"])), "sd of the process noise"),
    "explosive noise": (lambda r, p: (r, p.assign(autocorrelation=p["sd"] * 0 + 3)), "autocorrelation of the process"),
    "words": (lambda r, p: (r.assign(growth=r["growth"].astype(str)), p), "growth has the wrong shape"),
    "without a parameter": (lambda r, p: (r.drop_vars("growth"), p), "active parameters are not in it (growth)"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_posterior_that_was_tampered_with_is_refused_with_what_is_wrong(damage: str, fitted_copy: Path) -> None:
    path = fitted_copy / "calibration" / POSTERIOR
    root, process = xr.load_dataset(path), xr.load_dataset(path, group="process")
    change, words = DAMAGE[damage]
    path.unlink()
    _rewritten(path, *change(root, process))
    with pytest.raises(StudyError) as caught:
        read_posterior(bind(Study.open(fitted_copy)))
    assert words in str(caught.value)
    assert all(problem.fix for problem in caught.value.problems)


def test_observations_that_cannot_be_read_are_told_as_such(fitted_copy: Path) -> None:
    (fitted_copy / "calibration" / "observations.csv").write_bytes(b"series\n\xe5\n")
    with pytest.raises(StudyError, match="cannot be read"):
        read_posterior(bind(Study.open(fitted_copy)))


def test_reading_needs_neither_sampler_nor_diagnostics(fitted: Path) -> None:
    code = (
        "import sys\n"
        "sys.modules['numpyro'] = sys.modules['arviz'] = None\n"
        "from egendekning.ensemble import bind, design\n"
        "from egendekning.study import Study\n"
        f"print(design(bind(Study.open({str(fitted)!r})), 3, 1).source)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "posterior.nc" in done.stdout
