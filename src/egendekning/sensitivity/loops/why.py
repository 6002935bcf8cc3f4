"""Everything that is found out about the loops of one scenario: scores, cuts, phases, and where the two disagree.

One run with the values of the model file, and the same run with each loop cut. The module refuses to put anything into
words or pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from egendekning.dims import TIME
from egendekning.ensemble import Bound
from egendekning.sensitivity.loops.agreement import Standing, standings
from egendekning.sensitivity.loops.cuts import CUT, added, cut_runs, scenario_values
from egendekning.sensitivity.loops.named import NamedLoop
from egendekning.sensitivity.loops.phases import Phase, phases, yearly_shares
from egendekning.sensitivity.loops.scores import LOOP, loop_scores

HEADLINE: Final = "egendekning"
"""The outcome that phases follow."""

SECOND: Final = "total population"
"""An outcome on the loops themselves, for which score and cut are closer to one question."""

YEARS: Final = (2025, 2030, 2040)
"""Years around which scores are held against cuts."""

_EVERY: Final = 0.125
"""Years between the saved times of the cuts."""


@dataclass(frozen=True)
class Why:
    """What was found for one scenario.

    Attributes
    ----------
    scenario : str
        Its id.
    scores : xarray.Dataset
        From `loop_scores`, with the headline.
    cuts : xarray.Dataset
        From `cut_runs`: headline and second outcome.
    netted, relative : xarray.DataArray
        (loop, year), shares by the netted and by the published scores.
    phases : tuple of Phase
        By the scores that were asked for.
    standings : mapping
        By outcome.
    published : bool
        Whether the published scores were asked for.
    """

    scenario: str
    scores: xr.Dataset
    cuts: xr.Dataset
    netted: xr.DataArray
    relative: xr.DataArray
    phases: tuple[Phase, ...]
    standings: dict[str, tuple[Standing, ...]]
    published: bool = False

    @property
    def shares(self) -> xr.DataArray:
        """The shares, (loop, year), that the phases follow."""
        return self.relative if self.published else self.netted

    def effects(self) -> xr.DataArray:
        """Return the headline with each loop less without it, (loop, time), in its unit."""
        line = self.cuts[HEADLINE]
        gap = (line.sel({CUT: ""}, drop=True) - line).sel({CUT: [n for n in line[CUT].values if n]})
        return gap.rename({CUT: LOOP}).transpose(LOOP, TIME)

    def added(self, phase: Phase, outcome: str = HEADLINE) -> dict[str, float]:
        """Return what each loop and switch added to the change of an outcome in a phase; empty where not known."""
        if outcome not in self.cuts:
            return {}
        return added(self.cuts, outcome, float(phase.start), float(phase.end + 1))


def why(
    bound: Bound,
    loops: Sequence[NamedLoop],
    scenario: str,
    chains: Sequence[NamedLoop] = (),
    *,
    published: bool = False,
) -> Why:
    """Find out which named loops make a scenario's run.

    Parameters
    ----------
    bound : Bound
        Study and model, time in years.
    loops : sequence of NamedLoop
        Loops to score and cut.
    scenario : str
        Its id.
    chains : sequence of NamedLoop
        Chains that are no loops: cut, not scored.
    published : bool
        Whether phases and standings follow the published scores instead of the netted ones.
    """
    of = "relative" if published else "share"
    overrides = bound.study.overrides(scenario)
    headline = bound.name(HEADLINE)
    outcomes = [headline, *([bound.name(SECOND)] if SECOND in bound.model.variables else [])]
    scores = loop_scores(bound.model, loops, scenario_values(bound, overrides), [headline])
    grid = bound.model.time
    every = max(1, round(_EVERY / grid.step)) * grid.step
    count = int((grid.final - grid.initial) / every + 1e-9)
    times = [float(grid.initial + i * every) for i in range(count + 1)]
    cuts = cut_runs(bound, [*loops, *chains], overrides, outcomes, times)
    years = [y for y in YEARS if np.floor(grid.initial) <= y < grid.final]
    held = {name: standings(scores, cuts, name, years, of) for name in outcomes}
    tables = yearly_shares(scores), yearly_shares(scores, "relative")
    return Why(scenario, scores, cuts, *tables, phases(scores, headline, of), held, published)
