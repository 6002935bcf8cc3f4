"""`egendekning resilience`: how deep a shock bites, how long recovery takes and what it costs in job-years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from egendekning.cli.app import common
from egendekning.cli.options import Language, LanguageOption, SeedOption
from egendekning.errors import EgendekningError, Problem, StudyError, UsageError

if TYPE_CHECKING:
    import xarray as xr

    from egendekning.study import Setting, Study

WORDS: Final = {
    "nb": (
        "Robusthet: {shock} fra {start:g}",
        ("scenario", "største tap av arbeidsplasser", "år til 90 % er gjenvunnet", "tapte årsverk"),
        "Midterste trekning; i parentes 80 % av trekningene. – : ikke gjenvunnet innen horisonten.",
    ),
    "en": (
        "Resilience: {shock} from {start:g}",
        ("scenario", "greatest loss of jobs", "years until 90 % is regained", "lost job-years"),
        "Median draw; in brackets 80 % of draws. – : not regained within the horizon.",
    ),
}
"""Title, heads and note by language."""


def command(
    context: typer.Context,
    scenarios: Annotated[list[str] | None, typer.Argument(help="Scenarios; all if none is named.")] = None,
    shock: Annotated[
        str, typer.Option("--shock", metavar="DRIVER=VALUE", help="The driver or lever that makes the shock.")
    ] = "standard_shock=0.1",
    start: Annotated[float, typer.Option("--start", help="Year in which the shock begins.")] = 2030.0,
    draws: Annotated[int, typer.Option("--draws", help="Number of draws.")] = 100,
    seed: SeedOption = 1,
    lang: LanguageOption = Language.nb,
) -> None:
    """Run scenarios with and without a shock and show depth, recovery and lost job-years."""
    from dataclasses import replace

    from egendekning.ensemble import bind, resilience_of
    from egendekning.study.settings import constants

    study = common(context).open_study()
    names, setting = _checked(study, scenarios or (), shock, draws)
    bound = bind(study)
    clock = bound.model.time
    if not clock.initial <= start < clock.final:
        raise UsageError(Problem(f"--start {start:g}", "outside the run", f"{clock.initial:g} to {clock.final:g}"))
    dated = replace(setting, start=start) if study.settable[setting.id].constants.start else setting
    found = resilience_of(bound, names, constants(dated, study.settable[setting.id]), start, draws, seed)
    _print(study, found, shock, start, lang.value)


def _checked(study: Study, scenarios: list[str] | tuple[()], shock: str, draws: int) -> tuple[list[str], Setting]:
    """Return the scenarios and the shock; every mistake in one error."""
    problems: list[Problem] = []
    setting = None
    for name in scenarios:
        try:
            study.scenario(name)
        except EgendekningError as error:
            problems += error.problems
    try:
        setting = study.parse_setting(shock)
    except EgendekningError as error:
        problems += error.problems
    if draws < 1:
        problems.append(Problem(f"--draws {draws}", "not a number of draws", "1 or more", fix="leave --draws out"))
    if problems or setting is None:
        raise StudyError(problems)
    return list(dict.fromkeys(scenarios)) or list(study.scenarios), setting


def _print(study: Study, found: xr.Dataset, shock: str, start: float, lang: str) -> None:
    """Print a row a scenario: median and 80 % of the draws."""
    from rich.markup import escape

    from egendekning.cli.screen import console
    from egendekning.cli.show import table

    title, heads, note = WORDS[lang]
    made = table(title.format(shock=shock, start=start), heads, first_width=44)
    drawn = found.isel(draw=slice(1, None))
    for name in found["scenario"].values:
        row = drawn.sel(scenario=name)
        cells = [
            _cell(100 * row["depth"].values, "{:.1f} %", lang),
            _cell(row["recovery time"].values, "{:.1f}", lang),
            _cell(row["lost"].values, "{:.0f}", lang),
        ]
        made.add_row(escape(getattr(study.scenario(str(name)), f"title_{lang}")), *cells)
    console().print(made)
    console().print(note)


def _cell(values: object, form: str, lang: str) -> str:
    """Return the median and the 80 % band; a value that is never reached counts as later than all."""
    import numpy as np

    array = np.where(np.isnan(np.asarray(values, dtype=float)), np.inf, np.asarray(values, dtype=float))
    low, middle, high = np.quantile(array, [0.1, 0.5, 0.9], method="inverted_cdf")
    text = [form.format(x) if np.isfinite(x) else "–" for x in (middle, low, high)]
    said = f"{text[0]} ({text[1]}–{text[2]})"
    return said.replace(".", ",") if lang == "nb" else said
