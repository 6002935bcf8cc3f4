"""What a figure needs to know beside the numbers: language, titles, what kind of scenario, history, norms.

A comparison carries ids; people read titles. The context joins the two, and says which scenarios are the
municipality's own measures and which are events it meets. The module refuses to hold results.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from egendekning.errors import Problem, StudyError
from egendekning.figures.reading import BASELINE, quarter_four
from egendekning.figures.words import Words
from egendekning.names import nearest

OBSERVATIONS: Final = "observations.csv"
_HISTORY: Final = "self_coverage"
_COLUMNS: Final = ("series", "period", "value", "unit")
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

    @property
    def municipality(self) -> Any:
        """Whom the study is about, None where it does not say."""


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
    municipality : Municipality or None
        Whom the study is about: its plan's figure, its climate target.
    """

    words: Words = field(default_factory=Words)
    titles: Mapping[str, str] = field(default_factory=dict)
    events: frozenset[str] = frozenset()
    mixes: frozenset[str] = frozenset()
    history: Mapping[float, float] = field(default_factory=dict)
    municipality: Any = None

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

    def apart(self, scenarios: Sequence[str]) -> list[str | None]:
        """Return scenarios in the order given, the measures first, then a gap (None), then the events."""
        measures: list[str | None] = [name for name in scenarios if not self.is_event(name)]
        events = [name for name in scenarios if self.is_event(name)]
        return [*measures, *([None] if measures and events else []), *events]


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
    about = None if study is None else study.municipality
    words = Words(lang, packages, "" if about is None else about.name)
    if study is None:
        return Context(words)
    titles = {name: str(getattr(item, f"title_{lang}")) for name, item in study.scenarios.items()}
    events = frozenset(name for name in study.scenarios if _settings(study, name) & set(study.drivers))
    mixes = frozenset(name for name, item in study.scenarios.items() if item.base and name != BASELINE)
    return Context(words, titles, events, mixes, history_of(study), about)


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

    Raises
    ------
    StudyError
        Where a column is missing or a number is none.
    """
    path = study.calibration.get(OBSERVATIONS)
    if path is None:
        return {}
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            _check_columns(reader.fieldnames or (), path)
            rows = [(reader.line_num, row) for row in reader]
    except UnicodeDecodeError as error:
        raise StudyError(Problem(str(path), f"is not UTF-8 ({error.reason})", "a text file in UTF-8")) from error
    found: dict[float, float] = {}
    problems: list[Problem] = []
    for line, row in rows:
        if row["series"] != _HISTORY or not (row["period"] or "").endswith("-Q4"):
            continue
        try:
            scale = 1.0 if (row["unit"] or "").strip() in ("share", "Dmnl", "1") else _PER_CENT
            found[quarter_four(int(row["period"][:4]))] = float(row["value"]) / scale
        except (TypeError, ValueError):
            said = f"period {row['period']!r}, value {row['value']!r}"
            fix = "use a decimal point, and no unit in the number"
            problems.append(Problem(f"{path}:{line}", said, "a quarter as 2019-Q4, and a number", fix=fix))
    if problems:
        raise StudyError(problems)
    return found


def _check_columns(columns: Sequence[str], path: Path) -> None:
    """Raise StudyError where a column that is read is missing; an empty file has none and says nothing."""
    lacking = [name for name in _COLUMNS if name not in columns] if columns else []
    if lacking:
        raise StudyError(
            Problem(f"{path}:1", f"no column {name!r}", f"the columns {', '.join(_COLUMNS)}", nearest(name, columns))
            for name in lacking
        )
