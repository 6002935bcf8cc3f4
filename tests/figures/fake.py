"""A comparison made of simple curves, shaped to the letter like one from `egendekning.ensemble`, and a study to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import xarray as xr

from egendekning.study import Municipality

DRAWS = 60
TIME = np.arange(2019.125, 2050.0, 0.25)
CLASSES = ("trade", "regional", "national", "public")
PARTS = (*(f"jobs {name}" for name in CLASSES), "population", "age mix", "employment rate")
STATISTICS = ("reference", "p10", "p50", "p90", "diff_reference", "diff_p10", "diff_p50", "diff_p90")

# id: title nb, title en, jobs by class beside the baseline in 2040, employed residents beside it, MNOK a year, kind
SCENARIOS = {
    "baseline": ("Referansebane", "Baseline", (0, 0, 0, 0), 0, 0, "policy"),
    "no_covid": ("Uten pandemi (kontrafaktisk)", "No Covid (counterfactual)", (60, 20, 0, 0), 30, 0, "event"),
    "slow_recovery": ("Langsom gjenåpning", "Slow recovery", (-150, -60, -20, 0), -80, 0, "event"),
    "housing_led": ("Boligdrevet vekst", "Housing-led growth", (260, 340, 0, 240), 2300, 14, "policy"),
    "business_land": ("Næringsareal", "Business land", (120, 620, 560, 20), 330, 12, "policy"),
    "dense_centre": ("Tett sentrum og besøk", "Dense centre and visitors", (540, 160, 0, 30), 420, 22, "policy"),
    "procurement": ("Anskaffelser", "Procurement", (90, 260, 0, 0), 70, 9, "policy"),
    "framework": ("Forutsigbare rammevilkår", "Predictable framework", (60, 330, 160, 0), 110, 8, "policy"),
    "inclusion": ("Inkludering i arbeidslivet", "Inclusion in working life", (40, 30, 0, 60), 420, 31, "policy"),
    "green_shift": ("Grønt skifte", "Green shift", (-20, 180, 210, 20), 90, 15, "policy"),
    "technology": ("Teknologi og hjemflagging", "Technology and reshoring", (-30, 90, 380, -40), 60, 18, "policy"),
    "port": ("Intermodal havn", "Intermodal port", (0, 160, 220, 0), 80, 11, "policy"),
    "full_toolbox": ("Hele virkemiddelapparatet", "The full toolbox", (800, 1800, 1500, 90), 1300, 126, "mix"),
    "pandemic_2030": ("Ny pandemi i 2030", "A new pandemic in 2030", (-110, -50, -10, 0), -60, 0, "event"),
    "pandemic_2030_toolbox": ("Ny pandemi, hele virkemiddelapparatet", "A new pandemic, full toolbox",
                              (700, 1760, 1480, 90), 1250, 126, "event"),
    "oil_price_fall": ("Oljeprisfall", "Oil-price fall", (-40, -130, -240, 0), -120, 0, "event"),
    "land_full": ("Referansebane med fulle næringsarealer", "Baseline with business land full", (-30, -310, -330, 0),
                  -190, 0, "event"),
}  # fmt: skip


MUNICIPALITY = Municipality.model_validate(
    {
        "name": "Drammen",
        "plan_level": {"value": 97, "year": 2019, "nb": "cirka 97 prosent", "en": "about 97 per cent", "source": "plan",
                       "grade": "A"},
        "climate_target": {"cut": 0.55, "year": 2030, "base_year": 2009, "source": "plan", "grade": "B"},
    }
)  # fmt: skip


@dataclass
class FakeComparison:
    """What `egendekning.ensemble.Comparison` offers to figures and reports."""

    dataset: xr.Dataset
    summary: xr.Dataset
    decomposition: xr.DataArray
    from_baseline: xr.DataArray


@dataclass
class FakeStudy:
    """What figures and reports ask of a study."""

    scenarios: Mapping[str, SimpleNamespace]
    parameters: Mapping[str, SimpleNamespace]
    levers: Mapping[str, SimpleNamespace] = field(default_factory=dict)
    drivers: Mapping[str, SimpleNamespace] = field(default_factory=dict)
    calibration: Mapping[str, Path] = field(default_factory=dict)
    municipality: Municipality | None = MUNICIPALITY


def study(history: Path | None = None) -> FakeStudy:
    """Return a study whose scenarios set one lever or one driver each."""
    scenarios = {}
    for name, (nb, en, _, _, _, kind) in SCENARIOS.items():
        setting = {"weather": 1} if kind == "event" else {"land": 20}
        clause = SimpleNamespace(text_nb=f"Klausul for {nb.lower()}.", text_en=f"Clause for {en.lower()}.", set=setting,
                                 start=2022.0, ramp=None)  # fmt: skip
        scenarios[name] = SimpleNamespace(
            id=name, title_nb=nb, title_en=en, description_nb=f"{nb} for seg selv.", description_en=f"{en} alone.",
            base=("technology", "port") if kind == "mix" else (), clauses=() if name == "baseline" else (clause,),
        )  # fmt: skip
    kinds = ("source", "derived", "assumption", "assumption")
    parameters = {f"constant {n}": SimpleNamespace(drawn=True, basis=kind) for n, kind in enumerate(kinds)}
    parameters["fixed one"] = SimpleNamespace(drawn=False, basis="assumption")
    data = {} if history is None else {"observations.csv": history}
    return FakeStudy(scenarios, parameters, {"land": SimpleNamespace()}, {"weather": SimpleNamespace()}, data)


def comparison(names: tuple[str, ...] = tuple(SCENARIOS)) -> FakeComparison:
    """Return a comparison of the scenarios named."""
    dataset = xr.concat([_runs(name) for name in names], dim="scenario").assign_coords(scenario=list(names))
    dataset = dataset.assign_coords(
        title_nb=("scenario", [SCENARIOS[name][0] for name in names]),
        title_en=("scenario", [SCENARIOS[name][1] for name in names]),
    )
    dataset.attrs = {"version": "0.1.0", "model_hash": "a1" * 32, "study_hash": "b2" * 32, "seed": 1, "draws": DRAWS,
                     "precedence": "model file < draws < scenario"}  # fmt: skip
    over_time = _accounts(dataset.sel(time=2019.875), dataset.sel(time=2040.875))
    end = dataset.sel(time=2040.875)
    apart = _accounts(end.sel(scenario=["baseline"] * len(names)).assign_coords(scenario=list(names)), end)
    return FakeComparison(dataset, _summary(dataset), over_time, apart)


def _runs(name: str) -> xr.Dataset:
    """Return the draws of one scenario, without the scenario axis; the same noise for each."""
    rng = np.random.default_rng(7)
    _, _, extra, residents, cost, kind = SCENARIOS[name]
    t = TIME[None, :] - 2019
    noise = np.concatenate([np.zeros((1, 8)), rng.normal(size=(DRAWS, 8))])[:, :, None]
    ramp = 1 / (1 + np.exp(-(t - 11) / 3)) if kind != "event" else 1 / (1 + np.exp(-(t - 2) / 1.5))
    strength = 1 + 0.35 * noise[:, 0]
    jobs = np.stack(
        [
            start * (1 + rate * t + 0.0016 * noise[:, n + 1] * t) + strength * change * ramp
            for n, (start, rate, change) in enumerate(
                zip((11800, 14400, 5000, 15100), (0.002, 0.008, 0.006, 0.0068), extra, strict=True)
            )
        ],
        axis=-1,
    )
    dip = -900 * np.exp(-(((t - 1.7) / 0.7) ** 2)) * (name != "no_covid")
    jobs[..., 0] += dip
    total = jobs.sum(axis=-1)
    people = (100600 + 550 * t) * (1 + 0.0009 * noise[:, 5] * t) + 1.9 * strength * residents * ramp
    adults = people * 0.752 * (1 - 0.0008 * t)
    rate = 0.6502 + 0.0006 * t + 0.0005 * noise[:, 6] * t
    employed = adults * rate + 0.1 * dip
    live = 0.6 * total
    tax = 3.05e-2 * people * (1 + 0.008 * t) + 0.02 * (employed - 49153)
    kept = np.where(noise[:, 7] * np.ones_like(t) > -1.8, 0.39, 0.07)
    spent = cost * ramp * np.ones_like(noise[:, 0])
    income = 8300 + 125 * t + 0 * total
    result = 0.019 * income - 0.4 * spent + 60 * noise[:, 7] + 0.02 * (employed - 52000)
    emissions = 233 * np.exp(-0.018 * t * (1 + 0.1 * noise[:, 4]) - (0.05 * ramp if name == "green_shift" else 0))
    flat = {
        "egendekning": (total / employed, "Dmnl"),
        "egendekning in contracts": (1.08 * total / employed, "Dmnl"),
        "egendekning in plan terms": (total / employed + 0.038, "Dmnl"),
        "jobs": (total, "person"),
        "employed residents": (employed, "person"),
        "live and work": (live, "person"),
        "in commuters": (total - live, "person"),
        "out commuters": (employed - live, "person"),
        "total population": (people, "person"),
        "population 15 to 74": (adults, "person"),
        "age weighted labour supply": (adults * 0.648, "person"),
        "employment rate 15 to 74": (rate + 0 * total, "Dmnl"),
        "unemployment rate": (0.031 + 0.00002 * noise[:, 3] * t - 1e-7 * strength * sum(extra) * ramp, "Dmnl"),
        "own tax": (tax, "MNOK/year"),
        "tax after equalisation": (tax + 85 - 0.6 * 0.02 * (employed - 49153), "MNOK/year"),
        "block grant": (2560 + 30 * t + 0 * total, "MNOK/year"),
        "social costs": (715 - 1.5 * t - 0.004 * strength * sum(extra) * ramp, "MNOK/year"),
        "lever cost": (spent, "MNOK/year"),
        "lever cost since start": (np.cumsum(spent, axis=-1) * 0.25, "MNOK"),
        "operating income": (income, "MNOK/year"),
        "net operating result": (result, "MNOK/year"),
        "net operating result share": (result / income, "Dmnl"),
        "emissions": (emissions, "kt CO2e/year"),
        "emission cut": (1 - emissions / 300, "Dmnl"),
        "share kept of own tax": (kept, "Dmnl"),
        "service level": (1 - 0.6 * spent / income + 0 * total, "Dmnl"),
        "tax of one more employed resident": (44700 + 400 * t + 0 * total, "NOK/(person*year)"),
    }
    coords = {"draw": np.arange(DRAWS + 1), "time": TIME}
    data = {key: (("draw", "time"), values, {"unit": unit}) for key, (values, unit) in flat.items()}
    by_class = (("draw", "time", "class"), jobs, {"unit": "person"})
    return xr.Dataset({**data, "jobs by class": by_class}, coords={**coords, "class": list(CLASSES)})


def _accounts(start: xr.Dataset, end: xr.Dataset) -> xr.DataArray:
    """Split a change by the logarithmic mean, which leaves no rest: dims (scenario, draw, part)."""
    before, after = start["egendekning"], end["egendekning"]
    weight = (after - before) / np.log(after / before)
    weight = weight.where(np.isfinite(weight), before)
    jobs, later = start["jobs"], end["jobs"]
    mean_jobs = ((later - jobs) / np.log(later / jobs)).where(np.abs(later - jobs) > 1e-9, jobs)
    by_class = (weight / mean_jobs * (end["jobs by class"] - start["jobs by class"])).transpose(
        "scenario", "draw", "class"
    )
    people = -weight * np.log(end["population 15 to 74"] / start["population 15 to 74"])
    mix = -weight * np.log(
        (end["age weighted labour supply"] / end["population 15 to 74"])
        / (start["age weighted labour supply"] / start["population 15 to 74"])
    )
    work = -weight * np.log(
        (end["employed residents"] / end["age weighted labour supply"])
        / (start["employed residents"] / start["age weighted labour supply"])
    )
    table = np.concatenate([by_class.values, *(array.values[..., None] for array in (people, mix, work))], axis=-1)
    coords = {"scenario": end["scenario"].values, "draw": end["draw"].values, "part": list(PARTS)}
    return xr.DataArray(table, dims=("scenario", "draw", "part"), coords=coords)


def _summary(dataset: xr.Dataset) -> xr.Dataset:
    """Return every measure of the contract with its eight statistics."""
    flows = {"own tax", "tax after equalisation", "block grant", "social costs", "lever cost", "net operating result",
             "net operating result share", "emissions"}  # fmt: skip
    levels = ["egendekning", "egendekning in contracts", "egendekning in plan terms", "jobs", "employed residents",
              "live and work", "in commuters", "out commuters", "total population", "unemployment rate",
              "lever cost since start", "share kept of own tax", "tax of one more employed resident"]  # fmt: skip
    measures: dict[str, np.ndarray] = {}
    for year in (2025, 2030, 2040):
        for name in (*levels, *sorted(flows)):
            if year == 2025 and name != "egendekning":
                continue
            series = dataset[name]
            inside = (series["time"] > year) & (series["time"] < year + 1)
            value = series.sel(time=inside).mean("time") if name in flows else series.sel(time=year + 0.875)
            measures[f"{name}@{year}"] = value.values
        if year > 2025:
            for element in CLASSES:
                value = dataset["jobs by class"].sel(time=year + 0.875, **{"class": element})
                measures[f"jobs by class[{element}]@{year}"] = value.values
    reached = (dataset["egendekning"] >= 1) & (dataset["time"] > 2021)
    first = np.where(reached.any("time"), dataset["time"].values[reached.argmax("time").values], np.inf)
    tables = {name: _statistics(values) for name, values in measures.items()}
    tables["year of balance"] = _years(first)
    for name, year in {**{f"probability@{y}": y + 1 for y in (2030, 2035, 2040)}, "share reaching": 2051}.items():
        tables[name] = _shares(first < year)
    array = np.stack(list(tables.values()), axis=1)
    coords = {"scenario": dataset["scenario"].values, "measure": list(tables), "statistic": list(STATISTICS)}
    return xr.Dataset({"value": (("scenario", "measure", "statistic"), array)}, coords=coords)


def _statistics(values: np.ndarray) -> np.ndarray:
    """(scenario, draw) to (scenario, statistic)."""
    columns = []
    for table in (values, values - values[:1]):
        columns += [table[:, 0], *np.quantile(table[:, 1:], (0.1, 0.5, 0.9), axis=1)]
    return np.stack(columns, axis=1)


def _years(first: np.ndarray) -> np.ndarray:
    """Never counts as later than everything; a quantile among the nevers is NaN, and so are all differences."""
    absolute = np.stack([first[:, 0], *np.quantile(first[:, 1:], (0.1, 0.5, 0.9), axis=1, method="higher")], axis=1)
    absolute[~np.isfinite(absolute)] = np.nan
    return np.concatenate([absolute, np.full_like(absolute, np.nan)], axis=1)


def _shares(hits: np.ndarray) -> np.ndarray:
    """Share of draws 1 and up; 0 or 1 for the reference draw."""
    share, own = hits[:, 1:].mean(axis=1), hits[:, 0].astype(float)
    columns = [own, share, share, share, own - own[0], *([share - share[0]] * 3)]
    return np.stack(columns, axis=1)
