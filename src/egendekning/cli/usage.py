"""What is wrong with the words of a command line, told as every other problem is told.

The library that reads the words has messages of its own: a box on the terminal with no remedy. Here each of them
becomes a `Problem` with what was found, what was expected, the nearest name and what to write instead. The module
refuses to know any command by name: what is expected is read from the command itself.
"""

from __future__ import annotations

import re
import types
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Final, Union, cast, get_args, get_origin, get_type_hints

import typer

from egendekning.errors import Problem, UsageError
from egendekning.names import nearest

Refusal: Final = cast("type[Exception]", typer.BadParameter.__mro__[1])
"""What the reader of words raises; typer has it from click, or holds a copy, by version."""

_PROGRAM: Final = "egendekning"
_ANYWHERE: Final = ("--study", "--debug")
"""Options of the program that may stand after a command too."""

_KINDS: Final[dict[type, str]] = {int: "a whole number", float: "a number", Path: "a path", str: "a text"}


def only_help(error: Exception) -> bool:
    """Whether nothing was asked for, so that the answer is the help."""
    return type(error).__name__ == "NoArgsIsHelpError"


def told(error: Exception, program: Any, words: Sequence[str]) -> UsageError:
    """Return an error of the words as the project tells errors.

    Parameters
    ----------
    error : Refusal
        What the reader of the words raised.
    program : command
        The whole program, with ``commands`` and ``params``.
    words : sequence of str
        As typed, options of the program first.

    Returns
    -------
    UsageError
        With one problem.
    """
    name, command = _where(error, program, words)
    option, parameter = getattr(error, "option_name", None), getattr(error, "param", None)
    message = str(getattr(error, "message", error))
    kind = type(error).__name__
    if kind == "NoSuchOption":
        return UsageError(_unknown_option(name, command, str(option), top=command is program))
    if kind == "MissingParameter" and parameter is not None:
        return UsageError(_missing(name, command, parameter))
    if kind == "BadParameter" and parameter is not None:
        return UsageError(_bad_value(name, command, parameter, words, message))
    if kind == "BadOptionUsage":
        return UsageError(_bad_use(name, command, str(option), message))
    if hasattr(command, "commands") and (quoted := re.search(r"'(.*?)'", message)):
        return UsageError(_unknown_command(name, command, quoted[1]))
    if extra := re.search(r"extra argument\S* \((.*)\)", message):
        return UsageError(_too_many(name, command, extra[1]))
    return UsageError(Problem(name, message, _usage(name, command), fix=f"see {name} -h"))


def _where(error: Exception, program: Any, words: Sequence[str]) -> tuple[str, Any]:
    """Return the command that was at work, as typed and as an object."""
    context = getattr(error, "ctx", None)
    if context is not None and context.command is program:
        return _PROGRAM, program
    name, command, rest = _PROGRAM, program, iter(words)
    for word in rest:
        if word == "--study":
            next(rest, None)
        elif word in getattr(command, "commands", {}):
            name, command = f"{name} {word}", command.commands[word]
        elif not word.startswith("-"):
            break
    return name, command


def _unknown_option(name: str, command: Any, option: str, *, top: bool) -> Problem:
    known = [*_options(command), *(() if top else _ANYWHERE), "--help"]
    near = nearest(option, known)
    fix = f"write {near}" if near else "leave it out"
    return Problem(name, f"unknown option {option}", f"one of {', '.join(known)}", near, f"{fix}; see {name} -h")


def _unknown_command(name: str, command: Any, typed: str) -> Problem:
    near = nearest(typed, command.commands)
    fix = f"{name} {near}" if near else f"{name} -h tells what each does"
    return Problem(name, f"unknown command {typed!r}", f"one of {', '.join(command.commands)}", near, fix)


