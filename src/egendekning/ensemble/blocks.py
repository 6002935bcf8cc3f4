"""Run the blocks of a store that are not done: in a few threads or wherever a pool runs them, resumed where it stopped.

Blocks that are under way are few, so memory does not grow with the number of runs. Results are written by the caller's
thread alone. The module refuses to know how a block is run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble.blockstore import Store

Progress = Callable[[int, int], None]
"""Called with runs done and runs in all."""


@dataclass(frozen=True)
class Finished:
    """What came of a block.

    Attributes
    ----------
    arrays : Mapping[str, ndarray]
        By name in the store; empty where it is written already.
    not_finite : int
        Numbers that should be finite and are not.
    note : ndarray, optional
        What the store keeps beside the flag.
    """

    arrays: Mapping[str, NDArray[Any]]
    not_finite: int
    note: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Done:
    """How a set of runs ended.

    Attributes
    ----------
    where : str
        The store.
    runs, before : int
        Runs in the store, and how many of them were there already.
    seconds : float
        Time taken.
    not_finite : int
        Numbers computed now that are not finite, those that may be missing apart.
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

    def submit(self, block: int, given: Any) -> Any:
        """Begin a block; return a ticket."""

    def ready(self, tickets: Sequence[Any]) -> Sequence[tuple[Any, Finished]]:
        """Wait for at least one ticket; return those that are done with what came of them."""

    def close(self) -> None:
        """Begin nothing more."""


class Threads:
    """Runs blocks in threads of this process.

    Parameters
    ----------
    run : callable
        Block, what it is given and threads inside it -> `Finished`.
    threads, blocks : int
        Blocks that run side by side, and blocks in all.
    """

    def __init__(self, run: Callable[[int, Any, int], Finished], threads: int, blocks: int) -> None:
        self.run, self.wide = run, threads + 1
        self.inside = max(1, threads // blocks)
        self.pool = ThreadPoolExecutor(min(threads, blocks))

    @property
    def width(self) -> int:
        """One more than can run."""
        return self.wide

    def submit(self, block: int, given: Any) -> Future[Finished]:
        """Begin a block."""
        return self.pool.submit(self.run, block, given, self.inside)

    def ready(self, tickets: Sequence[Any]) -> Sequence[tuple[Any, Finished]]:
        """Wait for at least one block; return those that are done."""
        return [(future, future.result()) for future in wait(tickets, return_when=FIRST_COMPLETED).done]

    def close(self) -> None:
        """Begin nothing more, and wait for what is under way."""
        self.pool.shutdown(wait=True, cancel_futures=True)


def run_blocks(store: Store, pool: Pool, todo: Iterable[tuple[int, Any]], progress: Progress | None = None) -> Done:
    """Run blocks into a store.

    Parameters
    ----------
    store : Store
        Where they go.
    pool : Pool
        Where they run; closed at the end.
    todo : iterable of tuple
        Blocks that are not done, each with what it is given; asked for as they are begun.
    progress : callable, optional
        See `Progress`; called from this thread.
    """
    begun, layout = time.monotonic(), store.layout
    before = done = sum(len(layout.rows(int(b))) for b in np.flatnonzero(store.done))
    bad, under_way, coming = 0, dict[Any, int](), iter(todo)
    if progress is not None:
        progress(done, layout.runs)
    try:
        while True:
            while len(under_way) < pool.width and (item := next(coming, None)) is not None:
                under_way[pool.submit(*item)] = item[0]
            if not under_way:
                break
            for ticket, finished in pool.ready(list(under_way)):
                block = under_way.pop(ticket)
                store.write(block, finished.arrays)
                store.flag(block, finished.note)
                bad += finished.not_finite
                done += len(layout.rows(block))
                if progress is not None:
                    progress(done, layout.runs)
    finally:
        pool.close()
    return Done(store.where, layout.runs, before, time.monotonic() - begun, bad)
