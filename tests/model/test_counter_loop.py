"""Homes bring residents, residents work: the loop that defeats housing-led growth.

Registers of 2019 (Statistics Norway, ages 15-74): 46 151 jobs, 49 533 employed residents; 0.489 employed residents per
inhabitant. The plan's rule of thumb is one new job for every two new inhabitants.
"""

from __future__ import annotations

import pytest
import xarray as xr

from .conftest import Laboratory

pytestmark = pytest.mark.slow

JOBS, EMPLOYED, PER_INHABITANT = 46151, 49533, 0.489
NEWCOMERS = 10000


def test_one_job_for_two_new_inhabitants_leaves_egendekning_at_94_percent() -> None:
    ratio = (JOBS + NEWCOMERS / 2) / (EMPLOYED + PER_INHABITANT * NEWCOMERS)
    assert ratio == pytest.approx(0.940, abs=0.0005)


def test_the_model_gives_the_employed_per_inhabitant_behind_that_arithmetic(baseline: xr.Dataset) -> None:
    found = float((baseline["employed residents"] / baseline["total population"]).sel(time=2019.875))
    assert found == pytest.approx(PER_INHABITANT, rel=0.01)


def test_one_job_for_two_new_inhabitants_does_not_close_the_gap_in_the_model(baseline: xr.Dataset) -> None:
    at = baseline.sel(time=2019.875)
    per_inhabitant = at["employed residents"] / at["total population"]
    ratio = float((at["jobs"] + NEWCOMERS / 2) / (at["employed residents"] + per_inhabitant * NEWCOMERS))
    assert ratio == pytest.approx(0.940, abs=0.01)
    assert ratio < 1


def test_housing_led_growth_alone_lowers_egendekning(laboratory: Laboratory) -> None:
    assert laboratory.gain("homes", "total population", 2040.0) > 1000
    assert laboratory.gain("homes", "egendekning", 2040.0) < -0.002
    assert laboratory.gain("homes", "egendekning", 2050.0) < laboratory.gain("homes", "egendekning", 2040.0)


def test_homes_bring_more_employed_residents_than_jobs(laboratory: Laboratory) -> None:
    assert laboratory.gain("homes", "employed residents", 2040.0) > laboratory.gain("homes", "jobs", 2040.0) > 0
