"""What is said about a statement: passed or failed, and where the run came closest to breaking it or broke it worst.

A planner who reads a failed check must see the year, the value and the bound. The module refuses to judge.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """The worst place of one expectation.

    Attributes
    ----------
    text : str
        The expectation, as written.
    passed : bool
        Whether it holds everywhere it is asked of.
    time : float or None
        Year of the worst place; None where nothing in the expectation varies with time.
    element : str
        Subscript elements of the worst place, with commas between; empty where there are none.
    value, bound : float
        What was found there and what it was compared with, in the unit of the expectation.
    miss : float
        How far the value is on the wrong side of its bound, the tolerance deducted, in the same unit; negative where
        there is room left. Infinite where a value is not finite.
    """

    text: str
    passed: bool
    time: float | None
    element: str
    value: float
    bound: float
    miss: float


@dataclass(frozen=True, slots=True)
class NotFinite:
    """The first value of a run that is not a finite number."""

    variable: str
    time: float
    value: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one statement.

    Attributes
    ----------
    id, kind, statement_nb, statement_en : str
        As in `checks.yaml`.
    findings : tuple of Finding
        One for each expectation, in order.
    not_finite : NotFinite or None
        The first value, of any variable, that is not finite; a run with one fails whatever was expected of it.
    """

    id: str
    kind: str
    statement_nb: str
    statement_en: str
    findings: tuple[Finding, ...]
    not_finite: NotFinite | None = None

    @property
    def passed(self) -> bool:
        """Whether every expectation holds and every value is finite."""
        return self.not_finite is None and all(finding.passed for finding in self.findings)

    @property
    def worst(self) -> Finding:
        """The finding to show: the failed one that misses most, or the first if none failed."""
        failed = [finding for finding in self.findings if not finding.passed]
        return max(failed, key=lambda finding: finding.miss) if failed else self.findings[0]
