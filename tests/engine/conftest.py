"""What the engine's tests share: where the tiny models lie, a way to write one, and a cache of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from egendekning.engine import Model, load

MODELS = Path(__file__).parent / "models"

CONTROL = """
INITIAL TIME = 0 ~ year ~ |
FINAL TIME = 4 ~ year ~ |
TIME STEP = 0.25 ~ year ~ |
SAVEPER = 1 ~ year ~ |
"""


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Keep compiled kernels of the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EGENDEKNING_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a model of the given equations, with a time grid, and returns its path."""

    def write_model(equations: str, control: str = CONTROL) -> Path:
        path = tmp_path / "model.mdl"
        path.write_text("{UTF-8}\n" + equations + control, encoding="utf-8")
        return path

    return write_model


@pytest.fixture
def model(write: Callable[[str], Path]) -> Callable[[str], Model]:
    """Return a function that loads a model of the given equations."""
    return lambda equations: load(write(equations))
