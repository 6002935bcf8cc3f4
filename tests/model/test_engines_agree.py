"""Three engines run the shipped file: ours, PySD and Simlin."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from egendekning.engine import Model
from egendekning.names import key

pytestmark = pytest.mark.slow

ROUNDING = 1e-9  # another order of the same double-precision sums, over a year of steps
MAIN = [
    "egendekning", "jobs", "employed residents", "live and work", "in commuters", "out commuters", "total population",
    "registered unemployed", "dwellings", "own tax", "income equalisation", "block grant", "free income",
    "social costs", "net operating result", "net debt", "reserve fund", "service level", "emissions",
]  # fmt: skip


def test_a_year_of_every_variable_is_what_pysd_gives(model: Model) -> None:
    year = {"final": 2020.0, "saveper": model.time.step}
    ours, theirs = model.simulate(time=year), model.simulate(time=year, engine="pysd")
    assert list(ours.data_vars) == list(theirs.data_vars)
    apart = {}
    for name in ours.data_vars:
        size = float(abs(theirs[name]).max())
        gap = float(abs(ours[name] - theirs[name]).max())
        if not gap <= ROUNDING * max(size, 1.0):
            apart[name] = (gap, size)
    assert apart == {}


@pytest.mark.parametrize("name", MAIN)
def test_simlin_gives_the_main_outputs_over_the_whole_horizon(
    simlin: dict[str, np.ndarray], baseline: xr.Dataset, name: str
) -> None:
    ours, theirs = baseline[name].values, simlin[key(name)]
    np.testing.assert_allclose(theirs, ours, rtol=1e-6, atol=1e-6 * float(abs(ours).max()))


@pytest.fixture(scope="module")
def simlin(model: Model) -> dict[str, np.ndarray]:
    """Return the saved series of a run in Simlin, by normal name."""
    engine = pytest.importorskip("simlin", reason="the extra `diagrams` is absent")
    results = engine.load(str(model.path)).run(analyze_loops=False).results
    return {key(str(name)): results[name].to_numpy() for name in results.columns}
