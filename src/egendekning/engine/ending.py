"""The end of a run that the model itself decides: a FINAL TIME that depends on time or on stocks.

Such a run ends at the first step whose time is not before the FINAL TIME of that step. The module finds that step with
the values of the file; a run with other values keeps the grid. It refuses models that do not end within its bound.
"""

from __future__ import annotations

import numpy as np

from egendekning.engine.ir import ModelDef
from egendekning.errors import ModelFileError, Problem

_TRIES = (256, 4096, 65_536)  # steps
_NEAR = 1e-6  # of a step


def first_end(model: ModelDef) -> float:
    """Return the time at which a run of `model`, whose FINAL TIME is no constant, ends.

    Raises
    ------
    ModelFileError
        If it goes on for too long, or its FINAL TIME is no number.
    """
    from egendekning.engine.model import Model

    item = model.variables["final time"]
    begin, step = model.clock["initial time"], model.clock["time step"]
    for count in _TRIES if step > 0 else ():
        model.clock["final time"] = begin + count * step
        found = Model(model).simulate(outputs=[item.name], time={"saveper": step})[item.name]
        ended = np.flatnonzero(found["time"].values >= found.values - _NEAR * step)
        if ended.size:
            return float(found["time"].values[ended[0]])
    raise ModelFileError(Problem(f"{model.file}:{item.line}", f"FINAL TIME is not reached in {_TRIES[-1]} steps",
                                 "a number, or an expression that Time reaches"))  # fmt: skip
