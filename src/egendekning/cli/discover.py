"""`egendekning discover`: when does a policy fail? Boxes of uncertain numbers, in words, with how far they hold."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from egendekning.cli.app import common
from egendekning.cli.discover_words import SAYS, sentences
from egendekning.cli.options import MOST_SEED, Language, LanguageOption, OutOption, SeedOption

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from egendekning.ensemble import Bound, Design

_PER_CENT: Final = 100.0
_LEAST_DRAWS: Final = 60
EXAMPLE: Final = "egendekning@2040 < 1"
"""When the plan fails: fewer jobs than employed residents."""


def command(
    context: typer.Context,
    policy: Annotated[str, typer.Argument(help="The scenario that may fail.")] = "full_toolbox",
    fails: Annotated[
        str,
        typer.Option(
            "--fails",
            metavar="STATEMENT",
            help="True where it fails: MEASURE < NUMBER, percentage or other scenario; measures as in summary.csv.",
        ),
    ] = EXAMPLE,
    methods: Annotated[
        list[str] | None, typer.Option("--method", help="prim or cart; repeatable. Both if left out.")
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help="Number of draws.")] = 1000,
    seed: SeedOption = 1,
    out: OutOption = None,
    lang: LanguageOption = Language.nb,
) -> None:
    """Find the conditions under which a policy fails, and say them in words (needs the extra 'discover')."""
    from contextlib import ExitStack

    from egendekning.cli.outdir import staged
    from egendekning.cli.policies import check_numbers, run_policies
    from egendekning.ensemble import bind, design
    from egendekning.sensitivity.discovery import METHODS, check_methods, discover
    from egendekning.sensitivity.failing import failing, parse_failure

    check_numbers(draws, _LEAST_DRAWS, seed, MOST_SEED)
    study = common(context).open_study()
    study.scenario(policy)
    failure = parse_failure(fails, list(study.scenarios))
    check_methods(methods or METHODS)
    with ExitStack() as stack:
        stage = stack.enter_context(staged(out)) if out is not None else None
        bound = bind(study)
        drawn = design(bound, draws, seed)
        names = list(dict.fromkeys([policy, failure.other or policy]))
        runs = run_policies(bound, names, [failure.measure], drawn, seed)
        bad = failing(runs, policy, failure)
        table, inputs, units = _inputs(bound, drawn, float(runs["time"].values[-1]))
        found = {
            m: _labelled(discover(table, inputs, bad, m, seed, units), bound) for m in dict.fromkeys(methods or METHODS)
        }
        title = str(getattr(study.scenario(policy), f"title_{lang.value}"))
        if stage is not None:
            _write(found, stage, title, lang.value)
    _show(found, title, str(failure), lang.value)
    if out is not None:
        files = ", ".join(sorted(f"{p.name}/" if p.is_dir() else p.name for p in out.iterdir() if p.name[0] != "."))
        typer.echo(SAYS[lang.value]["done"].format(folder=out, files=files))


def _inputs(bound: Bound, drawn: Design, end: float) -> tuple[np.ndarray, list[str], list[str]]:
    """Return the drawn constants, (draw, input), with names and units; process noise is left out."""
    import numpy as np

    from egendekning.ensemble.inputs import NOISE, inputs_of
    from egendekning.names import split

    blocks, labels = inputs_of(bound, drawn, end)
    kept = [basis for basis in blocks if basis != NOISE]
    names = [name for basis in kept for name in labels[basis]]
    table = np.concatenate([blocks[basis] for basis in kept], axis=1)
    variables = bound.model.variables
    heads = [split(name)[0] for name in names]
    return table, names, [variables[head].unit if head in variables else "" for head in heads]


def _labelled(found: xr.Dataset, bound: Bound) -> xr.Dataset:
    """Return boxes with what a planner calls each input beside its name, the elements left in brackets."""
    from egendekning.ensemble.describe import label_of

    names = [str(name).partition("[") for name in found["factor"].values]
    labels = [label_of(bound, head) for head, _, _ in names]
    said = {
        f"factor_{lang}": ("factor", [f"{getattr(label, lang) if label else head}{bracket}{inside}"
                                      for (head, bracket, inside), label in zip(names, labels, strict=True)])
        for lang in ("nb", "en")
    }  # fmt: skip
    return found.assign_coords(said)


def _show(found: dict[str, xr.Dataset], title: str, fails: str, lang: str) -> None:
    """Print every box as a sentence."""
    from rich.markup import escape

    from egendekning.cli.screen import console
    from egendekning.cli.show import number

    says, screen = SAYS[lang], console()
    first = next(iter(found.values()))
    base = number(_PER_CENT * first.attrs["base"], 0, lang)
    heading = says["title"].format(policy=title, fails=fails, base=base, draws=number(first.attrs["draws"], 0, lang))
    screen.print(f"[bold]{escape(heading)}[/]", soft_wrap=True)
    for method, one in found.items():
        for line in sentences(one, method, lang) or [says["none"].format(method=method.upper())]:
            screen.print(escape(f"  {line}"), soft_wrap=True)
    screen.print(escape(says["how"].format(inputs=first.attrs["inputs"])), soft_wrap=True)
    if first.attrs["base"] > 0.5:
        turned = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
        measure, sign, limit = fails.rsplit(" ", 2)
        screen.print(escape(says["most"].format(other=f"{measure} {turned[sign]} {limit}")), soft_wrap=True)


def _write(found: dict[str, xr.Dataset], stage: Path, title: str, lang: str) -> None:
    """Write the boxes as CSV, everything as NetCDF, and the figures."""
    from functools import partial

    from egendekning.cli.policies import save_pages
    from egendekning.figures.discovery import box, peeling
    from egendekning.figures.words import Words

    with (stage / "boxes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("method", "box", "input", "unit", "low", "high", "quasi_p_low", "quasi_p_high", "coverage",
                         "density", "coverage_held_back", "density_held_back", "p_held_back"))  # fmt: skip
        for method, one in found.items():
            writer.writerows((method, *row) for row in _rows(one))
    pages = {}
    for mode, (method, one) in zip("wa", found.items(), strict=False):
        one.to_netcdf(stage / "boxes.nc", mode=mode, group=method, engine="netcdf4")  # type: ignore[call-overload]
    words = Words(lang)
    for method, one in found.items():
        if "path_density" in one:
            pages["peeling"] = (partial(peeling, one, policy=title, words=words), 9)
        for number in one["box"].values[:1]:
            pages[f"box_{method}"] = (partial(box, one, number=int(number), words=words), 9)
    save_pages(pages, stage, lang)


def _rows(one: xr.Dataset) -> list[tuple[object, ...]]:
    """Return a row for every input that a box limits."""
    import numpy as np

    rows: list[tuple[object, ...]] = []
    for number in one["box"].values:
        chosen = one.sel(box=number)
        scores = [f"{float(chosen[name].sel(part=part)):.6g}" for part in ("fit", "held back")
                  for name in ("coverage", "density")]  # fmt: skip
        scores.append(f"{float(chosen['held_back_p']):.6g}")
        for i in np.flatnonzero(np.isfinite(chosen["limit"].values).any(axis=1)):
            ends = [*chosen["limit"].values[i], *chosen["quasi_p"].values[i]]
            unit = str(chosen["unit"].values[i]) if "unit" in chosen.coords else ""
            rows.append((int(number), str(chosen["factor"].values[i]), unit,
                         *(f"{v:.6g}" if v == v else "" for v in ends), *scores))  # fmt: skip
    return rows
