"""Stream the runs of many draws into a Zarr store: any model, in little memory, resumed where it was stopped.

Typical use::

    from egendekning.engine import load
    from egendekning.ensemble import stream

    model = load("model.mdl")
    rates = np.random.default_rng(1).uniform(0.01, 0.03, 1_000_000)
    runs = stream(model, {"birth rate": rates}, ["Population", "births"], "runs.zarr", time=range(2020, 2051))

    def drawn(draws):                                     # or a function that makes the parameters of some draws
        return {"birth rate": qmc[draws.start : draws.stop]}

    runs = stream(model, drawn, ["Population"], "runs.zarr", draws=1_000_000)
    xarray.open_zarr("runs.zarr")                         # the Dataset of model.simulate, from disk
    xarray.open_zarr("runs.zarr", group="parameters")     # what was drawn

After Ctrl-C, a kill or a full disk the same call goes on: blocks of draws that are done are not run again, none is lost
and none counted twice, and the bytes are those of a stream that never stopped. The module refuses to write over a store
of other draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Unpack

import numpy as np
import xarray as xr

from egendekning.engine import Model
from egendekning.engine.call import Call, check_options
from egendekning.engine.clock import TimeSpec
from egendekning.engine.model import Options
from egendekning.engine.simulate import LANES, Job
from egendekning.ensemble.blocks import Finished, Progress, Threads, run_blocks
from egendekning.ensemble.blockstore import Store, create
from egendekning.ensemble.drawsource import Given, Source
from egendekning.ensemble.place import check_disk, existing, opened
from egendekning.ensemble.run import processors
from egendekning.ensemble.streamaccount import account, block_failure
from egendekning.ensemble.streamstore import WORDS, Plan, check_same, key_of
from egendekning.errors import Problem, UsageError

_BLOCK: Final = 32 * 2**20
"""Bytes of results in a block, where its size is not said."""

_MOST: Final = 4096
"""Draws in a block, where its size is not said."""


def stream(
    model: Model,
    parameters: Given,
    outputs: Sequence[str],
    store: str,
    *,
    initial_values: Given = None,
    time: TimeSpec | Mapping[str, float] | Sequence[float] | None = None,
    chunk: int | None = None,
    on_error: str = "keep",
    progress: Progress | None = None,
    **options: Unpack[Options],
) -> xr.Dataset:
    """Run a model over draws into a store, or go on with one.

    Parameters
    ----------
    model : Model
        From `egendekning.engine.load`.
    parameters, initial_values : mapping, Dataset, callable or iterator
        As `Model.simulate` takes them; or a function that is given a ``range`` of draws, counted from 0, and returns a
        mapping for those; parameters may also be an iterator over mappings for some draws each, of whatever length.
    outputs, time
        As in `Model.simulate`.
    store : str or Path
        Folder, or URL that fsspec knows.
    chunk : int, optional
        Draws in a block; by default as many as fill 32 MiB, at most 4 096. Only the cut of the files depends on it.
    on_error : {"keep", "raise"}
        Whether to keep draws that are not finite, marked in ``finite``, or stop at the first block that has one.
    progress : callable, optional
        Called with draws done and draws in all.
    **options
        As in `Model.simulate`; ``draws`` is needed with a function or an iterator, ``threads`` are blocks side by side
        (all processors if left out), and ``batch`` is of no account.

    Returns
    -------
    xarray.Dataset
        The store, opened; numbers are read when they are used.

    Raises
    ------
    OutputError
        Where something else lies at `store`, the disk is full or cannot be written.
    SimulationError, UsageError
        As `Model.simulate`.
    """
    check_options(options, "stream")
    where, threads = str(store), options.pop("threads", None) or processors()
    _check(chunk, on_error, threads)
    source = Source(model, parameters, initial_values, Call(None, None, outputs, time, **options))
    plan = Plan(source, min(chunk or block_size(model, outputs, time), source.draws))
    there = _ready(where, plan)
    _run(plan, there, threads, on_error, progress)
    there.tell(account(plan, there))
    return open_stream(where)


def _run(plan: Plan, store: Store, threads: int, on_error: str, progress: Progress | None) -> None:
    """Run the blocks that are not done."""

    def run(block: int, job: Job, inside: int) -> Finished:
        found = plan.finished(block, job, inside)
        if found.not_finite and on_error == "raise":
            raise block_failure(job)
        return found

    run_blocks(store, Threads(run, threads, plan.layout.blocks), _todo(store, plan), progress)


def open_stream(store: str) -> xr.Dataset:
    """Return the Dataset of a store, its variables in the order asked for; numbers are read when they are used."""
    found: xr.Dataset = xr.open_zarr(opened(str(store), read_only=True), chunks=None)
    return found[[key_of(str(n)) for n in found.attrs["outputs"]]]


def block_size(model: Model, outputs: Sequence[str] | None, time: Any) -> int:
    """Return how many draws fill a block: a power of two of the kernel's rows, whatever the machine."""
    names = [outputs] if isinstance(outputs, str) else list(outputs or model.variables)
    items = [model.definition.variables[model.key(n, "outputs")] for n in names]
    grid = model.time.override(time)
    grid.check()
    each = 8 * len(grid.save_steps()) * sum(int(np.prod(item.shape)) for item in items)
    size = LANES
    while size < _MOST and 2 * size * each <= _BLOCK:
        size *= 2
    return size


def _check(chunk: Any, on_error: str, threads: Any) -> None:
    if on_error not in ("keep", "raise"):
        raise UsageError(Problem("on_error", f"{on_error!r}", "'keep' or 'raise'", fix="leave it out"))
    for name, value, least in (("chunk", chunk, 2), ("threads", threads, 1)):
        if value is not None and (not isinstance(value, int | np.integer) or value < least):
            raise UsageError(Problem(name, f"{value!r}", f"a whole number, at least {least}", fix="leave it out"))


def _ready(where: str, plan: Plan) -> Store:
    """Return the store of a stream, made if it is not there."""
    there = existing(where, WORDS)
    if there is None:
        check_disk(where, plan.layout.bytes, f"{plan.draws} draws", WORDS)
        create(where, plan.layout, WORDS)
    else:
        check_same(where, there, plan.layout.attributes)
    return Store(where, plan.layout, WORDS)


def _todo(store: Store, plan: Plan) -> Iterator[tuple[int, Job]]:
    """Give the blocks that are not done; of those that are, see that they were run with the parameters now given."""
    for block in range(plan.layout.blocks):
        job = plan.job(block)
        if store.done[block]:
            plan.check_given(store, block, job)
        else:
            yield block, job
