"""One comparison of all scenarios and one study, made once."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

OBSERVATIONS = """series,region,period,value,unit,source,grade
self_coverage,Drammen,2017-Q4,94.4,%,register,A
self_coverage,Drammen,2018-Q4,94.6,%,register,A
self_coverage,Drammen,2019-Q4,93.2,%,register,A
self_coverage,Drammen,2020-Q4,92.7,%,register,A
"""


@pytest.fixture(scope="session")
def fake() -> ModuleType:
    path = Path(__file__).parent.parent / "figures" / "fake.py"
    spec = importlib.util.spec_from_file_location("fake_comparison", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["fake_comparison"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def comparison(fake: ModuleType) -> Any:
    return fake.comparison()


@pytest.fixture(scope="session")
def study(fake: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("calibration") / "observations.csv"
    path.write_text(OBSERVATIONS, encoding="utf-8")
    return fake.study(path)
