"""How fast any model file runs here, beside PySD on the same file, in one process.

Scalar constants (initial values where a file has none) vary over the runs, so that the kernel can take none of them for
granted: by default with the file's own values, so that no run leaves the range that its authors meant. PySD runs as
its users run it: a translated model, loaded once, asked for the same outputs; where that fails, with the engine's
mends. The module refuses to judge, and to hide a file that PySD cannot run: it says so.
"""

from __future__ import annotations

import shutil
import tempfile
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from egendekning.engine import Model, load
from egendekning.engine.reference import translate
from egendekning.engine.runtime import forget_all, jax_module
from egendekning.engine.simulate import BATCH
from egendekning.ensemble.fresh import STATES, own_cache, time_fresh
from egendekning.ensemble.run import processors
from egendekning.ensemble.timing import clock

OUTPUTS: Final = 10
"""Variables asked for: stocks first, then others."""

SEVERAL: Final = 10
"""Constants that vary where not all do."""

SECONDS: Final = 1.0
"""What one measurement aims to take on one thread."""

MOST: Final = 16_384
"""Runs of one measurement at most: four blocks of a sweep; results of more are memory that is asked for anew."""

PATIENCE: Final = 15.0
"""A run of PySD that takes longer, s, is not repeated."""

Rows = dict[str, float | str]


def time_model(path: Path, repeats: int, spread: float = 0.0) -> dict[str, Rows]:
    """Time the kernel on a model file, and PySD where it can run the file.

    Parameters
    ----------
    path : Path
        A Vensim or XMILE file.
    repeats : int
        Repeats of each measurement, of which the median is told.
    spread : float
        Half the range over which constants vary, relative to their values.

    Returns
    -------
    dict
        ``model`` (size and what is asked), ``kernel`` (first call, load from the cache, runs a second on one thread
        and on all processors, cost of a run at several numbers of runs), ``fresh process`` (what a first call costs
        there, without and with the kernel in the cache) and ``PySD`` (a run, and ratios of runs a second), seconds
        each unless said otherwise.
    """
    jax_module()
    begun = time.perf_counter()
    model = load(path)
    read = time.perf_counter() - begun
    outputs = _outputs(model)
    constants = _constants(model)
    kernel = _time_kernel(model, _Asked(constants, tuple(outputs), spread), repeats)
    fresh = time_fresh(path, constants, outputs, BATCH, repeats)
    reference = _time_pysd(path, outputs, repeats)
    if "a run s" in reference:
        for which in ("one thread", "all processors"):
            rate = float(kernel[f"runs per second, {which}"])
            reference[f"kernel, {which}: times as fast"] = rate * float(reference["a run s"])
        rate = float(kernel["runs per second of processor time, one thread"])
        reference["kernel, by processor time: times as fast"] = rate * float(reference["a run, processor s"])
    size = [v for v in model.definition.working.values() if v.kind not in ("constant", "lookup", "control", "data")]
    states = [s for s in model.definition.states.values() if s.kind != "initial"]
    about: Rows = {
        "scalar equations": float(sum(int(np.prod(v.shape)) for v in size)),
        "states": float(sum(int(np.prod(s.shape)) for s in states)),
        "steps": float(model.time.steps),
        "saving times": float(len(model.time.times())),
        "outputs": float(len(outputs)),
        "constants or initial values that vary": float(len(constants)),
        "reading the file s": read,
    }
    told: Rows = {f"{name}, {state}": value for state in STATES for name, value in fresh[state].items()}
    return {"model": about, "kernel": kernel, "fresh process": told, "PySD": reference}


def _outputs(model: Model) -> list[str]:
    """Return some stocks, or what there is."""
    ranks = {"stock": 0, "auxiliary": 1, "flow": 1}
    names = [n for n, v in model.variables.items() if v.kind in ranks]
    return sorted(names, key=lambda n: ranks[model.variables[n].kind])[:OUTPUTS]


