"""What the indices need of a sweep: its design and outcomes in memory, checked.

A sweep is a Dataset with dims ``run`` and ``factor`` (and ``time``), as `egendekning sweep` stores it: ``design``
(run, factor) and one variable an outcome. The module refuses a sweep that is not finished, a design that does not move
a factor, and an outcome that does not vary; what each method of index asks beyond that is the method's own.

The rule for runs without a number (the year of 100 % where it is never reached): methods that need every point of
their design refuse; methods that take any sample leave those runs out and say how many.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import LABEL_EN, LABEL_NB, TIME, UNIT
from egendekning.errors import Problem, UsageError
from egendekning.names import find, nearest

Floats = NDArray[np.float64]

RUN: Final = "run"
FACTOR: Final = "factor"
DESIGN: Final = "design"
DONE: Final = "done"
DRAWS: Final = "draws"
"""Method of a sweep whose design is the posterior's own rows."""

KINDS: Final = ("lever", "driver", "constant")
"""What a factor can be: the municipality's choice, what the world outside does, or a number that is not known well."""

SWEEPS: Final = ("sobol", "morris", "lhs", "fast", "ff", "grid", DRAWS)
"""How a design can have been made."""

_AGAIN: Final = "sweep again into a new store, or bring this one back from a copy"
_WHOLE: Final = "the store as the sweep wrote it"
_ATTRIBUTES: Final[dict[str, tuple[Any, str]]] = {
    "problem": (Mapping, "names, bounds and groups"),
    "kinds": ((Mapping, list, tuple), "a kind for every factor"),
    "labels_nb": (Mapping, "a label for every factor"),
    "labels_en": (Mapping, "a label for every factor"),
    "units": (Mapping, "a unit for every factor"),
    "outcomes": ((list, tuple), "the names of the outcomes"),
    "seed": ((int, np.integer), "a whole number"),
    "levels": ((int, np.integer), "a whole number"),
}
"""Attributes of a sweep, what they are, and how that is said."""

MANY_TIMES: Final = 40
"""With more saved times than this, indices are computed for the last of every year."""

_FLAT: Final = 1e-12
"""An outcome whose range is smaller than this, beside its size, is a constant with rounding."""


@dataclass(frozen=True)
class Sweep:
    """A finished sweep.

    Attributes
    ----------
    method : str
        How the design was made: sobol, morris, lhs, fast, ff, grid or draws.
    design : ndarray
        (run, factor), in each factor's own unit.
    factors, kinds : tuple of str
        Names, and which of `KINDS` each is.
    problem : Mapping
        SALib's: names, bounds, groups.
    second_order : bool
        Whether a Sobol design holds the second half of its cross matrices.
    levels : int
        Of a Morris design.
    seed : int
        Of the design.
    dataset : xarray.Dataset
        Everything.
    """

    method: str
    design: Floats
    factors: tuple[str, ...]
    kinds: tuple[str, ...]
    problem: Mapping[str, Any]
    second_order: bool
    levels: int
    seed: int
    dataset: xr.Dataset

    @property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """What a planner calls the factors, by language and factor; empty where the sweep says nothing."""
        return {lang: _json(self.dataset.attrs.get(f"labels_{lang}")) or {} for lang in ("nb", "en")}

    @property
    def units(self) -> Mapping[str, str]:
        """Unit by factor; empty where the sweep says nothing."""
        return _json(self.dataset.attrs.get("units")) or {}

    @property
    def players(self) -> tuple[str, ...]:
        """What a structured design moves: the groups of factors, or the factors where there are none."""
        groups = self.problem.get("groups")
        return tuple(dict.fromkeys(str(g) for g in groups)) if groups else self.factors

    @property
    def player_kinds(self) -> tuple[str, ...]:
        """The kind of every player; ``mixed`` for a group of several kinds."""
        groups = [str(g) for g in self.problem.get("groups") or self.factors]
        found = []
        for player in self.players:
            inside = {k for g, k in zip(groups, self.kinds, strict=True) if g == player}
            found.append(inside.pop() if len(inside) == 1 else "mixed")
        return tuple(found)


