"""Subscripts of XMILE that count along a dimension, ``cohort[Age - 1]``: one equation per element, each plain.

Beyond the ends of the dimension such an element is 0, as in Stella. The module refuses nothing: what is no such
subscript is left as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import product
from typing import Any

from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.macros import mapped
from egendekning.engine.parse import RawEquation, RawModel
from egendekning.names import key

_SHIFT = re.compile(r"(.+?)\s*([-+])\s*(\d+)")


def unrolled(model: RawModel, equation: RawEquation) -> list[RawEquation]:
    """Return `equation`, or, where it counts along a dimension, one equation per element of that dimension."""
    own = {key(s) for s in equation.subscripts} & set(model.ranges)
    counted = {found[0] for t in _tokens(equation.ast) if (found := _shift(t, model)) and found[0] in own}
    if not counted:
        return [equation]
    dims = [key(s) for s in equation.subscripts if key(s) in counted]
    elements = {d: list(model.ranges[d].definition) for d in dims}
    made = []
    for places in product(*(range(len(elements[d])) for d in dims)):
        at = dict(zip(dims, places, strict=True))
        subscripts = [elements[key(s)][at[key(s)]] if key(s) in at else s for s in equation.subscripts]
        made.append(replace(equation, subscripts=subscripts, ast=_placed(equation.ast, model, at, elements)))
    return made


def _shift(token: str, model: RawModel) -> tuple[str, int] | None:
    """Return the dimension of a subscript such as ``Age - 1`` and by how much it counts, None for any other."""
    match = _SHIFT.fullmatch(token)
    if match is None or key(match.group(1)) not in model.ranges:
        return None
    return key(match.group(1)), int(match.group(2) + match.group(3))


def _tokens(ast: Any) -> list[str]:
    if isinstance(ast, ae.SubscriptsReferenceStructure):
        return list(ast.subscripts)
    if isinstance(ast, (tuple, list)):
        return [t for part in ast for t in _tokens(part)]
    if isinstance(ast, ae.AbstractSyntax) and not isinstance(ast, ae.LookupsStructure):
        return [t for part in fields(ast) for t in _tokens(getattr(ast, part.name))]
    return []


def _placed(ast: Any, model: RawModel, at: Mapping[str, int], elements: Mapping[str, list[str]]) -> Any:
    """Return `ast` with the dimensions of `at` at one element each."""

    def visit(node: Any) -> Any:
        if not isinstance(node, ae.ReferenceStructure):
            return mapped(node, visit)
        if node.subscripts is None:
            here = key(node.reference) in at and key(node.reference) not in model.variables
            return float(at[key(node.reference)] + 1) if here else node
        found = []
        for token in node.subscripts.subscripts:
            dim, step = _shift(token, model) or (key(token), 0)
            if dim not in at:
                found.append(token)
                continue
            if not 0 <= at[dim] + step < len(elements[dim]):
                return 0.0
            found.append(elements[dim][at[dim] + step])
        return replace(node, subscripts=ae.SubscriptsReferenceStructure(tuple(found)))

    return visit(ast)
