"""`egendekning check`: is the study whole, does it agree with its model, do units balance, do all statements hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from egendekning.cli.app import common
from egendekning.cli.options import Language, LanguageOption

if TYPE_CHECKING:
    from egendekning.engine.units import UnitReport
    from egendekning.ensemble import Bound
    from egendekning.validate import Finding, Verdict


def command(
    context: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Option("--id", metavar="STATEMENT", help="Check this statement only; repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    lang: LanguageOption = Language.nb,
) -> None:
    """Check files, units and every statement of checks.yaml; exit code 1 if anything fails, 2 for bad input."""
    from egendekning.engine.units import check_units
    from egendekning.ensemble import bind

    bound = bind(common(context).open_study())
    units = check_units(bound.model)
    verdicts = _verdicts(bound, ids or None, quiet=as_json)
    if as_json:
        typer.echo(json.dumps(_data(bound, units, verdicts), indent=2, ensure_ascii=False))
    else:
        _print(bound, units, verdicts, lang)
    if not (units.ok and all(verdict.passed for verdict in verdicts)):
        raise typer.Exit(1)


def _verdicts(bound: Bound, ids: list[str] | None, *, quiet: bool) -> tuple[Verdict, ...]:
    """Run the statements, with a bar where somebody is watching."""
    import sys

    from rich.console import Console
    from rich.progress import Progress

    from egendekning.validate import check_statements

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet or not sys.stderr.isatty()) as progress:
        task = progress.add_task("statements", total=None)
        return check_statements(
            bound, ids, progress=lambda done, total: progress.update(task, completed=done, total=total)
        )


def _data(bound: Bound, units: UnitReport, verdicts: tuple[Verdict, ...]) -> dict[str, Any]:
    """Return everything found, for other programs."""
    return {
        "study": bound.study.root,
        "study_hash": bound.study.hash,
        "model_hash": bound.model.hash,
        "passed": units.ok and all(verdict.passed for verdict in verdicts),
        "units": {
            "passed": units.ok,
            "equations": units.equations,
            "problems": [str(problem) for problem in units.problems],
        },
        "statements": [_statement(verdict) for verdict in verdicts],
    }


def _statement(verdict: Verdict) -> dict[str, Any]:
    """Return one verdict as plain data; a number that is not finite becomes null."""
    broken = verdict.not_finite
    return {
        "id": verdict.id,
        "kind": verdict.kind,
        "passed": verdict.passed,
        "statement_nb": verdict.statement_nb,
        "statement_en": verdict.statement_en,
        "not_finite": None if broken is None else {"variable": broken.variable, "time": broken.time},
        "findings": [
            {
                "expectation": finding.text,
                "passed": finding.passed,
                "time": finding.time,
                "element": finding.element,
                "value": _finite(finding.value),
                "bound": _finite(finding.bound),
                "miss": _finite(finding.miss),
            }
            for finding in verdict.findings
        ],
    }


def _finite(number: float) -> float | None:
    """Return the number, or None where JSON has no word for it."""
    import math

    return number if math.isfinite(number) else None


def _print(bound: Bound, units: UnitReport, verdicts: tuple[Verdict, ...], lang: str) -> None:
    """Print a table of statements, then what is wrong in full."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from egendekning.cli.screen import console

    out = console()
    study = bound.study
    out.print(f"files: {len(study.files)} read, names, units and figures agree with {study.model_file.name}")
    out.print(f"units: {units.equations} equations, {len(units.problems)} that do not balance")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "statement", "kind", "closest at", "value", "bound"):
        table.add_column(heading, justify="right" if heading in ("closest at", "value", "bound") else "left")
    for verdict in verdicts:
        text = f"[bold]{verdict.id}[/]\n{escape(getattr(verdict, f'statement_{lang}'))}"
        mark = "[green]ok[/]" if verdict.passed else "[red]FAILED[/]"
        worst = verdict.worst
        table.add_row(mark, text, verdict.kind, _year(worst.time), f"{worst.value:.6g}", f"{worst.bound:.6g}")
    out.print(table)
    for problem in units.problems:
        out.print(f"[red]units[/] {escape(str(problem))}")
    for verdict in verdicts:
        for line in _faults(verdict):
            out.print(f"[red]{verdict.id}[/] {escape(line)}")
    passed = sum(verdict.passed for verdict in verdicts)
    out.print(f"{passed} of {len(verdicts)} statements hold")


def _faults(verdict: Verdict) -> list[str]:
    """Return a line for each thing that a statement fails on."""
    found = [_fault(finding) for finding in verdict.findings if not finding.passed]
    if verdict.not_finite is not None:
        broken = verdict.not_finite
        found.insert(0, f"{broken.variable} is {broken.value:g} in {_year(broken.time)}")
    return found


def _fault(finding: Finding) -> str:
    """Return one failed expectation in words."""
    where = f" [{finding.element}]" if finding.element else ""
    when = f" in {_year(finding.time)}" if finding.time is not None else ""
    return f"{finding.text}\n    worst{when}{where}: {finding.value:.6g} against {finding.bound:.6g}"


def _year(time: float | None) -> str:
    """Return a decimal year with as many decimals as a step of a week or two needs."""
    return "" if time is None else f"{time:.2f}"
