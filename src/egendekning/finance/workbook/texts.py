"""The words of the workbook, read from the catalogue of a language.

The module refuses to hold words itself.
"""

from __future__ import annotations

import re
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


def criterion(name: str, lang: str) -> str:
    """Return a criterion of the cost key in words; one that is not known by its name."""
    said = _criteria().get(name)
    return said[lang] if said else name.replace("_", " ")


@cache
def _criteria() -> dict[str, dict[str, str]]:
    text = files("egendekning.finance").joinpath("texts", "criteria.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = yaml.safe_load(text)
    return found


@cache
def _sources() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    """Return whole words and patterns in English with their bokmål."""
    said = yaml.safe_load(files("egendekning.finance").joinpath("texts", "sources_nb.yaml").read_text(encoding="utf-8"))
    return {**said["units"], **said["run"]}, [(re.compile(pattern), text) for pattern, text in said["phrases"]]


def said_in(lang: str, text: str) -> str:
    """Return a unit, source, note or extension of the study, which are in English, in a language.

    Parameters
    ----------
    lang : str
        ``nb`` or ``en``.
    text : str
        As the study has it. What has no translation stays as it is.
    """
    if lang != "nb":
        return text
    whole, phrases = _sources()
    if text in whole:
        return whole[text]
    for pattern, said in phrases:
        text = pattern.sub(said, text)
    return text


__all__ = ["criterion", "definitions", "said_in", "texts"]
