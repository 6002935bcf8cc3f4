"""Norms that figures are drawn against, each with its source.

They are set by others and no part of the model, so they are neither parameters nor results; they live in one file
beside this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class Norm:
    """One norm: its value, unit and who says so."""

    value: float
    unit: str
    source: str


@cache
def norm(name: str) -> Norm:
    """Return a norm by its key in ``norms.yaml``."""
    text = files("egendekning.figures").joinpath("norms.yaml").read_text(encoding="utf-8")
    entry = yaml.safe_load(text)[name]
    return Norm(float(entry["value"]), str(entry["unit"]), str(entry["source"]))
