"""A line with process noise: its posterior is a page of linear algebra."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from egendekning.calibrate import Target, make_target
from egendekning.ensemble import Bound, bind
from egendekning.study import Study

LINE = Path(__file__).parent / "fixtures" / "line"

STEP = 0.125
SD_OF_NORMAL = 2.0 * 1.6448536269514722  # 5th to 95th percentile, in standard deviations
ERRORS = np.array([5.0, 5.0, 2.42])  # 3 and 4 in squares; 2 percent of 121
FIGURES = np.array([114.0, 126.0, 121.0])


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Keep compiled kernels of the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EGENDEKNING_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def line() -> Bound:
    return bind(Study.open(LINE))


@pytest.fixture(scope="session")
def target(line: Bound) -> Target:
    return make_target(line)


@pytest.fixture
def line_copy(tmp_path: Path) -> Path:
    """Return a copy that a test may change."""
    return Path(shutil.copytree(LINE, tmp_path / "line"))


def by_hand() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the figures as a linear function of z: offset (figure), slopes (figure, z).

    z: start, growth, innovations of the surprise in 2019, 2020 and 2021. Euler steps of the stock; knots
    k19 = s e19/sqrt(1 - r^2), k20 = r k19 + s e20, k21 = r k20 + s e21, linear in between.
    """
    times = 2019.0 + STEP * np.arange(17)
    start = np.array([20.0 / SD_OF_NORMAL, 0, 0, 0, 0])
    growth = np.array([0, 12.0 / SD_OF_NORMAL, 0, 0, 0])
    s, r = 4.0, 0.5
    k19 = np.array([0, 0, s / np.sqrt(1 - r**2), 0, 0])
    k20 = r * k19 + np.array([0, 0, 0, s, 0])
    k21 = r * k20 + np.array([0, 0, 0, 0, s])
    slope, offset = [start], [100.0]
    for now in times[:-1]:
        share = now - np.floor(now)
        before, after = (k19, k20) if now < 2020 else (k20, k21)
        slope.append(slope[-1] + STEP * (growth + (1 - share) * before + share * after))
        offset.append(offset[-1] + STEP * 10.0)
    slopes, offsets = np.array(slope), np.array(offset)
    year = slice(8, 16)
    return (
        np.array([offsets[8], offsets[16], offsets[year].mean()]),
        np.stack([slopes[8], slopes[16], slopes[year].mean(axis=0)]),
    )


def exact() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and covariance of z in the posterior: normal prior, normal errors, linear figures."""
    offset, slopes = by_hand()
    weighted = slopes / ERRORS[:, None]
    covariance = np.linalg.inv(weighted.T @ weighted + np.eye(slopes.shape[1]))
    return covariance @ weighted.T @ ((FIGURES - offset) / ERRORS), covariance
