"""When a policy fails: a statement such as ``egendekning@2040 < 1``, and the draws in which it is true.

The right-hand side is a number, a percentage, or another scenario: ``egendekning@2040 < baseline`` asks when a policy
does worse than doing nothing, in the same draw. The module refuses statements of more than one comparison: a failure
that needs an "and" is two questions.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import SCENARIO
from egendekning.ensemble.measures import read
from egendekning.errors import Problem, UsageError
from egendekning.names import nearest
from egendekning.sensitivity.robustness import measure_of

EXAMPLE: Final = "egendekning@2040 < 1"
LEAST: Final = 20
"""Draws that fail, and draws that do not, below which there is nothing to discover."""

_SIGNS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_STATEMENT = re.compile(r"^(?P<measure>[^<>=]+?)\s*(?P<sign><=|>=|<|>)\s*(?P<limit>[^<>=]+?)$")
_PER_CENT = 100.0


@dataclass(frozen=True)
class Failure:
    """A statement that is true where a policy fails.

    Attributes
    ----------
    measure, sign : str
        What is compared, and how.
    limit : float or None
        In the unit of the measure; None where the other side is a scenario.
    other : str
        That scenario; empty where there is none.
    """

    measure: str
    sign: str
    limit: float | None
    other: str = ""

    def __str__(self) -> str:
        return f"{self.measure} {self.sign} {self.other or f'{self.limit:g}'}"


def parse_failure(text: str, scenarios: Sequence[str], where: str = "--fails") -> Failure:
    """Read a statement.

    Parameters
    ----------
    text : str
        ``MEASURE < NUMBER``, ``MEASURE < NUMBER %`` or ``MEASURE < SCENARIO``; also ``<=``, ``>``, ``>=``.
    scenarios : sequence of str
        Known scenarios.
    where : str
        What to call the place in an error.

    Raises
    ------
    UsageError
        Where it is none of these.
    """
    found = _STATEMENT.match(text.strip())
    if found is None:
        expected = "one comparison: MEASURE < NUMBER, or MEASURE < SCENARIO"
        raise UsageError(Problem(f'{where} "{text}"', "is no comparison", expected, fix=f'{where} "{EXAMPLE}"'))
    measure, sign, limit = found["measure"], found["sign"], found["limit"]
    number = limit.removesuffix("%").strip().replace(",", ".")
    try:
        value = float(number) / (_PER_CENT if limit.endswith("%") else 1.0)
    except ValueError:
        if limit not in scenarios:
            expected = "a number, a percentage or a scenario"
            near = nearest(limit, scenarios)
            fix = f'{where} "{measure} {sign} {near or 1}"'
            raise UsageError(Problem(f'{where} "{text}"', f"unknown {limit!r}", expected, near, fix)) from None
        return Failure(measure, sign, None, limit)
    if not np.isfinite(value):
        fix = f'{where} "{measure} {sign} 1"'
        raise UsageError(Problem(f'{where} "{text}"', f"{limit}", "a number that is finite", fix=fix))
    return Failure(measure, sign, value)


def failing(dataset: xr.Dataset, policy: str, failure: Failure) -> NDArray[np.bool_]:
    """Return in which sampled draws a policy fails.

    Parameters
    ----------
    dataset : xarray.Dataset
        Runs, dims (scenario, draw, time, \\*subscripts), with the policy and the other scenario, if there is one.
    policy : str
        Scenario id.
    failure : Failure
        The statement.

    Returns
    -------
    ndarray
        (draw), without the reference draw.

    Raises
    ------
    UsageError
        For an unknown measure, and where the policy fails in next to none or next to all of the draws.
    """
    values = read(dataset, measure_of(dataset, failure.measure, "--fails"))[:, 1:]
    ids = [str(name) for name in dataset[SCENARIO].values]
    limit = values[ids.index(failure.other)] if failure.other else failure.limit
    found = np.asarray(_SIGNS[failure.sign](values[ids.index(policy)], limit))
    count = int(found.sum())
    if min(count, found.size - count) < LEAST:
        said = f"{policy} fails in {count} of {found.size} draws"
        expected = f"at least {LEAST} draws that fail and {LEAST} that do not"
        fix = "choose another limit or year, or more draws: --draws 1000"
        raise UsageError(Problem(f'--fails "{failure}"', said, expected, fix=fix))
    return found
