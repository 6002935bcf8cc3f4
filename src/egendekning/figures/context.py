"""What a figure needs to know beside the numbers: language, titles, what kind of scenario, history, norms.

A comparison carries ids; people read titles. The context joins the two, and says which scenarios are the
municipality's own measures and which are events it meets. The module refuses to hold results.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from egendekning.figures.reading import BASELINE, quarter_four
from egendekning.figures.words import Words

OBSERVATIONS: Final = "observations.csv"
_HISTORY: Final = "self_coverage"
_PER_CENT: Final = 100.0


class StudyLike(Protocol):
    """What is needed of a study: see `egendekning.study.Study`."""

    @property
    def scenarios(self) -> Mapping[str, Any]:
        """Scenarios by id."""

    @property
    def levers(self) -> Mapping[str, Any]:
        """What the municipality can do, by id."""

    @property
    def drivers(self) -> Mapping[str, Any]:
        """What the world outside may do, by id."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Evidence by model constant."""

    @property
    def calibration(self) -> Mapping[str, Path]:
        """Data files by name."""


@dataclass(frozen=True)
class Context:
    """Everything a figure shows that is not a result.

    Parameters
    ----------
    words : Words
        Language.
    titles : Mapping[str, str]
        Scenario id to title.
    events : frozenset of str
        Scenarios that are not the municipality's choice: the world outside does something in them.
    mixes : frozenset of str
        Scenarios that combine others.
    history : Mapping[float, float]
        Time (years) to egendekning in the registers (share).
    """

    words: Words = field(default_factory=Words)
    titles: Mapping[str, str] = field(default_factory=dict)
    events: frozenset[str] = frozenset()
    mixes: frozenset[str] = frozenset()
    history: Mapping[float, float] = field(default_factory=dict)

    def title(self, scenario: str) -> str:
        """Return the title of a scenario; the id in plain letters where there is none."""
        if scenario in self.titles:
            return self.titles[scenario]
        return self.words.texts.get(f"scenario.{scenario}", scenario.replace("_", " ").capitalize())

    def quoted(self, scenario: str) -> str:
        """Return the title of a scenario in quotation marks."""
        return self.words.text("quoted", title=self.title(scenario))

    def is_event(self, scenario: str) -> bool:
        """Whether the world outside does something in the scenario."""
        return scenario in self.events


def context_of(lang: str, study: StudyLike | None, packages: tuple[str, ...] = ("egendekning.figures",)) -> Context:
    """Collect the context from a study.

    Parameters
    ----------
    lang : str
        ``nb`` or ``en``.
    study : StudyLike or None
        Where titles, kinds and history come from; None leaves them empty.
    packages : tuple of str
        Packages whose texts are used.

    Returns
    -------
    Context
        For that language.
    """
    words = Words(lang, packages)
    if study is None:
        return Context(words)
    titles = {name: str(getattr(item, f"title_{lang}")) for name, item in study.scenarios.items()}
    events = frozenset(name for name in study.scenarios if _settings(study, name) & set(study.drivers))
    mixes = frozenset(name for name, item in study.scenarios.items() if item.base and name != BASELINE)
    return Context(words, titles, events, mixes, history_of(study))


def _settings(study: StudyLike, scenario: str) -> set[str]:
    """Return the levers and drivers that a scenario sets, itself or through the scenarios it builds on."""
    item = study.scenarios[scenario]
    own = {name for clause in item.clauses for name in clause.set}
    return own.union(*(_settings(study, name) for name in item.base))


def history_of(study: StudyLike) -> dict[float, float]:
    """Read egendekning in the registers from the study's observations.

    Parameters
    ----------
    study : StudyLike
        With ``observations.csv`` among its calibration files, or without.

    Returns
    -------
    dict
        Time of the fourth quarter to share; empty where the study has no such series.
    """
    path = study.calibration.get(OBSERVATIONS)
    if path is None:
        return {}
    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["series"] == _HISTORY and row["period"].endswith("-Q4")]
    in_per_cent = {row["period"]: row["unit"].strip() not in ("share", "Dmnl", "1") for row in rows}
    return {
        quarter_four(int(row["period"][:4])): float(row["value"]) / (_PER_CENT if in_per_cent[row["period"]] else 1.0)
        for row in rows
    }
