"""How scores look on the screen: a row a figure, a row a series, and what was left out."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from egendekning.validate.scoring import Row, Scores, Summary

_ROWS_OF_LEFT_OUT = 15


def print_scores(result: Scores) -> None:
    """Print all tables on standard output."""
    from egendekning.cli.screen import console

    out = console()
    _rows(result, out)
    _series(result.series, out, "Series", "in the unit of the series")
    _series(result.overall, out, "In all", "errors in % of each figure")
    _left_out(result, out)
    made = result.provenance
    said = f"{result.draws} draws ({made['source_of_draws']}), seed {made['seed']}, scenario {made['scenario']}."
    rule = "Skill is 1 - CRPS of the model / absolute error of the rule: above 0 the model is better; in all, of the "
    rule += "geometric mean of that ratio over series."
    out.print(f"{said} {rule}", soft_wrap=True)


def _rows(result: Scores, out: Console) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="Figures", box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
    for name in ("series", "period", "unit"):
        table.add_column(name, no_wrap=name != "series")
    for name in ("figure", "median", "error", "%", "80 % of predictions", "95 %", "CRPS", "last", "trend"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in result.rows:
        figure = row.figure
        (low, high), _ = row.bands
        mark = "in" if row.inside(0) else "[red]OUT[/]"
        wide = "in" if row.inside(1) else "[red]OUT[/]"
        table.add_row(
            escape(figure.series), figure.period, escape(figure.counterpart.unit), _n(figure.value), _n(row.median),
            _n(row.error), _fixed(row.percent, 1), f"{_n(low)} to {_n(high)} {mark}", wide, _n(row.crps),
            *(_rule(row, name) for name in ("last value", "linear trend")),
        )  # fmt: skip
    out.print(table)


def _rule(row: Row, name: str) -> str:
    value = row.rules[name]
    return "" if value is None else _n(value)


def _series(items: tuple[Summary, ...], out: Console, title: str, caption: str) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=f"{title} ({caption})", box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
    for name in ("", "n", "bias", "MAE", "MAPE %", "CRPS", "in 80 %", "in 95 %", "skill: last", "trend", "projection"):
        table.add_column(name, justify="right" if name else "left")
    for item in items:
        table.add_row(
            escape(item.name), str(item.rows), _n(item.bias), _n(item.mae), _fixed(item.mape, 2),
            _n(item.crps), *(f"{100 * c:.0f} %" for c in item.coverage),
            *(_fixed(s, 2) for s in item.skill_crps.values()),
        )  # fmt: skip
    out.print(table)


def _left_out(result: Scores, out: Console) -> None:
    from rich.markup import escape

    if not result.left_out:
        return
    count = len(result.left_out)
    out.print(f"{count} row{'s are' if count > 1 else ' is'} not scored:")
    reasons = Counter((item.series, item.reason) for item in result.left_out)
    for (series, reason), count in list(reasons.items())[:_ROWS_OF_LEFT_OUT]:
        out.print(escape(f"  {series}: {reason}" + (f" ({count} rows)" if count > 1 else "")), soft_wrap=True)
    if len(reasons) > _ROWS_OF_LEFT_OUT:
        out.print(f"  and {len(reasons) - _ROWS_OF_LEFT_OUT} more; --json lists them all")


def _fixed(number: float, decimals: int) -> str:
    """Return a number with so many decimals; nothing where it is not known."""
    return f"{number:.{decimals}f}" if math.isfinite(number) else ""


def _n(number: float) -> str:
    """Return a number with as many decimals as its size asks for."""
    if not math.isfinite(number):
        return ""
    size = abs(number)
    return f"{number:,.0f}".replace(",", " ") if size >= 1000 else f"{number:.1f}" if size >= 10 else f"{number:.2f}"
