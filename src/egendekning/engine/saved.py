"""The state of a run at one time: every stock, and what delays, smooths and samples remember.

A run that goes on from it gives what one that never stopped gives, to rounding. The module refuses to give a state to
another model or another time grid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.clock import TimeSpec
from egendekning.engine.ir import ModelDef
from egendekning.errors import Problem, UsageError

WAIT: Final = "pipe:"
"""Before the key of a fixed delay: how many steps it waits."""


@dataclass(frozen=True, slots=True)
class SavedState:
    """What a model remembers at step `step` of a grid that begins at `initial` and goes by `width`.

    Attributes
    ----------
    model : str
        Hash of the model.
    values : dict
        Hidden state -> (*labels, draw or 1); fixed delays have their whole memory first, and under `WAIT` and their
        key the steps that they wait.
    draws : int or None
        Number of draws, None for a single run.
    """

    model: str
    initial: float
    width: float
    step: int
    draws: int | None
    values: dict[str, NDArray[np.float64]] = field(repr=False)

    @property
    def time(self) -> float:
        """The time of the state."""
        return self.initial + self.step * self.width

    def check(self, model: ModelDef, grid: TimeSpec, draws: int | None) -> None:
        """Raise UsageError where a run cannot go on from here."""
        if self.model != model.hash:
            raise UsageError(Problem("start", "the state of another model", "a state of this model file"))
        if (grid.initial, grid.step) != (self.initial, self.width):
            raise UsageError(Problem("start", f"a state on a grid from {self.initial:g} by {self.width:g}",
                                     f"one from {grid.initial:g} by {grid.step:g}"))  # fmt: skip
        if max(grid.save_steps()) < self.step:
            raise UsageError(Problem("start", f"a state at {self.time:g}, after all saving times", "an earlier state"))
        if self.draws is not None and draws not in (None, self.draws):
            raise UsageError(Problem("start", f"a state of {self.draws} draws", f"{draws}, as in the parameters"))
