"""`egendekning levers`: what scenarios can set, and one lever or driver in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from egendekning.cli.app import common
from egendekning.cli.headings import heading
from egendekning.cli.options import Language, LanguageOption
from egendekning.errors import Problem, UsageError
from egendekning.names import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from egendekning.study import Driver, Lever, Study


def command(
    context: typer.Context,
    lever: Annotated[str | None, typer.Argument(help="Show this one in full.", show_default=False)] = None,
    lang: LanguageOption = Language.nb,
) -> None:
    """List the municipality's levers and the drivers outside it, or show one in full."""
    study = common(context).open_study()
    if lever is None:
        _list("levers: what the municipality can do", study.levers, lang)
        _list("drivers: what the world outside may do", study.drivers, lang)
    else:
        _show(study, lever, lang)


def _list(caption: str, entries: Mapping[str, Lever | Driver], lang: Language) -> None:
    """Print a table of levers or drivers."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from egendekning.cli.screen import console
    from egendekning.figures.words import unit_of

    table = Table(title=heading(caption, lang.value), title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("id", "title", "range", "unit", "grade", "mechanism"):
        table.add_column(heading(name, lang.value), no_wrap=name in ("id", "range"))
    for name, entry in entries.items():
        span = f"{entry.low:g} – {entry.high:g}"
        words = (getattr(entry, f"title_{lang}"), span, unit_of(entry.unit, lang.value), entry.evidence.grade)
        table.add_row(name, *map(escape, (*words, getattr(entry, f"mechanism_{lang}"))))
    console().print(table)


def _show(study: Study, name: str, lang: Language) -> None:
    """Print everything about one lever or driver."""
    from rich.markup import escape

    from egendekning.cli.screen import console
    from egendekning.figures.words import unit_of

    known = study.settable
    if name not in known:
        raise UsageError(
            Problem(
                "levers",
                f"unknown lever or driver {name!r}",
                f"one of {', '.join(known)}",
                nearest(name, known),
                fix="egendekning levers lists them",
            )
        )
    entry = known[name]
    kind = "lever" if name in study.levers else "driver"
    unit = unit_of(entry.unit, lang.value)
    used = [scenario for scenario in study.scenarios if name in study.settings(scenario)]
    lines = {
        "range": " ".join(f"{entry.low:g} – {entry.high:g} {unit} ({entry.default:g})".split()),
        "mechanism": getattr(entry, f"mechanism_{lang}"),
        "delay": entry.delay,
        "cost": _cost(study, name),
        "evidence": f"grade {entry.evidence.grade}: {entry.evidence.source}",
        "constants": ", ".join(str(value) for _, value in entry.constants if value is not None),
        "scenarios": ", ".join(used) or "none",
    }
    out = console()
    out.print(f"[bold]{escape(getattr(entry, f'title_{lang}'))}[/] ({heading(kind, lang.value)} {name})")
    for title, text in lines.items():
        if text:
            out.print(f"  {heading(title, lang.value)}: {escape(heading(text, lang.value))}")


def _cost(study: Study, name: str) -> str:
    """Say what a lever costs, as the names of the model's constants; nothing for a driver."""
    if name not in study.levers:
        return ""
    cost = study.levers[name].cost
    return cost.free_because or ", ".join(part for part in (cost.operating, cost.investment) if part)
