"""The sampler finds the posterior that algebra gives, and goes on where it was cut off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from egendekning.calibrate import Calibration, Target, calibrate, synthetic
from egendekning.calibrate.nuts import BLOCK
from egendekning.errors import UsageError

from .conftest import exact

pytestmark = pytest.mark.slow

DRAWS = 1000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work") / "line"


@pytest.fixture(scope="module")
def run(target: Target, folder: Path) -> Calibration:
    return calibrate(target, folder, draws=DRAWS, seed=4)


def test_the_sampler_agrees_with_algebra(run: Calibration) -> None:
    mean, covariance = exact()
    sd = np.sqrt(np.diag(covariance))
    error = 4.0 / np.sqrt(run.diagnostics.ess_bulk[:-1].min())  # four standard errors
    draws = run.z.reshape(-1, run.z.shape[2])
    assert np.abs(draws.mean(axis=0) - mean).max() < error * sd.max()
    assert draws.std(axis=0, ddof=1) == pytest.approx(sd, rel=error)
    assert np.corrcoef(draws.T) == pytest.approx(covariance / np.outer(sd, sd), abs=2 * error)


def test_a_good_run_passes_the_gate(run: Calibration) -> None:
    assert run.diagnostics.problems() == []
    assert run.diagnostics.labels[-1] == "log density"


@pytest.mark.slow
def test_a_short_run_does_not(target: Target, tmp_path: Path) -> None:
    short = calibrate(target, tmp_path / "short", chains=2, draws=10, warmup=10, seed=1)
    told = [problem.where for problem in short.diagnostics.problems()]
    assert "size" in told
    assert "bulk ESS" in told


def test_inactive_coordinates_are_drawn_from_the_prior(run: Calibration) -> None:
    rows = run.rows(DRAWS)
    assert rows.shape == (DRAWS, run.target.prior.size)
    idle = rows[:, ~run.active]
    assert np.abs(idle.mean(axis=0)).max() < 4.0 / np.sqrt(DRAWS)
    assert idle.std(axis=0) == pytest.approx(1.0, abs=4.0 / np.sqrt(2 * DRAWS))


@pytest.mark.slow
def test_a_run_that_goes_on_gives_the_same_draws(target: Target, run: Calibration, tmp_path: Path) -> None:
    calibrate(target, tmp_path / "cut", draws=100, seed=4)
    went_on = calibrate(target, tmp_path / "cut", draws=DRAWS, seed=4, resume=True)
    assert np.array_equal(went_on.z, run.z)


@pytest.mark.slow
def test_a_finished_run_is_read_again(target: Target, run: Calibration, folder: Path) -> None:
    told: list[tuple[int, int]] = []

    def tell(stage: str, done: int, total: int) -> None:
        if stage == "sample":
            told.append((done, total))

    again = calibrate(target, folder, draws=DRAWS, seed=4, resume=True, progress=tell)
    assert np.array_equal(again.z, run.z)
    assert told[-1][0] == told[-1][1]
    assert (DRAWS + run.settings.warmup) % BLOCK == 0


@pytest.mark.slow
def test_another_run_in_the_folder_is_refused(target: Target, run: Calibration, folder: Path) -> None:
    with pytest.raises(UsageError, match="another seed"):
        calibrate(target, folder, draws=DRAWS, seed=5, resume=True)
    with pytest.raises(UsageError, match="--resume"):
        calibrate(target, folder, draws=DRAWS, seed=4)


@pytest.mark.slow
def test_a_broken_block_is_told(target: Target, run: Calibration, folder: Path) -> None:
    block = folder / "chains-0.npz"
    kept = block.read_bytes()
    try:
        block.write_bytes(b"not a block")
        with pytest.raises(UsageError, match=r"chains-0\.npz"):
            calibrate(target, folder, draws=DRAWS, seed=4, resume=True)
    finally:
        block.write_bytes(kept)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(target: Target, tmp_path: Path) -> None:
    found = synthetic(target, 100, seed=2, folder=tmp_path, checks=1)
    share, error = found.coverage()
    assert abs(share - 0.9) < 3.5 * error
    assert found.agreements[0].shift < 0.3  # 1 000 correlated draws: five standard errors
    assert 0.8 < found.agreements[0].ratio_low <= found.agreements[0].ratio_high < 1.2
