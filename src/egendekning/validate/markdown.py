"""Tables and numbers of the validation report, in Markdown.

The module refuses to know what a table is about.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return a table; `right` names the columns that are set to the right."""
    rule = ["--:" if i in right else "---" for i in range(len(heads))]
    lines = [heads, rule, *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def number(value: float | None, decimals: int | None = None) -> str:
    """Return a number with thin groups; as many decimals as its size asks for, unless said."""
    if value is None or not math.isfinite(value):
        return ""
    size = abs(value)
    places = decimals if decimals is not None else 0 if size >= 1000 else 1 if size >= 10 else 2
    text = f"{value:,.{places}f}".replace(",", " ")
    return "0" + text[2:] if float(text.replace(" ", "")) == 0 and text.startswith("-0") else text


def percent(share: float | None, decimals: int = 0) -> str:
    """Return a share as percent."""
    return "" if share is None or not math.isfinite(share) else f"{100 * share:.{decimals}f} %"


def verdict(passed: bool | None) -> str:
    """Return what is said of a test: passed, FAILED, or nothing to judge."""
    return "not yet run" if passed is None else "passed" if passed else "**FAILED**"
