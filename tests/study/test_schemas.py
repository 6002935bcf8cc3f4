"""The JSON Schemas under docs/ are those of the code, and take what the code takes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from egendekning.study import SCHEMAS, json_schema
from egendekning.study.yamltree import parse

DOCS = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_written_schema_is_fresh(kind: str) -> None:
    written = json.loads((DOCS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    assert written == json_schema(kind), "run: egendekning study schema --write docs/schemas"


def test_no_schema_is_left_over() -> None:
    assert {path.name for path in DOCS.iterdir()} == {f"{kind}.schema.json" for kind in SCHEMAS}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_an_editor_accepts_a_right_file_and_refuses_an_unknown_key(kind: str, town: Path) -> None:
    folder = "scenarios" if kind in ("levers", "scenario") else "model"
    file = town / folder / ("boom.yaml" if kind == "scenario" else f"{kind}.yaml")
    document, _ = parse(file.read_text(encoding="utf-8"), str(file))
    data = json.loads(json.dumps(document.data))  # as JSON sees it: years become text
    jsonschema.Draft202012Validator(json_schema(kind)).validate(data)
    data["nonsense"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json_schema(kind)).validate(data)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_field_is_described_for_the_editor(kind: str) -> None:
    schema = json_schema(kind)
    objects = [schema, *schema.get("$defs", {}).values()]
    bare = [
        name for found in objects for name, field in found.get("properties", {}).items() if "description" not in field
    ]
    assert bare == []
