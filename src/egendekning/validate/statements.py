"""Runs the statements of a study and gives a verdict on each.

The runs that statements are compared with come first; of them only the variables that statements name are kept. A run
with a value that is not finite fails its statement, whatever was expected of it. The module refuses to know how runs
are made and how an expectation is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from egendekning.dims import TIME
from egendekning.errors import Problem, UsageError
from egendekning.names import nearest
from egendekning.validate.batches import Batches
from egendekning.validate.conditions import Values, conditions_of, names_of, references_of, scenario_conditions
from egendekning.validate.judge import judge
from egendekning.validate.language import Run
from egendekning.validate.verdict import NotFinite, Verdict

if TYPE_CHECKING:
    import xarray as xr

    from egendekning.ensemble import Bound
    from egendekning.study import Check

Progress = Callable[[int, int], None]
"""Called with the number of runs done and the number of all runs."""

_REFERENCE = "to compare with: "


def check_statements(
    bound: Bound, ids: Iterable[str] | None = None, *, progress: Progress | None = None
) -> tuple[Verdict, ...]:
    """Run the statements of a study and judge them.

    Parameters
    ----------
    bound : Bound
        A study and its model, in agreement.
    ids : iterable of str, optional
        Ids of the statements wanted; all of them if left out.
    progress : callable, optional
        Called as runs are done.

    Returns
    -------
    tuple of Verdict
        In the order of the file.

    Raises
    ------
    UsageError
        For an unknown id.
    StudyError
        For values that do not fit their variables.
    """
    study = bound.study
    wanted = _chosen(study.checks, ids)
    values = Values(bound)
    conditions = conditions_of(study, values)
    references = {_REFERENCE + name: scenario_conditions(study, values, name) for name in references_of(study.checks)}
    kept = names_of(study.checks)
    batches = Batches(bound.model, values, [*references.values(), *conditions], kept)
    checks = {study.checks[place].id: study.checks[place] for place in wanted}
    todo = {**references, **{study.checks[place].id: conditions[place] for place in wanted}}
    compared: dict[str, Run] = {}
    verdicts: dict[str, Verdict] = {}

    def handle(name: str, run: Run, broken: NotFinite | None) -> None:
        if name in references:
            compared[name.removeprefix(_REFERENCE)] = _copied(run, kept)
        else:
            verdicts[name] = _verdict(checks[name], run, broken, compared)
        if progress:
            progress(len(compared) + len(verdicts), len(todo))

    batches.run(todo, handle)
    return tuple(verdicts[name] for name in checks)


def _chosen(checks: Sequence[Check], ids: Iterable[str] | None) -> list[int]:
    """Return the indices of the statements wanted, in the order of the file."""
    known = {check.id: place for place, check in enumerate(checks)}
    if ids is None:
        return list(known.values())
    asked = list(ids)
    expected = "the id of a statement in model/checks.yaml"
    problems = [
        Problem("check", f"no statement {name!r}", expected, nearest(name, known))
        for name in asked
        if name not in known
    ]
    if problems:
        raise UsageError(problems)
    return sorted({known[name] for name in asked})


def _copied(run: Run, names: frozenset[str]) -> Run:
    """Return a run with copies of the variables that others are compared with, so that the rest can be freed."""
    return Run({name: run.variables[name].copy(deep=True) for name in names}, run.times.copy(deep=True))


def _verdict(check: Check, run: Run, broken: NotFinite | None, compared: Mapping[str, Run]) -> Verdict:
    """Judge one statement."""
    seen = Run(run.variables, run.times, compared["baseline"])
    if check.until is not None:
        seen = _until(seen, check.until)
        broken = None if broken is not None and broken.time > check.until else broken
    findings = tuple(judge(expect, seen, compared) for expect in check.expect)
    return Verdict(check.id, check.kind, check.statement_nb, check.statement_en, findings, broken)


def _until(run: Run, year: float) -> Run:
    """Return a run cut at a year."""
    count = int((run.times.values <= year).sum())
    return Run(_Cut(run.variables, count), run.times.isel({TIME: slice(0, count)}), run.baseline)


class _Cut(dict[str, "xr.DataArray"]):
    """Variables by normal name, cut to the first times when asked for."""

    def __init__(self, variables: Mapping[str, xr.DataArray], count: int) -> None:
        super().__init__()
        self._variables, self._count = variables, count

    def __missing__(self, name: str) -> xr.DataArray:
        array = self._variables[name]
        self[name] = array.isel({TIME: slice(0, self._count)}) if TIME in array.dims else array
        return self[name]
