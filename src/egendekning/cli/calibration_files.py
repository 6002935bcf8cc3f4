"""Where `egendekning calibrate` writes: found out before the long work begins, and then whole or not at all.

The module refuses to decide what is written, and to touch a study that it was not told to.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egendekning.ensemble import Bound


def calibration_folder(bound: Bound) -> Path:
    """Return the calibration folder of a study, also where it holds nothing."""
    for path in bound.study.calibration.values():
        return path.parent
    return bound.study.model_file.parent.parent / "calibration"


def check_places(bound: Bound, out: Path, *, accept: bool, write_model: bool) -> None:
    """Raise where results could not be written, or would get into the study without having been accepted.

    Raises
    ------
    OutputError
        With every place.
    """
    from egendekning.errors import OutputError, Problem

    problems = []
    folder = calibration_folder(bound)
    if out.absolute().resolve() in (folder.resolve(), folder.parent.resolve()):
        problems.append(Problem(f"--out {out}", "is the study itself", "a folder outside it",
                                fix="leave --out out; --accept puts a good result into the study"))  # fmt: skip
    places = [(folder, "a folder that you may write to")] if accept or write_model else []
    if write_model:
        places += [(bound.study.model_file, "a model file that you may write to")]
        places += [(bound.study.model_file.parent, "a folder that you may write to")]
    problems += [
        Problem(str(path), "is read-only", expected, fix="change its permissions, or work on a copy with --study")
        for path, expected in places
        if not os.access(path, os.W_OK)
    ]
    if problems:
        raise OutputError(problems)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn what the file system refuses into an OutputError about `place`."""
    from egendekning.errors import OutputError, Problem

    try:
        yield
    except OSError as error:
        found = f"cannot be written ({error.strerror or error})"
        fix = "free space on the disk, change its permissions, or choose another place"
        raise OutputError(Problem(str(place), found, "a place that can be written", fix=fix)) from error


def write_all(folder: Path, texts: Mapping[str, str], before: Callable[[], object] | None = None) -> None:
    """Write text files into a folder: all of them or, where one cannot be written, none.

    Parameters
    ----------
    folder : Path
        Made if missing.
    texts : mapping
        Text by file name, with its own line ends.
    before : callable, optional
        Called when all texts are on the disk and before they get their names.
    """
    parts = {folder / name: folder / f".{name}.part" for name in texts}
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for (path, part), text in zip(parts.items(), texts.values(), strict=True):
                part.write_text(text, encoding="utf-8", newline="")
                if path.exists():
                    shutil.copymode(path, part)
            if before is not None:
                before()
            for path, part in parts.items():
                part.replace(path)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)


def read_text(path: Path) -> str:
    """Return the text of a model file with the line ends that it has."""
    from egendekning.errors import ModelFileError, Problem

    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fix = "check its permissions, and save it as UTF-8"
        raise ModelFileError(
            Problem(str(path), f"cannot be read ({error})", "a text file in UTF-8", fix=fix)
        ) from error
