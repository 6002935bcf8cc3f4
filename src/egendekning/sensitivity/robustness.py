"""How far advice holds when the draws differ: who beats whom, what a wrong choice costs, and whether the order stays.

Policies are compared within a draw, so that what is uncertain is the same for both sides; only then is it counted over
draws. Regret is what a policy loses in a draw to the best of those compared (Savage 1951; Lempert, Popper & Bankes
2003, ch. 4). The module takes a comparison of scenarios and refuses to say which draws are likely: every draw weighs
the same, as everywhere in the project. The reference draw is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, LABEL_EN, LABEL_NB, SCENARIO, UNIT
from egendekning.ensemble.measures import Measure, measures, read
from egendekning.ensemble.ranking import ranking
from egendekning.errors import Problem, UsageError
from egendekning.names import find, nearest

OTHER: Final = "other"
STATISTIC: Final = "statistic"
REGRETS: Final = ("mean", "p90", "max")
"""Mean regret, the regret that 90 % of the draws stay below, and the largest."""

LEAST_DRAWS: Final = 20
"""Draws below which a share says nothing: it is known within 11 points at best."""

LOWER: Final = (
    "year of balance", "social costs", "emissions", "unemployment rate", "registered unemployed", "outside total",
    "lever cost", "lever cost since start", "net debt share",
)  # fmt: skip
"""Measures of which less is better, unless the reader says otherwise; of the others more is."""

_P90 = 0.9


def levels(dataset: xr.Dataset, measure: str, scenarios: Sequence[str] | None = None) -> xr.DataArray:
    """Return a measure of every policy in every sampled draw.

    Parameters
    ----------
    dataset : xarray.Dataset
        Runs of a comparison, dims (scenario, draw, time, \\*subscripts).
    measure : str
        As in the summary: ``egendekning@2040``, ``social costs@2030``, ``year of balance``.
    scenarios : sequence of str, optional
        The policies compared; all if left out.

    Returns
    -------
    xarray.DataArray
        (scenario, draw), in the measure's unit; infinite where the year of balance never comes.

    Raises
    ------
    UsageError
        For an unknown measure, and with too few draws.
    """
    item = measure_of(dataset, measure)
    values = read(dataset, item)[:, 1:]
    if values.shape[1] < LEAST_DRAWS:
        fix = "compare with --draws 500"
        raise UsageError(Problem("draws", f"{values.shape[1]}", f"at least {LEAST_DRAWS} sampled draws", fix=fix))
    coords = {SCENARIO: dataset[SCENARIO].values, DRAW: dataset[DRAW].values[1:]}
    attrs = {"measure": item.id, UNIT: item.unit, LABEL_NB: item.label_nb, LABEL_EN: item.label_en,
             "decimals": item.decimals}  # fmt: skip
    found = xr.DataArray(values, coords, (SCENARIO, DRAW), attrs=attrs)
    return found if scenarios is None else found.sel({SCENARIO: list(scenarios)})


def measure_of(dataset: xr.Dataset, name: str, where: str = "measure") -> Measure:
    """Return a measure of a comparison by its name; an unknown one is a UsageError with the nearest."""
    known = {item.id: item for item in measures(dataset)}
    written = find(name, known)
    if written is None:
        expected = "a measure of the comparison, as egendekning@2040 (see summary.csv of 'egendekning compare')"
        near = nearest(name, known)
        fix = f"name it as {near or next(iter(known), 'egendekning@2040')!r}"
        raise UsageError(Problem(where, f"unknown measure {name!r}", expected, near, fix))
    return known[written]


def lower_is_better(measure: str) -> bool:
    """Return whether less of a measure (``social costs@2030``) is what a council wants."""
    return find(measure.partition("@")[0].partition("[")[0].strip(), dict.fromkeys(LOWER)) is not None


def pairwise(level: xr.DataArray, *, lowest: bool = False) -> xr.DataArray:
    """Return the share of draws in which one policy is better than another.

    Parameters
    ----------
    level : xarray.DataArray
        (scenario, draw), from `levels`.
    lowest : bool
        Whether the lower number is the better.

    Returns
    -------
    xarray.DataArray
        (scenario, other), share of draws in which `scenario` is strictly better than `other`; NaN on the diagonal. Ties
        count for neither, so two shares may add up to less than one.
    """
    better = _higher_is_better(level, lowest=lowest)
    wins = np.stack([(row > better).mean(axis=1) for row in better])
    np.fill_diagonal(wins, np.nan)
    ids = level[SCENARIO].values
    return xr.DataArray(wins, {SCENARIO: ids, OTHER: ids}, (SCENARIO, OTHER), attrs=level.attrs)


def regrets(level: xr.DataArray, *, lowest: bool = False) -> xr.DataArray:
    """Return what each policy loses to the best one, draw by draw.

    Parameters
    ----------
    level, lowest
        As in `pairwise`.

    Returns
    -------
    xarray.DataArray
        (scenario, draw), not negative, in the measure's unit; infinite where the best of a draw reaches balance and
        the policy never does, and zero where none does.
    """
    better = _higher_is_better(level, lowest=lowest)
    best = better.max(axis=0)
    with np.errstate(invalid="ignore"):
        lost = np.where(better == best, 0.0, best - better)
    return level.copy(data=lost)


def regret_table(regret: xr.DataArray) -> xr.DataArray:
    """Return mean, 90 % and largest regret of each policy, (scenario, statistic), in the measure's unit."""
    values = regret.values
    p90 = np.quantile(values, _P90, axis=1, method="inverted_cdf")
    table = np.stack([values.mean(axis=1), p90, values.max(axis=1)], axis=1)
    coords = {SCENARIO: regret[SCENARIO].values, STATISTIC: list(REGRETS)}
    return xr.DataArray(table, coords, (SCENARIO, STATISTIC), attrs=regret.attrs)


def stability(level: xr.DataArray, *, lowest: bool = False) -> xr.Dataset:
    """Return how far the order of the policies holds.

    Parameters
    ----------
    level : xarray.DataArray
        (scenario, draw), from `levels`; at least two policies.
    lowest : bool
        Whether the lower number is the better.

    Returns
    -------
    xarray.Dataset
        Over ``scenario``, best first by median: ``median`` in the measure's unit, ``best`` the share of draws in which
        it is the best, ``ahead`` the share in which it is better than the next (NaN for the last). Attributes:
        ``agreement``, the mean of Kendall's tau between a draw's order and that by median, and ``same_top``, the share
        of draws whose best three are those by median.
    """
    names = [str(name) for name in level[SCENARIO].values]
    if len(names) < 2:
        raise UsageError(Problem("scenarios", f"{len(names)}", "two policies or more", fix="name another scenario"))
    better = _higher_is_better(level, lowest=lowest)
    found = ranking(names, np.where(np.isfinite(better), better, -np.finfo(float).max))
    order = list(found.order)
    ahead = [*found.holds, float("nan")]
    data = {
        "median": (SCENARIO, level.median(DRAW).sel({SCENARIO: order}).values),
        "best": (SCENARIO, list(found.first)),
        "ahead": (SCENARIO, ahead),
    }
    attrs = {**level.attrs, "agreement": found.agreement, "same_top": found.same_top, "draws": level.sizes[DRAW]}
    return xr.Dataset(data, {SCENARIO: order}, attrs)


def _higher_is_better(level: xr.DataArray, *, lowest: bool) -> np.ndarray:
    """Return (scenario, draw), turned so that the higher number is the better."""
    values = np.asarray(level.transpose(SCENARIO, DRAW).values, dtype=float)
    return -values if lowest else values
