"""One run of the shipped study that the tests of the finance tables share: few draws, enough for every claim."""

from __future__ import annotations

from pathlib import Path

import pytest

from egendekning.ensemble import Bound, bind
from egendekning.finance.tables import Finance, Request, finance
from egendekning.finance.workbook import write_workbook
from egendekning.study import Study

DRAWS = 6


@pytest.fixture(scope="session")
def bound() -> Bound:
    return bind(Study.shipped())


@pytest.fixture(scope="session")
def tables(bound: Bound) -> Finance:
    return finance(bound, Request("full_toolbox", "baseline", prices="nominal", draws=DRAWS))


@pytest.fixture(scope="session")
def workbook(tables: Finance, bound: Bound, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(tables, tmp_path_factory.mktemp("finance") / "finance.xlsx", bound.study, "nb")
