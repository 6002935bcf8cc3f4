"""The folder that a run keeps its blocks in: one run at a time, and only the run that it began with.

Two runs in one folder would mix their draws, and a run that goes on with another's would be none of either. The module
refuses to know what a run is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from egendekning.errors import OutputError, Problem, UsageError

SETTINGS: Final = "run.json"
LOCK: Final = "lock"
WORDS: Final = {"chains": "number of chains", "fingerprint": "model, prior or figures"}


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep a folder for one run at a time; the system lets go of it when the program ends, however that is."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - where the system has no such locks
        yield
        return
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("wb")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                Problem(str(folder), "another run is writing here", "a folder of its own for each run",
                        fix="wait for the other run, or choose another folder with --out")
            ) from error  # fmt: skip
        except OSError:  # a file system without locks
            pass
        yield


@contextmanager
def writable(place: Path) -> Iterator[None]:
    """Turn what the file system refuses into an OutputError about `place`."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            Problem(str(place), f"cannot be written ({error.strerror or error})", "a folder that you may write to",
                    fix="free space on the disk, or choose another folder with --out")
        ) from error  # fmt: skip


def check(folder: Path, settings: Mapping[str, Any], resume: bool) -> None:
    """Raise where a run could not work in the folder; before the work, so that nobody waits for the message.

    Parameters
    ----------
    folder : Path
        Made if missing.
    settings : mapping
        What makes the run the run it is; `draws` may differ.
    resume : bool
        Whether to go on with what the folder holds.

    Raises
    ------
    UsageError
        Where it holds another run, or one that was not asked to go on.
    OutputError
        Where it cannot be written.
    """
    with held(folder):
        _begun(folder, settings, resume)


def prepare(folder: Path, settings: Mapping[str, Any], resume: bool) -> None:
    """As `check` in a folder that is held, and note what the run is."""
    if not _begun(folder, settings, resume):
        path = folder / SETTINGS
        part = path.with_suffix(".part")
        with writable(folder):
            part.write_text(json.dumps(dict(settings), indent=1), encoding="utf-8")
            part.replace(path)


def _begun(folder: Path, settings: Mapping[str, Any], resume: bool) -> bool:
    """Return whether the folder holds this very run; raise where it holds another."""
    path = folder / SETTINGS
    if not path.exists() and not list(folder.glob("chains-*.npz")):
        return False
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(known, dict):
            raise ValueError(f"a {type(known).__name__}")
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(
            Problem(str(path), f"cannot be read ({error})", "what this program wrote there", fix="delete the folder")
        ) from error
    if not resume:
        raise UsageError(
            Problem(str(folder), "holds a run", "an empty folder", fix="go on with it with --resume, or delete it")
        )
    other = [WORDS.get(name, name) for name in settings if name != "draws" and known.get(name) != settings[name]]
    if other:
        raise UsageError(Problem(str(folder), f"holds a run with another {', '.join(other)}", "the run to go on with",
                                 fix="give the same options, or delete the folder"))  # fmt: skip
    return True
