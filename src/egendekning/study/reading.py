"""Reads the files of a study into their schemas, collecting every problem before it gives up.

The module refuses to compare files with each other (`egendekning.study.consistency` does) and reads the model file
only for its hash.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from egendekning.errors import Problem, StudyError
from egendekning.study import faults, yamltree
from egendekning.study.consistency import Contents
from egendekning.study.folder import Folder
from egendekning.study.schemas import SCHEMAS
from egendekning.study.yamltree import Document


def read_contents(folder: Folder) -> Contents:
    """Read all YAML files of a study.

    Parameters
    ----------
    folder : Folder
        The files.

    Returns
    -------
    Contents
        Each file valid by itself.

    Raises
    ------
    StudyError
        With the problems of all files, missing ones included.
    """
    problems = list(folder.problems)
    documents: dict[str, Document] = {}
    tables: dict[str, Any] = {}
    for kind in ("parameters", "national_rules", "labels", "checks", "levers"):
        name = f"scenarios/{kind}.yaml" if kind == "levers" else f"model/{kind}.yaml"
        documents[name], tables[kind] = _read(folder, name, kind, problems)
    for kind in ("finance_rules", "municipality"):
        name = f"model/{kind}.yaml"
        if name in folder.paths:
            documents[name], tables[kind] = _read(folder, name, kind, problems)
    scenarios = {}
    for name in folder.scenarios():
        documents[name], scenario = _read(folder, name, "scenario", problems)
        stem = Path(name).stem
        if scenario is not None and scenario.id != stem:
            where = documents[name].where("id")
            problems.append(Problem(where, f"id is {scenario.id!r} in {stem}.yaml", "the name of the file", stem))
        scenarios[stem] = scenario
    if problems:
        raise StudyError(problems)
    return Contents(
        parameters=tables["parameters"].root,
        rules=tables["national_rules"].series,
        labels=tables["labels"].root,
        levers=tables["levers"].levers,
        drivers=tables["levers"].drivers,
        scenarios=scenarios,
        checks=tables["checks"].checks,
        documents=documents,
        finance=tables.get("finance_rules"),
        municipality=tables.get("municipality"),
    )


def _read(folder: Folder, name: str, kind: str, problems: list[Problem]) -> tuple[Document, Any]:
    """Read one file, adding to `problems`; the model is None where there are any."""
    if name not in folder.paths:  # among the folder's problems already
        return Document(name, None, {}), None
    shown = folder.shown(name)
    document, faults_of_text = yamltree.read(folder.paths[name], shown)
    problems += faults_of_text
    if document.data is None and faults_of_text:
        return document, None
    schema: type[BaseModel] = SCHEMAS[kind]
    model, faults_of_data = faults.read(document, schema)
    problems += faults_of_data
    return document, model
