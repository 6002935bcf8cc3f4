"""Turn a model file into PySD's abstract syntax, equation by equation, keeping lines and collecting every fault.

PySD knows the grammar of Vensim and XMILE; this module calls it one equation at a time, so that one broken equation is
one message with its line and does not hide the next. It refuses to give meaning to what it parsed.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from egendekning.engine import bounds
from egendekning.engine.source import Entry, read_text, split_entries, split_macros
from egendekning.errors import ModelFileError, Problem
from egendekning.names import key

_MOST_PROBLEMS = 100  # after so many the file is something else
_OUTSIDE = r"""(?=(?:[^"']*["'][^"']*["'])*[^"']*$)"""  # not between quotation marks
_LEADING_ZEROS = re.compile(r"""(?<![\w.'"])0+(?=\d)""" + _OUTSIDE)
_NEGATIVE_POWER = re.compile(r"(?<!\^)(?<!\^ )(?<![eE\w])-\s*(\d+\.?\d*|\.\d+)\s*\^" + _OUTSIDE)
"""A minus sign belongs to the power as a whole; PySD takes it into the base where that is a number."""


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
    if suffix in (".xmile", ".stmx", ".xml"):
        from egendekning.engine.xmile import parse_xmile

        return parse_xmile(path, read_text(path))
    raise ModelFileError(
        Problem(str(path), f"a {suffix or 'nameless'} file", ".mdl, .xmile or .stmx", fix="export the model as .mdl")
    )


def _parse_vensim(path: Path, text: str) -> RawModel:
    from egendekning.engine.macros import Macro, expand

    model = RawModel(text, {}, {}, [])
    problems: list[Problem] = []
    main, blocks = split_macros(text, str(path))
    names = tuple(block.name for block in blocks)
    macros: dict[str, Macro] = {}
    for block in blocks:
        body = RawModel(text, {}, {}, [])
        _add_entries(body, block.body, path, names, problems)
        macros[key(block.name)] = Macro(block.name, block.inputs, block.outputs, body, block.line)
        if key(block.name) not in body.variables:
            problems.append(Problem(f"{path}:{block.line}", f"macro {block.name} has no equation for {block.name}",
                                    "an equation of its own name"))  # fmt: skip
    _add_entries(model, main, path, names, problems)
    if problems:
        raise ModelFileError(problems)
    if macros:
        expand(model, macros, str(path))
    return model


def _add_entries(model: RawModel, text: str, path: Path, macros: tuple[str, ...], problems: list[Problem]) -> None:
    for entry in split_entries(text, str(path)):
        if len(problems) >= _MOST_PROBLEMS:
            return
        if entry.group and entry.group not in model.groups:
            model.groups.append(entry.group)
        try:
            with warnings.catch_warnings(), bounds.room():
                warnings.simplefilter("ignore")
                _add_entry(model, entry, macros)
        except bounds.TooLong as error:
            name = " ".join(entry.text[:40].split())
            problems.append(Problem(f"{path}:{entry.line}", f"{name}: {error.found}", error.expected))
        except ModelFileError as error:
            problems.extend(error.problems)
        except Exception as error:  # the parser raises many kinds
            problems.append(_syntax_problem(f"{path}:{entry.line}", entry, error))


def _add_entry(model: RawModel, entry: Entry, macros: tuple[str, ...] = ()) -> None:
    from pysd.translators.structures import abstract_model as am
    from pysd.translators.vensim.vensim_element import (
        Component,
        Constraint,
        Element,
        Lookup,
        SubscriptRange,
        TestInput,
    )

    flat = re.sub(r"\s+", " ", re.sub(r"\\\n\s*", " ", entry.text)).strip()
    bounds.check_head(flat)
    if "=" not in flat:
        bounds.check_range(flat)
    flat = _joined_outputs(flat, macros) if macros else flat
    flat = _NEGATIVE_POWER.sub(r"-1*\1^", _LEADING_ZEROS.sub("", flat))
    if re.fullmatch(r"""[^=:()<>'"]+|"[^"]+"(\s*\[[^=:()<>]*\])?""", flat):
        flat += " :INTERPOLATE:"  # a name alone is a data variable
    head, mapped, _ = flat.partition("->")
    is_mapping = bool(mapped) and "=" not in head and not head.endswith("<")
    component = Element(head.strip() if is_mapping else flat, entry.unit, entry.documentation).parse()
    if isinstance(component, SubscriptRange):
        model.ranges[key(component.name)] = RawRange(component.name, component.definition, _mappings(flat), entry.line)
        return
    if isinstance(component, (Constraint, TestInput)):
        return  # reality checks take no part in a simulation
    if isinstance(component, Lookup) and (table := bounds.points(component.expression)) is not None:
        component.ast = table
    elif isinstance(component, Component) and (listed := bounds.numbers(component.expression or "")) is not None:
        component.ast = listed
    else:
        bounds.check_expression(component.expression or "")
        component.parse()
    abstract = component.get_abstract_component()
    name = component.name[1:-1] if component.name.startswith('"') else component.name
    variable = model.variables.setdefault(key(name), RawVariable(" ".join(name.split()), group=entry.group))
    variable.unit = component.units or variable.unit
    variable.documentation = entry.documentation or variable.documentation
    variable.limits = component.limits or variable.limits
    form = {am.AbstractLookup: "lookup", am.AbstractData: "data"}.get(type(abstract), "equation")
    subscripts, excepted = abstract.subscripts
    variable.equations.append(
        RawEquation(
            list(subscripts), [list(e) for e in excepted], abstract.ast, form, entry.line, entry.text,
            getattr(abstract, "keyword", None) or "",
        )
    )  # fmt: skip


def _joined_outputs(text: str, macros: tuple[str, ...]) -> str:
    """Return `text` with the colon before a macro's further outputs made a comma, which the grammar knows."""
    for name in macros:
        pattern = r"\s+".join(map(re.escape, name.replace("_", " ").split()))
        for call in list(re.finditer(rf"(?<!\w){pattern}\s*\(", text, re.IGNORECASE)):
            depth = 0
            for at in range(call.end() - 1, len(text)):
                depth += {"(": 1, ")": -1}.get(text[at], 0)
                if depth == 1 and text[at] == ":" and not re.match(r":\s*\w+\s*:", text[at:]):
                    text = text[:at] + "," + text[at + 1 :]
                if depth == 0:
                    break
    return text


def _mappings(text: str) -> list[tuple[str, list[str] | None]]:
    """Return what follows ``->`` in a range definition: target ranges, each with its elements if they are listed."""
    if "->" not in text:
        return []
    found: list[tuple[str, list[str] | None]] = []
    for match in re.finditer(r"\(\s*([^():]+?)\s*:\s*([^()]*)\)|([^,()]+)", text.split("->", 1)[1]):
        if match.group(1):
            found.append((match.group(1), [part.strip() for part in match.group(2).split(",")]))
        elif match.group(3).strip():
            found.append((match.group(3).strip(), None))
    return found


def _syntax_problem(where: str, entry: Entry, error: Exception) -> Problem:
    head = " ".join(entry.text.split())
    name = re.split(r"[=(\[:]", head, maxsplit=1)[0].strip() or head[:40]
    at = getattr(error, "pos", None)
    text = getattr(error, "text", None)
    if isinstance(at, int) and isinstance(text, str) and text:
        near = " ".join(text[max(0, at - 20) : at + 30].split())
        found = f"{name}: cannot be read near {near!r}"
    elif "argument" in str(error):
        found = f"{name}: a function has the wrong number of arguments ({str(error).splitlines()[0][:120]})"
    else:
        found = f"{name}: cannot be read ({str(error).splitlines()[0][:120]})"
    return Problem(where, found, "name = expression ~ unit ~ comment |", fix="mend the equation")
