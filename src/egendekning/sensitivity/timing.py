"""How fast a sweep is: runs a second of wall and of processor time, store included, and what writing alone takes.

The module refuses to judge.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from egendekning.ensemble.bind import Bound
from egendekning.ensemble.blockstore import create
from egendekning.ensemble.run import processors
from egendekning.ensemble.timing import clock
from egendekning.sensitivity.design import Sampling, sample
from egendekning.sensitivity.prepare import prepare
from egendekning.sensitivity.runner import run_sweep
from egendekning.sensitivity.sweep import attributes
from egendekning.sensitivity.zarrstore import WORDS, layout_of, sweep_store

BLOCKS: Final = 4
"""Blocks of the sweep that is timed."""

LARGE: Final = 100_000
"""Runs that the time is told for."""


def time_sweep(bound: Bound, repeats: int) -> dict[str, float]:
    """Time a sweep over all levers with the outcomes kept by default.

    Returns
    -------
    dict
        Number of runs and outcomes; wall and processor time on all processors after compilation; runs a second of
        either; the time of `LARGE` runs on two processors at that rate, were they free; seconds to write a block.
    """
    size = prepare(bound, ["levers"], [], Sampling("lhs", 1)).sweep.chunk * BLOCKS
    runner = prepare(bound, ["levers"], [], Sampling("lhs", size))
    with tempfile.TemporaryDirectory() as folder:
        names = iter(range(repeats + 1))

        def run() -> object:
            return run_sweep(runner, str(Path(folder) / f"{next(names)}.zarr"))

        run()
        wall, used = clock(run, repeats)
        points = sample(runner.sweep.sampling, runner.sweep.factors)
        create(f"{folder}/written", layout_of(runner.sweep, attributes(bound, runner.sweep), points), WORDS)
        store = sweep_store(f"{folder}/written", runner.sweep)
        results = runner.finished(0, points[: runner.sweep.chunk])
        writing, _ = clock(lambda: store.write(0, results.arrays), repeats)
    return {
        "runs": float(size),
        "outcomes": float(len(runner.sweep.outcomes)),
        "processors": float(processors()),
        "wall s": wall,
        "processor s": used,
        "runs per second": size / wall,
        "runs per second of processor time": size / used,
        f"{LARGE} runs on two free processors s": LARGE * used / size / 2.0,
        "writing a block s": writing,
    }
