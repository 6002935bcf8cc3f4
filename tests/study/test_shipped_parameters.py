"""The shipped study says of every number what it is, how well it is known and who says so.

The model file and the tables beside it are held together both ways; the income system's figures reproduce the
settlement that the ministry published; observations end before the years kept for testing the model.
"""

from __future__ import annotations

import csv
import datetime
import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from egendekning.engine import Model, load
from egendekning.names import find, key
from egendekning.study import Study, disagreements

ROOT = Path(__file__).parents[2]
CONTROLS = {"initial time", "final time", "time step", "saveper"}
LAST_OBSERVED = datetime.date(2021, 1, 1)
EVIDENCE_FILES = ("parameters.yaml", "national_rules.yaml", "labels.yaml", "observations.csv", "README.md")
OUTCOMES = """
egendekning | jobs | jobs by class | employed residents | employed residents by education | live and work |
in commuters | out commuters | total population | population | population 15 to 74 | age weighted labour supply |
births | deaths | domestic in migration | domestic out migration | net immigration | net migration |
registered unemployed | unemployment rate | unemployed | furloughed | outside total | vacancy rate |
employment rate 15 to 74 | out commuting share | positions | dwellings | housing availability | available land |
own tax | income equalisation |
tax after equalisation | block grant | booked block grant | free income | property tax | operating income |
operating expenditure | total service cost | service cost | service level | social costs | social assistance |
social assistance recipients | child welfare | qualification programme | introduction programme |
lost tax of people outside work | lever operating cost | lever investment cost | lever cost | lever cost since start |
net operating result | net operating result share | net debt | net debt share | reserve fund | emissions |
emission cut | class diversity | education diversity | small firm share | egendekning in contracts |
egendekning in plan terms | share kept of own tax | tax of one more employed resident | jobs filled by unemployed |
jobs filled by out commuters | jobs filled by in commuters
"""


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.open(ROOT)


@pytest.fixture(scope="module")
def model(study: Study) -> Model:
    return load(study.model_file)


@pytest.fixture(scope="module")
def values(model: Model) -> dict[str, list[float]]:
    names = [name for name, item in model.variables.items() if item.kind == "constant"]
    return {name: np.ravel(value).tolist() for name, value in model.evaluate(names).items()}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (ROOT / "calibration" / "observations.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_study_and_model_agree_both_ways_and_every_range_holds_the_value(
    study: Study, model: Model, values: dict[str, list[float]]
) -> None:
    found = disagreements(study, model.variables, subscripts=model.subscripts, values=values)

    assert not found, "\n".join(map(str, found))


def test_every_constant_and_table_has_a_meaning_and_a_unit(model: Model) -> None:
    held = [v for v in model.variables.values() if v.kind in ("constant", "lookup") and key(v.name) not in CONTROLS]

    assert [v.name for v in held if not v.documentation.strip()] == []
    assert [v.name for v in held if not v.unit.strip()] == []


def test_every_assumption_is_judged_and_says_why(study: Study) -> None:
    assumed = {name: p for name, p in study.parameters.items() if p.basis == "assumption"}

    assert assumed, "a model of a town without assumptions would be a surprise"
    assert {p.grade for p in assumed.values()} == {"C"}
    assert [name for name, p in assumed.items() if len(p.source.split()) < 6] == []


def test_every_figure_that_is_no_assumption_names_a_publisher_a_definition_or_a_year(study: Study) -> None:
    known = re.compile(
        r"Statistics Norway|NAV|KDD|KMD|NBBL|IMDi|https?://|\b(19|20)\d\d\b|Definition|Unit conversion|Numerical|Switch"
    )
    sourced = {name: p.source for name, p in study.parameters.items() if p.basis != "assumption"}

    assert [name for name, source in sourced.items() if not known.search(source)] == []


def test_a_range_is_wider_than_a_point_and_a_drawn_delay_stays_above_zero(study: Study, model: Model) -> None:
    points, stopped = [], []
    for name, parameter in study.parameters.items():
        if parameter.low is None or parameter.high is None:
            continue
        if not np.any(np.asarray(parameter.low, float) < np.asarray(parameter.high, float)):
            points.append(name)
        if model.variables[name].unit == "year" and np.any(np.asarray(parameter.low, float) <= 0):
            stopped.append(name)

    assert points == []
    assert stopped == []


def test_a_share_is_never_drawn_outside_zero_to_one(study: Study, model: Model) -> None:
    shares = [n for n, v in model.variables.items() if v.kind == "constant" and re.search(r"\bshare\b", n)]
    outside = []
    for name in shares:
        found = find(name, study.parameters)
        if found is None or model.variables[name].unit != "Dmnl" or study.parameters[found].low is None:
            continue
        ends = np.ravel(np.concatenate([np.ravel(study.parameters[found].low), np.ravel(study.parameters[found].high)]))
        if ends.min() < 0 or ends.max() > 1:
            outside.append(name)

    assert outside == []


