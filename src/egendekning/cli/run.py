"""`egendekning run`: one run of one scenario with the values of the model file, on the screen or in a file."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from egendekning.cli.app import common
from egendekning.cli.options import Language, LanguageOption
from egendekning.errors import EgendekningError, OutputError, Problem, StudyError

if TYPE_CHECKING:
    import xarray as xr

    from egendekning.ensemble import Bound
    from egendekning.study import Setting, Study

SUFFIXES: Final = (".csv", ".nc")
_EVERY: Final = 5
"""Years between the columns on the screen, beside the first two."""


def command(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(help="The scenario to run.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="LEVER=VALUE", help="Set a lever or driver on top of the scenario; repeatable."),
    ] = None,
    variables: Annotated[
        list[str] | None,
        typer.Option("--variables", metavar="NAME", help="Model variables; repeatable, or separated by commas."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write: .csv or .nc.", show_default=False)] = None,
    lang: LanguageOption = Language.nb,
) -> None:
    """Run one scenario once, with the values of the model file, and show the fourth quarter of the years."""
    from egendekning.ensemble import bind, run_scenarios

    study = common(context).open_study()
    extra = _parsed(study, scenario, settings or ())
    _check_file(out)
    bound = bind(study)
    outputs = _outputs(bound, variables or ())
    times = bound.model.time.times()
    result = run_scenarios(bound, [scenario], 0, 0, outputs, list(map(float, times)), extra=extra)
    one = result.isel(scenario=0, draw=0)
    _print(one, scenario, lang.value)
    from egendekning.cli.show import say_rules

    say_rules(study, times[0], times[-1], lang.value)
    if out is not None:
        _save(one, out)
        typer.echo(f"{out}: {len(outputs)} variables at {one.sizes['time']} times")


def _parsed(study: Study, scenario: str, settings: list[str] | tuple[()]) -> list[Setting]:
    """Return the settings; every problem with the scenario and with them in one error."""
    found: list[Setting] = []
    problems: list[Problem] = []
    try:
        study.scenario(scenario)
    except EgendekningError as error:
        problems += error.problems
    for text in settings:
        try:
            found.append(study.parse_setting(text))
        except EgendekningError as error:
            problems += error.problems
    if problems:
        raise StudyError(problems)
    return found


def _outputs(bound: Bound, variables: list[str] | tuple[()]) -> list[str]:
    """Return the model's spelling of the variables asked for; those of a comparison if none are."""
    from egendekning.ensemble.measures import OUTPUTS

    asked = [name.strip() for text in variables for name in text.split(",") if name.strip()]
    if not asked:
        known = [name for name in OUTPUTS if name in bound.model.variables]
        return known or [n for n, v in bound.model.variables.items() if v.kind == "stock"]
    found, problems = [], []
    for name in asked:
        try:
            found.append(bound.name(name))
        except EgendekningError as error:
            problems += [Problem("--variables", p.found, p.expected, p.nearest) for p in error.problems]
    if problems:
        raise StudyError(problems)
    return list(dict.fromkeys(found))


def _check_file(out: Path | None) -> None:
    """Raise where the file cannot be written, before anything is run."""
    if out is None:
        return
    if out.suffix not in SUFFIXES:
        fix = f"name it {out.stem or 'run'}.csv"
        raise OutputError(Problem(f"--out {out}", f"the suffix is {out.suffix!r}", " or ".join(SUFFIXES), fix=fix))
    folder = out.absolute().parent
    if out.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        found = "is a folder" if out.is_dir() else "its folder is missing or cannot be written"
        raise OutputError(Problem(f"--out {out}", found, "a file in a folder that you may write to"))


def _print(one: xr.Dataset, scenario: str, lang: str) -> None:
    """Print a row a variable, a column a year."""
    import numpy as np
    from rich.markup import escape

    from egendekning.cli.screen import console
    from egendekning.cli.show import amount, is_share, table
    from egendekning.ensemble.store import fourth_quarters

    rows = one.isel(time=fourth_quarters(one))
    years = np.floor(rows["time"].values).astype(int)
    if rows.sizes["time"] > 1 and rows["time"].values[-1] == years[-1]:
        rows, years = rows.isel(time=slice(None, -1)), years[:-1]  # 1 January of a year that is not run
    keep = [i for i, y in enumerate(years) if i < 2 or y % _EVERY == 0 or i == len(years) - 1]
    made = table(f"{one[f'title_{lang}'].item()} ({scenario})", ("", *(str(years[i]) for i in keep)), first_width=44)
    for name, array in rows.items():
        unit = str(array.attrs["unit"])
        for element, series in elements(str(name), array):
            label = str(array.attrs[f"label_{lang}"]) + element.removeprefix(str(name))
            decimals = int(array.attrs.get("decimals", 1 if unit == "Dmnl" else 0))
            said = "%" if is_share(unit, decimals) else str(array.attrs.get(f"unit_{lang}", unit))
            cells = [amount(float(series.values[i]), unit, decimals, lang) for i in keep]
            made.add_row(escape(label if said == "Dmnl" else f"{label}, {said}"), *cells)
    console().print(made)


def elements(name: str, array: xr.DataArray) -> list[tuple[str, xr.DataArray]]:
    """Return the series (time) of a variable, one an element, each with its full name."""
    from itertools import product

    dims = [str(d) for d in array.dims if d != "time"]
    found = []
    for chosen in product(*([str(e) for e in array[d].values] for d in dims)):
        inside = f"[{', '.join(chosen)}]" if chosen else ""
        found.append((name + inside, array.sel(dict(zip(dims, chosen, strict=True)))))
    return found


def _save(one: xr.Dataset, out: Path) -> None:
    """Write the run: every saved time, and in a CSV file how the national rules of the year are known."""
    import csv
    import json

    part = out.with_name(f".{out.name}.part")
    try:
        if out.suffix == ".nc":
            one.to_netcdf(part, engine="netcdf4")
        else:
            columns = [pair for name, array in one.items() for pair in elements(str(name), array)]
            with part.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                known: dict[str, str] = json.loads(str(one.attrs.get("rules_by_year", "{}")))
                rules = [known.get(f"{math.floor(time)}", "") for time in one["time"].values]
                writer.writerow(["time", *(name for name, _ in columns), *(["rules"] if known else [])])
                series = [one["time"].values, *(values.values for _, values in columns), *([rules] if known else [])]
                writer.writerows(zip(*series, strict=True))
        part.replace(out)
    except OSError as error:
        raise OutputError(
            Problem(f"--out {out}", f"cannot be written ({error.strerror})", "a writable file")
        ) from error
    finally:
        part.unlink(missing_ok=True)
