"""The closed schemas of a study's files, one module a file, and their JSON Schemas for editors."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from egendekning.study.schemas.checks import Check, ChecksFile, Compare, Expect
from egendekning.study.schemas.finance import Account, DeflatorEstimate, FinanceFigure, FinanceRules
from egendekning.study.schemas.labels import Label, LabelsFile
from egendekning.study.schemas.levers import Cost, Driver, Lever, LeversFile
from egendekning.study.schemas.municipality import ClimateTarget, Municipality, PlanLevel
from egendekning.study.schemas.parameters import Parameter, ParametersFile
from egendekning.study.schemas.rules import RuleSeries, RulesFile, RuleValue
from egendekning.study.schemas.scenario import BASELINE, Amount, Clause, Scenario

__all__ = [
    "BASELINE",
    "SCHEMAS",
    "Account",
    "Amount",
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
    "described",
    "json_schema",
]

SCHEMAS: Final[dict[str, type[BaseModel]]] = {
    "parameters": ParametersFile,
    "national_rules": RulesFile,
    "finance_rules": FinanceRules,
    "labels": LabelsFile,
    "municipality": Municipality,
    "checks": ChecksFile,
    "levers": LeversFile,
    "scenario": Scenario,
}
"""The schema of each kind of file."""


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file, for editors that complete and check YAML.

    Parameters
    ----------
    kind : str
        A key of `SCHEMAS`.

    Returns
    -------
    dict
        Draft 2020-12.
    """
    return described(SCHEMAS[kind])


def described(schema_class: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a file whose schema lives in another layer, in the form of `json_schema`."""
    schema = schema_class.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
