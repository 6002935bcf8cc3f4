"""What the data taught about each parameter, and which parameters trade off against each other.

Contraction is 1 - (posterior sd / prior sd): 0 where the data say nothing, 1 where they say all. Both are taken in the
unit of the parameter. The module refuses to call a parameter known because it contracted: what else in the model could
have taken its place is in the correlations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble.bind import Bound

Floats = NDArray[np.float64]

LEARNT: Final = 0.3
"""Contraction from which a parameter counts as known from the data to a good part."""

TOUCHED: Final = 0.05
"""Contraction below which the posterior is the prior, for all practical purposes; sampling error of 2 000 rows is
0.02.
"""

_ROUNDING: Final = 1e-12

QUANTILES: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Row:
    """One element of one parameter: prior and posterior in its unit."""

    name: str
    active: bool
    prior_mean: float
    prior_sd: float
    mean: float
    sd: float
    p05: float
    p50: float
    p95: float
    contraction: float
    basis: str
    grade: str


@dataclass(frozen=True)
class Pair:
    """Two elements whose draws are correlated in the posterior more than in the prior."""

    first: str
    second: str
    correlation: float


def table(
    bound: Bound, prior: Mapping[str, Floats], posterior: Mapping[str, Floats], active: frozenset[str]
) -> list[Row]:
    """Return a row for every element, the best known first.

    Parameters
    ----------
    bound : Bound
        Study and model.
    prior, posterior : mapping
        (draw, \\*dims) by parameter.
    active : frozenset of str
        Parameters that the data could move.
    """
    evidence = {bound.name(written): parameter for written, parameter in bound.study.parameters.items()}
    rows = []
    for name, values in posterior.items():
        before = prior[name].reshape(len(prior[name]), -1)
        after = values.reshape(len(values), -1)
        for i, label in enumerate(element_labels(bound, name)):
            sd0, sd = _sd(before[:, i]), _sd(after[:, i])
            p05, p50, p95 = np.quantile(after[:, i], QUANTILES)
            rows.append(
                Row(label, name in active, float(before[:, i].mean()), sd0, float(after[:, i].mean()), sd,
                    float(p05), float(p50), float(p95), 1.0 - sd / sd0 if sd0 > 0 else 0.0,
                    evidence[name].basis, evidence[name].grade)
            )  # fmt: skip
    return sorted(rows, key=lambda row: -row.contraction)


def _sd(values: Floats) -> float:
    """Return the standard deviation; 0 for what differs by rounding only."""
    sd = float(values.std(ddof=1))
    return sd if sd > _ROUNDING * float(np.abs(values).max()) else 0.0


def element_labels(bound: Bound, name: str) -> list[str]:
    """Return ``name`` or ``name[element]`` for every element, in order."""
    places = product(*(bound.model.subscripts[d] for d in bound.model.variables[name].dims))
    return [f"{name}[{', '.join(place)}]" if place else name for place in places]


def pairs(z: Floats, labels: tuple[str, ...], count: int) -> list[Pair]:
    """Return the strongest correlations.

    Parameters
    ----------
    z : ndarray
        (draw, coordinate), which are independent in the prior.
    labels : tuple of str
        Their names.
    count : int
        How many to return.
    """
    correlation = np.asarray(np.corrcoef(z.T))
    first, second = np.triu_indices(len(labels), 1)
    order = np.argsort(-np.abs(correlation[first, second]))[:count]
    return [Pair(labels[first[i]], labels[second[i]], float(correlation[first[i], second[i]])) for i in order]
