from __future__ import annotations

from egendekning.diagrams.shapes import Item, Pipe
from egendekning.diagrams.structure import members, sectors, structure
from egendekning.engine.model import Model


def test_time_controls_have_no_diagram(small: Model) -> None:
    assert sectors(small) == ("People", "Housing på Åssiden")


def test_a_flow_joins_the_stocks_whose_rates_hold_it_with_opposite_signs(small: Model) -> None:
    pipes = structure(small, "Housing på Åssiden").pipes
    assert set(pipes) == {Pipe("starts", None, "houses begun"), Pipe("completions", "houses begun", "houses")}


def test_a_rate_that_is_a_product_has_no_pipe_of_its_own(small: Model) -> None:
    found = structure(small, "Housing på Åssiden")
    assert found.net == {"worn"}
    assert ("houses", "worn") in found.links


def test_a_constant_stands_under_its_first_user_and_as_a_shadow_under_the_next(small: Model) -> None:
    blocks = structure(small, "People").blocks
    assert Item("move rate", "constant") in blocks["movers in"].items
    assert Item("move rate", "shadow") in blocks["movers out"].items


def test_a_variable_of_another_sector_is_a_shadow(small: Model) -> None:
    assert Item("room", "shadow") in structure(small, "People").blocks["movers in"].items


def test_a_value_kept_from_the_start_is_listed_not_drawn(small: Model) -> None:
    found = structure(small, "Housing på Åssiden")
    assert "initial houses" not in found.blocks
    assert Item("initial houses", "initial") in found.blocks["room"].items


def test_every_variable_of_every_sector_is_shown_once(shipped: Model) -> None:
    for sector in sectors(shipped):
        found = structure(shipped, sector)
        listed = [i.name for b in found.blocks.values() for i in b.items if i.kind != "shadow"]
        own = [n for n, b in found.blocks.items() if not b.ghost] + listed
        assert sorted(own) == sorted(members(shipped, sector))