@dataclass(frozen=True)
class Outcome:
    """One outcome of every run.

    Attributes
    ----------
    name : str
        As in the store.
    values : ndarray
        (run, time); one column where the outcome has no time.
    times : ndarray or None
        (time), year; None for an outcome without time.
    flat : ndarray
        (time), whether the runs do not differ at that time, so that no index is defined.
    unit, label_nb, label_en : str
        For people.
    """

    name: str
    values: Floats
    times: Floats | None
    flat: NDArray[np.bool_]
    unit: str
    label_nb: str
    label_en: str

    def thinned(self, most: int) -> Outcome:
        """Return the same at no more than `most` times, evenly spread, the last among them."""
        if self.times is None or len(self.times) <= most:
            return self
        kept = np.unique(np.linspace(0, len(self.times) - 1, most).round().astype(int))
        return replace(self, values=self.values[:, kept], times=self.times[kept], flat=self.flat[kept])


def sweep_of(dataset: xr.Dataset, where: str = "sweep") -> Sweep:
    """Read and check a sweep.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dims (run, factor, \\*).
    where : str
        What to call it in an error: the store.

    Returns
    -------
    Sweep
        With the design in memory.

    Raises
    ------
    UsageError
        Where it is no sweep, not finished, or a factor does not move.
    """
    if DESIGN not in dataset or set(dataset[DESIGN].dims) != {RUN, FACTOR} or "method" not in dataset.attrs:
        fix = "give a store that 'egendekning sweep --out STORE.zarr' has written"
        raise UsageError(Problem(where, "holds no sweep", f"a variable {DESIGN!r} over ({RUN}, {FACTOR})", fix=fix))
    attrs = dataset.attrs
    _check_attributes(dataset, where)
    _check_done(dataset, where)
    factors = tuple(str(f) for f in dataset[FACTOR].values)
    design = _numbers(dataset[DESIGN].transpose(RUN, FACTOR), f"{where}: {DESIGN}")
    problem = _json(dataset.attrs.get("problem")) or {"names": list(factors)}
    kinds = _kinds(dataset, factors)
    moving = np.ptp(design, axis=0) > 0.0
    problems = [
        Problem(f"{where}: {factor}", "has the same value in every run", "a factor that moves",
                fix="leave it out of the sweep, or give it a wider range")
        for factor, moves in zip(factors, moving, strict=True) if not moves and attrs["method"] != DRAWS
    ]  # fmt: skip
    if attrs["method"] == DRAWS:  # nobody chose these columns: a share that is nought stays nought
        design, problem = design[:, moving], {"names": [f for f, moves in zip(factors, moving, strict=True) if moves]}
        kinds = tuple(kind for kind, moves in zip(kinds, moving, strict=True) if moves)
        factors = tuple(problem["names"])
    if not np.isfinite(design).all():
        problems.append(
            Problem(where, "the design holds values that are not finite", "a number a run and factor", fix=_AGAIN)
        )
    if problems:
        raise UsageError(problems)
    return Sweep(
        str(attrs["method"]), design, factors, kinds, problem,
        bool(attrs.get("second_order", False)), int(attrs.get("levels") or 4), int(attrs.get("seed") or 0), dataset,
    )  # fmt: skip


def outcomes(dataset: xr.Dataset) -> list[str]:
    """Return the names of the outcomes that a sweep holds, in the order in which they were asked for."""
    found = [str(name) for name, array in dataset.items() if name != DESIGN and array.dims[:1] == (RUN,)]
    asked = [str(name).replace("/", " per ") for name in _json(dataset.attrs.get("outcomes")) or ()]
    return sorted(found, key=lambda name: asked.index(name) if name in asked else len(asked))


