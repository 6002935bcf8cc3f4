"""What modellers write, with values worked out by hand from the manuals: (time,) or (time, *dims)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import erf, factorial, sqrt
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

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
        "square": [[[1, 2, NA], [NA, 4, NA], [NA, NA, NA]]] * 5, "across": [[2, 4, NA]] * 5,
        "followed in sum": [6 * v for v in FOLLOWED], "looked up": [0, 10, 20, 30, 40], "doubled": [0, 20, 40, 60, 80],
        "inverse": [0, 0.5, 1, 2, 3], "inverse by region": [[2, 1, 2]] * 5,
        # from 0.5: 5 x^2 up to 1 gives 3.75, then 10 + 5 (x - 1)
        "area": [-1.25, 3.75, 3.75 + 12.5, 3.75 + 30, 3.75 + 50], "area by region": [[8, 2, 14]] * 5,
        "slope after": [10, 5, 5, 0, 0], "slope before": [0, 10, 5, 5, 0], "slope": [5, 7.5, 5, 2.5, 0],
        "endless": [0, 0, 2, 4, 6], "waits its first time": [-1, 0, 1, 2, 3], "factorial": 24,
    },
    "library": {
        # 10 a year at 0.9^t: what has come in so far, and this step's
        "worth": [100 * (1 - 0.9 ** (t + 1)) for t in range(5)],
        # from 1/1.1 on, each step's factor is 1 - 0.1/1.1 = 1/1.1 of the last
        "worth at end": [2 * (5 + 10 * sum(1.1 ** -(k + 1) for k in range(t + 1))) for t in range(5)],
        "late": 6, "on the way": 18, "sampled": [0, 1, 2, 2, 2],
    },
    "shapes": {
        "weighted": [[10, 20, 30, 80]] * 5, "by country": [[[5, 5], [5, 5], [5, 5], [6, 7]]] * 5,
        "of zone": [[10, 13]] * 5, "of euro": 14, "product of all": 23, "is largest": [[0, 0, 0, 1]] * 5,
        "share": [[0.1, 0.2, 0.3, 0.4]] * 5, "so far": [[1, 3, 6, 10]] * 5,
        "sides": [[[6, 15], [24, 33]]] * 5, "crossed": [[[5, 17], [7, 19], [9, 21]]] * 5,
        "turned": [[[[1, 7], [2, 8], [3, 9]], [[4, 10], [5, 11], [6, 12]]]] * 5, "steps": 3,
        "filled": [[[[1 + t * (6 * a + 3 * b + c + 1) for c in range(3)] for b in range(2)] for a in range(2)]
                   for t in range(5)],
        "corner": [[[0, 1], [0, 0]]] * 5, "ranks": [[[1, 2], [1, 2]]] * 5, "falling order": [[2, 1, 0]] * 5,
        "selected": [[15, 33]] * 5, "backwards": [[3, 2, 1]] * 5, "layers": [[[1, 1], [2, 2], [3, 2]]] * 5,
        "but two": [[5, 6, 4]] * 5, "on curves": [[1, 1.5, 1]] * 5, "signs": [[-1, 2.5, -0.3]] * 5,
    },
    "moments": {
        "long pulse": [0, 1, 1, 0, 0], "no width": [0, 1, 0, 0, 0], "train": [0, 1, 0, 1, 0],
        "train that ends": [1, 1, 1, 0, 0], "overlapping train": 1, "thin train": [0, 1, 0, 0, 0],
        "late step": [0, 0, 0, 5, 5], "whole at start": 7, "chain of initials": 6, "counted": [3, 4, 5, 6, 7],
        "followed": [5, 5.5, 6, 6.5, 7], "known": [0, 0, 1, 1, 1], "now and then": [NA, NA, 3, 3, 3],
        "at two": [-1, -1, 20, 20, 20], "at once": [7, 0, 1, 2, 3], "shorter": [-1, -1, 0, 1, 2],
        "longer": [-1, -1, -1, 0, 1], "between": [0, 0, 1, 0, 0], "but two": [1, 1, 0, 1, 1],
        "nested": [5, 7, 6, 6, 6], "any number": [0, 1, 1, 1, 1], "a comparison counts": [0, 0, 0, 3, 3],
        "brackets": [1, 0, 1, 1, 0], "rests": -1 - 20 - 600,
    },
    "isee": {
        "rounded": 2, "third root": 3, "sign": [-1, 0, 0, 0, 0], "counter": [1, 2, 1, 2, 1], "sine": [0, 2, 0, -2, 0],
        "cosine": [2, 0, -2, 0, 2], "long ago": [0, 0, 0, 1, 2], "own past": [11, 12, 13, 14, 15],
        "speed": [0, 1, 3, 5, 7], "acceleration": [0, 1, 2, 2, 2], "compound": 0.1, "orders": 120, "choices": 10,
        "rows": 20, "within": erf(1 / sqrt(2)), "quantile": 0, "binary": 5, "gamma": 0,
        "worth": [100 * (1 - 0.9 ** (t + 1)) for t in range(5)], "rate": -12.1 / 0.21, "present": 20, "future": 21,
        "remainders": 3, "inside": [4, 3, 4, 4, 4], "most of three": [2, 2, 2, 3, 4], "minus a square": -4,
        "product of remainder": 2, "count of days": 6 + 2 + 3 - 1 + 1, "smallest": 2, "largest": 1, "in all": 6,
        "one of two": 8, "nothing by chance": 0, "always": 1,
        "graph of each": [[t, 2 * t, 5] for t in range(5)],
    },
    "ages": {
        "cohort": [[8, 0, 0], [4, 4, 0], [2, 4, 2], [1, 3, 3], [0.5, 2, 3]],
        "older": [[[22, 23], [33, 34], [3, 3]]] * 5, "two ways": [4, 2, 2, 2, 1.75], "so far": [[1, 3, 6]] * 5,
    },
    "xmile_stocks": {
        "off": [4, 4, 4, 1, 2], "belt": [12, 9, 7, 6, 9],
        "first": [3, 2, 1, 1, 1], "second": [2, 0, 0, 0, 0], "store": [5, 1, 0, 0, 0],
        "through": [3, 2, 1, 1, 1], "next": 0, "there": 3, "back": [0, 3, 3, 3, 3], "round one": [5, 2, 2, 2, 2],
    },
}  # fmt: skip
"""Model -> variable -> values."""


@cache
def _run(model: str) -> xr.Dataset:
    return load(next(MODELS.glob(f"{model}.*"))).simulate(outputs=list(EXPECTED[model]))


@pytest.mark.parametrize(("model", "variable"), [(m, v) for m, values in EXPECTED.items() for v in values])
def test_a_construct_has_the_value_worked_out_by_hand(model: str, variable: str) -> None:
    found = _run(model)[variable].values
    expected = np.broadcast_to(np.asarray(EXPECTED[model][variable], dtype=float), found.shape)
    np.testing.assert_allclose(found, expected, rtol=EXACT, atol=EXACT)


@pytest.mark.slow
def test_two_dimensions_of_the_same_elements_have_names_of_their_own() -> None:
    square = _run("partial")["square"]
    assert square.dims == ("time", "Region", "Region 2")
    assert float(square.sel({"Region": "north", "Region 2": "south"})[0]) == 2.0


@pytest.mark.slow
def test_random_functions_found_by_search_have_the_moments_of_their_distributions() -> None:
    found = load(MODELS / "library.mdl").simulate(
        draws=1600, seed=1, outputs=["few", "few between", "waits", "share", "hits", "misses"]
    )
    moments = {"few": (3.5, 3.5), "waits": (1 + 3 * 2, 9 * 2), "share": (1 + 2 * 0.4, 4 * 0.4 * 0.6 / 6),
               "hits": (3, 2.1), "misses": (5 * 0.6 / 0.4, 5 * 0.6 / 0.4**2)}  # fmt: skip
    for name, (mean, variance) in moments.items():
        values = found[name].values
        assert abs(values.mean() - mean) < 5 * sqrt(variance / values.size)  # five standard errors
        assert values.var() == pytest.approx(variance, rel=0.08)  # some five standard errors of 8000 numbers
    for name in ("few", "hits", "misses"):
        assert (found[name].values == np.round(found[name].values)).all()
    between = found["few between"].values
    weights = np.array([3**k / factorial(k) for k in (2, 3, 4, 5)])
    shares = [(between == k).mean() for k in (2, 3, 4, 5)]
    np.testing.assert_allclose(shares, weights / weights.sum(), atol=5 * 0.5 / sqrt(between.size))


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
    ("final", "times"),
    [
        ("IF THEN ELSE(x >= 3, Time, 100)", [0, 0.5, 1, 1.5, 2, 2.5, 3]),  # the stock reaches 3 at time 3
        ("1 + INITIAL(x + half[two])", [0, 0.5, 1, 1.5]),
        ("half[one] * four(8)", [0, 0.5, 1, 1.5, 2]),
    ],
)
def test_a_final_time_may_be_computed_by_the_model(
    write: Callable[[str, str], object], final: str, times: list[float]
) -> None:
    more = "D: one, two ~~|\nhalf[D] = 0.5, 0.5 ~~|\nfour((0,0),(8,4)) ~~|\nend = FINAL TIME ~~|\n"
    found = load(write(GRID.format(final, 0.5, 0.5) + more, "")).simulate()  # type: ignore[arg-type]
    assert found["time"].values.tolist() == times
    assert found["end"].values[0] == times[-1]


@pytest.mark.parametrize(
    ("final", "step", "reason"),
    [
        ("Time + 1", 1, "FINAL TIME is not reached in 65536 steps"),
        (4, "IF THEN ELSE(x > 2, 1, 0.5)", "TIME STEP is not a constant"),
        (4, "Time", "TIME STEP is not a constant"),
    ],
)
def test_a_grid_that_never_ends_or_changes_its_step_is_refused(
    write: Callable[[str, str], object], final: object, step: object, reason: str
) -> None:
    with pytest.raises(ModelFileError, match=reason):
        load(write(GRID.format(final, step, 1), ""))  # type: ignore[arg-type]


@pytest.mark.slow
def test_loading_and_running_leaves_no_file_beside_the_model(tmp_path: Path) -> None:
    for name in ("moments.mdl", "isee.stmx"):
        folder = tmp_path / name
        folder.mkdir()
        path = folder / name
        path.write_bytes((MODELS / name).read_bytes())
        load(path).simulate(time={"final": 0.0})
        assert list(folder.iterdir()) == [path]


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


BELT = """<xmile version="1.0"><sim_specs><start>0</start><stop>4</stop><dt>1</dt></sim_specs><model><variables>
<stock name="belt"><eqn>1</eqn><inflow>on</inflow><outflow>off</outflow>{belt}</stock>
<flow name="on"><eqn>1</eqn></flow><flow name="off">{off}</flow></variables></model></xmile>"""


@pytest.mark.parametrize(
    ("belt", "off", "reason"),
    [
        ("<conveyor><len>2</len><capacity>5</capacity></conveyor>", "", "belt is a conveyor with <capacity>"),
        ("<conveyor><len>2</len><arrest>0</arrest></conveyor>", "", "belt is a conveyor with <arrest>"),
        ("<conveyor><len>2</len></conveyor>", "<leak/>", "off is the leakage of a conveyor"),
        ("<conveyor><len>1 + TIME</len></conveyor>", "", "the transit time of a conveyor changes during the run"),
        ("<queue/>", "<eqn>1</eqn>", "the stock is a queue"),
    ],
)
def test_a_conveyor_that_is_more_than_a_delay_is_refused(tmp_path: Path, belt: str, off: str, reason: str) -> None:
    path = tmp_path / "belt.xmile"
    path.write_text(BELT.format(belt=belt, off=off), encoding="utf-8")
    with pytest.raises(ModelFileError, match=reason):
        load(path)


def test_a_sum_inside_a_sum_runs_over_its_own_subscripts(model: Loader) -> None:
    found = model(
        "A: a1, a2 ~~|\nB: b1, b2, b3 ~~|\nx[A] = 1, 10 ~~|\ny[B] = 1, 2, 3 ~~|\nz[A, B] = 1, 2, 3; 4, 5, 6; ~~|\n"
        "apart = SUM(x[A!] * SUM(y[B!])) ~~|\nwhole = SUM(x[A!] * SUM(z[A!, B!])) ~~|\n"
        "scaled = SUM(x[A!] / VMAX(x[A!])) ~~|\nchosen = SUM(x[A!] * VECTOR SELECT(y[B!], y[B!], 0, 0, 0)) ~~|\n"
        "choice = VECTOR SELECT(x[A!], x[A!] * SUM(y[B!]), 0, 0, 0) ~~|\n"
    ).simulate(time=[0.0])
    assert found["apart"].item() == 11 * 6
    assert found["whole"].item() == 11 * 21
    assert found["scaled"].item() == pytest.approx(1.1, rel=EXACT)
    assert found["chosen"].item() == 11 * (1 + 4 + 9), "what is selected is weighted by the selection"
    assert found["choice"].item() == (1 + 100) * 6
