"""How the cost of a call grows with runs, steps and equations, and whether a straight line describes it.

The models are made by `synthetic`, alike but for their size. The module refuses to judge: it gives the points, the
line through them, and how far from it they lie.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from egendekning.engine import load
from egendekning.engine.model import Model
from egendekning.ensemble.fresh import own_cache
from egendekning.ensemble.synthetic import COMMON, EQUATIONS, synthetic

SECTORS: Final = (1, 2, 4, 9, 18, 34)
"""Sizes of the models for the cost by equations: 33 to 1 023 of them."""

RUNS: Final = (128, 256, 512, 1024, 2048, 4096, 8192)
"""Numbers of runs for the cost by runs."""

YEARS: Final = (4, 8, 15, 30, 60, 120)
"""Horizons, at 16 steps a year, for the cost by steps."""

MIDDLE: Final = 4
"""Sectors of the model for the costs by runs and by steps."""

BATCH: Final = 1024
"""Runs of a call for the costs by steps and by equations."""

VARIED: Final = tuple(f"{what} 1" for what in ("lifetime", "adjustment time", "perception time", "hiring time",
                                                "price time", "elasticity"))  # fmt: skip
SAVED: Final = ("capacity 1", "price 1", "total capacity")

Progress = Callable[[str], None]


def measure(repeats: int, told: Progress = lambda text: None) -> xr.Dataset:
    """Measure the three curves, one thread, on processor time.

    Parameters
    ----------
    repeats : int
        Calls of each point, of which the median is taken.
    told : callable
        Is told what is measured next.

    Returns
    -------
    xarray.Dataset
        ``seconds by runs`` (runs), ``seconds by steps`` (steps), ``seconds by equations`` (equations): processor
        seconds of a call. ``first call by equations``: seconds of the call that compiles, processor time.
    """
    with tempfile.TemporaryDirectory(prefix="egendekning-bench-") as folder, own_cache():
        return _measured(Path(folder), repeats, told)


def _measured(folder: Path, repeats: int, told: Progress) -> xr.Dataset:
    models = {n: _made(folder, n) for n in sorted({*SECTORS, MIDDLE})}
    middle = models[MIDDLE]
    first, by_equations = [], []
    for n in SECTORS:
        told(f"{_equations(n)} equations")
        compiling, running = _seconds(models[n], BATCH, None, repeats)
        first.append(compiling)
        by_equations.append(running)
    told("runs")
    by_runs = [_seconds(middle, n, None, repeats)[1] for n in RUNS]
    told("steps")
    begin, steps = middle.time.initial, [round(y / middle.time.step) for y in YEARS]
    by_steps = [_seconds(middle, BATCH, {"final": begin + y}, repeats)[1] for y in YEARS]
    return xr.Dataset(
        {
            "seconds by runs": ("runs", by_runs),
            "seconds by steps": ("steps", by_steps),
            "seconds by equations": ("equations", by_equations),
            "first call by equations": ("equations", first),
        },
        {"runs": list(RUNS), "steps": steps, "equations": [_equations(n) for n in SECTORS]},
        {"repeats": repeats, "runs of a call": BATCH, "equations of the other curves": _equations(MIDDLE)},
    )


def line(x: ArrayLike, y: ArrayLike) -> dict[str, float]:
    """Return the line through points and how well it describes them.

    Returns
    -------
    dict
        ``each`` (slope), ``fixed`` (value at 0), both by least squares of relative errors, so that small points count
        as much as large ones; ``largest error``, relative; ``power``, the exponent of the best power law, 1 where cost
        is proportional.
    """
    at, cost = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    design = np.stack([at / cost, 1.0 / cost], axis=1)
    (each, fixed), *_ = np.linalg.lstsq(design, np.ones_like(cost), rcond=None)
    half = min(len(at) // 2, len(at) - 2)
    power = np.polyfit(np.log(at[half:]), np.log(cost[half:]), 1)[0]
    errors = np.abs((fixed + each * at) / cost - 1.0)
    return {"each": float(each), "fixed": float(fixed), "largest error": float(errors.max()), "power": float(power)}


CURVES: Final = {"runs": "seconds by runs", "steps": "seconds by steps", "equations": "seconds by equations"}
"""The axis of each curve, and its variable."""


def lines(measured: xr.Dataset) -> dict[str, dict[str, float | str]]:
    """Return the points of every curve and the line through them, for reading."""
    found: dict[str, dict[str, float | str]] = {}
    for axis, name in (*CURVES.items(), ("equations", "first call by equations")):
        points = measured[name]
        at, cost = points[axis].values, points.values
        rows: dict[str, float | str] = {f"{n} {axis}, s": float(v) for n, v in zip(at, cost, strict=True)}
        fitted = line(at, cost)
        rows["s for each more"], rows["s beside"] = fitted["each"], fitted["fixed"]
        rows["largest distance from the line, relative"] = fitted["largest error"]
        rows["exponent over the larger half, 1 where proportional"] = fitted["power"]
        found[name] = rows
    return found


def _equations(sectors: int) -> int:
    return EQUATIONS * sectors + COMMON


def _made(folder: Path, sectors: int) -> Model:
    path = folder / f"synthetic_{sectors}.mdl"
    path.write_text(synthetic(sectors), encoding="utf-8")
    return load(path)


def _seconds(model: Model, runs: int, time: dict[str, float] | None, repeats: int) -> tuple[float, float]:
    """Return the processor time of a first call and the median of later ones, s."""
    values = model.evaluate(VARIED)
    spread = np.random.default_rng(1).uniform(0.9, 1.1, runs)
    given = {n: float(v) * spread for n, v in values.items()}
    taken = []
    for _ in range(repeats + 1):
        begun = process_time()
        model.simulate(given, None, SAVED, time)
        taken.append(process_time() - begun)
    return taken[0], median(taken[1:])
