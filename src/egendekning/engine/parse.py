"""Turn a model file into PySD's abstract syntax, equation by equation, keeping lines and collecting every fault.

Equations are read one at a time, so that one broken equation is one message with its line and does not hide the next.
The module refuses to give meaning to what it parsed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine import bounds
from egendekning.engine.source import Entry, read_text, split_entries, split_macros
from egendekning.engine.syntax import ExpressionError
from egendekning.engine.vensim_head import Head, read_head
from egendekning.engine.vensim_syntax import parse_expression, parse_table
from egendekning.errors import ModelFileError, Problem
from egendekning.names import key

if TYPE_CHECKING:
    from egendekning.engine.macros import Macro

_MOST_PROBLEMS = 100  # after so many the file is something else


@dataclass(slots=True)
class RawEquation:
    """One parsed equation of a variable; `subscripts` and `excepted` as written on the left-hand side."""

    subscripts: list[str]
    excepted: list[list[str]]
    ast: Any
    form: str
    line: int
    text: str
    keyword: str = ""


@dataclass(slots=True)
class RawVariable:
    """All equations of one name, with what the file says about it."""

    name: str
    unit: str = ""
    documentation: str = ""
    group: str = ""
    limits: tuple[float | None, float | None] = (None, None)
    equations: list[RawEquation] = field(default_factory=list)
    hidden: bool = False


@dataclass(slots=True)
class RawRange:
    """A subscript range as written: elements or ranges, or the name it copies; maps are (range, elements or None)."""

    name: str
    definition: Any
    maps: list[tuple[str, list[str] | None]]
    line: int


@dataclass(slots=True)
class RawModel:
    """What a file says, before any name is looked up."""

    text: str
    variables: dict[str, RawVariable]
    ranges: dict[str, RawRange]
    groups: list[str]
    method: str = "euler"


def parse(path: Path) -> RawModel:
    """Read and parse a model file.

    Raises
    ------
    ModelFileError
        With one problem per equation that cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix == ".mdl":
        return _parse_vensim(path, read_text(path))
    if suffix in (".xmile", ".stmx", ".itmx", ".xml"):
        from egendekning.engine.xmile import parse_xmile

        return parse_xmile(path, read_text(path))
    raise ModelFileError(
        Problem(str(path), f"a {suffix or 'nameless'} file", ".mdl, .xmile or .stmx", fix="export the model as .mdl")
    )


def _parse_vensim(path: Path, text: str) -> RawModel:
    from egendekning.engine.library import wanted
    from egendekning.engine.macros import expand

    model = RawModel(text, {}, {}, [])
    (main, own), problems = vensim_macros(text, path)
    _add_entries(model, main, path, problems)
    if problems:
        raise ModelFileError(problems)
    with bounds.room():
        macros = wanted(model, own)
        if macros:
            expand(model, macros, str(path))
    return model


def vensim_macros(text: str, path: Path) -> tuple[tuple[str, dict[str, Macro]], list[Problem]]:
    """Return a Vensim text without its macros, the macros by key, and what is wrong with them."""
    from egendekning.engine.macros import Macro

    problems: list[Problem] = []
    macros: dict[str, Macro] = {}
    main, blocks = split_macros(text, str(path))
    for block in blocks:
        body = RawModel(text, {}, {}, [])
        _add_entries(body, block.body, path, problems)
        macros[key(block.name)] = Macro(block.name, block.inputs, block.outputs, body, block.line)
        if key(block.name) not in body.variables:
            problems.append(Problem(f"{path}:{block.line}", f"macro {block.name} has no equation for {block.name}",
                                    "an equation of its own name"))  # fmt: skip
    return (main, macros), problems


def _add_entries(model: RawModel, text: str, path: Path, problems: list[Problem]) -> None:
    for entry in split_entries(text, str(path)):
        if len(problems) >= _MOST_PROBLEMS:
            return
        if entry.group and entry.group not in model.groups:
            model.groups.append(entry.group)
        try:
            with bounds.room():
                _add_entry(model, entry)
        except bounds.TooLong as error:
            name = " ".join(entry.text[:40].split())
            problems.append(Problem(f"{path}:{entry.line}", f"{name}: {error.found}", error.expected))
        except ModelFileError as error:
            problems.extend(error.problems)
        except ExpressionError as error:
            problems.append(_syntax_problem(f"{path}:{entry.line}", entry, error))


def _add_entry(model: RawModel, entry: Entry) -> None:
    flat = re.sub(r"\s+", " ", re.sub(r"\\[ \t]*\n\s*", " ", entry.text)).strip()
    bounds.check_head(flat)
    if "=" not in flat:
        bounds.check_range(flat)
    head = read_head(flat)
    if head.kind == "range":
        model.ranges[key(head.name)] = RawRange(head.name, head.definition, list(head.maps), entry.line)
        return
    if head.kind == "check":
        return  # reality checks take no part in a simulation
    form, ast = _right_side(head)
    variable = model.variables.setdefault(key(head.name), RawVariable(shown(head.name), group=entry.group))
    unit, limits = _unit(entry.unit)
    variable.unit = unit or variable.unit
    variable.documentation = entry.documentation or variable.documentation
    variable.limits = limits or variable.limits
    excepted = [list(group) for group in head.excepted]
    variable.equations.append(
        RawEquation(list(head.subscripts), excepted, ast, form, entry.line, entry.text, head.keyword)
    )


def _right_side(head: Head) -> tuple[str, Any]:
    """Return whether an entry is an equation, data or a table function, and its abstract syntax."""
    if head.kind == "data" and not head.rest.strip():
        return "data", ae.DataStructure()
    if head.kind == "lookup":
        return "lookup", parse_table(head.rest)
    ast = parse_expression(head.rest)
    return ("lookup" if isinstance(ast, ae.GetLookupsStructure) else head.kind), ast


def shown(name: str) -> str:
    """Return a name as people write it: without quotation marks, blanks single."""
    return " ".join((name[1:-1] if name.startswith('"') else name).split())


def _unit(text: str) -> tuple[str, tuple[float | None, float | None] | None]:
    """Return a unit without its range, and the ends of the range, None where they are open."""
    found = re.fullmatch(r"(.*)\[([^\]\[]*)\]", text.strip())
    if found is None:
        return text, None
    ends: list[float | None] = []
    for part in found.group(2).split(",")[:2]:
        try:
            ends.append(float(part))
        except ValueError:
            ends.append(None)
    low, high = (*ends, None, None)[:2]
    return found.group(1).strip(), (low, high)


def _syntax_problem(where: str, entry: Entry, error: ExpressionError) -> Problem:
    head = " ".join(entry.text.split())
    name = re.split(r"[=(\[:]", head, maxsplit=1)[0].strip() or head[:40]
    near = " ".join(error.text[max(0, error.pos - 20) : error.pos + 30].split())
    return Problem(where, f"{name}: cannot be read near {near!r} ({error})", "name = expression ~ unit ~ comment |",
                   fix="mend the equation")  # fmt: skip
