"""Figures against the shipped study: what each series means, worked out by hand from a run of the model file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from egendekning.cli import main
from egendekning.ensemble import Bound, Design, bind, design
from egendekning.errors import UsageError
from egendekning.study import Study
from egendekning.validate.observed import Observed, Years, history_of, read_observed
from egendekning.validate.predict import predictions, years_of
from egendekning.validate.scoring import score, with_error
from egendekning.validate.series import Error, SeriesMap, read_series

YEARS = Years(2019.0, 2050.0)
STEP = 1 / 32
COLUMNS = "series,period,value,unit"


@pytest.fixture(scope="module")
def bound() -> Bound:
    return bind(Study.shipped())


@pytest.fixture(scope="module")
def known(bound: Bound) -> SeriesMap:
    return read_series(bound)


@pytest.fixture(scope="module")
def run(bound: Bound) -> xr.Dataset:
    """Return every step to 2023 of what the hand calculations read, with the values of the model file."""
    names = ["jobs", "employed residents", "population", "total population", "net migration", "registered unemployed",
             "unemployment rate", "own tax", "price level", "income equalisation", "booked block grant", "net debt",
             "emissions by source", "dwellings", "births", "deaths"]  # fmt: skip
    return bound.model.simulate(outputs=names, time={"final": 2023.0, "saveper": STEP})


def table(folder: Path, *rows: str, header: str = COLUMNS) -> Path:
    path = folder / "figures.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def read(folder: Path, known: SeriesMap, *rows: str) -> Observed:
    return read_observed(table(folder, *rows), known, YEARS)


def year_mean(array: xr.DataArray, year: int) -> float:
    inside = (array["time"] >= year) & (array["time"] < year + 1)
    assert int(inside.sum()) == 32
    return float(array.where(inside, drop=True).mean())


MAPPED = (
    "jobs_by_workplace,2021-Q4,45000,persons",
    "self_coverage,2021-Q4,93,%",
    "population_1jan,2022-01-01,102000,persons",
    "population_1jan_age_6-15,2022-01-01,12000,persons",
    "population_1jan_age_80+,2022-01-01,4500,persons",
    "population_1jan_age_20,2022-01-01,1200,persons",
    "net_migration_total_incl_foreign,2021,300,persons/yr",
    "population_change,2021,400,persons/yr",
    "registered_unemployed_helt_ledige,2021-05,2500,persons",
    "registered_unemployed_helt_ledige_pct_labour_force,2021-05,4.8,%",
    "skatt på inntekt og formue,2021,3400000,1000 NOK",
    "rammetilskudd (A800),2021,2900,MNOK",
    "net income equalisation,2021,90000,1000 NOK",
    "netto lånegjeld,2021,9000000,1000 NOK",
    "ghg_industry_plants,2021,30000,t CO2e",
    "net_new_dwellings,2021,400,dwellings",
    "natural_increase_residual,2021,150,persons/yr",
)


@pytest.mark.slow
def test_every_series_is_read_from_a_run_as_hand_arithmetic_says(
    tmp_path: Path, bound: Bound, known: SeriesMap, run: xr.Dataset
) -> None:
    observed = read(tmp_path, known, *MAPPED)
    assert len(observed.figures) == len(MAPPED)
    said = dict(zip(MAPPED, predictions(bound, observed.figures, design(bound, 1, 1), "baseline")[0], strict=True))
    q4, first = run.sel(time=2021.875), run.sel(time=2022.0)
    ages = first["population"].values
    may = 2021 + 5 / 12  # between steps 77 and 78 of 1/32 year from 2019: 2.41667 * 32 = 77.33
    share = (may - 2019) * 32 - 77
    between = {
        name: float(run[name].sel(time=[2019 + 77 * STEP, 2019 + 78 * STEP]).values @ [1 - share, share])
        for name in ("registered unemployed", "unemployment rate")
    }
    level = 1.044  # the published deflator of 2021, 2020 = 1
    expected = (
        float(q4["jobs"]),
        100 * float(q4["jobs"]) / float(q4["employed residents"]),
        float(ages.sum()),
        float(ages[6:16].sum()),
        float(ages[80:].sum()),
        float(ages[20]),
        year_mean(run["net migration"], 2021),
        float(first["total population"] - run["total population"].sel(time=2021.0)),
        between["registered unemployed"],
        100 * between["unemployment rate"],
        level * year_mean(run["own tax"], 2021),
        level * year_mean(run["booked block grant"], 2021),
        level * year_mean(run["income equalisation"], 2021),
        level * float(run["net debt"].sel(time=2022 - STEP)),
        year_mean(run["emissions by source"].sel(source="plants"), 2021),
        float(first["dwellings"] - run["dwellings"].sel(time=2021.0)),
        year_mean(run["births"] - run["deaths"], 2021),
    )
    for row, hand in zip(MAPPED, expected, strict=True):
        assert said[row] == pytest.approx(hand, rel=1e-9), row


def test_amounts_come_out_in_one_unit_however_they_are_written(tmp_path: Path, known: SeriesMap) -> None:
    observed = read(
        tmp_path, known,
        "skatt på inntekt og formue,2021,3400000,1000 NOK", "rammetilskudd (A800),2021,2.9,billion NOK",
        "netto driftsresultat,2021,65500000,NOK", "self_coverage,2021-Q4,0.93,share",
        "ghg_industry_plants,2021,30000,t CO2e",
    )  # fmt: skip
    assert [f.value for f in observed.figures] == pytest.approx([3400.0, 2900.0, 65.5, 93.0, 30.0])


def test_other_names_of_a_series_are_the_same_series(tmp_path: Path, known: SeriesMap) -> None:
    observed = read(tmp_path, known, "tax_on_income_and_wealth,2021,3400,MNOK", "Egendekning,2021-Q4,93,%")
    assert [f.counterpart.series for f in observed.figures] == ["skatt på inntekt og formue", "self_coverage"]


def test_what_has_no_counterpart_is_left_out_with_the_reason(tmp_path: Path, known: SeriesMap) -> None:
    observed = read(
        tmp_path, known,
        "guest_nights_yoy,2021,3,%", "population_1jan_female_age_020,2022-01-01,600,persons",
        "population_1jan,2019-01-01,100581,persons", "jobs_by_workplace,2018-Q4,46473,persons",
        "population_1jan,2051-01-01,120000,persons", "jobs_by_workplace,2022-Q4,,persons",
        "population_1jan_age_67-90,2022-01-01,1,persons",
    )  # fmt: skip
    assert observed.figures == ()
    reasons = [item.reason for item in observed.left_out]
    assert ["counterpart" in r for r in reasons] == [True, True, False, False, False, False, True]
    assert "start of the run" in reasons[2]
    assert "start of the run" in reasons[3]
    assert "last year" in reasons[4]
    assert reasons[5] == "no value"


def test_rows_of_other_regions_are_left_out(tmp_path: Path, known: SeriesMap) -> None:
    rows = ("Lier", "Old Drammen (0602)", "Drammen (old, 0602)", "Drammen (2020 borders; sum of 0602+0625+0711)",
            "Drammen (2020 borders) -> Lier", "Drammen (konsern)", "Drammen")  # fmt: skip
    lines = [f'jobs_by_workplace,"{region}",{2021 + i}-Q4,45000,persons' for i, region in enumerate(rows)]
    path = table(tmp_path, *lines, header="series,region,period,value,unit")
    assert [f.period for f in read_observed(path, known, YEARS).figures] == ["2024-Q4", "2026-Q4", "2027-Q4"]


def test_everything_wrong_with_a_table_is_said_at_once(tmp_path: Path, known: SeriesMap) -> None:
    path = table(
        tmp_path,
        "jobs_by_workplace,the autumn of 2021,45000,persons",
        "jobs_by_workplace,2021-Q4,many,persons",
        "skatt på inntekt og formue,2021,3400,persons",
        "population_1jan,2022-01-01,102000,persons",
        "population_1jan,2022-01-01,102001,persons",
        "net_migration_total_incl_foreign,2021-Q4,70,persons/yr",
    )
    with pytest.raises(UsageError) as failure:
        read_observed(path, known, YEARS)
    places = [problem.where for problem in failure.value.problems]
    assert places == [f"{path}:{line}" for line in (2, 3, 4, 6, 7)]
    assert all(problem.expected and problem.fix for problem in failure.value.problems)


def test_faulty_rows_can_be_left_out_instead(tmp_path: Path, known: SeriesMap) -> None:
    path = table(tmp_path, "jobs_by_workplace,someday,1,persons", "jobs_by_workplace,2021-Q4,45000,persons")
    observed = read_observed(path, known, YEARS, lenient=True)
    assert len(observed.figures) == 1
    assert "someday" in observed.left_out[0].reason
    assert len(observed.faults) == 1


@pytest.mark.parametrize(
    "text",
    [
        "series;period;value;unit\njobs_by_workplace;2021-Q4;45000,5;persons\n",
        "\ufeffUnit,Value,note,Period,Series\npersons,45000.5,x,2021-Q4,jobs_by_workplace\n",
        'series\tperiod\tvalue\tunit\n"jobs_by_workplace"\t2021K4\t45\u00a0000,5\tpersoner\n',
    ],
)
def test_a_table_is_read_however_a_spreadsheet_wrote_it(tmp_path: Path, known: SeriesMap, text: str) -> None:
    path = tmp_path / "figures.csv"
    path.write_text(text, encoding="utf-8")
    (figure,) = read_observed(path, known, YEARS).figures
    assert (figure.counterpart.series, figure.value, figure.time) == ("jobs_by_workplace", 45000.5, 2021.875)


def test_a_comma_in_a_number_between_commas_is_not_guessed_at(tmp_path: Path, known: SeriesMap) -> None:
    with pytest.raises(UsageError, match="45,398"):
        read(tmp_path, known, 'jobs_by_workplace,2021-Q4,"45,398",persons')


def test_a_series_whose_name_holds_a_comma_is_found(tmp_path: Path, known: SeriesMap) -> None:
    (figure,) = read(tmp_path, known, '"netto driftsresultat, % of driftsinntekter",2021,4.8,%').figures
    assert figure.counterpart.reading == "mean"


def test_the_same_figure_by_two_names_counts_once(tmp_path: Path, known: SeriesMap) -> None:
    observed = read(
        tmp_path, known,
        "jobs_by_workplace,2021-Q4,45000,persons", "jobs,2021-Q4,45000,persons",
        "population_1jan,2024,104000,persons", "population,2024-01-01,104000,persons",
    )  # fmt: skip
    assert [f.row for f in observed.figures] == [2, 4]
    assert [item.reason for item in observed.left_out] == [
        "the same figure as on line 2",
        "the same figure as on line 4",
    ]


def test_a_table_of_faults_alone_is_refused_and_one_fault_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = table(tmp_path, "jobs_by_workplace,2021-Q4,45000,furlongs")
    assert main(["validate", "--observations", str(bad), "--json"]) == 2
    assert "furlongs" in capsys.readouterr().err
    both = table(tmp_path, "jobs_by_workplace,2021-Q4,45000,furlongs", "jobs_by_workplace,2022-Q4,46000,persons")
    assert main(["validate", "--observations", str(both), "--strict"]) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "does not exist"), ("series,period,value\na,2021,1\n", "no column 'unit'"), (f"{COLUMNS}\n", "no rows")],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, known: SeriesMap, text: str | None, words: str) -> None:
    path = tmp_path / "figures.csv"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        read_observed(path, known, YEARS)


def test_bad_options_and_a_missing_file_end_with_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--observations", str(tmp_path / "none.csv"), "--draws", "1", "--out", "x.txt"]) == 2
    said = capsys.readouterr().err
    assert "--draws" in said
    assert "suffix" in said
    assert main(["validate", "--observations", str(tmp_path / "none.csv")]) == 2


def test_the_error_of_measurement_widens_a_prediction_by_its_size(tmp_path: Path, known: SeriesMap) -> None:
    (figure,) = read(tmp_path, known, "self_coverage,2021-Q4,93,%").figures
    spread = with_error(np.full(400, 93.0), figure, seed=1)
    assert spread.std() == pytest.approx(0.3, rel=0.01)  # the register's 0.3 points
    assert np.array_equal(spread, with_error(np.full(400, 93.0), figure, seed=1))


def test_an_error_that_a_run_carries_on_grows_after_the_cut_off_only() -> None:
    error = Error(relative=0.005, absolute=30.0, yearly=0.003)
    assert error.size(10_000) == pytest.approx(np.hypot(30, 50))
    assert error.size(10_000, -1.0) == error.size(10_000)
    assert error.size(10_000, 5.0) == pytest.approx(np.hypot(30, 200))  # 0.5 % and five times 0.3 %


def test_benchmarks_know_nothing_of_what_they_predict(known: SeriesMap, bound: Bound) -> None:
    history = history_of([bound.study.calibration["observations.csv"], bound.study.calibration["history.csv"]], known)
    assert history["jobs_by_workplace"][-1] == (2020.875, 45398.0)
    assert dict(history["population_1jan"])[2005.0] == 85111
    assert max(time for points in history.values() for time, _ in points) <= 2021.0


@pytest.mark.slow
def test_the_shipped_figures_of_2019_and_2020_are_scored_from_end_to_end(
    tmp_path: Path, bound: Bound, known: SeriesMap, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scores.json"
    path = str(bound.study.calibration["observations.csv"])
    assert main(["validate", "--observations", path, "--draws", "40", "--out", str(out), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    written = json.loads(out.read_text(encoding="utf-8"))
    assert printed == written
    rows = {(row["series"], row["period"]): row for row in written["rows"]}
    jobs = rows["jobs_by_workplace", "2020-Q4"]
    assert jobs["value"] == 45398
    assert jobs["last_value"] == 46151
    assert jobs["error"] == pytest.approx(jobs["median"] - 45398)
    assert abs(jobs["error_percent"]) < 2
    assert {item["reason"] for item in written["skipped"] if item["series"] == "persons_per_household"} == {
        "the model has no counterpart"
    }


@pytest.mark.slow
def test_the_same_seed_gives_the_same_scores(tmp_path: Path, bound: Bound, known: SeriesMap) -> None:
    observed = read(tmp_path, known, "jobs_by_workplace,2021-Q4,45000,persons")
    first, second = (score(bound, observed, known, {}, design(bound, 30, 5)) for _ in range(2))
    assert first.rows[0] == second.rows[0]


def test_draws_are_cut_into_pieces_without_loss(bound: Bound) -> None:
    from egendekning.validate.predict import piece

    drawn: Design = design(bound, 4, 1)
    parts = [piece(drawn, 0, 2), piece(drawn, 2, 5)]
    name = next(iter(drawn.parameters))
    joined = np.concatenate([part.parameters[name].values for part in parts])
    assert np.array_equal(joined, drawn.parameters[name].values)
    assert [part.draws + 1 for part in parts] == [2, 3]


def test_the_model_years_are_those_of_the_file(bound: Bound) -> None:
    assert years_of(bound) == YEARS
