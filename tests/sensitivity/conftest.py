"""What the tests of sweeps and indices share."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from egendekning.engine import Model, load
from egendekning.ensemble import Bound, bind
from egendekning.study import Study

MODELS = Path(__file__).parent / "models"


@pytest.fixture(scope="session")
def analytic() -> ModuleType:
    """Return the functions whose indices are known, from `analytic.py`."""
    path = Path(__file__).with_name("analytic.py")
    spec = importlib.util.spec_from_file_location("analytic_functions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep compiled kernels of the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EGENDEKNING_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def village() -> Bound:
    """Return a village of two job classes whose numbers can be worked out by hand."""
    return bind(Study.open(Path(__file__).parents[1] / "ensemble" / "fixtures" / "village"))


@pytest.fixture(scope="session")
def ishigami() -> Model:
    """Return the Ishigami function as a model that nobody ties to Drammen."""
    return load(MODELS / "ishigami.mdl")


@pytest.fixture(scope="session")
def sobol_g() -> Model:
    """Return the G function of eight inputs as a model."""
    return load(MODELS / "sobol_g.mdl")
