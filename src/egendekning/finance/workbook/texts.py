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


__all__ = ["texts"]
