from __future__ import annotations

from itertools import combinations

import pytest

from egendekning.diagrams.layout import lay_out
from egendekning.diagrams.shapes import Diagram, Rect
from egendekning.diagrams.structure import structure
from egendekning.engine.model import Model


def overlaps(a: Rect, b: Rect) -> bool:
    return abs(a.x - b.x) < (a.w + b.w) / 2 - 1 and abs(a.y - b.y) < (a.h + b.h) / 2 - 1


def texts_that_overlap(diagram: Diagram) -> list[tuple[str, str]]:
    return [
        (a, b)
        for (a, p), (b, q) in combinations(diagram.placed.items(), 2)
        if any(overlaps(r, s) for r in p.rects() for s in q.rects())
    ]


def test_no_text_covers_another(small_atlas: dict[str, Diagram]) -> None:
    for diagram in small_atlas.values():
        assert texts_that_overlap(diagram) == []


@pytest.mark.slow
def test_no_text_covers_another_in_a_shipped_sector(shipped: Model) -> None:
    for sector in ("Housing and residential land", "Business land", "Social costs"):
        assert texts_that_overlap(lay_out(structure(shipped, sector))) == []


@pytest.mark.slow
def test_every_use_is_an_arrow_or_a_shadow(shipped: Model) -> None:
    wanted = structure(shipped, "Business land")
    diagram = lay_out(wanted)
    drawn = {(a.source, a.target) for a in diagram.arrows}
    shadows = {(i.name, n) for n, p in diagram.placed.items() for i in p.block.items if i.kind == "shadow"}
    assert wanted.links <= drawn | shadows


def test_everything_lies_on_the_page(small_atlas: dict[str, Diagram]) -> None:
    for diagram in small_atlas.values():
        for rect in [r for p in diagram.placed.values() for r in p.rects()]:
            assert rect.x - rect.w / 2 >= 0
            assert rect.y - rect.h / 2 >= 0
            assert rect.x + rect.w / 2 <= diagram.width
            assert rect.y + rect.h / 2 <= diagram.height


def test_a_pipe_ends_at_the_edges_of_its_stocks(small_atlas: dict[str, Diagram]) -> None:
    diagram = small_atlas["Housing på Åssiden"]
    pipe = next(c for c in diagram.channels if c.flow == "completions")
    source, target = diagram.placed["houses begun"].symbol, diagram.placed["houses"].symbol
    assert abs(pipe.before[0][0] - (source.x + source.w / 2)) < 1e-6
    assert abs(pipe.after[-1][0] - (target.x - target.w / 2)) < 1e-6


def test_the_same_model_gives_the_same_places(small: Model, small_atlas: dict[str, Diagram]) -> None:
    assert lay_out(structure(small, "People")) == small_atlas["People"]
