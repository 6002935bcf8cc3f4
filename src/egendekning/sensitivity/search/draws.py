"""Two sets of draws: one to search on, and one that the search has never seen, to judge what it found.

A mix that was chosen because it did well on some draws does a little worse on others; the second set says how much. It
takes other rows of the posterior than the first while there are enough, and process noise from another seed. The module
refuses to draw anything itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import xarray as xr

from egendekning.dims import DRAW
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.design import Design, design
from egendekning.ensemble.posterior import read_posterior
from egendekning.ensemble.process import chosen_rows


def both_sets(bound: Bound, draws: int, seed: int) -> Design:
    """Return a design of twice as many draws: those of `design`, and after them as many fresh ones.

    Parameters
    ----------
    bound : Bound
        Study and model.
    draws, seed : int
        As in `egendekning.ensemble.design.design`; the fresh draws have the seed after it.
    """
    first = design(bound, draws, seed)
    posterior = read_posterior(bound)
    if posterior is None:
        return _joined(first, design(bound, draws, seed + 1), list(range(draws)))
    more = 2 * draws
    used = set(chosen_rows(posterior.rows, draws, seed).tolist())
    rows = chosen_rows(posterior.rows, more, seed + 1).tolist()
    order = sorted(range(more), key=lambda i: (rows[i] in used, i))
    return _joined(first, design(bound, more, seed + 1), order[:draws])


def _joined(first: Design, second: Design, keep: list[int]) -> Design:
    """Return one design after another, of which only the draws at `keep` are taken, from 0 for draw 1."""
    at = [i + 1 for i in keep]

    def places(a: Mapping[str, xr.DataArray], b: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
        return {
            name: xr.DataArray(np.concatenate([value.values, b[name].values[at]]), dims=value.dims)
            if DRAW in value.dims else value
            for name, value in a.items()
        }  # fmt: skip

    return replace(
        first, parameters=places(first.parameters, second.parameters),
        initial_values=places(first.initial_values, second.initial_values), draws=first.draws + len(keep),
    )  # fmt: skip
