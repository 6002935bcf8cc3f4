"""Depth, recovery time and lost job-years of blows whose shape is known."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from egendekning.ensemble import Bound, resilience, resilience_of

TIMES = np.arange(2029.0, 2041.0, 0.5)


def series(values: np.ndarray) -> xr.DataArray:
    return xr.DataArray(values, dims="time", coords={"time": TIMES}, attrs={"unit": "person"})


def triangle(depth: float) -> np.ndarray:
    """Loss that grows from 2030 to 2032 and is gone in 2036."""
    return np.interp(TIMES, [2030.0, 2032.0, 2036.0], [0.0, depth, 0.0], left=0.0, right=0.0)


def test_a_triangular_loss_has_the_area_of_a_triangle() -> None:
    found = resilience(series(100.0 - triangle(20.0)), series(np.full(TIMES.size, 100.0)), start=2030.0)
    assert float(found["depth"]) == pytest.approx(0.2, rel=1e-12)
    assert float(found["lost"]) == pytest.approx(20.0 * 6.0 / 2.0, rel=1e-12)
    # a tenth of the depth is left at 2035.6; the next saved time is 2036
    assert float(found["recovery time"]) == 6.0
    assert found["lost"].attrs["unit"] == "person*year"


def test_a_loss_that_stays_never_recovers() -> None:
    loss = np.where(TIMES >= 2030.0, 5.0, 0.0)
    found = resilience(series(100.0 - loss), series(np.full(TIMES.size, 100.0)), start=2030.0)
    assert np.isnan(float(found["recovery time"]))


def test_no_shock_is_no_loss() -> None:
    calm = series(np.linspace(100.0, 120.0, TIMES.size))
    found = resilience(calm, calm, start=2030.0)
    assert [float(found[name]) for name in ("depth", "recovery time", "lost")] == [0.0, 0.0, 0.0]


def test_a_second_dip_puts_recovery_off() -> None:
    loss = triangle(20.0) + np.where(TIMES == 2038.0, 10.0, 0.0)
    found = resilience(series(100.0 - loss), series(np.full(TIMES.size, 100.0)), start=2030.0)
    assert float(found["recovery time"]) == 8.5


def test_scenarios_are_hit_within_each_draw(village: Bound) -> None:
    found = resilience_of(
        village, ["baseline", "land"], {"migration rate": -0.02}, 2019.0, draws=2, variable="total population"
    )
    assert found["depth"].dims == ("scenario", "draw")
    # two percent a year by Euler steps of 1/8 year, 2019 to 2044.875: 207 steps
    assert found["depth"].values == pytest.approx(1.0 - (1.0 - 0.02 / 8.0) ** 207, rel=1e-9)
