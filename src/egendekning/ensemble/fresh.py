"""What a first call costs: measured in a process of its own, as a user's first call is.

Imports, reading the file, and the first and the second run are told apart; the first process finds nothing in the cache
of compiled kernels, the second finds what the first left. The module refuses to use the user's own cache.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

_SCRIPT: Final = """
import json, sys, time

asked, found = json.loads(sys.argv[1]), {}
wall, used = time.perf_counter(), time.process_time()

def lap(name):
    global wall, used
    found[name + " s"] = time.perf_counter() - wall
    found[name + " processor s"] = time.process_time() - used
    wall, used = time.perf_counter(), time.process_time()

import egendekning
lap("import egendekning")
from egendekning.engine import load
import xarray
lap("import the engine and xarray")
from egendekning.engine.runtime import jax_module
jax_module().devices("cpu")
lap("import and start JAX")
model = load(asked["path"])
lap("read the file")
given = {name: [value] * asked["runs"] for name, value in asked["given"].items()}
starts = {n: v for n, v in given.items() if model.variable(n).kind == "stock"}
given = {n: v for n, v in given.items() if n not in starts}
wall, used = time.perf_counter(), time.process_time()
for name in ("first call", "second call"):
    model.simulate(given, starts, asked["outputs"])
    lap(name)
with open("/proc/self/status") as status:  # a child inherits the peak that getrusage tells
    peaks = [line.split()[1] for line in status if line.startswith("VmHWM")]
found["peak MiB"] = float(peaks[0]) / 1024.0
print(json.dumps(found))
"""

STATES: Final = ("nothing in the cache", "kernel in the cache")


@contextmanager
def own_cache() -> Iterator[None]:
    """Keep compiled kernels in an empty folder meanwhile."""
    before = os.environ.get("EGENDEKNING_CACHE")
    with tempfile.TemporaryDirectory(prefix="egendekning-bench-") as folder:
        os.environ["EGENDEKNING_CACHE"] = folder
        try:
            yield
        finally:
            del os.environ["EGENDEKNING_CACHE"]
            if before is not None:
                os.environ["EGENDEKNING_CACHE"] = before


def time_fresh(
    path: Path, given: Mapping[str, float], outputs: Sequence[str], runs: int, repeats: int
) -> dict[str, dict[str, float]]:
    """Time a first call in a process without and in one with the kernel in the cache.

    Parameters
    ----------
    path : Path
        The model file.
    given : mapping
        Constants or stocks that vary over the runs, with a value.
    outputs : sequence of str
        What is saved.
    runs, repeats : int
        Runs of a call; processes of either kind, of which the medians are told.

    Returns
    -------
    dict
        For each of `STATES`: wall and processor seconds of each part of the start, and the peak memory, MiB.
    """
    asked = json.dumps({"path": str(path), "given": dict(given), "outputs": list(outputs), "runs": runs})
    taken: dict[str, list[dict[str, float]]] = {state: [] for state in STATES}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory(prefix="egendekning-bench-") as folder:
            environment = {**os.environ, "EGENDEKNING_CACHE": folder}
            for state in STATES:
                words = [sys.executable, "-c", _SCRIPT, asked]
                said = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
                taken[state].append(json.loads(said.stdout))
    return {state: {n: median(t[n] for t in times) for n in times[0]} for state, times in taken.items()}
