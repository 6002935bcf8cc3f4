from __future__ import annotations

from pathlib import Path

import pytest

from egendekning.diagrams.loops import Drawn, drawn_links, read_loops
from egendekning.engine.model import Model
from egendekning.errors import ModelFileError

NAMED = {
    "switch population to trade",
    "switch job migration",
    "switch tax to services",
    "switch services to attractiveness",
    "switch jobs to exclusion",
    "switch jobs to social costs",
    "switch population to labour supply",
    "switch labour shortage",
    "switch land gate",
    "switch housing gate",
    "switch crowding out",
    "switch multipliers",
}
LOOP = """
nodes:
  people: {{nb: Folk, en: People, at: [1, 1]}}
  houses: {{nb: Hus, en: Houses, at: [3, 1]}}
loops:
  - label: R1
    kind: {kind}
    name_nb: Folk og hus
    name_en: People and houses
    at: [2, 2]
    switches: [move rate]
    chain: [{chain}]
    text_nb: ""
    text_en: ""
    cut_nb: ""
    cut_en: ""
"""
GOOD = '"+ people", "+ starts", "+ houses begun", "+ completions", "+ houses", "+ room", "+ movers in"'


def written(tmp_path: Path, chain: str = GOOD, kind: str = "reinforcing") -> Path:
    path = tmp_path / "loops.yaml"
    path.write_text(LOOP.format(chain=chain, kind=kind), encoding="utf-8")
    return path


def test_a_loop_is_drawn_between_its_nodes_with_signs_multiplied(tmp_path: Path, small: Model) -> None:
    file = read_loops(written(tmp_path), small)
    assert set(drawn_links(file)) == {Drawn("people", "houses", 1, ("R1",)), Drawn("houses", "people", 1, ("R1",))}


def test_a_link_that_the_equations_lack_is_named(tmp_path: Path, small: Model) -> None:
    with pytest.raises(ModelFileError, match="houses does not use people"):
        read_loops(written(tmp_path, '"+ people", "+ houses", "+ room", "+ movers in"'), small)


def test_signs_that_contradict_the_kind_are_an_error(tmp_path: Path, small: Model) -> None:
    with pytest.raises(ModelFileError, match="is called balancing, but its signs multiply to"):
        read_loops(written(tmp_path, kind="balancing"), small)


def test_an_unknown_name_gets_the_nearest(tmp_path: Path, small: Model) -> None:
    with pytest.raises(ModelFileError, match="did you mean: completions"):
        read_loops(written(tmp_path, GOOD.replace("completions", "completion")), small)


def test_an_unknown_key_is_an_error(tmp_path: Path, small: Model) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + "    colour: red\n", encoding="utf-8")
    with pytest.raises(ModelFileError, match="colour"):
        read_loops(path, small)


def test_a_missing_file_is_told(tmp_path: Path, small: Model) -> None:
    with pytest.raises(ModelFileError, match="cannot be read"):
        read_loops(tmp_path / "none.yaml", small)


def test_the_shipped_loops_close_and_cover_every_switch(shipped: Model) -> None:
    file = read_loops(shipped.path.parent / "diagrams" / "loops.yaml", shipped)
    assert {switch for loop in file.loops for switch in loop.switches} == NAMED
    assert {n for n in shipped.variables if n.startswith("switch ")} == NAMED


def test_the_signs_of_the_shipped_loops_are_those_that_simlin_finds(shipped: Model) -> None:
    simlin = pytest.importorskip("simlin", reason="the extra `diagrams` is absent")
    from simlin.analysis import LinkPolarity

    known = {LinkPolarity.POSITIVE: 1, LinkPolarity.NEGATIVE: -1}
    found = {(k.from_var, k.to_var): known.get(k.polarity) for k in simlin.load(shipped.path).get_links()}
    file = read_loops(shipped.path.parent / "diagrams" / "loops.yaml", shipped)
    links = {link for loop in file.loops for link in loop.links() if "[" not in link[0] + link[1]}
    compared = [
        (a, b, sign, found[a.replace(" ", "_"), b.replace(" ", "_")])
        for a, b, sign in links
        if found.get((a.replace(" ", "_"), b.replace(" ", "_"))) is not None
    ]
    assert len(compared) > 20
    assert [c for c in compared if c[2] != c[3]] == []
