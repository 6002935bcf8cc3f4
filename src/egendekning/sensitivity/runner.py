"""Run a sweep into a store: block by block, in a few threads or on a cluster, resumed where it was stopped.

Typical use::

    from egendekning.sensitivity.prepare import prepare
    from egendekning.sensitivity.runner import run_sweep

    bound = bind(Study.shipped())
    runner = prepare(bound, ["levers"], ["egendekning@2040"], Sampling("sobol", 256))
    run_sweep(runner, "levers.zarr")
    xarray.open_zarr("levers.zarr")

A model alone (`egendekning.engine.load`) goes the same way as a study. The module refuses to know what the results
mean.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble.blocks import Done, Progress, Threads, run_blocks
from egendekning.ensemble.blockstore import Store, create
from egendekning.ensemble.place import check_disk, existing
from egendekning.ensemble.run import processors
from egendekning.errors import OutputError, Problem, UsageError
from egendekning.sensitivity.block import Runner
from egendekning.sensitivity.design import sample
from egendekning.sensitivity.sweep import Sweep, attributes
from egendekning.sensitivity.zarrstore import WORDS, check_same, layout_of, points_of, sweep_store

Floats = NDArray[np.float64]


def run_sweep(
    runner: Runner,
    out: str,
    *,
    resume: bool = False,
    threads: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> Done:
    """Run a sweep into a store.

    Parameters
    ----------
    runner : Runner
        From `prepare`.
    out : str
        Folder or fsspec URL of the store.
    resume : bool
        Whether to go on with a store of the same sweep; one that is not there is begun.
    threads : int, optional
        Blocks that run side by side; as many as there are processors if left out.
    scheduler : str, optional
        Address of a dask.distributed scheduler whose workers run the blocks.
    progress : callable, optional
        See `Progress`; called from this thread.

    Returns
    -------
    Done
        How it ended.

    Raises
    ------
    OutputError
        Where something else lies at `out`, the disk is full or cannot be written.
    """
    sweep = runner.sweep
    if threads is not None and threads < 1:
        raise UsageError(Problem("--threads", f"{threads}", "a whole number, at least 1", fix="leave it out"))
    if scheduler is None:
        store, wide = _ready(runner, out, resume), threads or processors()
        return run_blocks(store, Threads(runner.finished, wide, sweep.blocks), _todo(store, sweep), progress)
    from egendekning.sensitivity.cluster import connected

    with connected(runner, scheduler, out) as pool:
        store = _ready(runner, out, resume)
        return run_blocks(store, pool, _todo(store, sweep), progress)


def _ready(runner: Runner, out: str, resume: bool) -> Store:
    """Return the store of a sweep, made if it is not there."""
    sweep = runner.sweep
    told = attributes(runner.subject, sweep)
    there = existing(out, WORDS)
    if there is not None:
        check_same(out, there, told)
        if not resume:
            fix = "--resume goes on with it; another --out begins again"
            raise OutputError(Problem(out, "holds this sweep already", "a new store, or --resume", fix=fix))
        return sweep_store(out, sweep)
    check_disk(out, layout_of(sweep).bytes, f"{sweep.runs} runs", WORDS)
    create(out, layout_of(sweep, told, sample(sweep.sampling, sweep.factors)), WORDS)
    return sweep_store(out, sweep)


def _todo(store: Store, sweep: Sweep) -> Iterator[tuple[int, Floats]]:
    """Give the blocks that are not done, each with its design."""
    for block in range(sweep.blocks):
        if not store.done[block]:
            yield block, points_of(store, sweep, block)
