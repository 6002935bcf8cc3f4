"""Reading, validating and freezing a study: the three folders that say everything a run needs.

``Study.shipped()`` is Drammen, ``Study.open(path)`` any other. A study that exists is right in every way that can be
known without the model; `disagreements` compares it with a parsed model.
"""

from __future__ import annotations

from egendekning.study.agreement import VariableInfo, disagreements
from egendekning.study.schemas import (
    BASELINE,
    SCHEMAS,
    Account,
    Check,
    Clause,
    ClimateTarget,
    Compare,
    Cost,
    DeflatorEstimate,
    Driver,
    Expect,
    FinanceFigure,
    FinanceRules,
    Label,
    Lever,
    Municipality,
    Parameter,
    PlanLevel,
    RuleSeries,
    RuleValue,
    Scenario,
    described,
    json_schema,
)
from egendekning.study.settings import Setting
from egendekning.study.study import Study

__all__ = [
    "BASELINE",
    "SCHEMAS",
    "Account",
    "Check",
    "Clause",
    "ClimateTarget",
    "Compare",
    "Cost",
    "DeflatorEstimate",
    "Driver",
    "Expect",
    "FinanceFigure",
    "FinanceRules",
    "Label",
    "Lever",
    "Municipality",
    "Parameter",
    "PlanLevel",
    "RuleSeries",
    "RuleValue",
    "Scenario",
    "Setting",
    "Study",
    "VariableInfo",
    "described",
    "disagreements",
    "json_schema",
]
