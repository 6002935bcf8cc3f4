"""The JSON Schemas under docs/ are those of the code, and take what the code takes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from egendekning.cli.study import schema_classes, schema_text
from egendekning.study import SCHEMAS, Study, json_schema
from egendekning.study.yamltree import parse

DOCS = Path(__file__).parents[2] / "docs" / "schemas"
EVERY = tuple(schema_classes())
OF_CALIBRATION = tuple(kind for kind in EVERY if kind not in SCHEMAS)


@pytest.mark.parametrize("kind", EVERY)
def test_the_written_schema_is_fresh(kind: str) -> None:
    written = (DOCS / f"{kind}.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(kind), "run: egendekning study schema --write docs/schemas"


def test_no_schema_is_left_over() -> None:
    assert {path.name for path in DOCS.iterdir()} == {f"{kind}.schema.json" for kind in EVERY}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_an_editor_accepts_a_right_file_and_refuses_an_unknown_key(kind: str, town: Path) -> None:
    folder = "scenarios" if kind in ("levers", "scenario") else "model"
    file = town / folder / ("boom.yaml" if kind == "scenario" else f"{kind}.yaml")
    if not file.exists():  # a study may lack it; the shipped one does not
        file = Study.shipped().model_file.with_name(f"{kind}.yaml")
    document, _ = parse(file.read_text(encoding="utf-8"), str(file))
    data = json.loads(json.dumps(document.data))  # as JSON sees it: years become text
    jsonschema.Draft202012Validator(json_schema(kind)).validate(data)
    data["nonsense"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json_schema(kind)).validate(data)


@pytest.mark.parametrize("kind", OF_CALIBRATION)
def test_an_editor_accepts_the_shipped_calibration_and_refuses_nonsense(kind: str) -> None:
    file = Study.shipped().calibration[f"{kind}.yaml"]
    document, _ = parse(file.read_text(encoding="utf-8"), str(file))
    data = json.loads(json.dumps(document.data))
    validator = jsonschema.Draft202012Validator(json.loads(schema_text(kind)))
    validator.validate(data)
    data["nonsense"] = 1
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(data)


@pytest.mark.parametrize("kind", EVERY)
def test_every_field_is_described_for_the_editor(kind: str) -> None:
    schema = json.loads(schema_text(kind))
    objects = [schema, *schema.get("$defs", {}).values()]
    bare = [
        name for found in objects for name, field in found.get("properties", {}).items() if "description" not in field
    ]
    assert bare == []
