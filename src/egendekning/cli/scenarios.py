"""`egendekning scenarios`: the scenarios of a study, and one of them clause by clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from egendekning.cli.app import common
from egendekning.cli.headings import heading
from egendekning.cli.options import Language, LanguageOption

if TYPE_CHECKING:
    from egendekning.study import Scenario, Study


def command(
    context: typer.Context,
    scenario: Annotated[str | None, typer.Argument(help="Show this one in full.", show_default=False)] = None,
    lang: LanguageOption = Language.nb,
) -> None:
    """List the scenarios, or show one clause by clause."""
    study = common(context).open_study()
    if scenario is None:
        _list(study, lang)
    else:
        _show(study, study.scenario(scenario), lang)


def _list(study: Study, lang: Language) -> None:
    """Print a table of all scenarios."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from egendekning.cli.screen import console

    table = Table(box=box.SIMPLE_HEAD)
    for name in ("id", "title", "description"):
        table.add_column(heading(name, lang.value), no_wrap=name == "id")
    for name, scenario in study.scenarios.items():
        words = (getattr(scenario, f"title_{lang}"), getattr(scenario, f"description_{lang}"))
        table.add_row(name, *map(escape, words))
    console().print(table)


def _show(study: Study, scenario: Scenario, lang: Language) -> None:
    """Print one scenario: its clauses, and what is set in the end."""
    from rich.markup import escape

    from egendekning.cli.screen import console
    from egendekning.figures.words import unit_of

    def said(words: str) -> str:
        return heading(words, lang.value)

    out = console()
    out.print(f"[bold]{escape(getattr(scenario, f'title_{lang}'))}[/] ({scenario.id})")
    out.print(escape(getattr(scenario, f"description_{lang}")))
    if scenario.base:
        out.print(f"{said('based on')}: {', '.join(scenario.base)}")
    for number, clause in enumerate(scenario.clauses, 1):
        out.print(f"  {number}. {escape(getattr(clause, f'text_{lang}'))}")
    settings = study.settings(scenario.id)
    if settings:
        out.print(f"{said('sets')}:")
    for setting in settings.values():
        lever = study.settable[setting.id]
        when = f" {said('from')} {setting.start:g}" if setting.start is not None else ""
        ramp = f" {said('over')} {setting.ramp:g} {said('years')}" if setting.ramp is not None else ""
        value = escape(f"{setting.value:g} {unit_of(lever.unit, lang.value)}".rstrip())
        title = escape(getattr(lever, f"title_{lang}"))
        out.print(f"  {title}: {value}{when}{ramp} ({setting.id}, {setting.origin})")
