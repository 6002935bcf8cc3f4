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
from egendekning.cli.options import MOST_SEED, SeedOption

if TYPE_CHECKING:
    from egendekning.ensemble import Bound
    from egendekning.errors import Problem
    from egendekning.validate.observed import Observed
    from egendekning.validate.scoring import Scores

_REPORT: Final = Path("docs/validation.md")
_SUFFIXES: Final = (".csv", ".json")
_TABLES: Final = ("observations.csv", "history.csv")
_LEAST: Final = 20
_NUMBERS: Final = 10**8
"""Figures by draws: a gigabyte, and some minutes."""

_NAME: Final = 240
"""Bytes of a file name that leave room for the name under which it is written first."""

_MOST: Final = 100_000
"""Fewest draws, and most: what they say lies in memory."""


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

        typer.echo(json.dumps(all_data(result), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from egendekning.cli.score_tables import print_scores

        print_scores(result)


def _check(observations: Path | None, draws: int, seed: int, out: Path | None, as_json: bool, strict: bool) -> None:
    """Raise UsageError with everything that is wrong with the options."""
    from egendekning.errors import Problem, UsageError

    problems = []
    if not _LEAST <= draws <= _MOST:
        problems.append(Problem("--draws", f"{draws}", f"{_LEAST} to {_MOST}: intervals are read from the draws",
                                fix="--draws 1000"))  # fmt: skip
    if not 0 <= seed <= MOST_SEED:
        problems.append(Problem("--seed", f"{seed}", f"a whole number from 0 to {MOST_SEED}", fix="--seed 1"))
    for name, given in (("--json", as_json), ("--strict", strict)):
        if given and observations is None:
            problems.append(Problem(name, "without --observations", "a table to score", fix="--observations FILE.csv"))
    wanted = (".md",) if observations is None else _SUFFIXES
    if out is not None:
        problems += _wrong_place(out, wanted, observations)
    if problems:
        raise UsageError(problems)


def _wrong_place(out: Path, wanted: tuple[str, ...], observations: Path | None) -> list[Problem]:
    """Return what keeps a file from being written, found out before the work."""
    import os

    from egendekning.errors import Problem

    where, problems = f"--out {out}", []
    if out.suffix not in wanted:
        problems.append(Problem(where, f"the suffix is {out.suffix!r}", " or ".join(wanted), fix="change the name"))
    try:
        if not out.absolute().parent.is_dir():
            problems.append(Problem(where, "its folder does not exist", "a file in a folder that exists",
                                    fix="make the folder first"))  # fmt: skip
        elif out.is_dir() or len(os.fsencode(out.name)) > _NAME:
            found = "is a folder" if out.is_dir() else "its name is too long"
            problems.append(Problem(where, found, "a file", fix="give another name"))
        elif not os.access(out.absolute().parent, os.W_OK):
            problems.append(Problem(where, "its folder is read-only", "a folder that you may write to",
                                    fix="choose another folder"))  # fmt: skip
        elif observations is not None and out.exists() and observations.exists() and out.samefile(observations):
            problems.append(Problem(where, "is the table itself", "another file", fix="give another name"))
    except OSError as error:
        found = f"cannot be looked at ({error.strerror or error})"
        problems.append(Problem(where, found, "a file in a folder that exists", fix="give another path"))
    return problems


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
    _warn(table, observed)
    _check_size(table, len(observed.figures), draws)
    own = [path for name in _TABLES if (path := bound.study.calibration.get(name)) is not None]
    history = history_of(own, known)
    with Progress(console=Console(stderr=True), transient=True, disable=quiet or not sys.stderr.isatty()) as bar:
        task = bar.add_task("draws", total=draws + 1)
        return score(bound, observed, known, history, design(bound, draws, seed), scenario=scenario,
                     progress=lambda done, total: bar.update(task, completed=done, total=total))  # fmt: skip


def _warn(table: Path, observed: Observed) -> None:
    """Say on standard error that rows could not be read; raise where that leaves nothing to score."""
    from egendekning.errors import UsageError
    from egendekning.validate.observed import shortened

    if observed.faults and not observed.figures:
        raise UsageError(shortened(table, observed.faults))
    if observed.faults:
        typer.echo(f"{len(observed.faults)} faults in rows that are left out; --strict shows them in full", err=True)


def _check_size(table: Path, figures: int, draws: int) -> None:
    """Raise UsageError where figures by draws would fill the memory, or take hours."""
    from egendekning.errors import Problem, UsageError

    if figures * draws > _NUMBERS:
        raise UsageError(Problem(str(table), f"{figures} figures for {draws} draws",
                                 f"at most {_NUMBERS // draws} figures for so many draws",
                                 fix="choose fewer draws, or divide the table"))  # fmt: skip


def _write(result: Scores, out: Path) -> None:
    """Write the scores, whole or not at all."""
    import csv

    from egendekning.errors import OutputError, Problem
    from egendekning.validate.score_output import all_data, row_data

    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            if out.suffix == ".json":
                json.dump(all_data(result), file, indent=2, ensure_ascii=False, allow_nan=False)
            else:
                rows: list[dict[str, Any]] = [row_data(row) for row in result.rows]
                writer = csv.DictWriter(file, list(rows[0]) if rows else ["series"], lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        part.replace(out)
    except OSError as error:
        raise OutputError(
            Problem(
                f"--out {out}",
                f"cannot be written ({error.strerror})",
                "a writable file",
                fix="free space on the disk, or choose another place",
            )
        ) from error
    finally:
        part.unlink(missing_ok=True)