def outcome_of(sweep: Sweep, name: str, where: str = "--outcome") -> Outcome:
    """Read one outcome.

    Parameters
    ----------
    sweep : Sweep
        From `sweep_of`.
    name : str
        Of the outcome, in any spelling that Vensim takes to be the same.
    where : str
        What to call the place in an error.

    Returns
    -------
    Outcome
        Every run; numbers that are not finite are NaN.

    Raises
    ------
    UsageError
        For an unknown outcome, and one that no factor moves.
    """
    known = outcomes(sweep.dataset)
    written = find(name, dict.fromkeys(known))
    if written is None:
        near = nearest(name, known)
        fix = f"--outcome '{near or known[0]}'" if known else "sweep again with --outcome"
        raise UsageError(Problem(where, f"unknown outcome {name!r}", f"one of {', '.join(known)}", near, fix))
    array = sweep.dataset[written]
    times = None
    if TIME in array.dims:
        array = array.transpose(RUN, TIME).isel({TIME: _kept_times(np.asarray(array[TIME].values, dtype=float))})
        times = np.asarray(array[TIME].values, dtype=float)
    values = _numbers(array, f"outcome {written!r}").reshape(sweep.design.shape[0], -1)
    values = np.where(np.isfinite(values), values, np.nan)
    flat = _flat(values)
    if flat.all():
        known_numbers = values[np.isfinite(values)]
        found = f"is {known_numbers[0]:.6g} in every run" if known_numbers.size else "has no number in any run"
        fix = "choose another outcome or year, or sweep factors that move it"
        raise UsageError(Problem(f"outcome {written!r}", found, "an outcome that varies", fix=fix))
    label_nb, label_en = (str(array.attrs.get(key, written)) for key in (LABEL_NB, LABEL_EN))
    return Outcome(written, values, times, flat, str(array.attrs.get(UNIT, "")), label_nb, label_en)


def complete(sweep: Sweep, outcome: Outcome) -> None:
    """Raise UsageError where a run of a structured design has no number: no index is defined without it."""
    lacking = int((~np.isfinite(outcome.values)).any(axis=1).sum())
    if lacking:
        runs = len(outcome.values)
        fix = "use an outcome that every run has (a level, a probability), or sweep with --method lhs"
        raise UsageError(
            Problem(f"outcome {outcome.name!r}", f"{lacking} of {runs} runs have no number",
                    f"a number in every run: a {sweep.method} design needs all its points", fix=fix)
        )  # fmt: skip


def sample(sweep: Sweep, outcome: Outcome, least: int) -> tuple[Floats, Floats, int]:
    """Return the runs that have numbers at every time: design, outcome, and how many were left out.

    Parameters
    ----------
    sweep : Sweep
        The runs.
    outcome : Outcome
        Of them.
    least : int
        Fewer runs than this are too few.

    Raises
    ------
    UsageError
        Where too few are left.
    """
    kept = np.asarray(np.isfinite(outcome.values).all(axis=1))
    left_out = int((~kept).sum())
    if kept.sum() < least:
        found = f"{int(kept.sum())} runs with numbers" + (f", {left_out} without" if left_out else "")
        needed = 2 * least * len(kept) // max(int(kept.sum()), 1)
        fix = f"sweep again with about {needed} runs (--n), or fewer factors"
        raise UsageError(Problem(f"outcome {outcome.name!r}", found, f"at least {least} runs", fix=fix))
    return sweep.design[kept], outcome.values[kept], left_out


def standardised(values: Floats) -> Floats:
    """Return columns with mean zero and unit variance; a constant column is zero."""
    spread = values.std(axis=0)
    spread = np.where(spread > 0.0, spread, 1.0)
    return np.asarray((values - values.mean(axis=0)) / spread)


def _flat(values: Floats) -> NDArray[np.bool_]:
    known = np.isfinite(values)
    low, high = np.where(known, values, np.inf).min(axis=0), np.where(known, values, -np.inf).max(axis=0)
    return np.asarray(~known.any(axis=0) | (high - low <= _FLAT * np.maximum(np.abs(high), np.abs(low))))


