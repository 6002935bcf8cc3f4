"""Whether a run set fits in the memory of this machine, found out before anything is run.

A run set that does not fit is otherwise ended by the operating system, without a word. The module refuses to guess at
time: it counts numbers that are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from egendekning.engine import Model
from egendekning.engine.room import memory
from egendekning.errors import Problem, UsageError
from egendekning.names import key

_BYTES: Final = 8
"""Bytes of a number in double precision."""

_COPIES: Final = 3.0
"""The results, the same on their way from the kernel, and what the summary makes of them."""

_SHARE: Final = 0.8
"""Share of the memory that results may take."""


def check_draws(model: Model, draws: int, room: float) -> None:
    """Raise UsageError where the drawn constants alone would not fit in a memory of `room` bytes."""
    items = model.definition.variables.values()
    each = _BYTES * _COPIES * max(1, sum(int(np.prod(item.shape)) for item in items if item.kind == "constant"))
    if each * draws <= _SHARE * room:
        return
    most = max(1, int(_SHARE * room / each))
    found = f"{draws} draws need about {each * draws / 2**30:.0f} GiB of memory"
    expected = f"at most {most} draws on this machine, which has {room / 2**30:.0f} GiB"
    raise UsageError(Problem("draws", found, expected, fix=f"choose fewer draws (--draws {min(most, 500)})"))


def check_room(
    model: Model, scenarios: int, draws: int, times: int, outputs: Sequence[str] | None, room: float
) -> None:
    """Raise UsageError where the results of a run set would not fit.

    Parameters
    ----------
    model : Model
        The model.
    scenarios, draws, times : int
        Lengths of the axes.
    outputs : sequence of str or None
        Variables kept; all if None.
    room : float
        Memory, bytes: see `memory`.
    """
    items = model.definition.variables
    kept = [items[key(name)] for name in outputs if key(name) in items] if outputs is not None else list(items.values())
    elements = sum(int(np.prod(item.shape)) for item in kept)
    drawn = sum(int(np.prod(item.shape)) for item in items.values() if item.kind == "constant")
    each = _BYTES * (_COPIES * scenarios * times * elements + drawn)
    if each * draws <= _SHARE * room:
        return
    most = max(1, int(_SHARE * room / each))
    found = f"{draws} draws of {scenarios} scenarios need about {each * draws / 2**30:.0f} GiB of memory"
    expected = f"at most {most} draws on this machine, which has {room / 2**30:.0f} GiB"
    raise UsageError(
        Problem("draws", found, expected, fix=f"choose fewer draws (--draws {min(most, 500)}) or scenarios")
    )


__all__ = ["check_draws", "check_room", "memory"]
