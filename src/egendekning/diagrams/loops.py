"""The named feedback loops: read from `loops.yaml` beside the pictures, and held against the equations.

A loop that the documentation names but the equations do not close is worse than none. Reading checks that every link of
every chain is a dependency in the model and that the signs agree with what the loop is called. The module refuses to
find loops by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from egendekning.engine.model import Model
from egendekning.errors import ModelFileError, Problem
from egendekning.names import find, nearest, split

LOOPS_FILE = "loops.yaml"


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Node(_Closed):
    """A variable that the causal-loop diagram draws, `at` inches from its upper left corner."""

    nb: str
    en: str
    at: tuple[float, float]


class Extra(_Closed):
    """A link drawn beside the loops."""

    source: str = Field(alias="from")
    target: str = Field(alias="to")
    sign: Literal["+", "-"]


class Loop(_Closed):
    """A named loop, or a chain that strengthens loops."""

    label: str
    kind: Literal["reinforcing", "balancing", "chain"]
    name_nb: str
    name_en: str
    at: tuple[float, float]
    switches: tuple[str, ...] = Field(min_length=1)
    chain: tuple[str, ...] = Field(min_length=2)
    text_nb: str
    text_en: str
    cut_nb: str
    cut_en: str

    def steps(self) -> tuple[tuple[int, str], ...]:
        """Return sign and name of each member; the sign is that of the link that leads to it."""
        return tuple((-1 if word[0] == "-" else 1, word[1:].strip()) for word in self.chain)

    def links(self) -> tuple[tuple[str, str, int], ...]:
        """Return (from, to, sign) for each link, the closing one included where there is one."""
        steps = self.steps()
        pairs = [(a[1], b[1], b[0]) for a, b in pairwise(steps)]
        return tuple(pairs if self.kind == "chain" else [*pairs, (steps[-1][1], steps[0][1], steps[0][0])])


class LoopFile(_Closed):
    """Everything that the file holds."""

    nodes: dict[str, Node]
    extra: tuple[Extra, ...] = ()
    loops: tuple[Loop, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A link of the causal-loop diagram between nodes that are drawn; what lies between them is left out."""

    source: str
    target: str
    sign: int
    labels: tuple[str, ...]


def read_loops(path: Path, model: Model) -> LoopFile:
    """Read the loops and hold them against the model.

    Parameters
    ----------
    path : Path
        The YAML file.
    model : Model
        The model whose loops they are.

    Raises
    ------
    ModelFileError
        With every link that the equations do not have, every unknown name, and every sign that contradicts the kind.
    """
    try:
        found = LoopFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ModelFileError(
            Problem(str(path), f"cannot be read ({error.strerror})", "the file of named loops")
        ) from error
    except yaml.YAMLError as error:
        raise ModelFileError(Problem(str(path), f"is not YAML ({error})".replace("\n", " "), "a YAML file")) from error
    except ValidationError as error:
        raise ModelFileError(
            Problem(f"{path}: {'.'.join(map(str, e['loc']))}", e["msg"], "see the head of the file")
            for e in error.errors()
        ) from error
    problems = [p for loop in found.loops for p in _loop_problems(str(path), loop, model)]
    names = [*found.nodes, *(n for e in found.extra for n in (e.source, e.target))]
    problems += [p for name in names for p in _name_problems(str(path), name, model)]
    if problems:
        raise ModelFileError(problems)
    return found


def _name_problems(where: str, name: str, model: Model) -> list[Problem]:
    """Return a problem where the model has no such variable."""
    bare = split(name)[0]
    if find(bare, model.variables) is not None:
        return []
    return [Problem(where, f"unknown name {bare!r}", "a variable of the model", nearest(bare, model.variables))]


def _loop_problems(where: str, loop: Loop, model: Model) -> list[Problem]:
    """Return what is wrong with one loop."""
    place = f"{where}: loop {loop.label}"
    names = [*(name for _, name in loop.steps()), *loop.switches]
    problems = [p for name in names for p in _name_problems(place, name, model)]
    if problems:
        return problems
    for source, target, _ in loop.links():
        a, b = split(source)[0], split(target)[0]
        if a not in model.depends_on(b):
            used = ", ".join(sorted(model.depends_on(b)))
            problems.append(Problem(place, f"{b} does not use {a}", f"a link of the equations ({b} uses {used})"))
    sign = prod(s for _, _, s in loop.links())
    if loop.kind != "chain" and (sign > 0) != (loop.kind == "reinforcing"):
        found = f"is called {loop.kind}, but its signs multiply to {'+' if sign > 0 else '-'}"
        problems.append(Problem(place, found, "an even number of minus signs where reinforcing, odd where balancing"))
    return problems


def drawn_links(file: LoopFile) -> tuple[Drawn, ...]:
    """Return the links to draw: each loop cut down to the nodes that are drawn, signs multiplied, doubles joined."""
    found: dict[tuple[str, str, int], list[str]] = {}
    for loop in file.loops:
        steps = list(loop.steps())
        first = next(i for i, (_, name) in enumerate(steps) if name in file.nodes)
        steps = steps[first:] + ([] if loop.kind == "chain" else steps[: first + 1])
        last, sign = steps[0][1], 1
        for step, name in steps[1:]:
            sign *= step
            if name in file.nodes:
                found.setdefault((last, name, sign), []).append(loop.label)
                last, sign = name, 1
    for extra in file.extra:
        found.setdefault((extra.source, extra.target, -1 if extra.sign == "-" else 1), [])
    return tuple(Drawn(a, b, sign, tuple(dict.fromkeys(labels))) for (a, b, sign), labels in found.items())
