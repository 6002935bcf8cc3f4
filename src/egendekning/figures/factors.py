"""Factors and outcomes of a sweep as a reader sees them: names, units, kinds, and which may be no more than chance.

The module refuses to draw and to compute an index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from egendekning.dims import TIME, UNIT
from egendekning.figures import style
from egendekning.figures.words import HARD_SPACE, UNITLESS, Words

if TYPE_CHECKING:
    import xarray as xr

FACTOR: Final = "factor"
STAT: Final = "stat"
KINDS: Final = {
    "lever": (style.BLUE, "o", ""),
    "driver": (style.VERMILLION, "^", "////"),
    "constant": (style.GREEN, "D", "...."),
    "mixed": (style.GREY, "s", "xxxx"),
}
"""Colour, marker and hatch of each kind of factor."""

_CHANCE: Final = 0.05
_PER_CENT: Final = 100.0
_SHARES_BELOW: Final = 5.0
"""A dimensionless outcome whose values are all smaller than this is a share, shown in per cent."""


def scale_of(found: xr.Dataset, values: np.ndarray) -> tuple[float, str]:
    """Return what to multiply an outcome by to show it, and its unit as shown."""
    unit = str(found.attrs.get(UNIT, ""))
    known = np.abs(values[np.isfinite(values)])
    if unit in UNITLESS:
        return (_PER_CENT, "%") if known.size and known.max() < _SHARES_BELOW else (1.0, "")
    return 1.0, unit


def label_of(found: xr.Dataset, lang: str) -> str:
    """Return what a planner calls the outcome."""
    return str(found.attrs.get(f"label_{lang}", found.attrs.get("outcome", "")))


def names_of(found: xr.Dataset, words: Words) -> list[str]:
    """Return what a planner calls the factors; ids that are not labelled stand as plain words, groups of a kind too."""
    coordinate = found.coords.get(f"factor_{words.lang}", found[FACTOR])
    return [
        words.text(f"sensitivity.kinds.{name}") if name in KINDS else words.element(str(name).replace("_", " "))
        for name in coordinate.values
    ]


def of_kinds(found: xr.Dataset, kinds: Sequence[str] | None) -> xr.Dataset:
    """Return the indices of the factors of some kinds; of all where none are given."""
    if kinds is None:
        return found
    return found.isel({FACTOR: [i for i, kind in enumerate(found["kind"].values) if kind in kinds]})


def at_time(found: xr.Dataset, time: float | None) -> tuple[xr.Dataset, float | None]:
    """Return indices at one time, the last if none is given, and that time; as they are where they have no time."""
    if TIME not in found.dims:
        return found, None
    chosen = found.isel({TIME: -1}) if time is None else found.sel({TIME: time}, method="nearest")
    return chosen, float(chosen[TIME])


def percent_sign(unit: str) -> str:
    """Return what follows each number of an axis: the per cent sign, or nothing."""
    return f"{HARD_SPACE}%" if unit == "%" else ""


def may_be_chance(found: xr.Dataset) -> np.ndarray:
    """Return which factors, at one time, are no farther from nothing than chance takes a factor that does nothing.

    A swing within the scatter of its two medians, a PAWN below the largest of shuffled factors, a distance whose p is
    above 0.05; other indices show their intervals. (factor), bool.
    """
    if "at_low" in found:
        low, high = found["at_low"], found["at_high"]
        halves = [(end.sel({STAT: "high"}) - end.sel({STAT: "low"})).values / 2.0 for end in (low, high)]
        gap = np.abs((high - low).sel({STAT: "value"}).values)
        return np.asarray(gap <= np.hypot(*halves))  # NaN, and so False, where there are no intervals
    if "PAWN_dummy" in found:
        return np.asarray(found["PAWN"].sel({STAT: "value"}).values <= float(found["PAWN_dummy"]))
    if "KS" in found:
        return np.asarray(found["p"].sel({STAT: "value"}).values > _CHANCE)
    return np.zeros(found.sizes[FACTOR], dtype=bool)
