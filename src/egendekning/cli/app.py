"""Finds the commands and joins them into one program.

A command is a module in this package that defines a function ``command``; the command has the module's name and the
function's docstring as help. A group of commands is a module that defines ``group``, a `typer.Typer`. Dropping such a
module here is all it takes. Modules are imported to build ``--help``, so they import the heavy layers inside their
functions. This module refuses to know what any command does.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

import egendekning
import egendekning.cli

if TYPE_CHECKING:
    from egendekning.study import Study

_FIRST: Final = ("compare", "run", "scenarios", "levers", "explain", "check", "export", "study", "bench")
"""Order of the commands in the help; others follow by name."""


@dataclass(frozen=True)
class Common:
    """What every command can be told, before or after its name."""

    study: Path | None = None
    debug: bool = False

    def open_study(self) -> Study:
        """Read the study that was asked for, the shipped one if none was."""
        from egendekning.study import Study

        return Study.shipped() if self.study is None else Study.open(self.study)


def common(context: typer.Context) -> Common:
    """Return the common options of the running command."""
    found = context.find_root().obj
    return found if isinstance(found, Common) else Common()


def common_first(arguments: Sequence[str]) -> list[str]:
    """Move ``--study PATH`` and ``--debug`` to the front, so that they may stand after the command too.

    Parameters
    ----------
    arguments : sequence of str
        As typed; what follows ``--`` is left alone.

    Returns
    -------
    list of str
        The same words.
    """
    front: list[str] = []
    rest: list[str] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            rest += [word, *words]
            break
        if word == "--debug" or word.startswith("--study="):
            front.append(word)
        elif word == "--study" and words:
            front += [word, words.pop(0)]
        else:
            rest.append(word)
    return front + rest


def build() -> typer.Typer:
    """Return the program with all its commands."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_common_options)
    for name in _command_modules():
        module = import_module(f"egendekning.cli.{name}")
        if hasattr(module, "command"):
            app.command(name)(module.command)
        elif hasattr(module, "group"):
            app.add_typer(module.group, name=name)
    return app


def obey(words: Sequence[str]) -> int:
    """Run the command that some words ask for.

    Parameters
    ----------
    words : sequence of str
        As typed, in the order of `common_first`.

    Returns
    -------
    int
        The exit code: that of the command, 2 where nothing was asked for and the help is all there is to say.

    Raises
    ------
    UsageError
        Words that no command takes.
    """
    from egendekning.cli import usage
    from egendekning.cli.failures import USER

    program = build()
    try:
        code: object = program(args=list(words), prog_name="egendekning", standalone_mode=False)
    except usage.Refusal as error:
        if usage.only_help(error):
            typer.echo(str(error), nl=False, err=True)
            return USER
        raise usage.told(error, typer.main.get_command(program), words) from error
    return code if isinstance(code, int) else 0


def _command_modules() -> list[str]:
    """Return the modules of this package in the order of the help."""
    names = [module.name for module in pkgutil.iter_modules(egendekning.cli.__path__)]
    return sorted(names, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))


def _print_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        typer.echo(f"egendekning {egendekning.__version__}")
        raise typer.Exit


def _common_options(
    context: typer.Context,
    study: Annotated[
        Path | None,
        typer.Option(help="Folder with model/, scenarios/ and calibration/; Drammen's, as shipped, if not given."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Show what brings jobs and employed residents of a municipality into balance, when, how surely, at what cost."""
    context.obj = Common(study, debug)
