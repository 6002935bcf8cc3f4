"""Which numbers a comparison reports: the measures, the years, and how each is read from a run.

A measure is one number a run: a level in the registers' fourth quarter, the mean of a flow over a year, the year of
balance, or whether balance was reached in time. Reading one gives an array over (scenario, draw); quantiles come later.
The module refuses to take quantiles and differences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, LABEL_EN, LABEL_NB, SCENARIO, TIME, UNIT

Kind = Literal["level", "flow", "year", "probability"]

TARGET: Final = "egendekning"
"""The variable that the plan is about: jobs in the municipality per employed resident."""

BALANCE: Final = 1.0
"""The plan's goal: as many jobs as employed residents."""

NOT_BEFORE: Final = 2022.0
"""Balance counts from here on: what the past did is not policy."""

TARGET_YEARS: Final = (2025, 2030, 2040)
YEARS: Final = (2030, 2040)
PROBABILITY_YEARS: Final = (2030, 2035, 2040)

LEVELS: Final = (
    "egendekning in contracts", "egendekning in plan terms", "jobs", "jobs by class", "total population",
    "employed residents", "live and work", "in commuters", "out commuters", "registered unemployed",
    "unemployment rate", "outside total", "employment rate 15 to 74", "dwellings", "lever cost since start",
    "net debt share", "reserve fund", "service level", "emission cut", "class diversity",
)  # fmt: skip
"""Variables read in the fourth quarter."""

FLOWS: Final = (
    "own tax", "income equalisation", "tax after equalisation", "block grant", "free income", "social costs",
    "lever cost", "net operating result", "net operating result share", "emissions",
)  # fmt: skip
"""Variables that stand for a year: money, and what is counted by the year."""

OTHER_OUTPUTS: Final = (
    "age weighted labour supply", "education diversity", "small firm share", "share kept of own tax",
    "jobs filled by unemployed", "jobs filled by out commuters", "jobs filled by in commuters",
)  # fmt: skip
"""Variables that figures, the report and the growth accounting read beside the measures."""

ELEMENTS: Final = {
    "": ("", ""),
    "trade": ("handel og besøk", "trade and visitors"),
    "regional": ("regionale markeder", "regional markets"),
    "national": ("nasjonale og internasjonale markeder", "national and international markets"),
    "public": ("offentlig sektor", "public sector"),
}
"""What a planner calls a subscript element, in bokmål and English."""

OUTPUTS: Final = (TARGET, *LEVELS, *FLOWS, *OTHER_OUTPUTS)
"""Everything that a comparison saves, where the model has it."""


@dataclass(frozen=True)
class Measure:
    """One number a run.

    Attributes
    ----------
    id : str
        ``variable@year``, ``variable[element]@year`` or a name of its own.
    variable, element : str
        What is read; element is empty where there is no subscript.
    year : int
        0 where there is none.
    kind : str
        How it is read.
    unit, label_nb, label_en : str
        For people.
    decimals : int
        To show; of the percentage where the unit is Dmnl, as in `labels.yaml`.
    """

    id: str
    variable: str
    element: str
    year: int
    kind: Kind
    unit: str
    label_nb: str
    label_en: str
    decimals: int


def measures(dataset: xr.Dataset) -> list[Measure]:
    """Return the measures that a Dataset of runs can give: its variables, its years.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dims (scenario, draw, time, \\*subscripts), with the labels that `run_scenarios` gives.

    Returns
    -------
    list of Measure
        In the order of display.
    """
    found = [m for year in TARGET_YEARS for m in _of_variable(dataset, TARGET, year, "level")]
    if TARGET in dataset:
        found += _of_balance(dataset)
    kinds: dict[str, Kind] = {**dict.fromkeys(LEVELS, "level"), **dict.fromkeys(FLOWS, "flow")}
    for name, kind in kinds.items():
        found += [m for year in YEARS for m in _of_variable(dataset, name, year, kind)]
    return found


