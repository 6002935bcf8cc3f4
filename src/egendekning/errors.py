"""How the project says that something is wrong: every problem at once, each with a place and a remedy.

A user who edits a model, a scenario or a command line meets these messages and nothing else. The module holds the
shape of a message and the family of exceptions; it refuses to print, to log and to decide on exit codes, which is the
command line's work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, told so that the reader can mend it.

    Parameters
    ----------
    where : str
        ``file:line`` where a file is at fault, otherwise the object (an option, a folder, a variable).
    found : str
        What is there.
    expected : str
        What should have been there.
    nearest : str, optional
        The known name most like an unknown one.
    fix : str, optional
        What to do about it, as an instruction.
    """

    where: str
    found: str
    expected: str
    nearest: str | None = None
    fix: str = ""

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.found}", f"  expected: {self.expected}"]
        if self.nearest is not None:
            lines.append(f"  did you mean: {self.nearest}?")
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


class EgendekningError(Exception):
    """A failure that the user can mend; carries every problem found, in the order found.

    Parameters
    ----------
    *problems : Problem or iterable of Problem
        What is wrong; at least one. ``StudyError(p)``, ``StudyError(p, q)`` and ``StudyError([p, q])`` all work.

    Attributes
    ----------
    problems : tuple of Problem
        What was given, flattened.
    """

    left: ClassVar[str] = "nothing was written"
    """What the failure leaves behind, for the last line of a message."""

    problems: tuple[Problem, ...]

    def __init__(self, *problems: Problem | Iterable[Problem]) -> None:
        flat: list[Problem] = []
        for item in problems:
            flat.extend([item] if isinstance(item, Problem) else item)
        if not flat:
            raise ValueError(f"{type(self).__name__} needs at least one Problem")
        self.problems = tuple(flat)
        super().__init__(*self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class StudyError(EgendekningError):
    """A file of the study (parameters, rules, levers, scenarios, checks, labels) is wrong or missing."""


class ModelFileError(EgendekningError):
    """A model file cannot be read, breaks a rule or uses something that the engine does not support."""


class SimulationError(EgendekningError):
    """A run could not be done: unknown names, wrong shapes or numbers that are not finite."""


class OutputError(EgendekningError):
    """A result could not be written where the user asked for it."""


class UsageError(EgendekningError):
    """A command or a call was given arguments that do not make sense together."""
