"""What results carry with them: how far the national rules are known."""

from __future__ import annotations

import json

from egendekning.ensemble import bind, design
from egendekning.ensemble.describe import provenance, rules_until
from egendekning.study import Study


def test_results_say_how_far_the_national_rules_are_known_and_how_they_go_on() -> None:
    bound = bind(Study.shipped())
    carried = provenance(bound, design(bound, 0, 1), ["baseline"])
    until = str(carried["rules_until"])
    assert until.startswith("2025 (")  # the rates of 2025 are the last that are published
    assert "special grant table: 2021" in until  # Grønt hefte 2021, the only one found
    assert "growth grant limit table: 2017" in until
    said = json.loads(str(carried["rules_extension"]))
    assert set(said) == set(bound.study.rules)
    assert all(text.strip() for text in said.values())


def test_a_rule_that_ends_early_is_named_with_its_year() -> None:
    bound = bind(Study.shipped())
    name = "symmetric rate table"
    series = bound.study.rules[name]
    cut = series.model_copy(update={"values": {y: v for y, v in series.values.items() if y <= 2023}})
    shorter = type(bound)(**{**vars(bound), "study": _with_rules(bound.study, {**bound.study.rules, name: cut})})
    assert "symmetric rate table: 2023" in rules_until(shorter)
    assert "symmetric rate table" not in rules_until(bound)


def _with_rules(study: Study, rules: dict[str, object]) -> Study:
    other = object.__new__(type(study))
    for field, value in vars(study).items():
        object.__setattr__(other, field, rules if field == "rules" else value)
    return other
