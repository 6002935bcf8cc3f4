"""`egendekning diagrams`: pictures of the model, its sketch for Vensim, and the index of its variables."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from egendekning.cli.app import common
from egendekning.errors import ModelFileError, OutputError, Problem, StudyError, UsageError

if TYPE_CHECKING:
    from egendekning.diagrams.loops import LoopFile
    from egendekning.engine.model import Model


def command(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the pictures (SVG and PNG) into this folder.")
    ] = None,
    write_sketch: Annotated[
        bool, typer.Option("--write-sketch", help="Write the sketch of the model file anew, equations untouched.")
    ] = False,
    readme: Annotated[Path | None, typer.Option("--readme", help="Write the made parts of this README anew.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Say what is stale, and write nothing.")] = False,
) -> None:
    """Draw the model: a stock-and-flow diagram a sector, the causal loops, and the sketch that Vensim shows."""
    from egendekning.engine import load

    if not (out or write_sketch or readme or check):
        options = "--out DIR, --write-sketch, --readme FILE or --check"
        raise UsageError(Problem("diagrams", "nothing to do", f"at least one of {options}"))
    path = model_file(common(context).study)
    model = load(path)
    if check:
        _check(model, out or path.parent / "diagrams", readme or path.parent / "README.md")
        return
    if readme:
        _write_index(model, readme)
    if out or write_sketch:
        _draw(model, out, write_sketch)


def model_file(study: Path | None) -> Path:
    """Return the model file of a study, whatever the state of its other files.

    Raises
    ------
    StudyError
        If there is no such study or no model in it.
    """
    from egendekning.study.folder import at, shipped

    folder = shipped() if study is None else at(study)
    if not folder.model_file:
        raise StudyError(folder.problems)
    return folder.paths[folder.model_file]


def read_bytes(path: Path) -> bytes:
    """Return a file as it is, telling a failure as a problem."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelFileError(
            Problem(str(path), f"cannot be read ({error.strerror})", "a file that you may read")
        ) from error


def _loops(model: Model) -> LoopFile:
    from egendekning.diagrams.loops import LOOPS_FILE, read_loops

    return read_loops(model.path.parent / "diagrams" / LOOPS_FILE, model)


def _draw(model: Model, out: Path | None, write_sketch: bool) -> None:
    """Lay the diagrams out once, and write the sketch and the pictures from them."""
    from egendekning.diagrams.atlas import atlas
    from egendekning.diagrams.files import pictures
    from egendekning.diagrams.sketch import with_sketch

    loops = _loops(model) if out else None
    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(out, error) from error
    diagrams = atlas(model)
    if write_sketch:
        before = read_bytes(model.path).decode("utf-8")
        after = with_sketch(before, diagrams.values())
        if after != before:
            _replace(model.path, after.encode("utf-8"))
        typer.echo(f"{model.path}: {len(diagrams)} views{'' if after != before else ', unchanged'}")
    if out is not None and loops is not None:
        for name, content in pictures(diagrams, loops):
            _replace(out / name, content)
        typer.echo(f"{out}: {2 * len(diagrams) + 4} pictures")


def _write_index(model: Model, readme: Path) -> None:
    """Write the variable index anew."""
    from egendekning.diagrams.index import with_index

    text = with_index(read_bytes(readme).decode("utf-8"), model, _loops(model), str(readme))
    _replace(readme, text.encode("utf-8"))
    typer.echo(f"{readme}: {len(model.variables)} variables")


def _check(model: Model, folder: Path, readme: Path) -> None:
    """Raise with everything that no longer shows the model."""
    from egendekning.diagrams.files import stale_pictures, stale_sketch
    from egendekning.diagrams.index import with_index

    problems = stale_sketch(read_bytes(model.path).decode("utf-8"), model)
    loops = _loops(model)
    problems += stale_pictures(folder, model, loops)
    text = read_bytes(readme).decode("utf-8")
    if with_index(text, model, loops, str(readme)) != text:
        fix = f"run `egendekning diagrams --readme {readme}`"
        problems.append(Problem(str(readme), "its made parts are not those of the model", "as made now", fix=fix))
    if problems:
        raise ModelFileError(problems)
    typer.echo("sketch, pictures and index show the model")


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> OutputError:
    found = f"cannot be written ({error.strerror or error})"
    return OutputError(Problem(str(path), found, "a place that you may write to", fix="choose another place"))
