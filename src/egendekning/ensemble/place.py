"""Where a store lies: a folder or a URL that fsspec knows, whose it is, and what its storage says of failures.

The module refuses to know what a store holds, and to write over anything.
"""

from __future__ import annotations

import errno
import os
import shutil
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from egendekning.errors import OutputError, Problem

T = TypeVar("T")

FINGERPRINT = "fingerprint"
"""Attribute of a store: what all its numbers come from, hashed."""


class Interrupted(OutputError):
    """A block could not be written; those before it are in the store."""

    left: ClassVar[str] = "blocks that are written stay, and the same call goes on"


@dataclass(frozen=True)
class Words:
    """How messages call a store and its remedies.

    Attributes
    ----------
    thing : str
        What a store holds.
    elsewhere, again, anew : str
        Choose another place; go on after a failure; begin again where a store is damaged.
    interrupted : type
        The error for a block that could not be written.
    """

    thing: str
    elsewhere: str
    again: str
    anew: str
    interrupted: type[OutputError] = Interrupted


def is_url(where: str) -> bool:
    """Whether a store is reached through fsspec rather than as a folder."""
    return "://" in where


def opened(where: str, *, read_only: bool) -> Any:
    """Return the Zarr store behind a folder or URL."""
    if not is_url(where):
        return where
    from zarr.storage import FsspecStore

    own = {"auto_mkdir": True} if where.startswith(("file://", "local://")) else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a synchronous file system, as memory://, works too
        return FsspecStore.from_url(where, storage_options=own, read_only=read_only)


def open_group(where: str, mode: str = "r") -> Any:
    """Open the group of a store."""
    import zarr

    return zarr.open_group(opened(where, read_only=mode == "r"), mode=mode, use_consolidated=False)  # type: ignore[arg-type]


def existing(where: str, words: Words) -> Mapping[str, Any] | None:
    """Return the attributes of what lies at a place, or None where nothing does.

    Raises
    ------
    OutputError
        Where something else than such a store lies there.
    """
    thing, fix = f"a {words.thing}, or nothing", words.elsewhere
    if not is_url(where):
        path = Path(where)
        if not os.path.lexists(path) or (path.is_dir() and not any(path.iterdir())):
            return None
    try:
        attributes = dict(open_group(where).attrs)
    except FileNotFoundError as error:
        if is_url(where) and not _holds_something(where):
            return None
        raise OutputError(Problem(where, "is there and is no Zarr store", thing, fix=fix)) from error
    except ImportError as error:
        found = f"needs a package that is not installed ({error})"
        fix = "install it beside egendekning (s3fs for s3://, gcsfs for gs://, aiohttp for http://), or name a folder"
        raise OutputError(Problem(where, found, "a folder, or a URL that fsspec can reach", fix=fix)) from error
    except Exception as error:  # whatever Zarr makes of other people's files
        found = f"cannot be read as a Zarr store ({type(error).__name__}: {error})"
        raise OutputError(Problem(where, found, thing, fix=fix)) from error
    if FINGERPRINT not in attributes:
        raise OutputError(Problem(where, f"is a Zarr store, but no {words.thing}", thing, fix=fix))
    return attributes


def _holds_something(where: str) -> bool:
    """Whether there are files behind a URL, of whatever kind."""
    core: Any = import_module("fsspec.core")
    system, path = core.url_to_fs(where)
    try:
        return bool(system.ls(path, detail=False))
    except FileNotFoundError:
        return False


def check_disk(where: str, needed: float, what: str, words: Words) -> None:
    """Raise OutputError where a folder cannot be written or its disk has no room for `needed` bytes."""
    if is_url(where):
        return
    parent = Path(where).absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        found, expected = f"{parent} cannot be written", "a folder that you may write to"
        raise OutputError(Problem(where, found, expected, fix=words.elsewhere))
    room = shutil.disk_usage(parent).free
    if needed > room:
        found = f"{what} may need {needed / 2**30:.2g} GiB and the disk has {room / 2**30:.2g} GiB left"
        fix = "ask for fewer runs or outcomes, or another disk"
        raise OutputError(Problem(where, found, "room on the disk", fix=fix))


def guarded(where: str, words: Words, action: Callable[[], T], kind: type[OutputError] | None = None) -> T:
    """Call `action`, telling a failure of the storage as a problem with the store."""
    kind = kind or words.interrupted
    try:
        return action()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            fix = f"free some room, then {words.again}"
            raise kind(Problem(where, "the disk is full", "room for the results", fix=fix)) from error
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            found, fix = f"another {words.thing} has begun here", f"let that one end, or {words.elsewhere}"
            raise kind(Problem(where, found, "a place of its own", fix=fix)) from error
        found = f"cannot be written ({error.strerror or error})"
        raise kind(Problem(where, found, "a place that you may write to", fix=words.elsewhere)) from error