def _kept_times(times: Floats) -> NDArray[np.intp]:
    """Return the positions of the times that are kept: all, or the last of every year where there are many."""
    if len(times) <= MANY_TIMES:
        return np.arange(len(times))
    years = np.floor(times)
    return np.flatnonzero(np.append(years[1:] != years[:-1], True))


def _check_done(dataset: xr.Dataset, where: str) -> None:
    """Raise UsageError where a chunk of the store has not been run."""
    if DONE not in dataset:
        if "fingerprint" in dataset.attrs:  # what 'egendekning sweep' writes always has flags
            raise UsageError(Problem(where, f"holds no {DONE!r}: which runs are done is not known", _WHOLE, fix=_AGAIN))
        return
    flags = _numbers(dataset[DONE], f"{where}: {DONE}").ravel()
    runs, chunk = dataset.sizes[RUN], dataset.attrs.get("chunk")
    if isinstance(chunk, int) and chunk > 0 and flags.size != -(-runs // chunk):
        found = f"holds {flags.size} flags for {-(-runs // chunk)} chunks of {chunk} runs"
        raise UsageError(Problem(where, found, _WHOLE, fix=_AGAIN))
    if not (flags == 1).all():
        found = f"is not finished: {int((flags == 1).sum())} of {flags.size} chunks are done"
        fix = "give the same 'egendekning sweep' command with --resume: it goes on where it stopped"
        raise UsageError(Problem(where, found, "a finished sweep", fix=fix))


def _check_attributes(dataset: xr.Dataset, where: str) -> None:
    """Raise UsageError where the attributes cannot be those of a sweep with these columns."""
    attrs, problems = dataset.attrs, []
    factors = [str(f) for f in dataset[FACTOR].values]
    for name, (kind, expected) in _ATTRIBUTES.items():
        try:
            value = _json(attrs.get(name))
        except ValueError:
            value = attrs[name]
        if value is not None and not isinstance(value, kind):
            problems.append(Problem(f"{where}: attribute {name!r}", f"is {str(value)[:40]!r}", expected, fix=_AGAIN))
        elif name == "problem" and value and [str(f) for f in value.get("names", factors)] != factors:
            found = f"names {', '.join(map(str, value['names']))[:60]}"
            expected = f"the columns of the design: {', '.join(factors)[:60]}"
            problems.append(Problem(f"{where}: attribute {name!r}", found, expected, fix=_AGAIN))
    if "fingerprint" in attrs and not problems:
        asked = [str(name).replace("/", " per ") for name in _json(attrs.get("outcomes")) or ()]
        lost = [name for name in asked if name not in dataset]
        problems += [
            Problem(f"{where}: {name}", "is missing", "every outcome of the sweep", fix=_AGAIN) for name in lost
        ]
    if attrs["method"] not in SWEEPS:
        expected = f"one of {', '.join(SWEEPS)}"
        found = f"is {str(attrs['method'])[:40]!r}"
        near = nearest(str(attrs["method"]), SWEEPS)
        problems.append(Problem(f"{where}: attribute 'method'", found, expected, near, _AGAIN))
    if problems:
        raise UsageError(problems)


def _numbers(array: xr.DataArray, where: str) -> Floats:
    """Return the values as numbers, or say that what lies on the disk is none."""
    try:
        return np.asarray(array.values, dtype=float)
    except Exception as error:  # whatever Zarr makes of damaged files
        found = f"cannot be read ({type(error).__name__}: {error})"
        raise UsageError(Problem(where, found, "numbers, as the sweep wrote them", fix=_AGAIN)) from error


def _kinds(dataset: xr.Dataset, factors: Sequence[str]) -> tuple[str, ...]:
    """Return the kind of every factor, from a coordinate or the attributes; a constant where nothing is said."""
    if "kind" in dataset.coords:
        return tuple(str(k) for k in dataset["kind"].values)
    said = _json(dataset.attrs.get("kinds"))
    if isinstance(said, Mapping):
        return tuple(str(said.get(f, "constant")) for f in factors)
    if isinstance(said, Sequence) and len(said) == len(factors):
        return tuple(str(k) for k in said)
    return ("constant",) * len(factors)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
