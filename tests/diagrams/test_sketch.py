from __future__ import annotations

import json
from pathlib import Path

import pytest

from egendekning.diagrams.atlas import atlas
from egendekning.diagrams.shapes import Diagram
from egendekning.diagrams.sketch import START, equations_of, shown, with_sketch
from egendekning.diagrams.structure import members, sectors
from egendekning.engine import load
from egendekning.engine.model import Model

HAND = (
    "x = 1 ~ Dmnl ~ |\n" + START + "\nV300  Do not put anything below this section - it will be ignored\n*First view\n"
    "10,1,x,100,100,20,10,8,3,0,0,0,0,0,0\n"
    '10,2,"a, b",10,10,20,10,3,3,0,0,0,0,0,0\n'
    "10,3,Time,100,100,26,11,8,2,0,3,-1,0,0,0,128-128-128,0-0-0,|12||128-128-128\n"
    "1,4,3,1,0,0,0,0,0,64,0,-1--1--1,,1|(0,0)|\n///---\\\\\\\n:L\x7f<%^E!@\n15:0,0,0,0,0,0\n"
)
"""As Vensim writes it: one variable, one stock, one shadow, one arrow."""


def test_equations_stay_byte_for_byte(small_file: Path, small_atlas: dict[str, Diagram]) -> None:
    before = small_file.read_bytes()
    after = with_sketch(before.decode(), small_atlas.values()).encode()
    assert after.startswith(before)


def test_writing_twice_changes_nothing(small_file: Path, small_atlas: dict[str, Diagram]) -> None:
    once = with_sketch(small_file.read_text(encoding="utf-8"), small_atlas.values())
    assert with_sketch(once, small_atlas.values()) == once


def test_windows_line_ends_are_kept(small_file: Path, small_atlas: dict[str, Diagram]) -> None:
    text = small_file.read_text(encoding="utf-8").replace("\n", "\r\n")
    after = with_sketch(text, small_atlas.values())
    assert equations_of(after) == text
    assert after.count("\n") == after.count("\r\n")


def test_a_sketch_of_vensim_is_read_and_shadows_are_not_its_own() -> None:
    assert shown(HAND) == {"First view": {"x", "a, b"}}


def test_an_old_sketch_is_replaced(small_atlas: dict[str, Diagram]) -> None:
    after = with_sketch(HAND, small_atlas.values())
    assert "First view" not in after
    assert after.startswith("x = 1 ~ Dmnl ~ |\n" + START)


def test_each_view_shows_the_variables_of_its_sector(
    small_file: Path, small: Model, small_atlas: dict[str, Diagram]
) -> None:
    text = with_sketch(small_file.read_text(encoding="utf-8"), small_atlas.values())
    assert shown(text) == {sector: set(members(small, sector)) for sector in sectors(small)}


def test_the_engine_reads_the_same_model_beside_the_sketch(
    small_file: Path, small: Model, small_atlas: dict[str, Diagram]
) -> None:
    small_file.write_text(with_sketch(small_file.read_text(encoding="utf-8"), small_atlas.values()), encoding="utf-8")
    again = load(small_file)
    assert {n: v.equation for n, v in again.variables.items()} == {n: v.equation for n, v in small.variables.items()}


def test_pysd_finds_the_variables_of_each_sector_in_its_view(small_file: Path, small_atlas: dict[str, Diagram]) -> None:
    from pysd.translators.vensim.vensim_file import VensimFile

    small_file.write_text(with_sketch(small_file.read_text(encoding="utf-8"), small_atlas.values()), encoding="utf-8")
    file = VensimFile(small_file)
    file.parse()
    file.parse_sketch([])
    views = file.sections[0].views_dict
    assert views["people"] == {"people", "movers_in", "movers_out", "move_rate", "initial_people"}
    assert {"houses", "worn", "room", "initial_houses"} <= views["housing_på_åssiden"]


def test_simlin_shows_stocks_valves_and_clouds(small_file: Path, small_atlas: dict[str, Diagram]) -> None:
    simlin = pytest.importorskip("simlin", reason="the extra `diagrams` is absent")
    small_file.write_text(with_sketch(small_file.read_text(encoding="utf-8"), small_atlas.values()), encoding="utf-8")
    with simlin.Project.open(small_file) as project:
        assert project.get_errors() == []
        views = json.loads(project.serialize_json())["models"][0]["views"]
    elements = [e for view in views for e in view["elements"]]
    names = {(e["type"], e.get("name")) for e in elements}
    assert {("stock", "people"), ("stock", "houses"), ("flow", "completions"), ("aux", "room")} <= names
    # people: in and out of a cloud each; houses begun: starts from a cloud
    assert sum(e["type"] == "cloud" for e in elements) == 3


@pytest.mark.slow
def test_the_shipped_model_with_its_sketch_is_the_same_model(shipped: Model, tmp_path: Path) -> None:
    simlin = pytest.importorskip("simlin", reason="the extra `diagrams` is absent")
    before = equations_of(shipped.path.read_bytes().decode())
    text = with_sketch(before, atlas(shipped).values())
    path = tmp_path / "drammen.mdl"
    path.write_bytes(text.encode())
    assert equations_of(text) == before
    assert shown(text) == {sector: set(members(shipped, sector)) for sector in sectors(shipped)}
    assert set(load(path).variables) == set(shipped.variables)
    with simlin.Project.open(path) as project:
        views = json.loads(project.serialize_json())["models"][0]["views"]
    groups = [e["name"] for view in views for e in view["elements"] if e["type"] == "group"]
    assert groups == list(sectors(shipped))
