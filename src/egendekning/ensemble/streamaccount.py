"""What a finished stream of draws says of the numbers that are not finite, as a Dataset of `Model.simulate` does.

The first of all draws that went wrong is run once more, from the parameters that the store keeps, to find where it
began. The module refuses to run any other draw.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from egendekning.dims import NON_FINITE
from egendekning.engine.account import FINITE, failure, line, told
from egendekning.engine.dataset import sound
from egendekning.engine.inputs import Inputs
from egendekning.engine.offender import find_offender
from egendekning.engine.simulate import Job, run_job
from egendekning.ensemble.blockstore import Store
from egendekning.ensemble.drawsource import widened
from egendekning.ensemble.streamstore import COMPLETE, NUMBERS, Plan, key_of
from egendekning.errors import SimulationError


def account(plan: Plan, store: Store) -> dict[str, Any]:
    """Return what a finished store says of what is not finite."""
    assert store.notes is not None
    notes = store.notes.reshape(-1, len(plan.dresses), NUMBERS)
    job, times = plan.first, plan.first.grid.times()[plan.first.skipped :]
    lines, firsts = [], []
    for k, dress in enumerate(plan.dresses.values()):
        bad = [(int(save), b * plan.chunk + int(draw)) for b, (n, save, draw) in enumerate(notes[:, k]) if n]
        if bad:
            save, draw = min(bad)
            here = store.read(key_of(dress.name), (draw, save))
            value = here[~np.isfinite(here)].flat[0]
            lines.append(line(dress.name, value, times[save], job.first + draw, int(notes[:, k, 0].sum()), plan.draws))
            firsts.append((save, draw))
    if not lines:
        return {NON_FINITE: "", COMPLETE: 1}
    again = _again(plan, store, min(firsts)[1])
    offender = find_offender(again, run_job(again))
    assert offender is not None
    affected = int((~store.read(FINITE, slice(None))).sum())
    return {**told(offender, affected, plan.draws, lines), COMPLETE: 1}


def _again(plan: Plan, store: Store, draw: int) -> Job:
    """Return the job of one draw, from the parameters that the store keeps."""
    job, given = plan.first, plan.first.inputs
    kept = {n: np.moveaxis(store.read(plan.at(n), slice(draw, draw + 1)), 0, -1) for n in plan.varied}
    alone = Inputs(
        {n: kept.get(n, v) for n, v in given.values.items()}, {n: kept.get(n, v) for n, v in given.starts.items()},
        1, {n: replace(s, values=kept.get(n, s.values)) for n, s in given.series.items()},
    )  # fmt: skip
    start = job.start
    if start is not None and plan.source.call.start is not None:
        whole = plan.source.call.start
        values = {n: v[..., draw : draw + 1] if v.shape[-1] > 1 else v for n, v in whole.values.items()}
        start = replace(whole, draws=None if whole.draws is None else 1, values=values)
    job = replace(job, inputs=alone, start=start, first=job.first + draw)
    return widened(job, plan.varied) if plan.draws > 1 else job


def block_failure(job: Job) -> SimulationError:
    """Return the error for a block with a draw that is not finite."""
    arrays = run_job(job)
    offender = find_offender(job, arrays)
    assert offender is not None
    affected = int((~sound(arrays, job.inputs.draws or 1)).sum())
    return failure(job.model, offender, affected, job.inputs.draws)
