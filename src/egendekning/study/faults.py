"""From a failed schema to problems that a planner can act on.

The schemas are pydantic models, whose own messages speak of types and validators. This module turns them into
`Problem`s with file and line, the allowed keys, the nearest match and a remedy. It refuses to decide what is right:
that is written in `egendekning.study.schemas`.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from egendekning.errors import Problem
from egendekning.names import nearest
from egendekning.study.yamltree import Document, Path_

M = TypeVar("M", bound=BaseModel)

_CODE: Final = "study"

_KEPT_ELSEWHERE: Final = {
    "value": "a constant's value lives in the model file alone: delete this line and set it there",
    "unit": "a constant's unit lives in the model file alone: delete this line and set it there",
}


def fault(found: str, expected: str, *, at: Path_ = (), fix: str = "", close: str | None = None) -> PydanticCustomError:
    """Make the exception that a schema's own validators raise.

    Parameters
    ----------
    found, expected, fix : str
        As in `Problem`.
    at : tuple of str or int, optional
        Where below the validated value the fault lies, to point at the right line.
    close : str, optional
        The nearest match.

    Returns
    -------
    PydanticCustomError
        To be raised by the caller.
    """
    context = {"found": found, "expected": expected, "at": at, "fix": fix, "nearest": close}
    return PydanticCustomError(_CODE, "{found}", context)


def read(document: Document, schema: type[M]) -> tuple[M | None, list[Problem]]:
    """Validate a document.

    Parameters
    ----------
    document : Document
        What `yamltree.parse` gave.
    schema : type of pydantic model
        The schema of the file.

    Returns
    -------
    model or None
        None if anything is wrong.
    list of Problem
        Everything that is wrong, in the order of the file.
    """
    if document.data is None:
        return None, [Problem(document.where(), "the file is empty", f"{schema.__doc__}".split("\n")[0])]
    try:
        return schema.model_validate(document.data), []
    except ValidationError as error:
        problems = [(_line_path(e), _problem(e, document, schema)) for e in error.errors() if not _is_echo(e)]
        return None, [p for path, p in sorted(problems, key=lambda pair: document.line(pair[0]))]


def listing(words: Iterable[object]) -> str:
    """Return ``a, b or c``."""
    items = [str(word) for word in words]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"


def _is_echo(error: ErrorDetails) -> bool:
    """Whether pydantic calls a list too short only because it left out items that are wrong themselves."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _line_path(error: ErrorDetails) -> Path_:
    """Return the path at which the error's line is looked up."""
    extra = error.get("ctx", {}).get("at", ()) if error["type"] == _CODE else ()
    return (*(part for part in error["loc"] if part != "[key]"), *extra)


def _problem(error: ErrorDetails, document: Document, schema: type[BaseModel]) -> Problem:
    """Turn one pydantic error into a Problem."""
    where = document.where(*_line_path(error))
    kind, context = error["type"], error.get("ctx", {})
    loc = tuple(part for part in error["loc"] if part != "[key]")
    if kind == _CODE:
        found = f"{_owner(document, loc)}{context['found']}"
        return Problem(where, found, context["expected"], context["nearest"], context["fix"])
    owner = _owner(document, loc[:-1])
    name = str(loc[-1]) if loc else "the file"
    if kind == "extra_forbidden":
        return _unknown_key(name, owner, where, _schema_at(schema, loc[:-1]))
    if kind == "missing":
        told = _description(schema, loc)
        expected = f"a line '{name}: ...'" + (f" ({told})" if told else "")
        return Problem(where, f"{owner}{name} is missing", expected)
    found = f"{owner}the key is {name!r}" if "[key]" in error["loc"] else f"{owner}{name} is {_shown(error['input'])}"
    if kind == "literal_error":
        options = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return Problem(where, found, f"one of {listing(options)}", nearest(str(error["input"]), options))
    return Problem(where, found, _EXPECTED.get(kind, error["msg"]).format(**context))


_EXPECTED: Final = {
    "float_type": "a number (a decimal point, no unit, no quotes)",
    "int_type": "a whole number",
    "string_type": "text",
    "string_too_short": "text, not an empty line",
    "dict_type": "keys and values, indented below it",
    "mapping_type": "keys and values, indented below it",
    "model_type": "keys and values, indented below it",
    "list_type": "a list",
    "tuple_type": "a list",
    "too_short": "at least {min_length} item(s)",
    "too_long": "at most {max_length} item(s)",
    "greater_than_equal": "a number of at least {ge}",
    "greater_than": "a number above {gt}",
    "less_than_equal": "a number of at most {le}",
    "less_than": "a number below {lt}",
    "string_pattern_mismatch": "small letters a-z, digits and underscores, beginning with a letter",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "invalid_key": "keys that are text (a decimal comma parts a number in two: write a decimal point)",
}


def _unknown_key(word: str, owner: str, where: str, schema: type[BaseModel] | None) -> Problem:
    """Say which keys are allowed at the place of an unknown one."""
    allowed = list(schema.model_fields) if schema else []
    close = nearest(word, allowed)
    fix = "" if close or not schema or schema.__name__ != "Parameter" else _KEPT_ELSEWHERE.get(word, "")
    return Problem(where, f"{owner}unknown key {word!r}", f"only the keys {listing(allowed)}", close, fix)


def _owner(document: Document, loc: tuple[int | str, ...]) -> str:
    """Name the entry that an error lies in, as a prefix; an item of a list goes by its id or its number."""
    words, here = [], document.data
    for part in loc:
        keyed = isinstance(part, str) or isinstance(here, dict)
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
        named = isinstance(here, dict) and isinstance(here.get("id"), str)
        words.append(str(part) if keyed else str(here["id"]) if named else f"item {int(part) + 1}")
    return f"{' > '.join(words)}: " if words else ""


def _shown(value: object) -> str:
    """Show a value shortly."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value) if value is not None else "left empty"
    return text if len(text) <= 60 else text[:57] + "..."


def _description(schema: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """Return the schema's description of a missing field."""
    owner = _schema_at(schema, loc[:-1])
    described = owner.model_fields.get(str(loc[-1])) if owner else None
    return (described.description or "") if described else ""


def _schema_at(schema: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    """Return the model that `loc` points at, following fields, mappings and sequences."""
    here: Any = schema
    for part in loc:
        here = _bare(here)
        if isinstance(here, type) and issubclass(here, RootModel):
            here = _bare(here.model_fields["root"].annotation)
        if isinstance(here, type) and issubclass(here, BaseModel):
            named = here.model_fields.get(str(part))
            here = named.annotation if named else None
        else:
            args = [arg for arg in get_args(here) if arg is not Ellipsis]
            here = args[-1] if args else None
    here = _bare(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _bare(annotation: Any) -> Any:
    """Strip Annotated and Optional from a type."""
    while get_origin(annotation) in (Annotated, Union, types.UnionType):
        annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
    return annotation
