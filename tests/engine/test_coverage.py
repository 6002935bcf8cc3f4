"""What modellers write, with values worked out by hand from the manuals of Vensim and Stella: (time,) or (time, *dims)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from egendekning.engine import Model, load
from egendekning.errors import ModelFileError

from .conftest import MODELS

Loader = Callable[[str], Model]
EXACT = 1e-12  # a handful of operations in double precision
NA = np.nan
FOLLOWED = [1 - 0.5**k for k in range(5)]  # closes half of its gap in a step

EXPECTED: dict[str, dict[str, object]] = {
    "partial": {
        "some": [[NA, 4, 4]] * 5, "read in part": [[8, 8]] * 5, "total of part": 8, "by element": [[1, NA, 3]] * 5,
        "others": [[2, 0, 4]] * 5, "stock": [[4 * t] * 2 for t in range(5)],
        "followed in sum": [6 * v for v in FOLLOWED], "looked up": [0, 10, 20, 30, 40], "doubled": [0, 20, 40, 60, 80],
        "inverse": [0, 0.5, 1, 2, 3], "inverse by region": [[2, 1, 2]] * 5,
        # from 0.5: 5 x^2 up to 1 gives 3.75, then 10 + 5 (x - 1)
        "area": [-1.25, 3.75, 3.75 + 12.5, 3.75 + 30, 3.75 + 50], "area by region": [[8, 2, 14]] * 5,
        "slope after": [10, 5, 5, 0, 0], "slope before": [0, 10, 5, 5, 0], "slope": [5, 7.5, 5, 2.5, 0],
        "endless": [0, 0, 2, 4, 6], "waits its first time": [-1, 0, 1, 2, 3], "factorial": 24,
    },
}  # fmt: skip
"""Model -> variable -> values."""


@pytest.mark.parametrize(("model", "variable"), [(m, v) for m, values in EXPECTED.items() for v in values])
def test_a_construct_has_the_value_worked_out_by_hand(model: str, variable: str) -> None:
    found = load(next(MODELS.glob(f"{model}.*"))).simulate(outputs=[variable])[variable].values
    expected = np.broadcast_to(np.asarray(EXPECTED[model][variable], dtype=float), found.shape)
    np.testing.assert_allclose(found, expected, rtol=EXACT, atol=EXACT)


GRID = "INITIAL TIME = 0 ~~|\nFINAL TIME = {} ~~|\nTIME STEP = {} ~~|\nSAVEPER = {} ~~|\nx = INTEG(1, 0) ~~|\n"


@pytest.mark.parametrize(
    ("final", "step", "saveper", "times"),
    [
        (4, 0.3, "TIME STEP", [0.3 * k for k in range(14)]),  # the last whole step is 3.9
        (1, 0.25, 0.4, [0, 0.5, 0.75]),  # 0.4 and 0.8 lie nearest to these steps
        (1, 0.25, 0.1, [0, 0.25, 0.5, 0.75, 1]),  # never oftener than a step
        (1.1, 0.5, 0.5, [0, 0.5, 1]),
        (1, 0.25, 9, [0]),
    ],
)
def test_a_grid_that_does_not_fit_runs_to_its_last_whole_step(
    write: Callable[[str, str], object], final: float, step: float, saveper: object, times: list[float]
) -> None:
    found = load(write(GRID.format(final, step, saveper), "")).simulate()["x"]  # type: ignore[arg-type]
    np.testing.assert_allclose(found["time"].values, times, rtol=EXACT, atol=EXACT)
    np.testing.assert_allclose(found.values, times, rtol=1e-12, atol=EXACT)


@pytest.mark.parametrize(
    ("equation", "reason"),
    [
        ("A FUNCTION OF(a)", "its equation is not written yet"),
        ("SIMULTANEOUS(a, 1)", "by iteration"),
        ("GET VDF DATA('a', 'b', 1, 0)", "only Vensim can read"),
        ("DELAY CONVEYOR(a, 1, 2, 3, 4, 5)", "a queue or a batch"),
        ("GET TIME VALUE(2, 0, 1)", "a calendar or a clock"),
        ("PULSE(1)", "PULSE has 1 arguments"),
        ("LOOKUP INVERT(a, 3)", "LOOKUP INVERT has no table function"),
    ],
)
def test_what_has_no_meaning_in_a_file_is_refused_with_the_reason(model: Loader, equation: str, reason: str) -> None:
    with pytest.raises(ModelFileError, match=reason) as caught:
        model(f"a = 1 ~~|\nb = {equation} ~~|\n")
    assert "model.mdl:3: b: " in str(caught.value)