def test_national_rules_are_the_tables_of_the_model_file(study: Study, model: Model) -> None:
    point = re.compile(r"\(\s*([\d.]+)\s*,\s*(-?[\d.eE+-]+)\s*\)")
    for name, series in study.rules.items():
        written = [(float(x), float(y)) for x, y in point.findall(model.variables[name].equation)]
        assert list(zip(*series.points(), strict=True)) == written, name


def test_figures_after_the_last_publication_are_marked_as_assumptions(study: Study) -> None:
    for name, series in study.rules.items():
        later = {year: entry for year, entry in series.values.items() if year > LAST_PUBLISHED.get(name, 2025)}
        assert later, f"{name} is extended to the end of the horizon"
        assert {(entry.basis, entry.grade) for entry in later.values()} == {("assumption", "C")}, name


LAST_PUBLISHED = {"national need table": 2026}


def test_national_rules_reproduce_the_published_settlement_of_2020(study: Study, rows: list[dict[str, str]]) -> None:
    published = {r["series"]: float(r["value"]) for r in rows if r["period"] == "2020" and r["region"].startswith("Dr")}
    rule = {name: series.values[2020.0].value for name, series in study.rules.items()}
    national = rule["national tax table"]
    own = published["equalisation_own_tax"] * 1000 / published["equalisation_population"]

    equalised = (
        rule["symmetric rate table"] * (national - own)
        + rule["supplement rate table"] * max(0.0, 0.9 * national - own)
        - rule["equal deduction table"]
    )

    assert equalised == pytest.approx(published["equalisation_published_per_inhabitant"], abs=0.01)  # NOK, its rounding


def test_every_outcome_has_a_label_in_both_languages(study: Study, model: Model) -> None:
    outcomes = [" ".join(name.split()) for name in OUTCOMES.split("|")]

    assert [name for name in outcomes if find(name, model.variables) is None] == []
    assert [name for name in outcomes if find(name, study.labels) is None] == []
    assert [n for n, label in study.labels.items() if label.nb == label.en and n != "egendekning"] == []


def test_no_outcome_of_drammen_after_the_start_of_2021_is_known_to_the_study(rows: list[dict[str, str]]) -> None:
    late = [r for r in rows if r["region"].startswith("Drammen") and _end(r["period"]) > LAST_OBSERVED]

    assert late == []


def test_every_observation_has_a_source_a_grade_a_date_a_unit_and_an_error(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert row["grade"] in ("A", "B"), row
        assert all(row[column].strip() for column in ("series", "region", "period", "time", "unit", "source")), row
        assert float(row["measurement_error"]) >= 0, row


def test_observed_commuting_adds_up_to_the_person(rows: list[dict[str, str]]) -> None:
    count = {(r["series"], r["period"]): float(r["value"]) for r in rows if r["region"].startswith("Drammen")}
    for quarter in ("2017-Q4", "2018-Q4", "2019-Q4", "2020-Q4"):
        stay, jobs, residents = (
            count[name, quarter]
            for name in ("live_and_work_in_municipality", "jobs_by_workplace", "employed_residents")
        )
        assert stay + count["in_commuters", quarter] == jobs
        assert stay + count["out_commuters_total_residual", quarter] == residents
        assert count["self_coverage", quarter] == pytest.approx(100 * jobs / residents, abs=5e-5)  # four decimals


def test_observations_speak_of_variables_of_the_model(rows: list[dict[str, str]], model: Model) -> None:
    named = {row["variable"] for row in rows if row["variable"]}

    assert [name for name in named if find(name, model.variables) is None] == []


def test_evidence_cites_publications_and_not_copies_of_them() -> None:
    copies = re.compile(r"githubusercontent|github\.com|transcribed|data pack|\.\./shared|file://|\.json\b", re.I)
    found = [
        f"{path.name}: {line.strip()}"
        for path in itertools.chain((ROOT / "model").iterdir(), (ROOT / "calibration").iterdir())
        if path.name in EVIDENCE_FILES
        for line in path.read_text(encoding="utf-8").splitlines()
        if copies.search(line)
    ]

    assert found == []


def _end(period: str) -> datetime.date:
    """Return the day on which a period of the observations ends: a year, a quarter, a month or a day."""
    year = int(period[:4])
    if len(period) == 4:
        return datetime.date(year, 12, 31)
    if "Q" in period:
        return datetime.date(year, 3 * int(period[-1]), 28)
    if len(period) == 7:
        return datetime.date(year, int(period[5:]), 28)
    return datetime.date.fromisoformat(period)
