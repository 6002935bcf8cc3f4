"""Writing a folder of results whole or not at all.

A run can take minutes and can fail. `staged` finds out first whether the folder can be written, collects the files in a
sibling, and puts it in place only when everything is there. It refuses to replace a folder that holds anything but
earlier results.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from egendekning.errors import OutputError, Problem

MARKER: Final = ".egendekning"
"""An empty file that says that a folder was written by this program and may be replaced by it."""

_FIX: Final = "choose another folder with --out"


@contextmanager
def room(path: Path) -> Iterator[None]:
    """Tell a disk that is full, or that fails, as a problem with what is written."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # the NetCDF library raises RuntimeError for a failed write
        if isinstance(error, RuntimeError) and not str(error).startswith("NetCDF"):
            raise
        said = (error.strerror if isinstance(error, OSError) else None) or str(error)
        fix = "make room on the disk, or choose another place with --out"
        raise OutputError(Problem(str(path), f"cannot be written ({said})", "room for the results", fix=fix)) from error


@contextmanager
def staged(out: Path, *, results: bool = True) -> Iterator[Path]:
    """Give a folder to write into, which becomes `out` when the block ends without an exception.

    Enter the block before the work begins: what stands in the way is reported there.

    Parameters
    ----------
    out : Path
        The folder to make or, if it holds earlier results, to replace.
    results : bool
        False for files that people will edit: then nothing is replaced, now or by a later command.

    Yields
    ------
    Path
        An empty folder beside `out`.

    Raises
    ------
    OutputError
        Where `out` is a file, holds something else, or cannot be written.
    """
    target = Path(out).absolute()
    _check_replaceable(target, out, results=results)
    made = _make_parents(target, out)
    stage = target.parent / f".{target.name}.{secrets.token_hex(4)}.part"
    try:
        _attempt(stage.mkdir, out)
        try:
            yield stage
            if results:
                (stage / MARKER).touch()
            _attempt(lambda: _put_in_place(stage, target), out)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    except BaseException:
        for folder in reversed(made):
            if not any(folder.iterdir()):
                folder.rmdir()
        raise


def _check_replaceable(target: Path, out: Path, *, results: bool) -> None:
    """Raise where `target` exists and is not an empty folder or, if those may be replaced, earlier results."""
    try:
        there = os.path.lexists(target)
        target.stat()
    except FileNotFoundError:
        pass
    except OSError as error:  # a name too long, a file in the way, links that go round
        raise _unwritable(out, error) from error
    if target.is_symlink() or (there and not target.is_dir()):
        raise OutputError(Problem(str(out), "is not a folder", "a folder, or a path where one can be made", fix=_FIX))
    try:
        content = sorted(path.name for path in target.iterdir()) if target.exists() else []
    except OSError as error:
        raise _unwritable(out, error) from error
    if content and not (results and MARKER in content):
        found = f"holds other files ({', '.join(content[:3])}{', ...' if len(content) > 3 else ''})"
        expected = "an empty folder, a new one, or earlier results" if results else "an empty folder, or a new one"
        raise OutputError(Problem(str(out), found, expected, fix=_FIX if results else "choose another folder"))


def _make_parents(target: Path, out: Path) -> list[Path]:
    """Make the folders above `target`, and return those that were made, outermost first."""
    missing = []
    parent = target.parent
    while not parent.exists():
        missing.append(parent)
        parent = parent.parent
    missing.reverse()
    for folder in missing:
        _attempt(folder.mkdir, out)
    return missing


def _put_in_place(stage: Path, target: Path) -> None:
    """Swap the finished folder in; the earlier one is deleted last, and comes back if the swap fails."""
    old = stage.with_suffix(".old")
    if target.exists():
        target.rename(old)
    try:
        stage.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _attempt(action: Callable[[], None], out: Path) -> None:
    """Call `action`, telling a failure of the file system as a problem with `out`."""
    try:
        action()
    except OSError as error:
        raise _unwritable(out, error) from error


def _unwritable(out: Path, error: OSError) -> OutputError:
    """Make the exception for a folder that the file system refuses."""
    said = error.strerror or str(error)
    return OutputError(Problem(str(out), f"cannot be written ({said})", "a folder that you may write to", fix=_FIX))
