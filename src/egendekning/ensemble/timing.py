"""How fast the shipped work is: measured on the spot, as medians of repeats and as ratios within one process.

Seconds differ between machines; ratios (kernel to reference, one thread to all, many draws to few) travel better. The
module refuses to judge: thresholds belong to whoever reads the numbers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from egendekning.ensemble.bind import Bound
from egendekning.ensemble.design import design
from egendekning.ensemble.measures import OUTPUTS
from egendekning.ensemble.run import processors, run_scenarios, scenario_parameters
from egendekning.study import BASELINE

DRAWS: Final = 500
"""Sampled draws of one scenario, the size that the project is built for."""

LADDER: Final = (1, 125, 500, 1000)
"""Numbers of draws for the cost curve."""

SEVERAL: Final = 4
"""Scenarios for the comparison of one thread with all processors."""

_MIB: Final = 1024.0  # ru_maxrss is in KiB on Linux


def clock(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Return the median wall time and processor time of a piece of work, s."""
    walls, used = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        used.append(time.process_time() - cpu)
    return median(walls), median(used)


def time_kernel(bound: Bound, repeats: int) -> dict[str, float]:
    """Time one scenario over `DRAWS` draws to the end of the horizon, on one thread.

    Returns
    -------
    dict
        ``first call s`` (compilation or loading of the compiled kernel included), ``500 draws s`` and ``500 draws cpu
        s`` after it, ``runs per second``, and the seconds for each rung of `LADDER` with the cost of a draw relative to
        that in the largest.
    """
    outputs = [name for name in OUTPUTS if name in bound.model.variables] or None
    drawn = {n: design(bound, n, 1) for n in (*LADDER, DRAWS)}

    def run(n: int) -> object:
        return run_scenarios(bound, [BASELINE], drawn[n], outputs=outputs, threads=1)

    begun = time.perf_counter()
    run(DRAWS)
    found = {"first call s": time.perf_counter() - begun}
    wall, cpu = clock(lambda: run(DRAWS), repeats)
    found.update({f"{DRAWS} draws s": wall, f"{DRAWS} draws cpu s": cpu, "runs per second": (DRAWS + 1) / wall})
    times = {n: clock(lambda n=n: run(n), repeats)[0] for n in LADDER}  # type: ignore[misc]
    largest = times[LADDER[-1]] / (LADDER[-1] + 1)
    for n, seconds in times.items():
        found[f"{n} draws s"] = seconds
        found[f"{n} draws, cost of a draw relative to {LADDER[-1]}"] = seconds / (n + 1) / largest
    return found


def time_threads(bound: Bound, repeats: int) -> dict[str, float]:
    """Time several scenarios on one thread and on all processors; the ratio is the gain."""
    outputs = [name for name in OUTPUTS if name in bound.model.variables] or None
    names = list(bound.study.scenarios)[:SEVERAL]
    drawn = design(bound, DRAWS, 1)
    one, _ = clock(lambda: run_scenarios(bound, names, drawn, outputs=outputs, threads=1), repeats)
    every, _ = clock(lambda: run_scenarios(bound, names, drawn, outputs=outputs), repeats)
    return {
        "scenarios": float(len(names)),
        "one thread s": one,
        "all processors s": every,
        "processors": float(processors()),
        "gain": one / every,
    }


def time_reference(bound: Bound, repeats: int) -> dict[str, float]:
    """Time one year of one run in PySD, the reference engine, translation included, and a draw of it here."""
    begin = bound.model.time.initial
    span = {"final": begin + 1.0}
    drawn = design(bound, DRAWS, 1)
    given = scenario_parameters(bound, drawn, {})
    outputs = [name for name in OUTPUTS if name in bound.model.variables] or None
    kernel = clock(lambda: bound.model.simulate(given, outputs=outputs, time=span), repeats + 1)[0]
    reference = clock(lambda: bound.model.simulate(outputs=outputs, time=span, engine="pysd"), 1)[0]
    a_draw = kernel / (DRAWS + 1)
    return {
        "PySD, translation and one run of a year s": reference,
        "kernel, one draw of a year s": a_draw,
        "ratio": reference / a_draw,
    }


def time_compare(command: Sequence[str]) -> dict[str, float]:
    """Time the main job in a process of its own, first with no compiled kernel on disk, then with it.

    Parameters
    ----------
    command : sequence of str
        The program's arguments; ``--out FOLDER`` is added.

    Returns
    -------
    dict
        ``cold s``, ``warm s`` and the peak memory of either in MiB.
    """
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "EGENDEKNING_CACHE": str(Path(folder) / "cache")}
        for state in ("cold", "warm"):
            words = [sys.executable, "-m", "egendekning", *command, "--out", str(Path(folder) / state)]
            begun = time.perf_counter()
            process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            found[f"{state} s"] = time.perf_counter() - begun
            found[f"{state} peak MiB"] = usage.ru_maxrss / _MIB
            found[f"{state} exit code"] = float(process.returncode)
    return found
