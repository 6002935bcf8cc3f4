"""Shapley effects: the variance of an outcome shared out among groups of factors, all of it, whatever depends on what.

A group's Shapley effect is the mean, over all orders in which groups become known, of how much more of the variance is
explained when its factors become known too (Owen 2014, SIAM/ASA J. Uncertain. Quantif. 2:245; Song, Nelson & Staum
2016, ibid. 4:1060). Where factors depend on each other, as rows of a posterior do, the effects still add up to what is
explained, which Sobol's indices do not.

What a set of groups explains, ``V(E[Y | X_u]) / V(Y)``, is estimated from the sample itself: the adjusted R2 of a
least-squares polynomial (Legendre, of total degree as high as the runs allow) in the factors of those groups, as in
the regression estimators of Lindeman, Merenda & Gold (1980) and Sudret (2008, Reliab. Eng. Syst. Saf. 93:964). The sum
over all subsets of groups is exact. Intervals come from a jackknife over `PARTS` parts of the runs (Kott 2001), base
samples of a Sobol' design kept whole. What no polynomial of that degree explains belongs to nobody: ``unexplained``.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations_with_replacement
from math import comb, factorial
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.linalg import solve
from scipy.special import eval_legendre
from scipy.stats import norm

from egendekning.errors import Problem, UsageError
from egendekning.names import nearest
from egendekning.sensitivity.indices.families import families
from egendekning.sensitivity.indices.options import Options
from egendekning.sensitivity.indices.reading import Outcome, Sweep, sample, standardised
from egendekning.sensitivity.indices.table import assembled, stacked

Floats = NDArray[np.float64]

MOST_GROUPS: Final = 10
"""Subsets of groups are counted through one by one: 2 to the power of this."""

PARTS: Final = 10
"""Parts of the runs that the jackknife leaves out in turn."""

_MOST_DEGREE: Final = 10
_MOST_TERMS: Final = 400
_RUNS_A_TERM: Final = 10
_RIDGE: Final = 1e-9
_MIXED: Final = "mixed"


def shapley(sweep: Sweep, outcome: Outcome, options: Options) -> xr.Dataset:
    """Share the variance of an outcome out among groups of factors.

    Parameters
    ----------
    sweep, outcome
        As in `egendekning.sensitivity.indices.regression.regression`.
    options : Options
        ``groups``: group by factor; those of the sweep if left out, the kinds of factors if it has none, and every
        factor for itself where all are of one kind and there are no more than `MOST_GROUPS`.

    Returns
    -------
    xarray.Dataset
        ``shapley`` (factor, [time], stat), shares of the variance, where the factor axis holds the groups;
        ``unexplained`` ([time]).
    """
    groups = _groups(sweep, options.groups)
    design, values, left_out = sample(sweep, outcome, 2 * (len(sweep.factors) + 1))
    terms = _terms(len(sweep.factors), len(values))
    basis = _basis(design, terms)
    target = standardised(values)
    names = tuple(dict.fromkeys(groups))
    members = [frozenset(i for i, g in enumerate(groups) if g == name) for name in names]
    columns = _columns(terms, members)
    part = families(sweep, outcome) % PARTS
    parts = [np.flatnonzero(part == k) for k in range(PARTS)]
    grams = np.stack([basis[p].T @ basis[p] for p in parts])
    sides = np.stack([basis[p].T @ target[p] for p in parts])
    squares = np.stack([(target[p] ** 2).sum(axis=0) for p in parts])
    counts = np.array([len(target[p]) for p in parts])
    whole = _explained(grams.sum(0), sides.sum(0), squares.sum(0), int(counts.sum()), columns)
    value = _shares(whole, len(names))
    again = np.stack([
        _shares(_explained(grams.sum(0) - grams[k], sides.sum(0) - sides[k], squares.sum(0) - squares[k],
                           int(counts.sum() - counts[k]), columns), len(names))
        for k in range(PARTS)
    ])  # fmt: skip
    error = np.sqrt((PARTS - 1) / PARTS * ((again - again.mean(axis=0)) ** 2).sum(axis=0))
    half = float(norm.ppf(0.5 + options.level / 2.0)) * error
    kinds = [_kind(sweep, inside) for inside in members]
    arrays = {"shapley": stacked(value, value - half, value + half), "unexplained": 1.0 - whole[-1]}
    attrs = {"method": "shapley", "terms": len(terms), "degree": max(map(len, terms)), "level": options.level,
             "runs_left_out": left_out}  # fmt: skip
    return assembled(sweep, outcome, arrays, names, kinds, attrs)


def _groups(sweep: Sweep, asked: Mapping[str, str] | None) -> tuple[str, ...]:
    """Return the group of every factor; raise UsageError for unknown factors and too many groups."""
    unknown = [name for name in asked or {} if name not in sweep.factors]
    if unknown:
        raise UsageError(
            Problem(
                "groups",
                f"unknown factor {name!r}",
                "a factor of the sweep",
                nearest(name, sweep.factors),
                f"name one of {', '.join(sweep.factors[:8])}",
            )
            for name in unknown
        )
    if asked:
        found = tuple(asked.get(factor, factor) for factor in sweep.factors)
    elif sweep.problem.get("groups"):
        found = tuple(str(g or f) for g, f in zip(sweep.problem["groups"], sweep.factors, strict=True))
    elif len(set(sweep.kinds)) > 1:
        found = sweep.kinds
    else:
        found = sweep.factors
    count = len(set(found))
    if count > MOST_GROUPS:
        fix = "name groups: --group 'land=zoning delay,available land' and so on"
        raise UsageError(Problem("groups", f"{count} groups", f"no more than {MOST_GROUPS}", fix=fix))
    return found


def _kind(sweep: Sweep, inside: frozenset[int]) -> str:
    kinds = {sweep.kinds[i] for i in inside}
    return kinds.pop() if len(kinds) == 1 else _MIXED


def _terms(factors: int, runs: int) -> list[tuple[int, ...]]:
    """Return the terms of the polynomial, each the factors multiplied in it, one a degree: as many as the runs allow.

    All terms up to a total degree where they fit, else powers of single factors without products.
    """
    most = max(min(runs // _RUNS_A_TERM, _MOST_TERMS), factors)
    full = next((d for d in range(_MOST_DEGREE, 0, -1) if comb(factors + d, d) - 1 <= most), 1)
    single = next((d for d in range(_MOST_DEGREE, 0, -1) if factors * d <= most), 1)
    if full > 1 or single == 1:
        return [t for d in range(1, full + 1) for t in combinations_with_replacement(range(factors), d)]
    return [(i,) * d for d in range(1, single + 1) for i in range(factors)]


def _basis(design: Floats, terms: list[tuple[int, ...]]) -> Floats:
    """Return the terms as centred columns (run, term): products of Legendre polynomials on the range of each factor."""
    low, high = design.min(axis=0), design.max(axis=0)
    scaled = 2.0 * (design - low) / (high - low) - 1.0
    degree = max(map(len, terms))
    single = {d: eval_legendre(d, scaled) * np.sqrt(2 * d + 1) for d in range(1, degree + 1)}
    columns = np.empty((len(design), len(terms)))
    for k, term in enumerate(terms):
        columns[:, k] = np.prod([single[term.count(i)][:, i] for i in set(term)], axis=0)
    return np.asarray(columns - columns.mean(axis=0))


def _columns(terms: list[tuple[int, ...]], members: list[frozenset[int]]) -> list[NDArray[np.intp]]:
    """Return, for every subset of groups in binary order, the terms that hold factors of those groups only."""
    needs = [sum(1 << g for g, inside in enumerate(members) if inside & set(term)) for term in terms]
    subsets = range(2 ** len(members))
    return [np.array([k for k, need in enumerate(needs) if need | u == u], dtype=np.intp) for u in subsets]


def _explained(gram: Floats, side: Floats, square: Floats, runs: int, columns: list[NDArray[np.intp]]) -> Floats:
    """Return the adjusted R2 of every subset, (subset, time)."""
    found = np.zeros((len(columns), side.shape[1]))
    total = np.where(square > 0.0, square, 1.0)
    for u, chosen in enumerate(columns):
        if not chosen.size:
            continue
        inside = gram[np.ix_(chosen, chosen)]
        inside = inside + _RIDGE * np.trace(inside) / len(chosen) * np.eye(len(chosen))
        plain = (solve(inside, side[chosen], assume_a="pos") * side[chosen]).sum(axis=0) / total
        found[u] = 1.0 - (1.0 - plain) * (runs - 1) / max(runs - len(chosen) - 1, 1)
    return found


def _shares(explained: Floats, count: int) -> Floats:
    """Return the Shapley value of every group, (group, time), from what every subset explains."""
    found = np.zeros((count, explained.shape[1]))
    for u in range(2**count):
        size = u.bit_count()
        for g in range(count):
            if not u >> g & 1:
                weight = factorial(size) * factorial(count - size - 1) / factorial(count)
                found[g] += weight * (explained[u | 1 << g] - explained[u])
    return found
