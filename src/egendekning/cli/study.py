"""`egendekning study`: what a study is made of, and the schemas of its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from egendekning.cli.app import common
from egendekning.errors import OutputError, Problem, UsageError
from egendekning.names import nearest

if TYPE_CHECKING:
    from pydantic import BaseModel

group = typer.Typer(help="Show what a study is made of, and the schemas of its files.", no_args_is_help=True)


@group.command("show")
def show(context: typer.Context) -> None:
    """Read the study and print its files, their hashes and which value wins."""
    study = common(context).open_study()
    typer.echo(f"study: {study.root}")
    typer.echo(f"hash: {study.hash}")
    typer.echo(f"precedence (later wins): {study.PRECEDENCE}")
    typer.echo(
        f"{len(study.parameters)} parameters, {len(study.rules)} national rules, {len(study.labels)} labels, "
        f"{len(study.levers)} levers, {len(study.drivers)} drivers, {len(study.scenarios)} scenarios, "
        f"{len(study.checks)} checks"
    )
    for name, digest in study.files.items():
        typer.echo(f"  {digest}  {name}")


@group.command("schema")
def schema(
    kind: Annotated[str | None, typer.Argument(help="Print the schema of this kind of file.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write all schemas into this folder.")] = None,
) -> None:
    """Print the JSON Schema of one kind of file, or write all of them for an editor."""
    known = schema_classes()
    if write is not None:
        _write_schemas(write, list(known))
        return
    if kind is None:
        typer.echo("\n".join(known))
        return
    if kind not in known:
        expected = f"one of {', '.join(known)}"
        raise UsageError(Problem("study schema", f"unknown kind {kind!r}", expected, nearest(kind, known)))
    typer.echo(schema_text(kind), nl=False)


def schema_classes() -> dict[str, type[BaseModel]]:
    """Return the schema of every kind of file that people write: the study's, and those of the calibration folder."""
    from egendekning.calibrate.schemas import ObservationModel, ProcessNoise
    from egendekning.study import SCHEMAS
    from egendekning.validate.plan import PlanFile
    from egendekning.validate.series import SeriesFile

    return {
        **SCHEMAS,
        "observation_model": ObservationModel,
        "process_noise": ProcessNoise,
        "series": SeriesFile,
        "validation": PlanFile,
    }


def _write_schemas(folder: Path, kinds: list[str]) -> None:
    """Write one file a kind."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind in kinds:
            (folder / f"{kind}.schema.json").write_text(schema_text(kind), encoding="utf-8")
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise OutputError(Problem(str(folder), found, "a folder that you may write to")) from error


def schema_text(kind: str) -> str:
    """Return the text of a schema file."""
    from egendekning.study import described

    return json.dumps(described(schema_classes()[kind]), indent=2, ensure_ascii=False) + "\n"
