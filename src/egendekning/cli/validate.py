"""`egendekning validate`: the validation report, and scores of the draws against figures the model has not seen.

Without ``--observations`` the report is made anew from the study, seed and code. With it, each figure of a tidy table
is compared with what the draws say, with their intervals, and with what anybody could have said without a model. Rows
that cannot be read are listed, so that one odd unit does not keep the others from being scored.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from egendekning.cli.app import common
from egendekning.cli.options import SeedOption

if TYPE_CHECKING:
    from egendekning.ensemble import Bound
    from egendekning.validate.observed import Observed
    from egendekning.validate.scoring import Scores

_REPORT: Final = Path("docs/validation.md")
_SUFFIXES: Final = (".csv", ".json")
_TABLES: Final = ("observations.csv", "history.csv")
_LEAST: Final = 20


def command(
    context: typer.Context,
    observations: Annotated[
        Path | None,
        typer.Option("--observations", metavar="FILE", help="Score the draws against this table instead: series, "
                     "period, value, unit.", show_default=False),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help="Number of draws.")] = 1000,
    seed: SeedOption = 1,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File to write: the report (docs/validation.md if not given), or with "
                     "--observations the scores as .csv (rows) or .json (everything).", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
    scenario: Annotated[str, typer.Option("--scenario", help="Scenario to score.")] = "baseline",
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a table with rows that cannot be read instead of listing them.")
    ] = False,
) -> None:  # fmt: skip
    """Write the validation report, or score the draws against later observations."""
    from egendekning.ensemble import bind

    _check(observations, draws, seed, out, as_json, strict)
    study = common(context).open_study()
    study.scenario(scenario)
    bound = bind(study)
    if observations is None:
        from egendekning.cli.validation_report import write

        write(bound, out or _REPORT, draws, seed)
        return
    result = _scores(bound, observations, draws, seed, scenario, lenient=not strict, quiet=as_json)
    if out is not None:
        _write(result, out)
    if as_json:
        from egendekning.validate.score_output import all_data

        typer.echo(json.dumps(all_data(result), indent=2, ensure_ascii=False))
    else:
        from egendekning.cli.score_tables import print_scores

        print_scores(result)


def _check(observations: Path | None, draws: int, seed: int, out: Path | None, as_json: bool, strict: bool) -> None:
    """Raise UsageError with everything that is wrong with the options."""
    from egendekning.errors import Problem, UsageError

    problems = []
    if draws < _LEAST:
        problems.append(Problem("--draws", f"{draws}", f"at least {_LEAST}: intervals are read from the draws",
                                fix="--draws 1000"))  # fmt: skip
    if seed < 0:
        problems.append(Problem("--seed", f"{seed}", "a whole number, at least 0", fix="--seed 1"))
    for name, given in (("--json", as_json), ("--strict", strict)):
        if given and observations is None:
            problems.append(Problem(name, "without --observations", "a table to score", fix="--observations FILE.csv"))
    wanted = (".md",) if observations is None else _SUFFIXES
    if out is not None and out.suffix not in wanted:
        problems.append(Problem(f"--out {out}", f"the suffix is {out.suffix!r}", " or ".join(wanted)))
    if out is not None and not out.absolute().parent.is_dir():
        problems.append(Problem(f"--out {out}", "its folder does not exist", "a file in a folder that exists"))
    if problems:
        raise UsageError(problems)


def _scores(bound: Bound, table: Path, draws: int, seed: int, scenario: str, *, lenient: bool, quiet: bool) -> Scores:
    """Read the table and score it, with a bar where somebody is watching."""
    import sys

    from rich.console import Console
    from rich.progress import Progress

    from egendekning.ensemble import design
    from egendekning.validate.observed import history_of, read_observed
    from egendekning.validate.predict import years_of
    from egendekning.validate.scoring import score
    from egendekning.validate.series import read_series

    known = read_series(bound)
    observed = read_observed(table, known, years_of(bound), lenient=lenient)
    _warn(observed)
    own = [path for name in _TABLES if (path := bound.study.calibration.get(name)) is not None]
    history = history_of(own, known)
    with Progress(console=Console(stderr=True), transient=True, disable=quiet or not sys.stderr.isatty()) as bar:
        task = bar.add_task("draws", total=draws + 1)
        return score(bound, observed, known, history, design(bound, draws, seed), scenario=scenario,
                     progress=lambda done, total: bar.update(task, completed=done, total=total))  # fmt: skip


def _warn(observed: Observed) -> None:
    """Say on standard error that rows could not be read; raise where that leaves nothing to score."""
    from egendekning.errors import UsageError

    if observed.faults and not observed.figures:
        raise UsageError(observed.faults)
    if observed.faults:
        typer.echo(f"{len(observed.faults)} faults in rows that are left out; --strict shows them in full", err=True)


def _write(result: Scores, out: Path) -> None:
    """Write the scores, whole or not at all."""
    import csv

    from egendekning.errors import OutputError, Problem
    from egendekning.validate.score_output import all_data, row_data

    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            if out.suffix == ".json":
                json.dump(all_data(result), file, indent=2, ensure_ascii=False)
            else:
                rows: list[dict[str, Any]] = [row_data(row) for row in result.rows]
                writer = csv.DictWriter(file, list(rows[0]) if rows else ["series"], lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        part.replace(out)
    except OSError as error:
        raise OutputError(
            Problem(f"--out {out}", f"cannot be written ({error.strerror})", "a writable file")
        ) from error
    finally:
        part.unlink(missing_ok=True)
