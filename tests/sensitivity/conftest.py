"""What the tests of sweeps and indices share."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


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
