"""The tables of the report, as rows of cells ready to be shown.

The table of jobs and the table of money are made with the reference draw, where the identities hold; what is rounded is
rounded so that the parts still add up to the totals shown. The other tables show medians with their bands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from egendekning.figures.needs import CLASSES
from egendekning.figures.ranking import YEARS
from egendekning.figures.reading import BASELINE, HORIZON, value
from egendekning.report.facts import Facts

RATIO_YEARS = (2025, 2030, 2040)


@dataclass(frozen=True)
class Cell:
    """What stands in a cell: the number, and its band in small type."""

    main: str
    band: str = ""


@dataclass(frozen=True)
class Table:
    """A table with a caption, a row of headings, and a heading a row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    note: str = ""
    total: frozenset[int] = field(default_factory=frozenset)


def tables(facts: Facts) -> list[Table]:
    """Return the tables in the order of the report."""
    return [_ratio(facts), _jobs(facts), _people(facts), _economy(facts)]


def readings(facts: Facts) -> Table:
    """Return the ways of counting, in the baseline; the plan's only where the study names it."""
    words = facts.context.words
    years = (2020, 2030, HORIZON)
    kinds = {"register": "egendekning", "plan": "egendekning in plan terms", "contracts": "egendekning in contracts"}
    said = "" if facts.plan is None else getattr(facts.plan, words.lang)
    if not said:
        del kinds["plan"]
    rows = tuple(
        (
            words.text(f"readings.{kind}", plan=said),
            tuple(Cell(words.percent(facts.middle(variable, year))) for year in years),
        )
        for kind, variable in kinds.items()
    )
    return Table(words.text("readings.caption"), (words.text("readings.kind"), *map(str, years)), rows)


def _names(facts: Facts) -> list[str]:
    """Return the scenarios in the order of the tables: baseline, measures, events."""
    return [BASELINE, *facts.measures, *facts.events]


def _ratio(facts: Facts) -> Table:
    """Return egendekning by year, when it reaches 100 % and how likely that is."""
    words = facts.context.words
    heads = (
        words.text("table.scenario"),
        *(words.text("table.ratio", year=year) for year in RATIO_YEARS),
        words.text("table.difference", year=HORIZON),
        words.text("table.balance"),
        *(words.text("table.chance", year=year) for year in YEARS),
    )
    rows = []
    for name in _names(facts):
        cells = [_banded(facts, name, year) for year in RATIO_YEARS]
        apart = words.points(facts.value(name, "egendekning", HORIZON, "diff_p50"))
        cells.append(Cell("–") if name == BASELINE else Cell(apart, facts.effect_range(name)))
        when = value(facts.comparison, name, "year of balance")
        cells.append(Cell(words.text("table.never", year=facts.last) if math.isnan(when) else f"{math.floor(when)}"))
        cells += [Cell(facts.chance(name, year)) for year in YEARS]
        rows.append((facts.context.title(name), tuple(cells)))
    return Table(words.text("table.ratio_caption"), heads, tuple(rows))


def _banded(facts: Facts, name: str, year: int) -> Cell:
    """Return egendekning in a year with its band."""
    words = facts.context.words
    low, high = (words.points(facts.value(name, "egendekning", year, end), sign=False) for end in ("p10", "p90"))
    return Cell(facts.share(name, year), words.text("range", low=low, high=high))


def _jobs(facts: Facts) -> Table:
    """Return jobs by class, commuting and employed residents in the reference draw; every row adds up as shown."""
    words = facts.context.words
    keys = (*CLASSES, "jobs", "live", "in", "out", "employed", "share")
    rows = []
    for name in _names(facts):
        by_class = facts.own("jobs by class", HORIZON, name)
        axis = str(by_class.dims[0])
        jobs = round(float(facts.own("jobs", HORIZON, name)))
        live = round(float(facts.own("live and work", HORIZON, name)))
        employed = round(float(facts.own("employed residents", HORIZON, name)))
        parts = whole_parts([float(by_class.sel({axis: element})) for element in CLASSES], jobs)
        numbers = [*parts, jobs, live, jobs - live, employed - live, employed]
        share = words.percent(facts.value(name, "egendekning", HORIZON, "reference"))
        rows.append((facts.context.title(name), (*(Cell(words.number(number)) for number in numbers), Cell(share))))
    heads = (words.text("table.scenario"), *(words.text(f"table.{key}") for key in keys))
    totals = frozenset((keys.index("jobs") + 1, keys.index("employed") + 1, keys.index("share") + 1))
    caption = words.text("table.jobs_caption", year=HORIZON)
    return Table(caption, heads, tuple(rows), words.text("table.jobs_note"), totals)


def whole_parts(parts: Sequence[float], total: int) -> list[int]:
    """Round parts to whole numbers that add up to `total`: those with the largest remainders are rounded up.

    Parameters
    ----------
    parts : sequence of float
        Not negative; their sum rounds to `total`.
    total : int
        What the rounded parts add up to.

    Returns
    -------
    list of int
        In the order of `parts`.

    Examples
    --------
    >>> whole_parts([1.4, 1.4, 1.2], 4)
    [2, 1, 1]
    """
    floors = [math.floor(part) for part in parts]
    order = sorted(range(len(parts)), key=lambda place: floors[place] - parts[place])
    for place in order[: max(0, total - sum(floors))]:
        floors[place] += 1
    return floors


def _people(facts: Facts) -> Table:
    """Return residents, employed residents, commuters and unemployment with their bands."""
    words = facts.context.words
    columns = {"population": "total population", "jobs": "jobs", "employed": "employed residents", "in": "in commuters",
               "out": "out commuters", "unemployment": "unemployment rate"}  # fmt: skip
    rows = []
    for name in _names(facts):
        cells = []
        for variable in columns.values():
            low, middle, high = (facts.value(name, variable, HORIZON, end) for end in ("p10", "p50", "p90"))
            if variable == "unemployment rate":
                band = words.text("range", low=words.points(low, sign=False), high=words.points(high, sign=False))
                cells.append(Cell(words.percent(middle), band))
            else:
                band = words.text("range", low=words.number(low), high=words.number(high))
                cells.append(Cell(words.number(middle), band))
        rows.append((facts.context.title(name), tuple(cells)))
    heads = (words.text("table.scenario"), *(words.text(f"table.{key}") for key in columns))
    return Table(words.text("table.people_caption", year=HORIZON), heads, tuple(rows))


def _economy(facts: Facts) -> Table:
    """Return the municipality's economy: the baseline's level, then differences, in the reference draw."""
    words = facts.context.words
    keys = ("own", "equalisation", "after", "grant", "social", "cost", "cost_total", "result")
    rows = []
    for name in _names(facts):
        statistic, decimals = ("reference", 0) if name == BASELINE else ("diff_reference", 1)
        own, after, grant, social, cost, in_all, result = (
            round(facts.value(name, variable, HORIZON, statistic), decimals)
            for variable in ("own tax", "tax after equalisation", "block grant", "social costs", "lever cost",
                             "lever cost since start", "net operating result")
        )  # fmt: skip
        numbers = (own, after - own, after, grant, social, cost, in_all, result)
        cells = tuple(Cell(words.number(number, decimals, sign=name != BASELINE)) for number in numbers)
        rows.append((facts.context.title(name), cells))
    heads = (words.text("table.scenario"), *(words.text(f"table.{key}") for key in keys))
    caption = words.text("table.economy_caption", year=HORIZON)
    totals = frozenset({keys.index("after") + 1, keys.index("result") + 1})
    return Table(caption, heads, tuple(rows), words.text("table.economy_note"), totals)
