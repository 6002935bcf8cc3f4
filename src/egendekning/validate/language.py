"""Works out the value of an expression of `checks.yaml` over a run.

`egendekning.study.expressions` reads the text; this module gives each node a number, or an array over time and the
model's subscripts. Values of the run and of the baseline meet on the times that both have. It refuses to run a model
and to decide whether an expectation holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egendekning.dims import TIME
from egendekning.names import key
from egendekning.study.expressions import Binary, Call, Name, Negative, Node, Number

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Run:
    """The saved values of one run.

    Attributes
    ----------
    variables : mapping
        Array (time, subscripts) by normal form of the variable's name (`egendekning.names.key`).
    times : DataArray
        (time), year: every step of the run.
    baseline : Run or None
        The run in which nothing is given; None for that run itself.
    """

    variables: Mapping[str, xr.DataArray]
    times: xr.DataArray
    baseline: Run | None = None

    def value(self, node: Node) -> xr.DataArray:
        """Return the value of an expression.

        Parameters
        ----------
        node : Node
            A part of an expectation whose names are variables of the model.

        Returns
        -------
        DataArray
            (time, subscripts), or fewer dims where it varies less.
        """
        import xarray as xr

        with xr.set_options(arithmetic_join="inner"):  # type: ignore[no-untyped-call]
            return self._value(node)

    def _value(self, node: Node) -> xr.DataArray:
        import xarray as xr

        match node:
            case Number(value=number):
                return xr.DataArray(number)
            case Name():
                return self._variable(node)
            case Negative(operand=operand):
                return -self._value(operand)
            case Binary(operator=operator, left=left, right=right):
                return _OPERATORS[operator](self._value(left), self._value(right))
            case Call(function="baseline", arguments=(argument,)):
                return (self.baseline or self)._value(argument)
            case Call(function=("min" | "max") as function, arguments=arguments):
                return self._extreme(function, [self._value(argument) for argument in arguments])
            case Call(function=function, arguments=(argument,)):
                return _FUNCTIONS[function](self._value(argument), self.times)
        raise TypeError(f"no value for {node!r}")  # pragma: no cover

    def _variable(self, node: Name) -> xr.DataArray:
        """Return a variable, or the element of it that is asked for."""
        name = key(node.name)
        if name == "time":
            return self.times
        array = self.variables[name]
        ranges = [str(dim) for dim in array.dims if dim != TIME]
        chosen = {}
        for dim, element in zip(ranges, node.elements, strict=False):
            labels = [key(str(label)) for label in array[dim].values]
            chosen[dim] = labels.index(key(element))
        return array.isel(chosen, drop=True)

    def _extreme(self, function: str, values: list[xr.DataArray]) -> xr.DataArray:
        """Return the least or greatest: over subscripts of one value, element by element of several."""
        import numpy as np
        import xarray as xr

        if len(values) == 1:
            over = _subscripts(values[0])
            return values[0].min(over, skipna=False) if function == "min" else values[0].max(over, skipna=False)
        pick = np.minimum if function == "min" else np.maximum
        found = values[0]
        for value in values[1:]:
            found = xr.apply_ufunc(pick, found, value, join="inner")
        return found


def words(node: Node) -> str:
    """Return an expression as text."""
    match node:
        case Number(value=number):
            return f"{number:g}"
        case Name(name=name, elements=elements):
            return f"{name}[{', '.join(elements)}]" if elements else name
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(words, arguments))})"
        case Negative(operand=operand):
            return f"-{words(operand)}"
        case Binary(operator=operator, left=left, right=right):
            return f"({words(left)} {operator} {words(right)})"


def _subscripts(array: xr.DataArray) -> list[str]:
    """Return the dims of `array` that are not time."""
    return [str(dim) for dim in array.dims if dim != TIME]


def _initial(array: xr.DataArray, times: xr.DataArray) -> xr.DataArray:
    """Return the value at the first time; it no longer varies with time."""
    return array.isel({TIME: 0}, drop=True) if TIME in array.dims else array


def _over_time(array: xr.DataArray, times: xr.DataArray) -> xr.DataArray:
    """Return `array` with time as its first dim."""
    if TIME not in array.dims:
        return array.expand_dims({TIME: times.values})
    return array.transpose(TIME, ...)


def _change(array: xr.DataArray, times: xr.DataArray) -> xr.DataArray:
    """Return value less the value a step earlier, 0 at the first time."""
    import numpy as np

    full = _over_time(array, times)
    return full.copy(data=np.diff(full.values, axis=0, prepend=full.values[:1]))


def _integral(array: xr.DataArray, times: xr.DataArray) -> xr.DataArray:
    """Return the Euler sum of value x step up to each time, 0 at the first."""
    import numpy as np

    full = _over_time(array, times)
    steps = np.diff(full[TIME].values).reshape(-1, *[1] * (full.ndim - 1))
    sums = np.zeros_like(full.values, dtype=float)
    np.cumsum(full.values[:-1] * steps, axis=0, out=sums[1:])
    return full.copy(data=sums)


_FUNCTIONS: Final[Mapping[str, Callable[[xr.DataArray, xr.DataArray], xr.DataArray]]] = {
    "abs": lambda array, times: abs(array),
    "total": lambda array, times: array.sum(_subscripts(array), skipna=False),
    "initial": _initial,
    "change": _change,
    "integral": _integral,
}

_OPERATORS: Final[Mapping[str, Callable[[xr.DataArray, xr.DataArray], xr.DataArray]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "^": lambda left, right: left**right,
}
