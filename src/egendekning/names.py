"""One rule for when two names are the same, and one for which known name an unknown one resembles.

System-dynamics files spell a name freely: ``Zoning_delay``, ``zoning delay`` and ``zoning  delay`` are one variable in
Vensim. Everything that looks a name up does so through `key`; everything that has to say "no such name" uses
`nearest`. The module refuses to rewrite names that are shown to people: those stay as their author spelled them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")

_GAPS = re.compile(r"[\s_]+")
_CLOSE_ENOUGH = 0.6  # difflib's own default cutoff


def key(name: str) -> str:
    """Return the form under which Vensim takes two names to be equal.

    Case is ignored, runs of blanks and underscores count as one blank, and a name in double quotes is the name inside.

    Parameters
    ----------
    name : str
        A name as somebody wrote it.

    Returns
    -------
    str
        The normal form; not for display.

    Examples
    --------
    >>> key("Zoning__Delay") == key("  zoning delay")
    True
    >>> key('"Ås-effekten"')
    'ås-effekten'
    """
    text = name.strip()
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1]
    return _GAPS.sub(" ", text).strip().casefold()


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like `name`, or None where none is close.

    Parameters
    ----------
    name : str
        The unknown name.
    candidates : iterable of str
        The known names, spelled as they should be shown.

    Returns
    -------
    str or None
        One of `candidates`, unchanged.

    Examples
    --------
    >>> nearest("zoning dealy", ["zoning delay", "household size"])
    'zoning delay'
    >>> nearest("tax", ["zoning delay"]) is None
    True
    """
    by_key = {key(candidate): candidate for candidate in candidates}
    hits = difflib.get_close_matches(key(name), list(by_key), n=1, cutoff=_CLOSE_ENOUGH)
    return by_key[hits[0]] if hits else None


def find(name: str, table: Mapping[str, T]) -> str | None:
    """Return the spelling of `name` used as a key of `table`, or None if no key is the same name.

    Parameters
    ----------
    name : str
        A name in any spelling that `key` takes to be the same.
    table : mapping
        Keyed by the spelling to return.

    Returns
    -------
    str or None
        A key of `table`.
    """
    if name in table:
        return name
    wanted = key(name)
    return next((known for known in table if key(known) == wanted), None)


def split(name: str) -> tuple[str, tuple[str, ...]]:
    """Split ``jobs by class[trade]`` into the name and its subscript elements.

    Parameters
    ----------
    name : str
        A model name, with elements in square brackets or without.

    Returns
    -------
    str
        The name before the bracket.
    tuple of str
        The elements, in order; empty where there is no bracket.

    Examples
    --------
    >>> split("land[logistics, east]")
    ('land', ('logistics', 'east'))
    >>> split("population")
    ('population', ())
    """
    head, bracket, tail = name.strip().partition("[")
    if not bracket or not tail.endswith("]"):
        return name.strip(), ()
    return head.strip(), tuple(element.strip() for element in tail[:-1].split(","))
