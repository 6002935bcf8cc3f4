"""Growth accounting: a change in egendekning as an exact sum of contributions from jobs and from residents.

With jobs J = sum of classes and employed residents E = population P x age mix (S/P) x employment (E/S), where S is the
labour supply that the age structure gives at normal participation, egendekning is R = J/E and

    ln(R1/R0) = ln(J1/J0) - ln(P1/P0) - ln((S/P)1/(S/P)0) - ln((E/S)1/(E/S)0).

Multiplying by the logarithmic mean L(R1, R0) = (R1 - R0)/ln(R1/R0) turns that into a sum for R1 - R0 itself, and
ln(J1/J0) = sum over classes of (Jc1 - Jc0)/L(J1, J0) splits it by class: the additive LMDI decomposition (Ang 2004,
Energy Policy 32), which leaves no residual. Valid where all levels are positive. The module refuses to look at anything
but these variables, and to explain why they changed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, LABEL_EN, LABEL_NB, SCENARIO, TIME
from egendekning.ensemble.measures import ELEMENTS
from egendekning.errors import Problem, SimulationError

PART: Final = "part"
"""Axis over the contributions."""

JOBS: Final = "jobs by class"
RATIO: Final = "egendekning"
RESIDENTS: Final = "employed residents"
POPULATION: Final = "total population"
SUPPLY: Final = "age weighted labour supply"

NEEDED: Final = (JOBS, RESIDENTS, POPULATION, SUPPLY)
"""Variables that the accounting reads."""

_LABELS: Final = {
    **{f"jobs {name}": (f"Arbeidsplasser: {nb}", f"Jobs: {en}") for name, (nb, en) in ELEMENTS.items() if name},
    "population": ("Innbyggere: flere eller færre", "Residents: more or fewer"),
    "age mix": ("Innbyggere: alderssammensetning", "Residents: age mix"),
    "employment rate": ("Innbyggere: andel i arbeid", "Residents: share in work"),
}


def log_mean(a: xr.DataArray, b: xr.DataArray) -> xr.DataArray:
    """Return the logarithmic mean (a - b)/ln(a/b) of positive numbers; their common value where they are equal.

    Near equality the quotient loses digits, so it is taken as b (e^x - 1)/x with x = ln(a/b), which does not.
    """
    x = _of(np.log, a / b)
    safe = x.where(x != 0.0, 1.0)
    return b * (_of(np.expm1, safe) / safe).where(x != 0.0, 1.0)


def _of(function: np.ufunc, x: xr.DataArray) -> xr.DataArray:
    """Return a NumPy function of a DataArray as what it is: a DataArray."""
    return x.copy(data=function(x.values))


def decomposition(start: xr.Dataset, end: xr.Dataset) -> xr.DataArray:
    """Split the change in egendekning between two states.

    Parameters
    ----------
    start, end : xarray.Dataset
        The variables of `NEEDED`, each with any dims in common (scenario, draw); jobs with their class beside.

    Returns
    -------
    xarray.DataArray
        (..., part), share of one (0.01 is a percentage point). The parts sum to the change in jobs / employed
        residents: ``jobs <class>``, ``population``, ``age mix``, ``employment rate``.

    Raises
    ------
    SimulationError
        Where a variable is lacking or a level is not positive.
    """
    _check(start, end)
    kind = next(str(dim) for dim in start[JOBS].dims if dim not in (SCENARIO, DRAW, TIME))
    jobs = [state[JOBS].sum(kind) for state in (start, end)]
    ratio = [total / state[RESIDENTS] for total, state in zip(jobs, (start, end), strict=True)]
    weight = log_mean(ratio[1], ratio[0])
    by_class = weight * (end[JOBS] - start[JOBS]) / log_mean(jobs[1], jobs[0])
    parts = {f"jobs {name}": by_class.sel({kind: name}, drop=True) for name in map(str, start[kind].values)}
    parts["population"] = -weight * _of(np.log, end[POPULATION] / start[POPULATION])
    mix = [state[SUPPLY] / state[POPULATION] for state in (start, end)]
    parts["age mix"] = -weight * _of(np.log, mix[1] / mix[0])
    work = [state[RESIDENTS] / state[SUPPLY] for state in (start, end)]
    parts["employment rate"] = -weight * _of(np.log, work[1] / work[0])
    joined = xr.Dataset(parts).to_array(PART)
    labels = [_LABELS.get(name, (name, name)) for name in parts]
    joined = joined.assign_coords(
        {LABEL_NB: (PART, [nb for nb, _ in labels]), LABEL_EN: (PART, [en for _, en in labels])}
    )
    joined.attrs = {
        "unit": "Dmnl",
        LABEL_NB: "Bidrag til endring i egendekning",
        LABEL_EN: "Contribution to the change",
    }
    return joined.transpose(SCENARIO, DRAW, ..., PART, missing_dims="ignore").rename("contribution")


def between_dates(dataset: xr.Dataset, first: float, last: float) -> xr.DataArray:
    """Split the change between two saved times.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dims (scenario, draw, time, class).
    first, last : float
        Saved times.

    Returns
    -------
    xarray.DataArray
        (scenario, draw, part), as `decomposition`.
    """
    return decomposition(_at(dataset, first), _at(dataset, last))


def from_baseline(dataset: xr.Dataset, time: float, baseline: str) -> xr.DataArray:
    """Split the difference of every scenario to the baseline at a saved time: (scenario, draw, part), within a draw."""
    state = _at(dataset, time)
    base = state.sel({SCENARIO: baseline}, drop=True)
    return decomposition(base.drop_vars([str(n) for n in base.coords if not base[n].dims]), state)


def _at(dataset: xr.Dataset, time: float) -> xr.Dataset:
    """Return what the accounting needs at one saved time."""
    lacking = [name for name in NEEDED if name not in dataset]
    if lacking:
        raise SimulationError(
            Problem("growth accounting", f"no variable {lacking[0]!r}", f"the variables {', '.join(NEEDED)}")
        )
    return dataset[list(NEEDED)].sel({TIME: time}, drop=True)


def _check(start: xr.Dataset, end: xr.Dataset) -> None:
    """Raise where a level is not positive: a logarithm has no meaning there."""
    bad = [n for n in NEEDED[1:] for state in (start, end) if not bool((state[n] > 0).all())]
    if bad or not all(bool(state[JOBS].sum() > 0) for state in (start, end)):
        found = f"{bad[0] if bad else JOBS} is not positive"
        raise SimulationError(Problem("growth accounting", found, "positive jobs, residents and labour supply"))
