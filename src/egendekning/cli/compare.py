"""`egendekning compare`: the main job. Runs scenarios beside the baseline and writes one folder of results.

Everything that can be wrong with the request is found before anything is run; the folder appears whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from egendekning.cli.app import common
from egendekning.cli.options import MOST_SEED, DrawsOption, Language, LanguageOption, OutOption, SeedOption

if TYPE_CHECKING:
    from collections.abc import Callable

    from egendekning.ensemble import Comparison
    from egendekning.study import Study

_YEARS: Final = (2030, 2040)
_SAYS: Final = {
    "nb": {"run": "Kjører scenarioer", "write": "Skriver resultater", "figures": "Tegner figurer",
           "report": "Skriver rapport",
           "left": "{what} er utelatt: modellen har ikke {names}", "done": "Resultatene ligger i {folder}: {files}"},
    "en": {"run": "Running scenarios", "write": "Writing results", "figures": "Drawing figures",
           "report": "Writing the report",
           "left": "{what} is left out: the model has no {names}", "done": "The results are in {folder}: {files}"},
}  # fmt: skip


def command(
    context: typer.Context,
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SCENARIO]...", help="Scenarios to run beside the baseline; all if none is named."),
    ] = None,
    draws: DrawsOption = 500,
    seed: SeedOption = 1,
    out: OutOption = None,
    lang: LanguageOption = Language.nb,
    year: Annotated[int, typer.Option("--year", help="Year of the tables on the screen: 2030 or 2040.")] = 2040,
) -> None:
    """Compare scenarios with the baseline: tables, figures and a report, with the uncertainty of the parameters."""
    from egendekning.cli.outdir import room, staged
    from egendekning.ensemble import bind, compare, selected

    folder = out if out is not None else Path(f"egendekning-{lang.value}")
    _check(draws, seed, year)
    study = common(context).open_study()
    chosen = selected(study, scenarios)
    says = _SAYS[lang.value]
    with staged(folder) as stage:
        bound = bind(study)
        with _bar(says["run"], len(chosen)) as bar:
            comparison = compare(bound, chosen, draws, seed, progress=lambda done, _, __: bar(done, says["run"]))
            with room(folder):
                left_out = _write(comparison, study, stage, lang.value, lambda what: bar(len(chosen), says[what]))
    for what, names in left_out.items():
        typer.echo(says["left"].format(what=what, names=", ".join(names)), err=True)
    _show(comparison, study, lang.value, year, folder, says["done"])


def _check(draws: int, seed: int, year: int) -> None:
    """Raise UsageError with everything that is wrong with the numbers."""
    from egendekning.errors import Problem, UsageError

    problems = []
    if draws < 1:
        problems.append(Problem("--draws", f"{draws}", "a whole number, at least 1", fix="--draws 500"))
    if not 0 <= seed <= MOST_SEED:
        problems.append(Problem("--seed", f"{seed}", f"a whole number from 0 to {MOST_SEED}", fix="--seed 1"))
    if year not in _YEARS:
        problems.append(Problem("--year", f"{year}", " or ".join(map(str, _YEARS)), fix=f"--year {_YEARS[-1]}"))
    if problems:
        raise UsageError(problems)


@contextmanager
def _bar(text: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """Show a progress bar on standard error; gives a function of scenarios done and what is being done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(text, total=total)
        yield lambda done, what: progress.update(task, completed=done, description=what)


def _write(
    comparison: Comparison, study: Study, stage: Path, lang: str, tell: Callable[[str], None]
) -> dict[str, list[str]]:
    """Write every file of the folder; return what was left out, with the variables that the results lack for it."""
    from egendekning.ensemble.store import write_results, write_summary

    tell("write")
    write_summary(comparison, stage / "summary.csv")
    write_results(comparison, stage / "results.nc")
    tell("figures")
    from egendekning.figures import save_figures

    figures = save_figures(comparison, stage / "figures", lang, study=study)
    from egendekning.errors import OutputError
    from egendekning.figures.needs import PAGES, REPORT, lacking
    from egendekning.report import write_report

    left_out = {f"figures/{name}": lacking(comparison, needed) for name, needed in PAGES.items()}
    tell("report")
    try:
        write_report(comparison, stage, lang, study=study, figures=figures)
    except OutputError:  # the results lack what it tells
        left_out["report.html"] = lacking(comparison, REPORT)
    return {what: names for what, names in left_out.items() if names}


def _show(comparison: Comparison, study: Study, lang: str, year: int, folder: Path, done: str) -> None:
    """Print the tables and where the files are."""
    from rich.markup import escape

    from egendekning.cli.comparison_tables import print_tables
    from egendekning.cli.screen import console
    from egendekning.cli.show import say_rules

    out = console()
    plan = None if study.municipality is None else study.municipality.plan_level
    print_tables(comparison, lang, year, out, plan)
    times = comparison.dataset["time"].values
    say_rules(study, times[0], times[-1], lang)
    files = ", ".join(sorted(f"{p.name}/" if p.is_dir() else p.name for p in folder.iterdir() if p.name[0] != "."))
    out.print(escape(done.format(folder=folder, files=files)), soft_wrap=True)
