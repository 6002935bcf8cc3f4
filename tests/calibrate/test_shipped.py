"""The shipped calibration: figures that may be used, noise that its series support, a posterior that was earned."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from egendekning.calibrate.files import read_files
from egendekning.calibrate.writeback import medians
from egendekning.ensemble import Bound, bind, design, run_scenarios
from egendekning.ensemble.design import element_ranges, shares_axis
from egendekning.ensemble.posterior import POSTERIOR, Posterior, read_posterior
from egendekning.names import split
from egendekning.study import Study

MEGABYTE = 2**20


@pytest.fixture(scope="module")
def shipped() -> Bound:
    return bind(Study.shipped())


@pytest.fixture(scope="module")
def posterior(shipped: Bound) -> Posterior:
    found = read_posterior(shipped)
    assert found is not None
    return found


def file(bound: Bound, name: str) -> Path:
    return bound.study.calibration[name]


def series(bound: Bound, name: str, region: str) -> NDArray[np.float64]:
    with file(bound, "process_series.csv").open(encoding="utf-8") as text:
        return np.array(
            [float(r["value"]) for r in csv.DictReader(text) if (r["series"], r["region"]) == (name, region)]
        )


def growth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.diff(np.log(values)))


def test_every_figure_of_drammen_is_used_or_left_out_for_a_reason(shipped: Bound) -> None:
    files = read_files(shipped.study)
    said = {name for group in files.model.groups.values() for name in group.series} | set(files.model.unused)
    ours = {f.series for f in files.figures if f.region == files.model.region and f.time >= files.model.since}
    assert ours - said == set()


def test_nothing_after_1_january_2021_is_used(shipped: Bound) -> None:
    files = read_files(shipped.study)
    assert files.model.until == 2021.0
    assert max(f.time for f in files.figures) <= 2021.0


def test_every_supporting_series_has_a_source_and_a_grade(shipped: Bound) -> None:
    with file(shipped, "process_series.csv").open(encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    assert all(row["source"] and row["grade"] in "ABC" for row in rows)
    assert all(int(row["period"][:4]) <= 2020 for row in rows)


def test_the_noise_of_migration_is_that_of_the_observed_years(shipped: Bound) -> None:
    files = read_files(shipped.study)
    noise = files.noise.root["in migration shock"]
    observed = np.std([f.value for f in files.figures if f.series == "net_migration_total_incl_foreign"], ddof=1)
    memory = np.mean(noise.autocorrelation)
    yearly = np.array(noise.sd) / np.sqrt(1 - memory**2) * np.sqrt((1 + memory) / 2)  # mean over a year of a line
    assert yearly[0] < observed < yearly[1]


def test_the_noise_of_the_regions_jobs_is_that_of_its_series(shipped: Bound) -> None:
    noise = read_files(shipped.study).noise.root["regional jobs shock"]
    towns = ("Oslo", "Bærum", "Asker (incl. Røyken+Hurum)", "Lier", "Kongsberg", "Øvre Eiker")
    weights = np.array([series(shipped, "out_commuters_to", town)[0] for town in towns])
    jobs = np.stack([series(shipped, "jobs_by_workplace", town) for town in towns])
    weighted = growth(weights @ (jobs / jobs[:, [1]]))
    oslo = growth(series(shipped, "county_employed_total", "Oslo"))
    for estimate in (weighted.std(ddof=1), oslo.std(ddof=1)):
        assert noise.sd[0] < estimate < noise.sd[1]
    private = growth(series(shipped, "county_employed_private", "Buskerud"))
    assert noise.follows is not None
    low, high = noise.follows.correlation
    assert low < np.corrcoef(private, oslo)[0, 1] < high


def test_the_noise_of_private_demand_spans_growth_with_and_without_lags(shipped: Bound) -> None:
    noise = read_files(shipped.study).noise.root["private demand shock"]
    counted = growth(series(shipped, "county_employed_private", "Buskerud")).std(ddof=1)
    damped = 0.6  # filled jobs after position adjustment of 1 to 2 years, see process_noise.yaml
    assert noise.sd[0] < counted < counted / damped < noise.sd[1]


def test_the_posterior_passed_its_gate(shipped: Bound, posterior: Posterior) -> None:
    assert posterior.rows >= 1000
    assert posterior.attrs["chains"] >= 4
    assert posterior.attrs["draws_per_chain"] >= 1000
    assert posterior.attrs["max_rhat"] < 1.01
    assert min(posterior.attrs["min_ess_bulk"], posterior.attrs["min_ess_tail"]) > 400
    assert posterior.attrs["divergences"] == 0
    assert file(shipped, POSTERIOR).stat().st_size < 5 * MEGABYTE


def test_the_posterior_holds_every_uncertain_parameter_within_its_range(shipped: Bound, posterior: Posterior) -> None:
    for written, parameter in shipped.study.parameters.items():
        name = shipped.name(written)
        if not parameter.drawn:
            assert name not in posterior.parameters
            continue
        values = posterior.parameters[name]
        axis = shares_axis(shipped.values[name], shipped.model.variables[name].unit)
        if axis is not None:
            assert values.sum(axis=axis + 1) == pytest.approx(1.0, abs=1e-6)
        elif parameter.relative is None:
            low, high = element_ranges(parameter, shipped.values[name])
            slack = 1e-6 * np.maximum(np.abs(low), np.abs(high))  # single precision
            assert np.all((values >= low - slack) & (values <= high + slack)), name


def test_the_model_file_holds_the_medians_of_what_the_data_moved(shipped: Bound, posterior: Posterior) -> None:
    wanted = medians(shipped, posterior)
    assert len(wanted) > 10
    apart = [name for name, value in wanted.items() if not np.allclose(shipped.values[name], value, rtol=1e-9)]
    assert apart == [], "run 'egendekning calibrate --write-model'"


@pytest.mark.slow
def test_the_model_file_alone_lies_in_the_middle_of_the_draws(shipped: Bound) -> None:
    drawn = design(shipped, 2000, 1)
    run = run_scenarios(shipped, ["baseline"], drawn, outputs=["egendekning"], times=[2030.875, 2040.875])
    values = 100.0 * run["egendekning"].isel(scenario=0).values
    # half a point is a seventh of the standard deviation of 2040, and five times the median's own error
    assert values[0] == pytest.approx(np.median(values[1:], axis=0), abs=0.5)


def test_the_noise_of_job_losses_spans_calm_years_and_recessions(shipped: Bound) -> None:
    noise = read_files(shipped.study).noise.root["job loss shock"]
    answer = 0.4  # percent more unemployed per percent more job losses, see process_noise.yaml
    calm = growth(series(shipped, "registered_unemployed_helt_ledige", "Norway")).std(ddof=1)
    recession = 0.13  # a third more in two years, 2014-2016 in the oil counties: half of its logarithm
    assert answer * noise.sd[0] < calm < recession < answer * noise.sd[1]


def test_the_noise_of_births_is_that_of_the_observed_years(shipped: Bound) -> None:
    noise = read_files(shipped.study).noise.root["fertility shock"]
    observed = np.log(series(shipped, "residents_age_0_over_expected_births", "Drammen (2020 borders)")).std(ddof=1)
    assert noise.sd[0] < observed < noise.sd[1]


def test_the_noise_of_the_result_is_that_of_the_years_before_the_merger(shipped: Bound) -> None:
    noise = read_files(shipped.study).noise.root["service cost shock"]
    both = series(shipped, "net_operating_result", "Drammen (0602)")
    both = both + series(shipped, "net_operating_result", "Nedre Eiker (0625)")[: len(both)]
    grown = both.std(ddof=1) * 8_500 / 6_900  # incomes of 2020 and of 2015-2018, MNOK
    memory = np.mean(noise.autocorrelation)
    yearly = np.array(noise.sd) / np.sqrt(1 - memory**2) * np.sqrt((1 + memory) / 2)
    assert yearly[0] < grown < yearly[1]


def test_intervals_held_the_truth_as_often_as_they_said(shipped: Bound) -> None:
    with file(shipped, "synthetic.csv").open(encoding="utf-8") as text:
        found = {(row["of"], row["name"]): float(row["value"]) for row in csv.DictReader(text)}
    assert found["run", "replicates"] >= 50
    assert found["run", "converged"] == found["run", "replicates"]
    assert abs(found["run", "coverage"] - found["run", "level"]) < 3 * found["run", "standard_error"]
    shifts = [value for (_, name), value in found.items() if name == "largest_shift_in_sd"]
    assert shifts
    assert max(shifts) < 0.5


def test_the_table_of_identifiability_belongs_to_the_posterior(shipped: Bound, posterior: Posterior) -> None:
    with file(shipped, "identifiability.csv").open(encoding="utf-8") as text:
        rows = {row["parameter"]: row for row in csv.DictReader(text)}
    assert {split(name)[0] for name in rows} == set(posterior.parameters)
    for name in ("quit elasticity", "tax capacity 2020", "zoning delay"):
        assert float(rows[name]["posterior_mean"]) == pytest.approx(posterior.parameters[name].mean(), rel=0.02)
