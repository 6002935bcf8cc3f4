"""Run a sweep into a store: block by block, in a few threads or on a cluster, resumed where it was stopped.

Typical use::

    from egendekning.sensitivity.prepare import prepare
    from egendekning.sensitivity.runner import run_sweep

    bound = bind(Study.shipped())
    runner = prepare(bound, ["levers"], ["egendekning@2040"], Sampling("sobol", 256))
    run_sweep(runner, "levers.zarr")
    xarray.open_zarr("levers.zarr")

A model alone (`egendekning.engine.load`) goes the same way as a study. Blocks that are under way are few, so memory
does not grow with the number of runs. The module refuses to know what the results mean.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble.run import processors
from egendekning.errors import OutputError, Problem, UsageError
from egendekning.sensitivity.block import Finished, Runner
from egendekning.sensitivity.design import sample
from egendekning.sensitivity.sweep import attributes
from egendekning.sensitivity.zarrstore import Store, check_disk, check_same, create, existing

Floats = NDArray[np.float64]

Progress = Callable[[int, int], None]
"""Called with runs done and runs in all."""


@dataclass(frozen=True)
class Done:
    """How a sweep ended.

    Attributes
    ----------
    where : str
        The store.
    runs, before : int
        Runs in the store, and how many of them were there already.
    seconds : float
        Time taken.
    not_finite : int
        Outcomes computed now that are not finite numbers, those that may be missing apart.
    """

    where: str
    runs: int
    before: int
    seconds: float
    not_finite: int


class Pool(Protocol):
    """Where blocks are run."""

    @property
    def width(self) -> int:
        """Blocks to hand in before the first is back."""

    def submit(self, block: int, points: Floats) -> Any:
        """Begin a block; return a ticket."""

    def ready(self, tickets: Sequence[Any]) -> Sequence[tuple[Any, Finished]]:
        """Wait for at least one ticket; return those that are done with what came of them."""

    def close(self) -> None:
        """Begin nothing more."""


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
    begun = time.monotonic()
    if threads is not None and threads < 1:
        raise UsageError(Problem("--threads", f"{threads}", "a whole number, at least 1", fix="leave it out"))
    if scheduler is None:
        return _run(runner, _ready(runner, out, resume), _Threads(runner, threads or processors()), begun, progress)
    from egendekning.sensitivity.cluster import connected

    with connected(runner, scheduler, out) as pool:
        return _run(runner, _ready(runner, out, resume), pool, begun, progress)


def _ready(runner: Runner, out: str, resume: bool) -> Store:
    """Return the store of a sweep, made if it is not there."""
    sweep = runner.sweep
    told = attributes(runner.subject, sweep)
    there = existing(out)
    if there is not None:
        check_same(out, there, told)
        if not resume:
            fix = "--resume goes on with it; another --out begins again"
            raise OutputError(Problem(out, "holds this sweep already", "a new store, or --resume", fix=fix))
        return Store(out, sweep)
    check_disk(out, sweep)
    create(out, sweep, told, sample(sweep.sampling, sweep.factors))
    return Store(out, sweep)


class _Threads:
    """Runs blocks in threads of this process."""

    def __init__(self, runner: Runner, threads: int) -> None:
        self.runner, self.wide = runner, threads + 1
        blocks = runner.sweep.blocks
        self.inside = max(1, threads // blocks)
        self.pool = ThreadPoolExecutor(min(threads, blocks))

    @property
    def width(self) -> int:
        """One more than can run."""
        return self.wide

    def submit(self, block: int, points: Floats) -> Future[Finished]:
        """Begin a block."""
        return self.pool.submit(self.runner.finished, block, points, self.inside)

    def ready(self, tickets: Sequence[Any]) -> Sequence[tuple[Any, Finished]]:
        """Wait for at least one block; return those that are done."""
        return [(future, future.result()) for future in wait(tickets, return_when=FIRST_COMPLETED).done]

    def close(self) -> None:
        """Begin nothing more, and wait for what is under way."""
        self.pool.shutdown(wait=True, cancel_futures=True)


def _run(runner: Runner, store: Store, pool: Pool, begun: float, progress: Progress | None) -> Done:
    """Run the blocks that are not done."""
    sweep = runner.sweep
    todo = [b for b in range(sweep.blocks) if not store.done[b]]
    before = sweep.runs - sum(len(sweep.rows(b)) for b in todo)
    done, bad = before, 0
    if progress is not None:
        progress(done, sweep.runs)
    under_way: dict[Any, int] = {}
    coming = iter(todo)
    try:
        while True:
            while len(under_way) < pool.width and (block := next(coming, None)) is not None:
                under_way[pool.submit(block, store.points(block))] = block
            if not under_way:
                break
            for ticket, finished in pool.ready(list(under_way)):
                block = under_way.pop(ticket)
                store.write(block, finished.arrays)
                store.flag(block)
                bad += finished.not_finite
                done += len(sweep.rows(block))
                if progress is not None:
                    progress(done, sweep.runs)
    finally:
        pool.close()
    return Done(store.where, sweep.runs, before, time.monotonic() - begun, bad)
