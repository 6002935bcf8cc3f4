"""What each figure, and the report, must find in a comparison before it can be made.

Another municipality's model may have fewer outcomes than Drammen's: no emissions, other classes of jobs. A figure that
it cannot fill is left out, and said to be, rather than drawn with holes. The module refuses to draw and to read
numbers: it looks at names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from egendekning.dims import TIME
from egendekning.figures.reading import Comparison
from egendekning.names import split

CLASSES: Final = ("trade", "regional", "national", "public")
"""Classes of jobs that the report tells apart."""

_RATIO: Final = ("egendekning",)
_ACCOUNTS: Final = ("jobs by class", "employed residents", "total population", "age weighted labour supply")
_LABOUR: Final = (
    *(f"jobs by class[{name}]" for name in CLASSES), "total population", "employed residents", "in commuters",
    "out commuters", "unemployment rate",
)  # fmt: skip
_ECONOMY: Final = (
    "own tax", "tax after equalisation", "block grant", "social costs", "lever cost", "net operating result share",
    "share kept of own tax",
)  # fmt: skip
_EMISSIONS: Final = ("emissions", "emission cut")

PAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "fan": _RATIO,
    "ranking": _RATIO,
    "chances": _RATIO,
    "fans": _RATIO,
    "change": _ACCOUNTS,
    "differences": _ACCOUNTS,
    "labour": _LABOUR,
    "economy": _ECONOMY,
    "emissions": _EMISSIONS,
}
"""Variables that a figure shows, by its name."""

REPORT: Final = tuple(
    dict.fromkeys(
        (
            *_RATIO, "egendekning in plan terms", "egendekning in contracts", "jobs", "live and work",
            "lever cost since start", "net operating result", "service level", *_ACCOUNTS, *_LABOUR, *_ECONOMY,
            *_EMISSIONS,
        )
    )
)  # fmt: skip
"""Variables that the sentences and tables of the report tell."""


def lacking(comparison: Comparison, needed: tuple[str, ...]) -> list[str]:
    """Return which of some variables, or elements of them, a comparison does not hold."""
    return [name for name in needed if not _holds(comparison, name)]


def _holds(comparison: Comparison, name: str) -> bool:
    """Whether a variable is there, over time, with every element that is named."""
    variable, elements = split(name)
    if variable not in comparison.dataset:
        return False
    series = comparison.dataset[variable]
    named = {str(e) for dim in series.dims if dim in series.coords for e in series[dim].values}
    return TIME in series.dims and set(elements) <= named
