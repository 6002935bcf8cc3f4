"""`egendekning study`: what a study is made of, the schemas of its files, and the first draft of another one."""

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

    from egendekning.ensemble import Bound
    from egendekning.validate.family import Overlay

group = typer.Typer(help="What a study is made of, the schemas of its files, and a new one.", no_args_is_help=True)


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


@group.command("new")
def new(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Folder to make, for model/, scenarios/ and calibration/.")],
    overlay: Annotated[
        Path | None,
        typer.Option("--overlay", metavar="FILE", help="What is known of the municipality; figures to compare with are "
                     "read from observations.csv beside it.", show_default=False),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Its name, where there is no overlay.", show_default=False)
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="STUDY", help="Study to begin with; --study, or the shipped one, if not given.",
                     show_default=False),
    ] = None,
) -> None:  # fmt: skip
    """Write the first draft of another municipality's study: the same equations, its own figures."""
    from egendekning.cli.outdir import staged
    from egendekning.derive import derive
    from egendekning.ensemble import bind
    from egendekning.study import Study

    _one_of(overlay, name)
    with staged(folder, results=False) as stage:
        bound = bind(common(context).open_study() if source is None else Study.open(source))
        known = _overlay(bound, overlay, name)
        table = overlay.with_name("observations.csv") if overlay is not None else None
        files = derive(bound, known, table if table is not None and table.exists() else None, str(folder))
        _write_files(stage, files, folder)
        bind(Study.open(stage))  # a draft that does not open is not left behind
    typer.echo(f"{folder}: a first draft of {known.name}, {len(files)} files; README.md says what must be replaced")


def _one_of(overlay: Path | None, name: str | None) -> None:
    """Raise UsageError unless one of the two says which municipality it is."""
    if (overlay is None) == (name is None):
        found = "neither --overlay nor --name" if name is None else "both --overlay and --name"
        fix = "--overlay examples/lier/overlay.yaml, or --name Lier"
        raise UsageError(Problem("study new", found, "one that says which municipality it is", fix=fix))


def _overlay(bound: Bound, path: Path | None, name: str | None) -> Overlay:
    """Return the overlay, an empty one where only a name is known."""
    from pydantic import ValidationError

    from egendekning.errors import StudyError
    from egendekning.validate.family import Overlay, read_overlay

    if path is None:
        try:
            return Overlay.model_validate({"name": name})
        except ValidationError as error:
            expected = "a name without braces, on one line"
            raise UsageError(Problem("--name", f"{name!r}", expected, fix="--name Lier")) from error
    overlay, problems = read_overlay(bound, path)
    if overlay is None:
        raise StudyError(problems)
    return overlay


def _write_files(stage: Path, files: dict[str, bytes], folder: Path) -> None:
    """Write the files of a study below a folder."""
    try:
        for name, content in files.items():
            path = stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (stage / "calibration").mkdir(exist_ok=True)
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise OutputError(Problem(str(folder), found, "a folder that you may write to")) from error


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
        near = nearest(kind, known)
        fix = f"egendekning study schema {near or next(iter(known))}"
        raise UsageError(Problem("study schema", f"unknown kind {kind!r}", expected, near, fix))
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
