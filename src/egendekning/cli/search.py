"""`egendekning search`: the cheapest mix of levers that reaches a target, or what would have to be true.

Everything that can be wrong with the request is found before anything is run; the folder appears whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from egendekning.cli.app import common
from egendekning.cli.options import MOST_SEED, Language, LanguageOption, OutOption, SeedOption

if TYPE_CHECKING:
    from egendekning.ensemble import Bound
    from egendekning.figures.search_words import Names
    from egendekning.sensitivity.search.found import Found, Point

_DRAWS: Final = 500
_QUICK: Final = (128, 10)
"""Draws and generations of ``--quick``."""

_DOING: Final = {
    "nb": {"top": "Finner høyeste sannsynlighet", "front": "Tegner fronten", "check": "Kontrollerer med evolusjon",
           "rivals": "Kjører scenarioene", "truth": "Finner hva som måtte vært sant",
           "done": "Resultatene ligger i {folder}: {files}"},
    "en": {"top": "Finding the highest probability", "front": "Drawing the front", "check": "Checking by evolution",
           "rivals": "Running the scenarios", "truth": "Finding what would have to be true",
           "done": "The results are in {folder}: {files}"},
}  # fmt: skip


def command(
    context: typer.Context,
    target: Annotated[float, typer.Option("--target", help="Egendekning to reach, percent.")] = 100.0,
    by: Annotated[int, typer.Option("--by", help="Year by whose end it is to be reached.")] = 2040,
    probability: Annotated[
        float, typer.Option("--probability", help="Wanted share of draws that reach it, above 0 and at most 1.")
    ] = 0.8,
    budget: Annotated[
        float | None,
        typer.Option(
            "--budget",
            metavar="MNOK",
            show_default=False,
            help="Most discounted cost to the end of that year, MNOK of 2020; no limit if left out.",
        ),
    ] = None,
    levers: Annotated[
        str | None,
        typer.Option(
            "--levers",
            metavar="A,B,..",
            show_default=False,
            help="Levers that may be used (see 'egendekning levers'); all if left out.",
        ),
    ] = None,
    draws: Annotated[
        int | None, typer.Option("--draws", help=f"Number of draws; {_DRAWS}.", show_default=False)
    ] = None,
    seed: SeedOption = 1,
    out: OutOption = None,
    lang: LanguageOption = Language.nb,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer draws and a shorter check: a first look in about a minute.")
    ] = False,
) -> None:
    """Find the cheapest mix of levers that reaches a target with a probability, or what would have to be true."""
    from egendekning.cli.outdir import staged
    from egendekning.ensemble import bind
    from egendekning.figures.search_words import Names
    from egendekning.figures.words import Words
    from egendekning.sensitivity.search.goal import checked
    from egendekning.sensitivity.search.run import GENERATIONS, search

    folder = out if out is not None else Path(f"egendekning-search-{lang.value}")
    count = draws if draws is not None else _QUICK[0] if quick else _DRAWS
    _check(count, seed)
    bound = bind(common(context).open_study())
    chosen = None if levers is None else [word.strip() for word in levers.split(",") if word.strip()]
    checked(bound, target, by, probability, budget, chosen)
    names = Names(Words(lang.value), bound.study)
    with staged(folder) as stage:
        with _bar(_DOING[lang.value]) as tell:
            found = search(
                bound, target, by, probability, budget, draws=count, seed=seed, levers=chosen,
                generations=_QUICK[1] if quick else GENERATIONS, progress=tell,
            )  # fmt: skip
        _write(found, bound, names, stage)
    _show(found, names, folder, _DOING[lang.value]["done"])


def _check(draws: int, seed: int) -> None:
    """Raise UsageError with everything that is wrong with draws and seed."""
    from egendekning.errors import Problem, UsageError
    from egendekning.sensitivity.search.run import FEWEST

    problems = []
    if draws < FEWEST:
        problems.append(Problem("--draws", f"{draws}", f"a whole number, at least {FEWEST}", fix=f"--draws {_DRAWS}"))
    if not 0 <= seed < MOST_SEED:
        problems.append(Problem("--seed", f"{seed}", f"a whole number from 0 to {MOST_SEED - 1}", fix="--seed 1"))
    if problems:
        raise UsageError(problems)


@contextmanager
def _bar(doing: dict[str, str]) -> Iterator[Callable[[str, int, int], None]]:
    """Show what is being done on standard error, with a bar where its length is known."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(doing["top"], total=None)

        def tell(what: str, done: int, of: int) -> None:
            total = of if what in ("check", "rivals", "truth") else None
            progress.update(task, description=doing[what], completed=done, total=total)

        yield tell


def _write(found: Found, bound: Bound, names: Names, stage: Path) -> None:
    """Write the answer, the front and the figures."""
    import csv
    import json

    import egendekning
    from egendekning.cli.search_tables import sentences
    from egendekning.figures.search import pictures

    made: dict[str, Any] = {
        "egendekning": egendekning.__version__,
        "model_hash": bound.model.hash,
        "study_hash": bound.study.hash,
        "precedence": bound.study.PRECEDENCE,
        "language": names.words.lang,
        "sentences": sentences(found, names),
        **found.as_dict(),
    }
    text = json.dumps(made, ensure_ascii=False, indent=2, allow_nan=False)
    (stage / "search.json").write_text(text + "\n", encoding="utf-8")
    with (stage / "front.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        numbers = ["cost_mnok", "cost_p10", "cost_p90", "yearly_mnok", "probability", "probability_fresh", "median"]
        writer.writerow(["kind", "id", *numbers, *found.answer.values])
        for point in found.front:
            writer.writerow(["front", "", *_row(point)])
        writer.writerow(["answer", "", *_row(found.answer)])
        for rival in found.rivals:
            writer.writerow(["scenario", rival.scenario, *_row(rival.point)])
    figures = stage / "figures"
    figures.mkdir()
    for name, content in pictures(found, names).items():
        (figures / name).write_bytes(content)


def _row(point: Point) -> list[str]:
    numbers = (point.cost, point.cost_low, point.cost_high, point.yearly, point.probability, point.fresh, point.middle)
    return [f"{x:.6g}" for x in (*numbers, *point.values.values())]


def _show(found: Found, names: Names, folder: Path, done: str) -> None:
    """Print the tables and where the files are."""
    from rich.markup import escape

    from egendekning.cli.screen import console
    from egendekning.cli.search_tables import show

    out = console()
    show(found, names, out)
    files = ", ".join(sorted(f"{p.name}/" if p.is_dir() else p.name for p in folder.iterdir() if p.name[0] != "."))
    out.print(escape(done.format(folder=folder, files=files)), soft_wrap=True)
