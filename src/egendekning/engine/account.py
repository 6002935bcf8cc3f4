"""How results say what is not finite: a line for each output, and an account of where it began.

The module refuses to look for anything; see `offender`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from egendekning.dims import NON_FINITE
from egendekning.engine.ir import ModelDef
from egendekning.engine.offender import Offender
from egendekning.errors import Problem, SimulationError

Floats = NDArray[np.float64]

FINITE: Final = "finite"
"""Coordinate over ``draw``: whether all outputs of a draw are finite numbers."""

FIRST: Final = "first_non_finite"
"""Attribute of a Dataset, JSON: the fields of `offender.Offender`, empty where all is finite."""


def first_bad(array: Floats, draws: int) -> tuple[int, int, int]:
    """Return how many draws of an output, (draw or 1, save or 1, *dims), are not finite; its first save, and draw."""
    bad = np.asarray(~np.isfinite(array).all(axis=tuple(range(2, array.ndim))))
    if not bad.any():
        return 0, 0, 0
    save = int(np.argmax(bad.any(axis=0)))
    return (int(bad.any(axis=1).sum()) if len(bad) > 1 else draws), save, int(np.argmax(bad[:, save]))


def line(name: str, value: float, time: float, draw: int, affected: int, draws: int | None) -> str:
    """Return what is said of one output."""
    return f"{name} is {value} at time {time:g}" + (
        f", draw {draw} ({affected} of {draws} draws)" if draws is not None else ""
    )


def told(offender: Offender, affected: int, draws: int | None, lines: Sequence[str]) -> dict[str, str]:
    """Return the attributes of a Dataset: first where it began, then the outputs that are not finite."""
    text = offender.text(affected, draws)
    others = [said for said in lines if not text.startswith(said)]
    return {NON_FINITE: "\n".join([text, *others]), FIRST: json.dumps(offender.fields(), ensure_ascii=False)}


def failure(model: ModelDef, offender: Offender, affected: int, draws: int | None) -> SimulationError:
    """Return the error for a call that wants finite numbers only."""
    instead = "ZIDZ(a, b) or XIDZ(a, b, otherwise)" if offender.cause == "division by zero" else None
    fix = "give other values, mend the equation, or keep the other draws with on_error='keep'"
    where = f"{model.file}:{offender.line}"
    return SimulationError(Problem(where, offender.text(affected, draws), "finite numbers", instead, fix))
