"""Decides whether an expectation holds over a run, and finds its worst place.

A comparison is asked of every time and every subscript element it covers; a value that is not a number never passes.
The module refuses to read files and to run a model.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from egendekning.dims import TIME
from egendekning.names import split
from egendekning.study.expressions import Call, Expectation, Name, Node, Number
from egendekning.validate.language import words
from egendekning.validate.verdict import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from egendekning.study import Compare, Expect
    from egendekning.validate.language import Run

_STRICT: Final = ("<", ">", "!=")
_EQUAL_STEP: Final = 1e-9  # of a year: far above rounding of a calendar year, far below any step


def judge(expect: Expect, run: Run, references: Mapping[str, Run]) -> Finding:
    """Return the finding of one expectation.

    Parameters
    ----------
    expect : Expect
        What the run must show.
    run : Run
        The run, cut at the last year that the statement is asked of.
    references : mapping
        The runs that a `compare` may name, by scenario id.
    """
    if expect.compare is not None:
        return _compare(expect.compare, run, references[expect.compare.to])
    comparison = expect.comparison
    assert comparison is not None, "the schema lets no expectation through without one"
    values = [run.value(operand) for operand in comparison.operands]
    if expect.end is not None:
        values = [_at(value, float(run.times[-1])) for value in values]
    elif expect.at is not None:
        values = [_at(value, expect.at) for value in values]
    elif expect.since is not None:
        values = [value.where(value[TIME] >= expect.since, drop=True) if TIME in value.dims else value
                  for value in values]  # fmt: skip
    return _named(_chain(comparison, values, expect.tolerance or 0.0, _when(expect)), comparison, run)


def _when(expect: Expect) -> str:
    """Return the words that say when a comparison is asked."""
    if expect.always is not None:
        return "always"
    if expect.end is not None:
        return "at the end"
    return f"in {expect.at:g}" if expect.at is not None else f"from {expect.since:g}"


def _chain(comparison: Expectation, values: list[xr.DataArray], tolerance: float, when: str) -> Finding:
    """Return the worst finding of a chain of comparisons."""
    found = []
    for place, operator in enumerate(comparison.operators):
        nodes, pair = comparison.operands[place : place + 2], values[place : place + 2]
        found.append(_worst(f"{when}: {comparison.text}", operator, pair[0], pair[1], tolerance, _swapped(nodes)))
    failed = [finding for finding in found if not finding.passed]
    return max(failed or found, key=lambda finding: finding.miss)


def _named(finding: Finding, comparison: Expectation, run: Run) -> Finding:
    """Say which part of ``min(a, b, ...)`` or ``max(a, b, ...)`` fails, where the comparison is of such a list."""
    lists = [node for node in comparison.operands if isinstance(node, Call) and len(node.arguments) > 1]
    if finding.passed or finding.time is None or len(lists) != 1:
        return finding
    sign = 1.0 if lists[0].function == "min" else -1.0
    least = {}
    for part in lists[0].arguments:
        value = sign * _at(run.value(part), finding.time).values
        least[words(part)] = np.inf if value.size == 0 else np.nan_to_num(value, nan=-np.inf).min()
    return replace(finding, element=min(least, key=lambda name: float(least[name])))


def _swapped(nodes: tuple[Node, ...]) -> bool:
    """Whether the bound stands on the left, as in ``0 <= population``."""
    return isinstance(nodes[0], Number) and not isinstance(nodes[1], Number)


def _worst(
    text: str, operator: str, left: xr.DataArray, right: xr.DataArray, tolerance: float, swapped: bool
) -> Finding:
    """Return the place at which ``left operator right`` is furthest from holding."""
    import xarray as xr

    first, second = xr.broadcast(*xr.align(left, right, join="inner"))
    a, b = np.asarray(first.values, dtype=float), np.asarray(second.values, dtype=float)
    with np.errstate(invalid="ignore"):
        slack = tolerance * np.maximum(np.abs(a), np.abs(b))
        gap = {"<": a - b, ">": b - a, "=": np.abs(a - b), "!": -np.abs(a - b)}[operator[0]]
        miss = np.where(np.isfinite(a) & np.isfinite(b), gap - slack, np.inf)
    if miss.size == 0:
        return Finding(f"{text} (no time in common)", False, None, "", np.nan, np.nan, np.inf)
    where = np.unravel_index(int(np.argmax(miss)), miss.shape)
    worst = float(miss[where])
    labels = {str(dim): first[dim].values[at] for dim, at in zip(first.dims, where, strict=True)}
    time = labels.pop(TIME, first.coords[TIME].item() if TIME in first.coords and TIME not in first.dims else None)
    value, bound = (b[where], a[where]) if swapped else (a[where], b[where])
    return Finding(
        text,
        passed=worst < 0 if operator in _STRICT else worst <= 0,
        time=None if time is None else float(time),
        element=", ".join(str(label) for label in labels.values()),
        value=float(value),
        bound=float(bound),
        miss=worst,
    )


def _at(value: xr.DataArray, year: float) -> xr.DataArray:
    """Return the value at a year; between two steps, on the line between them."""
    if TIME not in value.dims:
        return value
    times = value[TIME].values
    after = int(np.searchsorted(times, year - _EQUAL_STEP))
    if after < len(times) and abs(times[after] - year) <= _EQUAL_STEP:
        return value.isel({TIME: after})
    if not 0 < after < len(times):
        return value.isel({TIME: slice(0, 0)})
    share = (year - times[after - 1]) / (times[after] - times[after - 1])
    line: xr.DataArray = (1 - share) * value.isel({TIME: after - 1}, drop=True) + share * value.isel(
        {TIME: after}, drop=True
    )
    return line.assign_coords({TIME: year})


def _compare(compare: Compare, run: Run, other: Run) -> Finding:
    """Return the finding of a comparison with another run."""
    name = Name(*split(compare.variable))
    year = float(run.times[-1]) if compare.by is None else compare.by
    mine, theirs = (_at(values.value(name), year) for values in (run, other))
    text = f"in {year:g}: {compare.variable} {compare.direction} than in {compare.to}"
    if compare.direction == "equal":
        text = f"in {year:g}: {compare.variable} as in {compare.to}"
        return _worst(text, "==", mine, theirs, compare.tolerance or 0.0, False)
    distance = compare.at_least or 0.0
    if distance:
        text += f" by {distance:g}"
    if compare.direction == "lower":
        return _worst(text, "<=" if distance else "<", mine, theirs - distance, 0.0, False)
    return _worst(text, ">=" if distance else ">", mine, theirs + distance, 0.0, False)
