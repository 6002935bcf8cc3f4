"""What a sweep varies: levers, drivers and constants, each with a range, as the study's own files have them.

A lever or driver has the range of `levers.yaml` and is spread evenly over it. A constant has the range and the
distribution of `parameters.yaml`: one factor for a number; one that scales all elements alike where the range is given
as ``relative``; one for each element where it is not. Policy and uncertainty are typed apart (`Kind`), because a
question about one is rarely a question about the other. The module refuses to sample and to run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

import numpy as np

from egendekning.dims import POINT
from egendekning.engine import Model
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.describe import label_of
from egendekning.ensemble.design import element_ranges, model_value, summed_axis
from egendekning.errors import Problem, UsageError
from egendekning.names import find, nearest, split
from egendekning.study import Driver, Lever, Parameter

Kind = Literal["lever", "driver", "constant"]
"""Who decides: the municipality, nobody here (a scenario input), or nature (uncertain)."""

SETS: Final = ("levers", "drivers", "uncertain")
"""Words for all factors of a kind; ``uncertain`` are the constants that an ensemble draws."""

WHERE: Final = "--factor"
"""Where a factor was asked for, in messages."""

SHARE: Final = "share of the model's value"
"""Unit of a factor that scales a constant."""


@dataclass(frozen=True)
class Factor:
    """One thing that a sweep varies.

    Attributes
    ----------
    id : str
        Lever or driver id, or name of the constant, with its element in brackets where it is one element.
    kind : str
        See `Kind`.
    target : str
        The model's own name of the constant, table or stock that takes the value.
    elements : tuple of str
        Which element takes it; empty for all.
    relative : bool
        Whether the value scales the model's own.
    low, high, mode : float
        Range and most likely value, in `unit`.
    law : str
        Distribution within the range, a key of `egendekning.ensemble.laws.LAWS`.
    unit, label_nb, label_en : str
        For people.
    group : str
        The group whose members are varied together, or empty.
    """

    id: str
    kind: Kind
    target: str
    low: float
    high: float
    mode: float
    elements: tuple[str, ...] = ()
    relative: bool = False
    law: str = "uniform"
    unit: str = ""
    label_nb: str = ""
    label_en: str = ""
    group: str = ""


def catalogue(bound: Bound) -> dict[str, Factor]:
    """Return every factor that has a range of its own in a study, by id: levers, drivers, then drawn constants."""
    found = {}
    for name, item in bound.study.settable.items():
        found[name] = _of_setting(bound, name, item)
    for written, parameter in bound.study.parameters.items():
        if parameter.drawn:
            found.update({factor.id: factor for factor in _of_parameter(bound, bound.name(written), parameter)})
    return found


def _of_setting(bound: Bound, name: str, item: Lever | Driver) -> Factor:
    """Return the factor of a lever or driver."""
    head, elements = split(item.constants.target)
    target = bound.name(head)
    kind: Kind = "lever" if isinstance(item, Lever) else "driver"
    return Factor(
        name, kind, target, item.low, item.high, item.default, spelled_elements(bound.model, target, elements),
        unit=item.unit, label_nb=item.title_nb, label_en=item.title_en,
    )  # fmt: skip


def drawn_columns(bound: Bound, without: Iterable[str] = ()) -> tuple[Factor, ...]:
    """Return what an ensemble draws as columns, an element each; tables, and constants in `without`, are left out."""
    skipped = set(without)
    found: list[Factor] = []
    for written, parameter in bound.study.parameters.items():
        name = bound.name(written)
        if parameter.drawn and name not in skipped:
            found += _of_parameter(bound, name, parameter, apart=True)
    return tuple(found)


def _of_parameter(bound: Bound, name: str, parameter: Parameter, *, apart: bool = False) -> Iterator[Factor]:
    """Yield the factors of a drawn constant or starting value: elements `apart`, or together where one scale rules."""
    value, dims = model_value(bound, name)
    label = label_of(bound, name)
    nb, en = (label.nb, label.en) if label else (name, name)
    unit, law, width = bound.model.variables[name].unit, parameter.law, parameter.relative
    if width is not None and value.ndim and not apart and summed_axis(bound, name, value) is None:
        yield Factor(name, "constant", name, 1 - width, 1 + width, 1.0, (), True, law, SHARE, nb, en)
        return
    if POINT in dims:
        return
    low, high = element_ranges(parameter, value)
    ranges = [bound.model.subscripts[dim] for dim in dims]
    for place, chosen in zip(np.ndindex(value.shape), product(*ranges), strict=True):
        inside = f"[{', '.join(chosen)}]" if chosen else ""
        if low[place] < high[place] or apart:
            ends = (float(low[place]), float(high[place]), float(value[place]))
            yield Factor(name + inside, "constant", name, *ends, chosen, False, law, unit, nb + inside, en + inside)


def spelled_elements(model: Model, name: str, asked: tuple[str, ...]) -> tuple[str, ...]:
    """Return the model's spelling of the element of a constant that was asked for; empty for all."""
    dims = model.variables[name].dims
    if asked and len(asked) != len(dims):
        expected = f"{len(dims)} elements, of {', '.join(dims)}" if dims else "no brackets"
        fix = f"one element of each of {', '.join(dims)}, or no brackets" if dims else f"--factor '{name}=LOW:HIGH'"
        raise UsageError(Problem(WHERE, f"{name}[{', '.join(asked)}]", expected, fix=fix))
    found = []
    for dim, written in zip(dims, asked, strict=False):
        spelled = find(written, dict.fromkeys(model.subscripts[dim]))
        if spelled is None:
            near, known = nearest(written, model.subscripts[dim]), ", ".join(model.subscripts[dim])
            found_text, fix = f"unknown element {written!r} of {name}", f"name one of {known}"
            raise UsageError(Problem(WHERE, found_text, f"an element of {dim}", near, fix))
        found.append(spelled)
    return tuple(found)
