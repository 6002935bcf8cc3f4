"""Scores as plain rows and as nested data, for CSV, JSON and other programs.

A number that is not known is empty in a row and null in the data. The module refuses to write files.
"""

from __future__ import annotations

import math
from typing import Any

from egendekning.validate.scoring import BANDS, RULES, Row, Scores, Summary


def row_data(row: Row) -> dict[str, Any]:
    """Return one row as flat data; names are the columns of the CSV file."""
    figure = row.figure
    found: dict[str, Any] = {
        "series": figure.series,
        "period": figure.period,
        "time": round(figure.time, 6),
        "unit": figure.counterpart.unit,
        "value": figure.value,
        "model": figure.counterpart.text,
        "sample": "seen" if row.seen else "unseen",
        "median": row.median,
        "error": row.error,
        "error_percent": known(row.percent),
        "crps": row.crps,
    }
    for i, share in enumerate(BANDS):
        name = f"{share:.0%}".rstrip("%")
        low, high = row.bands[i]
        found.update({f"low_{name}": low, f"high_{name}": high, f"inside_{name}": row.inside(i)})
    found.update({rule.replace(" ", "_"): row.rules[rule] for rule in RULES})
    return found


def summary_data(item: Summary) -> dict[str, Any]:
    """Return the scores of a series as flat data."""
    found: dict[str, Any] = {"series": item.name, "unit": item.unit, "n": item.rows, "bias": known(item.bias),
                             "mae": known(item.mae), "mape": known(item.mape), "crps": known(item.crps)}  # fmt: skip
    for share, covered in zip(BANDS, item.coverage, strict=True):
        found[f"coverage_{share:.0%}".rstrip("%")] = covered
    for rule in RULES:
        name = rule.replace(" ", "_")
        found[f"skill_crps_{name}"] = known(item.skill_crps[rule])
        found[f"skill_mae_{name}"] = known(item.skill_mae[rule])
        found[f"n_{name}"] = item.compared[rule]
    return found


def all_data(result: Scores) -> dict[str, Any]:
    """Return everything, nested."""
    return {
        "draws": result.draws,
        **dict(result.provenance),
        "overall": [summary_data(item) for item in result.overall],
        "series": [summary_data(item) for item in result.series],
        "rows": [row_data(row) for row in result.rows],
        "skipped": [
            {"row": item.row, "series": item.series, "period": item.period, "reason": item.reason}
            for item in result.left_out
        ],
    }


def known(number: float) -> float | None:
    """Return the number, or None where it is not finite."""
    return number if math.isfinite(number) else None
