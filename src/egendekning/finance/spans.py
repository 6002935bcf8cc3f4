"""Years in words: 2019-2020, 2026-2040. The module refuses anything but whole years."""

from __future__ import annotations

from collections.abc import Iterable

DASH = "\N{EN DASH}"


def year_spans(years: Iterable[float]) -> str:
    """Return years as spans, in order.

    Parameters
    ----------
    years : iterable of float
        Calendar years.

    Returns
    -------
    str
        For example ``2019-2020, 2026`` with en dashes; an en dash alone where there are none.
    """
    spans: list[list[int]] = []
    for year in sorted({round(y) for y in years}):
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(f"{a}" if a == b else f"{a}{DASH}{b}" for a, b in spans) or DASH


__all__ = ["year_spans"]
