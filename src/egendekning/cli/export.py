"""`egendekning export`: the model as a file for other programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from egendekning.cli.app import common
from egendekning.errors import OutputError, Problem

_FIX = "choose another file with --out"


class Format(StrEnum):
    """Formats that other programs read."""

    xmile = "xmile"
    mdl = "mdl"


def command(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="The file to write; an older one is replaced.")],
    format: Annotated[Format, typer.Option("--format", help="xmile (Stella, Simlin) or mdl (Vensim).")] = Format.xmile,
) -> None:
    """Write the model for Vensim, Stella or Simlin."""
    from egendekning.cli.diagrams import model_file, read_bytes
    from egendekning.diagrams.exchange import to_xmile

    path = model_file(common(context).study)
    check_target(out)
    notes: tuple[str, ...] = ()
    if format is Format.mdl:
        content = read_bytes(path)
    else:
        content, notes = to_xmile(path)
    for note in notes:
        typer.echo(f"note: {note}", err=True)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise OutputError(
            Problem(str(out), f"cannot be written ({error.strerror})", "a file that you may write", fix=_FIX)
        ) from error
    typer.echo(f"{out}: {len(content)} bytes of {format.value}")


def check_target(out: Path) -> None:
    """Raise where no file can be written, before any work is done."""
    if out.is_dir():
        raise OutputError(
            Problem(
                str(out), "is a folder", "the name of a file", fix=f"name a file in it: --out {out / 'model.xmile'}"
            )
        )
    if not out.parent.is_dir():
        what = "is a file" if out.parent.exists() else "does not exist"
        raise OutputError(Problem(str(out), f"its folder {out.parent} {what}", "a folder that exists", fix=_FIX))
