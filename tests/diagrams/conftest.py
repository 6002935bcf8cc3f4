"""A small model in two sectors, and the shipped one."""

from __future__ import annotations

from pathlib import Path

import pytest

from egendekning.diagrams.layout import lay_out
from egendekning.diagrams.shapes import Diagram
from egendekning.diagrams.structure import sectors, structure
from egendekning.engine import load
from egendekning.engine.model import Model

SMALL = """{UTF-8}
********************************************************
	.People
********************************************************~
		Who lives here.
	|

initial people = 100 ~ person ~ At the start. |
move rate = 0.1 ~ 1/year ~ Moves a year. |
people = INTEG(movers in - movers out, initial people)
	~	person
	~	People. |
movers in = people*move rate*room
	~	person/year
	~	In. |
movers out = people*move rate
	~	person/year
	~	Out. |

********************************************************
	.Housing på Åssiden
********************************************************~
		Where they live.
	|

building time = 2 ~ year ~ Time to build. |
houses begun = INTEG(starts - completions, 1) ~ house ~ Begun. |
houses = INTEG(completions, 50) ~ house ~ Ready. |
starts = people*builders pull ~ house/year ~ Starts. |
builders pull = 0.01 ~ house/(person*year) ~ Pull. |
completions = houses begun/building time ~ house/year ~ Completions. |
room = houses/initial houses ~ Dmnl ~ Room. |
initial houses = INITIAL(houses) ~ house ~ At the start. |
worn = INTEG(houses*wear, 0) ~ house ~ Worn. |
wear = 0.02 ~ 1/year ~ Wear. |

********************************************************
	.Control
********************************************************~
		Time.
	|
INITIAL TIME = 0 ~ year ~ |
FINAL TIME = 10 ~ year ~ |
TIME STEP = 0.125 ~ year ~ |
SAVEPER = 1 ~ year ~ |
"""
SHIPPED = Path(__file__).parents[2] / "model"


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    """Return the small model as a file that a test may change."""
    path = tmp_path / "small.mdl"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Return the small model."""
    path = tmp_path_factory.mktemp("model") / "small.mdl"
    path.write_text(SMALL, encoding="utf-8")
    return load(path)


@pytest.fixture(scope="session")
def small_atlas(small: Model) -> dict[str, Diagram]:
    """Return the diagrams of the small model."""
    return {sector: lay_out(structure(small, sector)) for sector in sectors(small)}


@pytest.fixture(scope="session")
def shipped() -> Model:
    """Return the shipped model."""
    return load(SHIPPED / "drammen.mdl")
