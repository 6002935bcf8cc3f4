"""The parts of the model's README that are made from the model: the loops in words, and every variable.

Each part stands between two markers; what stands around them belongs to people. The module refuses to touch files.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from egendekning.diagrams.loops import LoopFile
from egendekning.diagrams.structure import members, sectors
from egendekning.engine.model import Model, Variable
from egendekning.errors import ModelFileError, Problem

_KINDS: Final = ("stock", "flow", "auxiliary", "lookup", "constant")


def markers(part: str) -> tuple[str, str]:
    """Return the lines between which a part stands."""
    return f"<!-- begin {part}: made by `egendekning diagrams --readme`, edits are lost -->", f"<!-- end {part} -->"


def with_index(text: str, model: Model, loops: LoopFile, where: str) -> str:
    """Return a README with its made parts made anew.

    Parameters
    ----------
    text : str
        The README.
    model : Model
        The model.
    loops : LoopFile
        Its named loops.
    where : str
        The README's path, for messages.

    Raises
    ------
    ModelFileError
        Where a marker is missing, doubled or out of order.
    """
    problems = []
    for part, content in (("loops", _loops(loops)), ("variables", index(model))):
        first, last = markers(part)
        before, begin, rest = text.partition(first)
        _, end, after = rest.partition(last)
        if not begin or not end or first in rest or last in after:
            found = f"the markers of the part {part!r} are missing or doubled"
            problems.append(Problem(where, found, f"one {first!r} and, after it, one {last!r}"))
        else:
            text = f"{before}{first}\n\n{content}\n{last}{after}"
    if problems:
        raise ModelFileError(problems)
    return text


def index(model: Model) -> str:
    """Return the tables of all variables in Markdown."""
    return "\n".join([*_counts(model), *(line for sector in sectors(model) for line in _sector(model, sector))])


def _loops(file: LoopFile) -> str:
    """Return the loops in words: name, members with signs, switches and what the knock-out does."""
    lines: list[str] = []
    for loop in file.loops:
        steps = [f"({'+' if sign > 0 else '−'}) {name}" for sign, name in loop.steps()]
        if loop.kind == "chain":
            steps[0] = loop.steps()[0][1]
        back = "" if loop.kind == "chain" else " → back to the first"
        switches = ", ".join(f"`{name}`" for name in loop.switches)
        lines += [f"**{loop.label}. {loop.name_en}** ({loop.kind}) / *{loop.name_nb}*", "", loop.text_en, ""]
        lines += [f"- Members, each with the sign of the link that leads to it: {' → '.join(steps)}{back}"]
        lines += [f"- Switch: {switches} (1 = on, 0 = cut). {loop.cut_en}", ""]
    return "\n".join(lines)


def _counts(model: Model) -> list[str]:
    """Return how many variables of each kind every sector has."""
    lines = ["### Counts", "", f"| Sector | {' | '.join(_KINDS)} |", "|---|" + "--:|" * len(_KINDS)]
    total: Counter[str] = Counter()
    for sector in sectors(model):
        count = Counter(model.variables[n].kind for n in members(model, sector))
        total += count
        lines.append(f"| {sector} | {' | '.join(str(count[k]) for k in _KINDS)} |")
    lines.append(f"| **all** | {' | '.join(f'**{total[k]}**' for k in _KINDS)} |")
    return [*lines, "", "A variable with subscripts counts once.", ""]


def _sector(model: Model, sector: str) -> list[str]:
    """Return the table of one sector; the heads of it come first, constants last."""
    names = sorted(
        members(model, sector), key=lambda n: (_KINDS.index(model.variables[n].kind), model.variables[n].line)
    )
    lines = ["<details>", f"<summary><b>{sector}</b>: {len(names)} variables</summary>", ""]
    lines += ["| Variable | Kind | Unit | Meaning |", "|---|---|---|---|"]
    lines += [_row(model.variables[n]) for n in names]
    return [*lines, "", "</details>", ""]


def _row(variable: Variable) -> str:
    dims = f"[{', '.join(variable.dims)}]" if variable.dims else ""
    cells = (f"`{variable.name}{dims}`", variable.kind, variable.unit, variable.documentation)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
