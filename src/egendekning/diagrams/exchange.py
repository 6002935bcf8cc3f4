"""The model for other programs: as XMILE through Simlin, or the Vensim file as it is.

XMILE is the standard that Stella, Simlin and others read. Simlin writes it; this module turns a missing or failing
Simlin into a message. It refuses to write files, and to rewrite equations itself.
"""

from __future__ import annotations

import warnings
from pathlib import Path

from egendekning.errors import ModelFileError, Problem, UsageError


def to_xmile(path: Path) -> tuple[bytes, tuple[str, ...]]:
    """Return a model as XMILE.

    Parameters
    ----------
    path : Path
        The Vensim file.

    Returns
    -------
    bytes
        The XMILE document.
    tuple of str
        What Simlin warned of, each once.

    Raises
    ------
    UsageError
        If Simlin is not installed.
    ModelFileError
        If Simlin cannot read or write the model.
    """
    try:
        import simlin
    except ImportError as error:
        fix = 'pip install "egendekning[diagrams]"'
        raise UsageError(
            Problem("export --format xmile", "pysimlin is not installed", "the extra `diagrams`", fix=fix)
        ) from error
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with simlin.Project.open(path) as project:
                document = project.to_xmile()
        except simlin.SimlinError as error:
            expected = "a model that Simlin can read"
            raise ModelFileError(Problem(str(path), f"Simlin cannot export it ({error})", expected)) from error
    return document, tuple(dict.fromkeys(str(item.message) for item in caught))
