"""A named loop as its names and links: what the scores are made for.

Where the names come from (the file of the causal-loop diagram, a test) is the caller's business. The module refuses a
loop whose links are not dependencies of the model, since a score along a link that is not there would be zero and look
like a finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from egendekning.engine import Model
from egendekning.errors import Problem, UsageError
from egendekning.names import find, nearest, split


@dataclass(frozen=True)
class NamedLoop:
    """A feedback loop of a model.

    Attributes
    ----------
    label : str
        Short name: R1, B4.
    kind : {"reinforcing", "balancing"}
        What the loop is called.
    chain : tuple of str
        Names in order, an element in brackets where the loop runs through one alone; the last drives the first.
    switches : tuple of str
        Constants that cut the loop when they are 0.
    names : mapping
        Name by language.
    """

    label: str
    kind: Literal["reinforcing", "balancing"]
    chain: tuple[str, ...]
    switches: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """The links (from, to), the closing one last."""
        return tuple(zip(self.chain, (*self.chain[1:], self.chain[0]), strict=True))


def check_loops(model: Model, loops: Sequence[NamedLoop]) -> None:
    """Raise where a loop is not one of the model.

    Raises
    ------
    UsageError
        With every unknown name, every link that the equations lack, and if there is no loop at all.
    """
    if not loops:
        fix = "name its loops in diagrams/loops.yaml beside the model file"
        raise UsageError(Problem(str(model.path), "no feedback loop is named for this model", "one or more", fix=fix))
    problems = [p for loop in loops for p in _problems(model, loop)]
    if problems:
        raise UsageError(problems)


def _problems(model: Model, loop: NamedLoop) -> list[Problem]:
    """Return what is wrong with one loop."""
    where = f"loop {loop.label}"
    unknown = [n for n in (*loop.chain, *loop.switches) if find(split(n)[0], model.variables) is None]
    if unknown:
        return [
            Problem(where, f"unknown name {n!r}", "a variable of the model", nearest(split(n)[0], model.variables),
                    "write it as the model file does")
            for n in unknown
        ]  # fmt: skip
    found = []
    for source, target in loop.links:
        a, b = (model.variable(split(n)[0]).name for n in (source, target))
        if a not in model.depends_on(b):
            used = ", ".join(sorted(model.depends_on(b)))
            found.append(Problem(where, f"{b} does not use {a}", f"a link of the equations: {b} uses {used}",
                                 nearest(a, model.depends_on(b)), "mend the chain of the loop"))  # fmt: skip
    return found