def _constants(model: Model) -> dict[str, float]:
    """Return the scalar constants that may vary, with their values; a file without any, those of its stocks."""
    fixed = model.definition.structural | model.definition.timing.keys()
    names = [n for n, v in model.definition.variables.items() if v.kind == "constant" and not v.shape and not v.hidden]
    names = names or [n for n, v in model.definition.variables.items()
                      if v.kind == "stock" and not v.shape and not v.hidden]  # fmt: skip
    shown = [model.definition.variables[n].name for n in names if n not in fixed]
    values = model.evaluate(shown) if shown else {}
    return {n: float(v) for n, v in values.items()}


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What a measurement asks for: values of what varies, outputs, and how far the values spread."""

    values: Mapping[str, float]
    outputs: tuple[str, ...]
    spread: float

    def given(self, runs: int) -> dict[str, np.ndarray]:
        """Return the values of all runs, the same ones in every call."""
        noise = np.random.default_rng(1)
        return {n: v * noise.uniform(1.0 - self.spread, 1.0 + self.spread, runs) for n, v in self.values.items()}

    def some(self) -> _Asked:
        """Return the same with `SEVERAL` of the constants, evenly from the list."""
        every = max(1, len(self.values) // SEVERAL)
        return _Asked(dict(list(self.values.items())[::every][:SEVERAL]), self.outputs, self.spread)

    def run(self, model: Model, runs: int, threads: int = 1) -> object:
        """Simulate so many runs."""
        given = _kept(self, runs)
        starts = {n: v for n, v in given.items() if model.variables[n].kind == "stock"}
        parameters = {n: v for n, v in given.items() if n not in starts}
        return model.simulate(parameters, starts, self.outputs, threads=threads, draws=runs)


@lru_cache(maxsize=8)
def _kept(asked: _Asked, runs: int) -> dict[str, np.ndarray]:
    """Return `asked.given`, so that drawing is no part of what is timed."""
    return asked.given(runs)


def _time_kernel(model: Model, asked: _Asked, repeats: int) -> Rows:
    found: Rows = {}
    with own_cache():
        for label in ("first call, nothing in the cache s", "first call, loaded from the cache s"):
            forget_all()
            begun = time.perf_counter()
            asked.run(model, BATCH)
            found[label] = time.perf_counter() - begun
        every = processors()
        least = BATCH * every
        one = max(clock(lambda: asked.run(model, least), 1)[1], 1e-6)
        runs = least * int(np.clip(SECONDS / one, 1, max(MOST // least, 1)))
        found["runs"], found["processors"] = float(runs), float(every)
        wall, used = clock(lambda: asked.run(model, runs), repeats)
        found["runs per second, one thread"] = runs / wall
        found["runs per second of processor time, one thread"] = runs / used
        found["runs per second, all processors"] = runs / clock(lambda: asked.run(model, runs, every), repeats)[0]
        some = asked.some()
        if len(some.values) < len(asked.values):
            some.run(model, BATCH)
            few, used = clock(lambda: some.run(model, runs), repeats)
            found[f"runs per second, one thread, {SEVERAL} constants vary"] = runs / few
            found[f"runs per second of processor time, one thread, {SEVERAL} constants vary"] = runs / used
        for part in sorted({BATCH, runs // 2} - {runs}):
            seconds = clock(lambda n=part: asked.run(model, n), repeats)[0]  # type: ignore[misc]
            found[f"{part} runs, cost of a run relative to {runs}"] = seconds / part / (wall / runs)
    return found


def _time_pysd(path: Path, outputs: list[str], repeats: int) -> Rows:
    """Return the time of a run in PySD, or why there is none; its files are written into a copy of the folder."""
    first = ""
    for mended in (False, True):
        with tempfile.TemporaryDirectory(prefix="egendekning-bench-") as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for beside in [path, *(f for end in ("csv", "xlsx", "xls", "tab") for f in path.parent.glob(f"*.{end}"))]:
                shutil.copyfile(beside, Path(folder) / beside.name)
            try:
                found = _run_pysd(Path(folder) / path.name, outputs, repeats, mended)
            except Exception as error:  # whatever PySD cannot do, it says in its own way
                first = first or f"{type(error).__name__}: {error}".splitlines()[0]
                continue
        return {**found, **({"runs only with faults mended; without": first} if mended else {})}
    return {"cannot run the file": first}


def _run_pysd(copy: Path, outputs: list[str], repeats: int, mended: bool) -> Rows:
    """Translate and run a model that lies in a folder of its own."""
    import pysd

    begun = time.perf_counter()
    if mended:
        model: Any = pysd.load(str(translate(copy)))
    else:
        model = (pysd.read_vensim if copy.suffix.lower() == ".mdl" else pysd.read_xmile)(str(copy))
    translated = time.perf_counter() - begun
    seconds, used = clock(lambda: model.run(return_columns=outputs, progress=False), 1)
    if seconds < PATIENCE:
        seconds, used = clock(lambda: model.run(return_columns=outputs, progress=False), repeats)
    return {
        "translation s": translated,
        "a run s": seconds,
        "a run, processor s": used,
        "runs per second": 1.0 / seconds,
    }
