"""The page that teaches the engine shows what it gives."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "engine.md"


def test_the_page_of_the_engine_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.read_text(encoding="utf-8")
    (model,) = re.findall(r"```vensim\n(.*?)```", text, re.DOTALL)
    (tmp_path / "epidemic.mdl").write_text(model, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted > 30, "the page is not run"
    assert found.failed == 0
