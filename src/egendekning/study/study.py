"""A study: everything that is put into runs, read once, complete, validated and frozen.

After a Study exists nothing else reads its files or fills in a default; another municipality is another three folders
and the same object. The module refuses to parse the model file, whose path and hash it carries, and to draw or run
anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from egendekning.errors import Problem, StudyError
from egendekning.names import nearest
from egendekning.study import folder as folders
from egendekning.study.consistency import Contents, contradictions
from egendekning.study.frozen import FrozenDict
from egendekning.study.reading import read_contents
from egendekning.study.schemas import (
    Amount,
    Check,
    Driver,
    FinanceRules,
    Label,
    Lever,
    Municipality,
    Parameter,
    RuleSeries,
    Scenario,
)
from egendekning.study.settings import Setting, clause_settings, constants, lineage, merged, setting_problems
from egendekning.study.yamltree import Document


@dataclass(frozen=True)
class Study:
    """The frozen contents of the folders `model/`, `scenarios/` and `calibration/`.

    Attributes
    ----------
    root : str
        Where the study was read from, for people.
    model_file : Path
        The Vensim or XMILE file.
    calibration : Mapping[str, Path]
        The data files of `calibration/` by file name.
    parameters : Mapping[str, Parameter]
        Evidence by model constant.
    rules : Mapping[str, RuleSeries]
        National rules by model lookup.
    labels : Mapping[str, Label]
        Words for planners by model variable.
    levers, drivers : Mapping[str, Lever], Mapping[str, Driver]
        What scenarios may set, by id.
    scenarios : Mapping[str, Scenario]
        By id, in their order of display, the baseline first.
    checks : tuple of Check
        Statements about the model.
    files : Mapping[str, str]
        SHA-256 of each file by its name within the study.
    hash : str
        One SHA-256 for all of them.
    finance : FinanceRules or None
        What finance tables need beside the model, where the study says it.
    municipality : Municipality or None
        Whom the study is about, where it says so.
    """

    root: str
    model_file: Path
    calibration: Mapping[str, Path]
    parameters: Mapping[str, Parameter]
    rules: Mapping[str, RuleSeries]
    labels: Mapping[str, Label]
    levers: Mapping[str, Lever]
    drivers: Mapping[str, Driver]
    scenarios: Mapping[str, Scenario]
    checks: tuple[Check, ...]
    files: Mapping[str, str]
    hash: str
    documents: Mapping[str, Document] = field(repr=False, compare=False)
    finance: FinanceRules | None = None
    municipality: Municipality | None = None

    PRECEDENCE: ClassVar[str] = "model file < national_rules.yaml < parameter draws < scenario clauses < command line"
    """Where a value comes from: what stands later wins."""

    @classmethod
    def shipped(cls) -> Study:
        """Read the study that comes with the package: Drammen.

        Raises
        ------
        StudyError
            With every problem of every file.
        """
        return cls._read(folders.shipped())

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Study:
        """Read a study from a folder that holds `model/`, `scenarios/` and `calibration/`.

        Parameters
        ----------
        path : path-like
            The folder.

        Raises
        ------
        StudyError
            With every problem of every file.
        """
        return cls._read(folders.at(Path(path)))

    @classmethod
    def _read(cls, folder: folders.Folder) -> Study:
        """Read, validate and freeze."""
        contents = read_contents(folder)
        problems = contradictions(contents)
        if problems:
            raise StudyError(problems)
        return cls._freeze(folder, contents, folders.file_hashes(folder))

    @classmethod
    def _freeze(cls, folder: folders.Folder, contents: Contents, hashes: dict[str, str]) -> Study:
        """Make the object; nothing is checked here."""
        ordered = sorted(contents.scenarios.values(), key=lambda scenario: scenario.order)
        data = {name.split("/", 1)[1]: path for name, path in folder.paths.items() if name.startswith("calibration/")}
        return cls(
            root=folder.root,
            model_file=folder.paths[folder.model_file],
            calibration=FrozenDict(data),
            parameters=FrozenDict(contents.parameters),
            rules=FrozenDict(contents.rules),
            labels=FrozenDict(contents.labels),
            levers=FrozenDict(contents.levers),
            drivers=FrozenDict(contents.drivers),
            scenarios=FrozenDict({scenario.id: scenario for scenario in ordered}),
            checks=contents.checks,
            files=FrozenDict(hashes),
            hash=folders.combined_hash(hashes),
            documents=FrozenDict(contents.documents),
            finance=contents.finance,
            municipality=contents.municipality,
        )

    def contents(self) -> dict[str, bytes]:
        """Return every file of the study by its name in it, so that the study can be opened elsewhere.

        Raises
        ------
        StudyError
            Where a file is no longer what was read.
        """
        folder = folders.shipped() if self.root == folders.SHIPPED else folders.at(Path(self.root))
        if folders.file_hashes(folder) != dict(self.files):
            found = "the files have changed since the study was read"
            raise StudyError(Problem(self.root, found, "the same files", fix="begin again"))
        return {name: path.read_bytes() for name, path in folder.paths.items()}

    @property
    def settable(self) -> dict[str, Lever | Driver]:
        """All levers and drivers by id, levers first."""
        return {**self.levers, **self.drivers}

    def where(self, file: str, *path: str | int | float) -> str:
        """Return ``file:line`` of something the study says.

        Parameters
        ----------
        file : str
            Name within the study, for example ``model/parameters.yaml``.
        *path : str, int or float
            Keys and indices down to the value, for example ``"zoning delay", "low"``.
        """
        return self.documents[file].where(*path)

    def scenario(self, name: str) -> Scenario:
        """Return a scenario by id, or raise StudyError with the nearest id."""
        if name in self.scenarios:
            return self.scenarios[name]
        expected = "a scenario of the study (see 'egendekning scenarios')"
        near = nearest(name, self.scenarios)
        fix = f"write {near}" if near else "'egendekning scenarios' lists them"
        raise StudyError(Problem("scenario", f"unknown scenario {name!r}", expected, near, fix))

    def settings(self, scenario: str, extra: Iterable[Setting] = ()) -> dict[str, Setting]:
        """Return what a scenario sets, lever by lever, after bases and overrides.

        Parameters
        ----------
        scenario : str
            Its id.
        extra : iterable of Setting
            Settings that override the scenario's, for example from `parse_setting`.

        Returns
        -------
        dict
            The setting in force by lever or driver id; what is not set is left out.
        """
        self.scenario(scenario)
        said = [
            setting
            for ancestor in lineage(scenario, self.scenarios)
            for clause in ancestor.clauses
            for setting in clause_settings(clause, ancestor.id)
        ]
        found: dict[str, Setting] = {}
        for setting in (*said, *extra):
            found[setting.id] = merged(found.get(setting.id), setting)
        return found

    def overrides(self, scenario: str, extra: Iterable[Setting] = ()) -> dict[str, float]:
        """Return the model constants that a scenario changes.

        Parameters
        ----------
        scenario : str
            Its id.
        extra : iterable of Setting
            As in `settings`.

        Returns
        -------
        dict
            Value by constant (or ``constant[element]``), to be put above the model file, the national rules and the
            parameter draws.
        """
        result: dict[str, float] = {}
        for setting in self.settings(scenario, extra).values():
            result.update(constants(setting, self.settable[setting.id]))
        return result

    def parse_setting(self, text: str) -> Setting:
        """Read ``lever=value`` or ``lever=value unit`` as given on the command line.

        Parameters
        ----------
        text : str
            For example ``"port=10"`` or ``"port=10 daa/year"``.

        Raises
        ------
        StudyError
            Where the lever is unknown, the value no number, outside the range or in another unit.
        """
        name, equals, rest = text.partition("=")
        number, _, unit = rest.strip().partition(" ")
        try:
            amount = Amount(value=float(number), unit=unit.strip() or None)
        except ValueError:
            amount = None
        if not equals or amount is None:
            known = next(iter(self.settable), "lever")
            raise StudyError(Problem(f"setting {text!r}", "cannot be read", f"lever=value, for example {known}=10"))
        problems = setting_problems(name.strip(), amount, (), self.settable, f"setting {text!r}")
        if problems:
            raise StudyError(problems)
        return Setting(name.strip(), amount.value)
