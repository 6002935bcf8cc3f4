"""Which files a study is made of, and what they hash to.

A study is three folders: `model/`, `scenarios/` and `calibration/`. This module finds their files, says which are
missing or do not belong, and takes the hashes that results carry as provenance. It refuses to read meaning into a
file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files as resource_files
from pathlib import Path
from typing import Final

from egendekning.errors import Problem, StudyError
from egendekning.names import nearest

MODEL_SUFFIXES: Final = (".mdl", ".xmile", ".stmx")
MODEL_TABLES: Final = ("parameters.yaml", "national_rules.yaml", "labels.yaml", "checks.yaml")
OPTIONAL_TABLES: Final = ("finance_rules.yaml", "municipality.yaml")
"""Tables that a study may lack; what needs them says so."""
LEVERS: Final = "levers.yaml"
FOLDERS: Final = ("model", "scenarios", "calibration")

SHIPPED: Final = "the shipped study"
"""Root of the study that is installed with the package."""

_YAML: Final = (".yaml", ".yml")
_CALIBRATION_DATA: Final = (".csv", ".yaml", ".nc")


@dataclass(frozen=True)
class Folder:
    """The files of a study, found but not read.

    Attributes
    ----------
    root : str
        Where the study is, for people.
    paths : dict
        Path of each file by its name within the study, for example ``model/parameters.yaml``.
    model_file : str
        The name within the study of the one model file.
    problems : list of Problem
        Files that are missing or do not belong.
    """

    root: str
    paths: dict[str, Path]
    model_file: str
    problems: list[Problem]

    def shown(self, name: str) -> str:
        """Return the path of a file as messages show it."""
        return str(self.paths[name])

    def scenarios(self) -> list[str]:
        """Return the names of the scenario files, sorted."""
        return sorted(name for name in self.paths if name.startswith("scenarios/") and not name.endswith("/" + LEVERS))


def shipped() -> Folder:
    """Find the study that is installed with the package."""
    places = {folder: Path(str(resource_files(f"egendekning._study.{folder}"))) for folder in FOLDERS}
    return _find(SHIPPED, places)


def at(path: Path) -> Folder:
    """Find a study on disk.

    Parameters
    ----------
    path : Path
        The folder that holds `model/`, `scenarios/` and `calibration/`.
    """
    if not path.is_dir():
        found = "is a file" if path.exists() else "does not exist"
        fix = "check the path; 'egendekning study new' makes such a folder"
        raise StudyError(Problem(str(path), found, f"a folder that holds {', '.join(FOLDERS)}", fix=fix))
    return _find(str(path), {folder: path / folder for folder in FOLDERS})


def _find(root: str, places: dict[str, Path]) -> Folder:
    """Collect the files, reporting everything missing or unknown at once."""
    problems = [
        Problem(str(place), "the folder is missing", f"a folder '{name}' in the study")
        for name, place in places.items()
        if not place.is_dir()
    ]
    if problems:
        raise StudyError(problems)
    paths: dict[str, Path] = {}
    model_file = _find_model(places["model"], paths, problems)
    _find_scenarios(places["scenarios"], paths, problems)
    for path in sorted(places["calibration"].iterdir()):
        if path.suffix in _CALIBRATION_DATA:
            paths[f"calibration/{path.name}"] = path
    for name, path in list(paths.items()):
        if not path.is_file():
            found = "is a folder" if path.is_dir() else "is a link that leads nowhere, or no regular file"
            problems.append(Problem(str(path), found, "a file", fix="put the file there, or remove it"))
            del paths[name]
    return Folder(root, paths, model_file, problems)


def _find_model(place: Path, paths: dict[str, Path], problems: list[Problem]) -> str:
    """Find the one model file and the tables beside it."""
    models = [path for path in sorted(place.iterdir()) if path.suffix.lower() in MODEL_SUFFIXES]
    if len(models) != 1:
        found = f"{len(models)} model files ({', '.join(path.name for path in models)})" if models else "no model file"
        problems.append(Problem(str(place), found, f"one file that ends in {', '.join(MODEL_SUFFIXES)}"))
    for path in models:
        paths[f"model/{path.name}"] = path
    for name in MODEL_TABLES:
        if (place / name).is_file():
            paths[f"model/{name}"] = place / name
        else:
            problems.append(Problem(str(place / name), "the file is missing", f"a file '{name}' beside the model file"))
    known = MODEL_TABLES + OPTIONAL_TABLES
    paths.update({f"model/{name}": place / name for name in OPTIONAL_TABLES if (place / name).exists()})
    for path in sorted(place.iterdir()):
        if path.suffix in _YAML and path.name not in known:
            problems.append(_stranger(path, known))
    return f"model/{models[0].name}" if models else ""


def _find_scenarios(place: Path, paths: dict[str, Path], problems: list[Problem]) -> None:
    """Find the levers and the scenarios."""
    if not (place / LEVERS).is_file():
        problems.append(Problem(str(place / LEVERS), "the file is missing", f"a file '{LEVERS}' beside the scenarios"))
    for path in sorted(place.iterdir()):
        if path.suffix == ".yml":
            problems.append(_stranger(path, (path.stem + ".yaml",)))
        elif path.suffix == ".yaml":
            paths[f"scenarios/{path.name}"] = path


def _stranger(path: Path, known: tuple[str, ...]) -> Problem:
    """Say that a file is not one that a study reads."""
    expected = f"only {', '.join(known)} here"
    return Problem(str(path), "nothing reads this file", expected, nearest(path.name, known), "rename or remove it")


def file_hashes(folder: Folder) -> dict[str, str]:
    """Return the SHA-256 of each file by its name within the study, in the order of the names."""
    hashes: dict[str, str] = {}
    problems: list[Problem] = []
    for name in sorted(folder.paths):
        try:
            hashes[name] = hashlib.sha256(folder.paths[name].read_bytes()).hexdigest()
        except OSError as error:
            found = f"cannot be read ({error.strerror})"
            problems.append(Problem(folder.shown(name), found, "a file that you may read", fix="check its permissions"))
    if problems:
        raise StudyError(problems)
    return hashes


def combined_hash(hashes: dict[str, str]) -> str:
    """Return one SHA-256 for a set of named files; it depends on names and contents only, not on where they lie."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
