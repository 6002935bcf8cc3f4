"""`calibration/` of a draft: the municipality's own figures, and the plans of the other study as far as they fit them.

No posterior, no history and no remark of the other municipality goes along. The observation model and the validation
plan keep what has figures; the noise from year to year is judged to be as in the other municipality, by size where it
has a unit. The module refuses to invent a figure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from egendekning.ensemble import Bound
from egendekning.names import find
from egendekning.study import yamltree
from egendekning.study.tables import read_table
from egendekning.validate.observed import Figure

COLUMNS: Final = ("series", "region", "period", "time", "value", "unit", "measurement_error", "grade", "variable",
                  "source")  # fmt: skip
_TOTALS: Final = {
    "jobs_by_workplace": ("live_and_work_in_municipality", "in_commuters"),
    "employed_residents": ("live_and_work_in_municipality", "out_commuters_total_residual"),
}
"""Totals of the employment register and their parts: the total is fitted where a part has no figures."""
_DIMENSIONLESS: Final = ("dmnl", "1", "")
_NO_REASON: Final = "Not used in the first draft."


@dataclass(frozen=True)
class Given:
    """Figures of the new municipality: the table they stand in, and those that the model has a counterpart for."""

    path: Path
    figures: tuple[Figure, ...]
    name: str

    @property
    def series(self) -> set[str]:
        """Names of the series that have figures."""
        return {figure.counterpart.series for figure in self.figures}

    @property
    def rows(self) -> dict[int, Mapping[str, str | None]]:
        """Rows of the table by line."""
        table, _ = read_table(self.path, ("series", "period", "value", "unit"), ("region", "source", "grade"))
        return dict(table.rows)

    @property
    def region(self) -> str:
        """The region as the figures name it, the municipality's name where they do not."""
        return next((row["region"] for row in self.rows.values() if row.get("region")), self.name) or self.name


def observations(given: Given, shipped: Path | None) -> str:
    """Return ``observations.csv``; variables and measurement errors are those of the other study's same series."""
    like = _alike(shipped)
    rows = given.rows
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for figure in given.figures:
        row = rows[figure.row]
        variable, share = like.get(figure.counterpart.series, ("", 0.0))
        error = float(f"{abs(figure.given) * share:.3g}")
        writer.writerow([figure.counterpart.series, row.get("region") or given.region, figure.period,
                         f"{figure.time:.10g}", f"{figure.given:.10g}", figure.given_unit, f"{error:g}",
                         row.get("grade") or "C", variable, row.get("source") or "not said"])  # fmt: skip
    return out.getvalue()


def _alike(path: Path | None) -> dict[str, tuple[str, float]]:
    """Return the model variable, and the measurement error as a share of the figure, by series of the other study."""
    if path is None:
        return {}
    table, _ = read_table(path, ("series", "value", "measurement_error"), ("variable",))
    found = {}
    for _, row in table.rows:
        value = float(row["value"] or 0)
        share = abs(float(row["measurement_error"] or 0) / value) if value else 0.0
        found[str(row["series"])] = (row.get("variable") or "", share)
    return found


def observation_model(data: Mapping[str, Any], given: Given, there: str) -> dict[str, Any]:
    """Return the observation model for the figures that there are."""
    made: dict[str, Any] = {**_renamed(data, there, given.name), "region": given.region}
    periods = {figure.period for figure in given.figures}
    totals = {t: parts for t, parts in _TOTALS.items() if t in given.series and not given.series.issuperset(parts)}
    variables = {f.counterpart.series: f.counterpart.text for f in given.figures}
    groups = {}
    for name, group in made["groups"].items():
        fitted = {series: variable for series, variable in group["series"].items() if series in given.series}
        if any(part in group["series"] for parts in totals.values() for part in parts):
            fitted = {s: v for s, v in fitted.items() if not any(s in parts for parts in totals.values())}
            fitted |= {total: variables[total] for total in totals}
        if fitted and periods.issuperset(group.get("periods") or ()):
            groups[name] = {**group, "series": fitted}
    used = {series for group in groups.values() for series in group["series"]}
    reasons = {series: made["unused"].get(series, _NO_REASON) for series in sorted(given.series - used)}
    return {**made, "groups": groups, "unused": reasons}


def plan(data: Mapping[str, Any], given: Given) -> dict[str, Any] | None:
    """Return the validation plan for the figures that there are, without remarks; None where too few are there."""
    made: dict[str, Any] = deepcopy({key: value for key, value in data.items() if key != "remarks"})

    def there(series: Sequence[str]) -> list[str]:
        return [name for name in series if name in given.series]

    made["reference"]["series"] = there(made["reference"]["series"])
    apart = made["leave_out"]
    for key in ("series", "fit", "headline"):
        apart[key] = there(apart[key])
    persons = {f.counterpart.series for f in given.figures if not f.given_unit.startswith("%")}
    apart["fit"] = apart["fit"] or [name for name in apart["headline"] if name in persons]
    return made if made["reference"]["series"] and apart["fit"] and apart["headline"] else None


def series(data: Mapping[str, Any], given: Given, there: str) -> dict[str, Any]:
    """Return the meaning of series, with the new municipality's names for itself."""
    named = _renamed(data, there, given.name)
    accept = [given.name, f"{given.name} (*", f"{given.name} kommune*", f"{given.name} municipality*"]
    refuse = [pattern for pattern in data["regions"].get("refuse", []) if pattern.strip("*") in ("->", "pre-2020")]
    regions = {"accept": list(dict.fromkeys([*accept, given.region])), "refuse": refuse}
    return {**named, "regions": regions}


def _renamed(data: Any, there: str, name: str) -> Any:
    """Return data with the other municipality's name replaced in every text."""
    if isinstance(data, str):
        return data.replace(there, name)
    if isinstance(data, dict):
        return {key: _renamed(value, there, name) for key, value in data.items()}
    return [_renamed(item, there, name) for item in data] if isinstance(data, list) else data


def process_noise(data: Mapping[str, Any], bound: Bound, size: float, there: str) -> dict[str, Any]:
    """Return the noise from year to year: as in the other municipality, by size where it has a unit."""
    made = {}
    for table, entry in data.items():
        name = find(table, bound.model.variables)
        unit = bound.model.variables[name].unit.casefold() if name is not None else ""
        scaled = unit not in _DIMENSIONLESS
        note = f"Judged to be as in {there}" + (f", times {size:g}, the size of the municipality." if scaled else ".")
        sd = [float(f"{end * size:.4g}") for end in entry["sd"]] if scaled else entry["sd"]
        made[table] = {**entry, "sd": sd, "basis": "assumption", "grade": "C", "note": note,
                       "source": f"Judgement. In {there}: {' '.join(entry['source'].split())}"}  # fmt: skip
    return made


def heading(text: str) -> str:
    """Return the comment at the top of a file."""
    lines = text.splitlines(keepends=True)
    top = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[:top])


def data_of(path: Path | None) -> tuple[str, Any]:
    """Return the text and the data of a YAML file; nothing where there is none."""
    if path is None:
        return "", None
    text = path.read_text(encoding="utf-8")
    return text, yamltree.parse(text, str(path))[0].data
