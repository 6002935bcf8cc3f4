"""One given value as an array of known axes: numbers, arrays, pandas Series and DataArrays, or what is wrong with it.

Every value ends as (*dims, draw), the last axis 1 long where it is the same in every draw. The module refuses to guess:
text, dates, complex and masked numbers are no values, and labels have to be those of the model.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from egendekning.dims import DRAW, POINT, TIME
from egendekning.engine.ir import ModelDef, VariableDef
from egendekning.names import key, nearest

Floats = NDArray[np.float64]


class Mistake(Exception):
    """What is wrong with a value: what was found, what is expected, the nearest name, and the remedy."""

    def __init__(self, found: str, expected: str, near: str | None = None, fix: str = "") -> None:
        super().__init__(found)
        self.found, self.expected, self.near, self.fix = found, expected, near, fix


def labelled(value: Any) -> Any:
    """Return a DataArray for a pandas Series whose index has a name, and anything else unchanged."""
    if hasattr(value, "to_xarray") and hasattr(value, "index") and getattr(value.index, "name", None) is not None:
        return value.to_xarray()
    return value


def is_labelled(value: Any) -> bool:
    """Whether a value is a DataArray."""
    return hasattr(value, "dims") and hasattr(value, "coords")


def numbers(value: Any) -> Floats:
    """Return plain values as numbers.

    Raises
    ------
    Mistake
        Where they are text, dates, complex, masked, missing or of different lengths.
    """
    said = "a number, an array over draw or a DataArray"
    if value is None:
        raise Mistake("None is not a number", said, fix="leave it out to have the model's own value")
    if isinstance(value, np.ma.MaskedArray) and np.ma.getmaskarray(value).any():
        raise Mistake("an array with masked values", said, fix="leave those draws out, or fill them")
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and all(isinstance(v, int | float | np.number) for v in array.flat):
            array = array.astype(float)
    except (TypeError, ValueError) as error:
        raise Mistake(f"{_short(value)} is not a number", said, fix="give numbers of one length") from error
    if array.dtype.kind not in "biuf":
        kind = "" if array.dtype.kind in "OUS" else f", of type {array.dtype}"
        raise Mistake(f"{_short(value)} is not a number{kind}", said, fix="convert it to numbers first")
    return np.asarray(array, dtype=float)


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def as_array(model: ModelDef, item: VariableDef, value: Any) -> tuple[Floats, int | None]:
    """Return `value` as (*dims[, point], draw) and the number of draws, None if it has no draw axis."""
    dims = [model.ranges[d].name for d in item.dims] + ([POINT] if item.lookup else [])
    shape = item.lookup.y.shape if item.lookup else item.shape
    if is_labelled(value):
        return from_labelled(model, item, value, dims, shape)
    array = numbers(value)
    if array.ndim == 0 and not item.lookup:
        return np.broadcast_to(array.reshape((1,) * (len(shape) + 1)), (*shape, 1)), None
    if array.ndim == 1 and item.lookup and array.shape == shape:
        return array[..., None], None
    if array.ndim == 1 and not item.lookup and not array.size:
        raise Mistake("an array without draws", "at least one draw", fix="give a number, or at least one draw")
    if array.ndim == 1 and not item.lookup:
        return np.broadcast_to(array, (*shape, array.size)), array.size
    want = f"{shape[-1]} values, one per point" if item.lookup else "a number or one number per draw"
    fix = f"name the axes: xarray.DataArray(values, dims={[DRAW, *dims]})" + (", or fewer" if dims else "")
    found = f"an array of shape {array.shape}"
    raise Mistake(found, f"{want}, or a DataArray with dims out of {(DRAW, *dims)}", fix=fix)


def from_labelled(
    model: ModelDef, item: VariableDef, value: Any, dims: list[str], shape: tuple[int, ...]
) -> tuple[Floats, int | None]:
    """Return a DataArray as (*dims, draw) and the number of draws, its elements in the model's order."""
    _check_dims(item, value, dims)
    for at, dim in enumerate(item.dims):
        if dims[at] in value.dims and dims[at] in value.coords:
            value = value.isel({dims[at]: _order(model, value, dim)})
    for at, name in enumerate(dims):
        if name in value.dims and value.sizes[name] != shape[at]:
            fix = f"give {shape[at]} values, with the labels along {name!r} as coordinate"
            raise Mistake(f"{value.sizes[name]} along {name}", f"{shape[at]}", fix=fix)
    if item.lookup and POINT not in value.dims:
        raise Mistake("no dim 'point'", f"{shape[-1]} values along 'point'", fix="xarray.DataArray(y, dims=['point'])")
    present = [d for d in dims if d in value.dims]
    draws = value.sizes[DRAW] if DRAW in value.dims else None
    if draws == 0:
        raise Mistake("an array without draws", "at least one draw", fix="give at least one draw")
    array = numbers(value.transpose(*present, *([DRAW] if draws is not None else [])).values)
    if draws is None:
        array = array[..., None]
    full = [shape[i] if d in present else 1 for i, d in enumerate(dims)]
    return np.broadcast_to(array.reshape((*full, array.shape[-1])), (*shape, array.shape[-1])), draws


def _check_dims(item: VariableDef, value: Any, dims: list[str]) -> None:
    extra = [d for d in value.dims if d not in (*dims, DRAW)]
    if not extra:
        return
    name, near = str(extra[0]), nearest(str(extra[0]), [DRAW, *dims])
    fix = f"rename it: value.rename({{{name!r}: {near or DRAW!r}}})"
    if name == TIME:
        fix = f"choose a time: value.isel({TIME}=-1)" if item.kind == "stock" else "give one value, not a series"
    raise Mistake(f"dim {name!r}", f"dims out of {(DRAW, *dims)}", near, fix)


def _order(model: ModelDef, value: Any, dim: str) -> list[int]:
    """Return where the elements of a range stand along the axis of a DataArray."""
    item = model.ranges[dim]
    labels = [key(str(e)) for e in value.coords[item.name].values]
    order = {e: i for i, e in enumerate(labels)}
    lacking = [n for e, n in zip(item.elements, item.names, strict=True) if e not in order]
    more = " ..." if len(item.names) > 6 else ""
    said = f"the {len(item.names)} elements of {item.name}: {', '.join(item.names[:6])}{more}"
    if lacking:
        other = [str(v) for v in value.coords[item.name].values if key(str(v)) not in item.elements]
        near = nearest(other[0], lacking) if other else None
        found = f"no value for {item.name} {lacking[0]}" + (f", but one for {other[0]}" if other else "")
        raise Mistake(found, said, near, fix="label the values as the model does")
    if len(order) < len(labels):
        twice = next(e for e in labels if labels.count(e) > 1)
        raise Mistake(f"two values for {item.name} {twice}", said, fix="give each element one value")
    return [order[e] for e in item.elements]