def _missing(name: str, command: Any, parameter: Any) -> Problem:
    option = next((word for word in parameter.opts if word.startswith("-")), None)
    value = parameter.metavar or str(parameter.name).upper()
    wanted = f"{option} {value}" if option else value
    help_text = str(getattr(parameter, "help", None) or _kind(command, parameter)).rstrip(".")
    return Problem(name, f"no {wanted} is given", f"{wanted}: {help_text}", fix=f"{name} {wanted}")


def _bad_value(name: str, command: Any, parameter: Any, words: Sequence[str], message: str) -> Problem:
    option = next((word for word in parameter.opts if word.startswith("-")), None)
    typed = _typed(parameter.opts, words) if option else None
    quoted = re.search(r"'(.*?)'", message)
    value = typed if typed is not None else quoted[1] if quoted else None
    expected, choices = _kind(command, parameter), _choices(_type(command, parameter))
    near = nearest(value, choices) if value is not None else None
    found = f"{value!r} cannot be read" if value is not None else message
    example = near or (choices[0] if choices else parameter.default)
    usual = example is not None and isinstance(example, str | int | float)
    fix = f"{option} {example}" if option and usual else f"see {name} -h"
    return Problem(option or str(parameter.metavar or parameter.name).upper(), found, expected, near, fix)


def _bad_use(name: str, command: Any, option: str, message: str) -> Problem:
    """Tell of an option without its value, or of a switch with one."""
    parameter = next((one for one in command.params if option in one.opts), None)
    if "not take" in message or parameter is None:
        return Problem(option, "a value for a switch", "the option alone", fix=f"write {option} without a value")
    default = getattr(parameter, "default", None)
    usual = isinstance(default, str | int | float) and default != ""
    fix = f"{option} {default}" if usual else f"{option} {parameter.metavar or str(parameter.name).upper()}"
    return Problem(option, "no value after it", _kind(command, parameter), fix=f"write {fix}, or leave {option} out")


def _too_many(name: str, command: Any, extra: str) -> Problem:
    takes = [one for one in command.params if not any(word.startswith("-") for word in one.opts)]
    fix = "put a name with spaces in quotation marks" if takes else f"leave it out; see {name} -h"
    return Problem(name, f"more words than it takes: {extra}", _usage(name, command), fix=fix)


def _usage(name: str, command: Any) -> str:
    """Return the command with its arguments, as one types it."""
    takes = [one for one in command.params if not any(word.startswith("-") for word in one.opts)]
    shown = [str(one.metavar or one.name).upper() for one in takes]
    return " ".join([name, *(text if one.required else f"[{text}]" for one, text in zip(takes, shown, strict=True)),
                     "and options" if takes else "with options alone"])  # fmt: skip


def _options(command: Any) -> list[str]:
    """Return the options of a command as one types them."""
    return [word for one in command.params for word in (*one.opts, *one.secondary_opts) if word.startswith("--")
            and word != "--help"]  # fmt: skip


def _typed(names: Sequence[str], words: Sequence[str]) -> str | None:
    """Return the last value typed for an option."""
    found = None
    for place, word in enumerate(words):
        head, sign, value = word.partition("=")
        if sign and head in names:
            found = value
        elif word in names and place + 1 < len(words):
            found = words[place + 1]
    return found


def _type(command: Any, parameter: Any) -> Any:
    """Return the type of one value of a parameter, without None and without the list that repeats it."""
    hint = get_type_hints(command.callback).get(parameter.name, str)
    while get_origin(hint) in (Union, types.UnionType, list):
        hint = next(one for one in get_args(hint) if one is not type(None))
    return hint


def _choices(kind: Any) -> list[str]:
    """Return the values that there are, where they can be counted."""
    return [str(one.value) for one in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []


def _kind(command: Any, parameter: Any) -> str:
    """Return in words what a value of a parameter is."""
    kind = _type(command, parameter)
    choices = _choices(kind)
    return f"one of {', '.join(choices)}" if choices else _KINDS.get(kind, "a value")
