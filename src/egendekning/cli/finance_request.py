"""What `egendekning finance` is asked for: numbers as people write them, one task at a time, and a request.

The module refuses to run anything and to know what a scenario is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from egendekning.cli.options import MOST_SEED

if TYPE_CHECKING:
    from egendekning.finance.tables import Request

_YEAR: Final = re.compile("[0-9]{4}")


def amount(text: str) -> float:
    """Return a number of the command line, which may be written the Norwegian way; ValueError for anything else."""
    from egendekning.finance.cells import number

    value = number(text)
    return value if value == value else float(text)  # NaN: something else, or 1e9


def one_task(given: Mapping[str, object], settling: tuple[str, ...]) -> None:
    """Raise UsageError with every word that says nothing beside the task: tables, template or settlement."""
    from egendekning.errors import Problem, UsageError

    task = next((name for name in ("--settlement", "--template") if given[name] is not None), "SCENARIO")
    fits = {"--settlement": settling, "--template": ("--out",), "SCENARIO": ("--override", "--out")}[task]
    fix, beside = "leave one of the two out", "tables" if task == "SCENARIO" else task
    problems = [
        Problem(name, f"says nothing beside {beside}", f"{task} with {', '.join(fits)}", fix=fix)
        for name, value in given.items()
        if value is not None and name not in (task, *fits)
    ]
    if problems:
        raise UsageError(problems)


def requested(
    scenario: str | None, against: str, years: str, prices: str, deflator: str, draws: int, seed: int
) -> Request:
    """Return the request; what cannot be read of it is a UsageError."""
    from egendekning.errors import Problem, UsageError
    from egendekning.finance.tables import Request

    problems = []
    if scenario is None:
        fix = "egendekning finance full_toolbox"
        problems.append(Problem("SCENARIO", "none is named", "a scenario (see 'egendekning scenarios')", fix=fix))
    first, dash, last = (part.strip() for part in years.partition("-"))
    if not (_YEAR.fullmatch(first) and (_YEAR.fullmatch(last) or not dash)):
        expected = "FIRST-LAST, years of four digits"
        problems.append(Problem("--years", repr(years), expected, fix="--years 2021-2024"))
    if not 0 <= seed <= MOST_SEED:
        problems.append(Problem("--seed", f"{seed}", f"a whole number from 0 to {MOST_SEED}", fix="--seed 1"))
    if problems or scenario is None:
        raise UsageError(problems)
    begin, end = int(first), int(last) if dash else int(first)
    return Request(scenario, against, begin, end, prices, deflator, draws, seed)


__all__ = ["amount", "one_task", "requested"]
