"""Writes posterior medians into the text of a Vensim model file: numbers only, everything else stays as it is.

A constant is written ``name[subscripts] = 1.5`` or with a list of numbers; the numbers are replaced in order and
nothing else is touched, so comments, units and layout survive. The module refuses constants that are not plain
numbers, and to read or write files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble.bind import Bound
from egendekning.ensemble.design import shares_axis
from egendekning.ensemble.posterior import Posterior
from egendekning.errors import ModelFileError, Problem
from egendekning.names import key

Floats = NDArray[np.float64]

DIGITS: Final = 4
"""Significant digits that are written: a thousandth of the value, far below what any parameter is known to."""

SHARE_DECIMALS: Final = 4
"""Decimals of shares, which must sum to one exactly."""

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_EQUATION = re.compile(
    r"^[ \t]*(?P<name>\"[^\"\n]*\"|[^\s~|=\[\"({][^~|=\[\"(\n]*?)[ \t]*(?:\[[^\]\n]*\])?[ \t]*=(?P<numbers>[^~|]*)",
    re.MULTILINE,
)


def medians(bound: Bound, posterior: Posterior) -> dict[str, Floats]:
    """Return what is written: the median of every element of every parameter that the data moved, rounded.

    Parameters
    ----------
    bound : Bound
        Study and model.
    posterior : Posterior
        Its posterior.

    Returns
    -------
    dict
        (\\*dims) by parameter. These are medians one by one, not a draw: a run with them is near the median run, not
        equal to it. Shares are divided by their sum after that, and rounded so that they sum to one. Parameters that
        the data did not move are left out: for them the model file keeps the most likely value of the source.
    """
    found = {}
    for name in sorted(posterior.moved & set(posterior.parameters)):
        item = bound.model.variables[name]
        if item.kind != "constant":
            continue
        middle = np.median(posterior.parameters[name], axis=0)
        axis = shares_axis(bound.values[name], item.unit)
        found[name] = _rounded(middle) if axis is None else _rounded_shares(middle, axis)
    return found


def _rounded(value: Floats) -> Floats:
    return np.array([float(f"{x:.{DIGITS}g}") for x in np.ravel(value)]).reshape(value.shape)


def _rounded_shares(value: Floats, axis: int) -> Floats:
    """Return shares with few decimals that sum to one: the largest takes what rounding leaves."""
    rows = np.moveaxis(value / value.sum(axis=axis, keepdims=True), axis, -1)
    near = np.round(rows, SHARE_DECIMALS)
    largest = np.argmax(near, axis=-1, keepdims=True)
    rest = 1.0 - (near.sum(axis=-1, keepdims=True) - np.take_along_axis(near, largest, -1))
    np.put_along_axis(near, largest, np.round(rest, SHARE_DECIMALS), -1)
    return np.moveaxis(near, -1, axis)


def rewritten(text: str, values: Mapping[str, Floats], file: str) -> str:
    """Return the text of a model file with other values of constants.

    Parameters
    ----------
    text : str
        The model file.
    values : mapping
        (\\*dims) by name of constant; elements in the order of the file's subscripts.
    file : str
        Its name, for messages.

    Raises
    ------
    ModelFileError
        For constants that are not found, or not written as plain numbers.
    """
    places = {key(match["name"].strip('"')): match for match in _EQUATION.finditer(text)}
    changes: list[tuple[int, int, str]] = []
    problems = []
    for name, value in values.items():
        match = places.get(key(name))
        numbers = list(_NUMBER.finditer(text, *match.span("numbers"))) if match else []
        if match is None or len(numbers) != value.size or not _plain(match["numbers"]):
            line = text.count("\n", 0, match.start()) + 1 if match else 1
            found = f"{name} is not written as {value.size} plain numbers"
            expected = "one equation with a number for every element"
            problems.append(Problem(f"{file}:{line}", found, expected, fix="write it as plain numbers"))
            continue
        for number, wanted in zip(numbers, np.ravel(value), strict=True):
            if float(number.group()) != wanted:
                changes.append((number.start(), number.end(), f"{wanted:.10g}"))
    if problems:
        raise ModelFileError(problems)
    for start, end, written in sorted(changes, reverse=True):
        text = text[:start] + written + text[end:]
    return text


def _plain(numbers: str) -> bool:
    return not re.sub(r"[\s,;]", "", _NUMBER.sub("", numbers))