def read(dataset: xr.Dataset, measure: Measure) -> np.ndarray:
    """Return a measure of every run.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dims (scenario, draw, time, \\*subscripts).
    measure : Measure
        One of `measures` of this Dataset.

    Returns
    -------
    ndarray
        (scenario, draw), in the measure's unit. The year of balance is infinite where balance is never reached; a
        probability is 1 where it is reached in time, else 0.
    """
    if measure.kind in ("year", "probability"):
        first = first_time(dataset[TARGET])
        return first if measure.kind == "year" else (first < measure.year + 1.0).astype(float)
    series = dataset[measure.variable]
    if measure.element:
        dim = next(str(d) for d in series.dims if d not in (SCENARIO, DRAW, TIME))
        series = series.sel({dim: measure.element})
    values = series.transpose(SCENARIO, DRAW, TIME).values
    inside = in_year(dataset, measure.year)
    return np.asarray(values[..., inside[-1]] if measure.kind == "level" else values[..., inside].mean(axis=-1))


def first_time(series: xr.DataArray, threshold: float = BALANCE, since: float = NOT_BEFORE) -> np.ndarray:
    """Return when a series first reaches a threshold.

    Parameters
    ----------
    series : xarray.DataArray
        (scenario, draw, time).
    threshold : float
        In the unit of the series.
    since : float
        Earlier times do not count.

    Returns
    -------
    ndarray
        (scenario, draw), the saved time; infinite where the series never does.
    """
    times = np.asarray(series[TIME].values, dtype=float)
    reached = (series.transpose(SCENARIO, DRAW, TIME).values >= threshold) & (times >= since)
    return np.where(reached.any(axis=-1), times[reached.argmax(axis=-1)], np.inf)


def in_year(dataset: xr.Dataset, year: int) -> np.ndarray:
    """Return the positions of the saved times of a calendar year; the last of them is the fourth quarter."""
    times = np.asarray(dataset[TIME].values, dtype=float)
    return np.flatnonzero((times >= year) & (times < year + 1.0))


def _of_variable(dataset: xr.Dataset, name: str, year: int, kind: Kind) -> Iterator[Measure]:
    """Yield the measures of a variable in a year, one an element; none where the runs do not have it."""
    if name not in dataset or not in_year(dataset, year).size:
        return
    array = dataset[name]
    unit = str(array.attrs.get(UNIT, ""))
    labels = (str(array.attrs.get(LABEL_NB, name)), str(array.attrs.get(LABEL_EN, name)))
    decimals = int(array.attrs.get("decimals", 1 if unit == "Dmnl" else 0))
    extra = [str(d) for d in array.dims if d not in (SCENARIO, DRAW, TIME)]
    elements = [str(e) for e in array[extra[0]].values] if extra else [""]
    for element in elements:
        inside = f"[{element}]" if element else ""
        words = ELEMENTS.get(element, (element, element))
        nb, en = (f"{label}{f': {word}' if word else ''} {year}" for label, word in zip(labels, words, strict=True))
        yield Measure(f"{name}{inside}@{year}", name, element, year, kind, unit, nb, en, decimals)


def _of_balance(dataset: xr.Dataset) -> Iterator[Measure]:
    """Yield the year of balance and the probabilities of reaching it."""
    end = int(np.floor(dataset[TIME].values[-1]))
    nb, en = "År med 100 % egendekning", "Year of 100 % egendekning"
    yield Measure("year of balance", TARGET, "", 0, "year", "year", nb, en, 0)
    for year in PROBABILITY_YEARS:
        if year <= end:
            nb, en = f"Sannsynlighet for 100 % innen {year}", f"Probability of 100 % by {year}"
            yield Measure(f"probability@{year}", TARGET, "", year, "probability", "Dmnl", nb, en, 0)
    nb, en = f"Andel av trekningene som når 100 % innen {end}", f"Share of draws that reach 100 % by {end}"
    yield Measure("share reaching", TARGET, "", end, "probability", "Dmnl", nb, en, 0)
