"""`parameters.yaml` and `checks.yaml` of a draft: what the overlay changes or makes void, the rest untouched.

A range that was scaled with its constant, or that a set value has left, is scaled by the same factor, and the note says
so. Entries are replaced in the text, so that comments and the order of the file stay. The module refuses to judge: a
scaled constant becomes an assumption of grade C, whatever it was before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from egendekning.ensemble import Bound
from egendekning.ensemble.design import element_ranges
from egendekning.names import find
from egendekning.study import Parameter
from egendekning.study.yamltree import Document
from egendekning.validate.family import Given, Overlay, Scaled

Floats = NDArray[np.float64]

_BASIS: Final = {"A": "source", "B": "derived", "C": "assumption"}
_SLACK: Final = 1e-9
_WIDTH: Final = 118


def rewritten(text: str, document: Document, bound: Bound, overlay: Overlay, values: Mapping[str, Floats]) -> str:
    """Return the text of ``parameters.yaml`` for another municipality.

    Parameters
    ----------
    text : str
        The file.
    document : Document
        The same, read.
    bound : Bound
        The study and model it belongs to.
    overlay : Overlay
        What is known of the other municipality.
    values : mapping
        (\\*dims) by name in the model: the constants that differ.
    """
    told = _told(bound, overlay)
    lines = text.splitlines(keepends=True)
    places = []
    for written, parameter in bound.study.parameters.items():
        name = find(written, told)
        if name is None:
            continue
        entry = _entry(parameter, dict(document.data[written]), told[name], bound.values[name], values[name], bound)
        first = document.line((written,)) - 1
        places.append((first, _end(lines, first), _dumped({written: entry})))
    for first, end, block in sorted(places, reverse=True):
        lines[first:end] = [block]
    return "".join(lines)


def own_statements(bound: Bound) -> str:
    """Return the text of ``checks.yaml`` without what the model must meet of the other municipality's registers.

    Those are the statements of kind reference that give the model nothing: what they expect is the figures themselves.
    """
    name = "model/checks.yaml"
    lines = bound.study.contents()[name].decode("utf-8").splitlines(keepends=True)
    document = bound.study.documents[name]
    starts = [document.line(("checks", i)) - 1 for i in range(len(bound.study.checks))]
    for i in reversed(range(len(starts))):
        check = bound.study.checks[i]
        if check.kind != "reference" or check.given or check.scale or check.initial or check.levers:
            continue
        end = starts[i + 1] if i + 1 < len(starts) else len(lines)
        while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
            end -= 1
        del lines[starts[i] : end]
    return "".join(lines)


def _told(bound: Bound, overlay: Overlay) -> dict[str, Given | Scaled]:
    """Return what the overlay says of each constant, by its name in the model; what is set wins over what is scaled."""
    scaled = {bound.name(name): item for item in overlay.scale for name in item.constants}
    return {**scaled, **{bound.name(name): given for name, given in overlay.set.items()}}


def _end(lines: list[str], first: int) -> int:
    """Return the line after the last of the entry that begins at `first`, without blank lines and comments after it."""
    end = first + 1
    while end < len(lines) and (lines[end].startswith((" ", "\t")) or not lines[end].strip()):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return end


def _entry(
    parameter: Parameter, entry: dict[str, Any], said: Given | Scaled, old: Floats, new: Floats, bound: Bound
) -> dict[str, Any]:
    """Return the entry of one constant."""
    there = _name(bound)
    notes = []
    if isinstance(said, Given):
        entry |= {"basis": _BASIS[said.grade], "grade": said.grade, "source": said.source}
        entry.pop("note", None)
        scaled = parameter.low is not None and not _inside(parameter, old, new)
        why = "The value left the range of {there}'s study, which is scaled by the same factor."
    else:
        source = f"{there}'s value times {said.factor:g} ({said.why}); there: {' '.join(parameter.source.split())}"
        entry |= {"basis": "assumption", "grade": "C", "source": source}
        notes += [" ".join(parameter.note.split())] if parameter.note else []
        scaled = parameter.low is not None
        why = f"The range is scaled by {said.factor:g} with the value."
    if scaled:
        notes.append(why.format(there=there))
        low, high = _moved(parameter, old, new)
        if np.all(high - low <= 0):
            for key in ("low", "high", "distribution"):
                entry.pop(key, None)
            entry["role"] = "fixed" if parameter.role == "uncertain" else parameter.role
            notes.append("Nothing is left of the range, so that it is not drawn.")
        else:
            entry |= {"low": _plain(low, parameter.low), "high": _plain(high, parameter.high)}
    if notes:
        entry["note"] = " ".join(notes)
    return entry


def _name(bound: Bound) -> str:
    """Return the name of the study's own municipality."""
    return bound.study.municipality.name if bound.study.municipality is not None else "the other study"


def _inside(parameter: Parameter, old: Floats, new: Floats) -> bool:
    """Whether every value still lies in its range."""
    low, high = element_ranges(parameter, old)
    slack = _SLACK * np.maximum(np.abs(low), np.abs(high))
    return bool(np.all((low - slack <= new) & (new <= high + slack)))


def _moved(parameter: Parameter, old: Floats, new: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the range, (\\*dims), scaled as the value was; stretched where the value was zero."""
    low, high = element_ranges(parameter, old)
    factor = np.divide(new, old, out=np.ones_like(new), where=old != 0)
    ends = np.stack([np.where(old != 0, end * factor, end) for end in (low, high)])
    zero = old == 0
    return np.where(zero, np.minimum(ends.min(axis=0), new), ends.min(axis=0)), np.where(
        zero, np.maximum(ends.max(axis=0), new), ends.max(axis=0)
    )


def _plain(end: Floats, before: object) -> Any:
    """Return an end of a range as it is written: one number where it was one and still can be, else a list."""
    rounded = np.vectorize(lambda x: float(f"{x:.10g}"), otypes=[float])(end)
    if not isinstance(before, tuple) and np.all(rounded == rounded.flat[0]):
        return float(rounded.flat[0])
    return rounded.tolist()


def _dumped(data: Mapping[str, Any]) -> str:
    """Return an entry as YAML; lists of numbers stand on one line."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH)


class _Dumper(yaml.SafeDumper):
    """Lists in brackets, mappings below each other."""


_Dumper.add_representer(list, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, True))
