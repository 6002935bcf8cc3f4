"""The kernel as the search sees it: levers from 0 to 1, drivers and limits as the draws have them.

The module refuses to choose a mix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from egendekning.sensitivity.search.goal import Space
from egendekning.sensitivity.search.kernel import Kernel, Runs, Slopes

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass
class Scaled:
    """A kernel over scaled mixes and some of its draws.

    Attributes
    ----------
    kernel : Kernel
        Its first names are the levers of the space.
    space : Space
        The levers.
    draws : ndarray
        (draw), positions of the draws that are used.
    """

    kernel: Kernel
    space: Space
    draws: Ints
    ran: Callable[[], None] = field(default=lambda: None)

    def _physical(self, mixes: Floats) -> Floats:
        """Return scaled mixes (mix, lever) as the kernel takes them, (mix, name)."""
        rest = np.full((len(mixes), len(self.kernel.names) - len(self.space.levers)), np.nan)
        return np.concatenate([self.space.values(mixes), rest], axis=1)

    def all_of(self, mixes: Floats) -> Runs:
        """Return everything about scaled mixes (mix, lever)."""
        return self.kernel.runs(self._physical(mixes), self.draws)

    def runs(self, mixes: Floats) -> tuple[Floats, Floats]:
        """Return highest outcome (mix, draw) and mean cost (mix) of scaled mixes."""
        found = self.all_of(mixes)
        return found.highest, found.cost.mean(axis=1)

    def every_slope(self, mix: Floats) -> Slopes:
        """Return the slopes at a scaled mix by every name of the kernel, in the units of the constants."""
        return self.kernel.slopes(self._physical(mix[None])[0], self.draws)

    def slopes(self, mix: Floats) -> tuple[Floats, float, Floats, Floats]:
        """Return highest outcome, mean cost, and their slopes by the scaled levers."""
        found = self.every_slope(mix)
        count, span = len(self.space.levers), self.space.high - self.space.low
        return (found.highest, float(found.cost.mean()), found.of_highest[:, :count] * span,
                found.of_cost[:, :count].mean(axis=0) * span)  # fmt: skip

    def given(self, mix: Floats, values: Mapping[str, float]) -> Runs:
        """Return everything about one scaled mix where other constants of the kernel have values of their own."""
        row = self._physical(mix[None])
        for name, value in values.items():
            row[0, self.kernel.names.index(name)] = value
        return self.kernel.runs(row, self.draws)
