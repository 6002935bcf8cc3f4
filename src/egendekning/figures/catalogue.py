"""Words by language: catalogues of texts in YAML, the same keys in each.

What a reader sees is never written in code. A catalogue is a YAML file of nested mappings with a text at each leaf,
addressed by a dotted key; a text may hold named places in braces. The module refuses a language it has no file for, a
key that is missing, and a catalogue that holds anything but text.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import yaml

from egendekning.errors import Problem, UsageError
from egendekning.names import nearest

LANGUAGES: Final = ("nb", "en")
"""Bokmål and English."""


@cache
def catalogue(package: str, lang: str) -> Mapping[str, str]:
    """Read ``texts/<lang>.yaml`` of a package.

    Parameters
    ----------
    package : str
        The package that ships the file.
    lang : str
        One of `LANGUAGES`.

    Returns
    -------
    Mapping[str, str]
        Texts by dotted key.

    Raises
    ------
    UsageError
        Where the language is not known.
    """
    if lang not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise UsageError(Problem("--lang", f"language {lang!r}", f"one of {known}", nearest(lang, LANGUAGES)))
    text = files(package).joinpath("texts", f"{lang}.yaml").read_text(encoding="utf-8")
    return MappingProxyType(dict(_leaves(yaml.safe_load(text), "")))


def _leaves(node: object, prefix: str) -> list[tuple[str, str]]:
    """List the texts below a node with their dotted keys; a per cent sign stays with its number."""
    if isinstance(node, str):
        return [(prefix, node.strip().replace(" %", "\N{NO-BREAK SPACE}%"))]
    if not isinstance(node, dict):
        raise TypeError(f"catalogue entry {prefix} is {node!r}, expected text or a mapping")
    found: list[tuple[str, str]] = []
    for name, below in node.items():
        found += _leaves(below, f"{prefix}.{name}" if prefix else str(name))
    return found
