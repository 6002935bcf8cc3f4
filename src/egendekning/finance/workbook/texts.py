"""The words of the workbook, read from the catalogue of a language.

The module refuses to hold words itself.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml


@cache
def texts(lang: str) -> dict[str, str]:
    """Return the texts of a language, ``nb`` or ``en``, by key."""
    said = files("egendekning.finance").joinpath("texts", f"{lang}.yaml").read_text(encoding="utf-8")
    return {str(key): str(value) for key, value in yaml.safe_load(said).items()}


@cache
def definitions() -> dict[str, dict[str, dict[str, str]]]:
    """Return what rows mean, by table, row and language; the economy plan's rows carry their own."""
    said = files("egendekning.finance").joinpath("texts", "definitions.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(said)
    return found


__all__ = ["definitions", "texts"]
