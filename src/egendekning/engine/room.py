"""Whether the results of a call fit in the memory of this machine, found out before anything is run.

What does not fit is otherwise ended by the operating system, without a word. The module refuses to guess at time.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np

from egendekning.engine.simulate import Job, make_request
from egendekning.errors import Problem, UsageError

_SHARE: Final = 0.8
"""Share of the memory that results may take."""

_LIMITS: Final = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where a container says how much memory it may use."""


def memory() -> float:
    """Return the memory that this process may use, in bytes; infinite where the system does not say."""
    try:
        found = float(os.sysconf("SC_PHYS_PAGES")) * float(os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        found = np.inf
    for file in _LIMITS:
        try:
            found = min(found, float(Path(file).read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return found


def check_room(job: Job) -> None:
    """Raise UsageError where the results of a job would not fit; what no draw changes takes no room."""
    draws, saves = job.inputs.draws or 1, len(job.grid.save_steps())
    elements = sum(int(np.prod(job.model.variables[n].shape)) for n in job.outputs) if make_request(job).varying else 0
    needed, room = 8.0 * draws * (saves * elements + 1), memory()
    if needed <= _SHARE * room:
        return
    found = f"the results of {draws} draws need {needed / 2**30:.3g} GiB of memory"
    fix = "name fewer outputs or saving times, or write them to a store: egendekning.ensemble.stream"
    raise UsageError(Problem("draws", found, f"at most {room / 2**30:.0f} GiB, what this machine has", fix=fix))
