"""Loops cut: the same scenario with each named loop switched off, over the whole run.

A score says what a loop does within a run; a cut says what the run would have been without it. The two answer different
questions and may differ: `agreement` holds them side by side. All cuts are draws of one call with the values of the
model file. The module refuses to judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, POINT, TIME
from egendekning.ensemble import Bound
from egendekning.sensitivity.loops.named import NamedLoop

CUT: Final = "cut"
"""Axis over what is cut: labels of loops, then single switches; the first, empty, is the run as it is."""


def cut_runs(
    bound: Bound,
    loops: Sequence[NamedLoop],
    overrides: Mapping[str, float],
    outputs: Sequence[str],
    times: Sequence[float],
) -> xr.Dataset:
    """Run a scenario as it is, without each loop, and without each switch.

    Parameters
    ----------
    bound : Bound
        Study and model.
    loops : sequence of NamedLoop
        Loops with switches; one without is left out.
    overrides : mapping
        What the scenario sets, by constant or ``constant[element]``.
    outputs : sequence of str
        Model variables.
    times : sequence of float
        Saved times, rising.

    Returns
    -------
    xarray.Dataset
        Outputs (cut, time, \\*dims).
    """
    cuts: dict[str, tuple[str, ...]] = {"": ()}
    cuts.update({loop.label: loop.switches for loop in loops if loop.switches})
    cuts.update({switch: (switch,) for loop in loops for switch in loop.switches})
    parameters = scenario_values(bound, overrides)
    for switch in dict.fromkeys(s for switches in cuts.values() for s in switches):
        name = bound.name(switch)
        on = float(parameters.get(name, bound.values[name]))
        parameters[name] = np.array([0.0 if switch in switches else on for switches in cuts.values()])
    if len(cuts) == 1:
        found = bound.model.simulate(parameters, outputs=outputs, time=times).expand_dims(DRAW)
    else:
        found = bound.model.simulate(parameters, outputs=outputs, time=times)
    result = found.rename({DRAW: CUT}).assign_coords({CUT: list(cuts)})
    return result.transpose(CUT, TIME, ...)


def added(cuts: xr.Dataset, outcome: str, start: float, end: float) -> dict[str, float]:
    """Return what each loop or switch added to the change of an outcome from one time to another.

    Parameters
    ----------
    cuts : xarray.Dataset
        From `cut_runs`.
    outcome : str
        Model variable without subscripts.
    start, end : float
        Times; the nearest saved ones inside are taken.

    Returns
    -------
    dict
        The change with it less the change without it, in the unit of the outcome, by what is cut.
    """
    window = cuts[outcome].sel({TIME: slice(start, end)})
    moved = window.isel({TIME: -1}) - window.isel({TIME: 0})
    whole = float(moved.sel({CUT: ""}))
    return {str(n): whole - float(moved.sel({CUT: n})) for n in cuts[CUT].values if n}


def scenario_values(bound: Bound, overrides: Mapping[str, float]) -> dict[str, Any]:
    """Return what a run of one scenario with the values of the model file is given, without a draw axis.

    Parameters
    ----------
    bound : Bound
        Study and model.
    overrides : mapping
        What the scenario sets, by constant or ``constant[element]``.
    """
    from egendekning.ensemble import design
    from egendekning.ensemble.run import scenario_parameters

    given = scenario_parameters(bound, design(bound, 0, 1), overrides)
    return {
        name: (array.isel({DRAW: 0}) if DRAW in array.dims else array) if isinstance(array, xr.DataArray) else array
        for name, array in given.items()
        if POINT in getattr(array, "dims", ()) or name in bound.values
    }
