"""The timing of any model file: what it may vary."""

from __future__ import annotations

from pathlib import Path

from egendekning.engine import load
from egendekning.ensemble.model_timing import _constants


def test_what_builds_the_grid_or_the_structure_stands_still(tmp_path: Path) -> None:
    path = tmp_path / "model.mdl"
    path.write_text(
        "{UTF-8}\nend = 4 ~~|\norder = 2 ~~|\nrate = 3 ~~|\nlate = DELAY N(rate, 2, 0, order) ~~|\n"
        "INITIAL TIME = 0 ~~|\nFINAL TIME = end ~~|\nTIME STEP = 1 ~~|\n"
    )
    assert _constants(load(path)) == {"rate": 3.0}


def test_stocks_inside_macros_are_not_varied(tmp_path: Path) -> None:
    path = tmp_path / "model.mdl"
    path.write_text(
        "{UTF-8}\n:MACRO: FOLLOW(x)\nFOLLOW = INTEG(x - FOLLOW, 1) ~~|\n:END OF MACRO:\nlate = FOLLOW(Time) ~~|\n"
        "level = INTEG(late, 2) ~~|\nINITIAL TIME = 0 ~~|\nFINAL TIME = 4 ~~|\nTIME STEP = 1 ~~|\n"
    )
    assert _constants(load(path)) == {"level": 2.0}
