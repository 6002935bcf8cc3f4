"""`egendekning robust`: does the advice hold when the draws differ? Who beats whom, regret, stability of the order."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from egendekning.cli.app import common
from egendekning.cli.options import MOST_SEED, DrawsOption, Language, LanguageOption, OutOption, SeedOption

if TYPE_CHECKING:
    import xarray as xr

    from egendekning.study import Study

_PER_CENT: Final = 100.0
_SAYS: Final = {
    "nb": {
        "title": "Hvor godt rådet holder: {measure} ({better} er bedre), {draws} trekninger",
        "better": ("høyere", "lavere"),
        "heads": ("tiltak", "median", "best i, %", "slår neste i, %", "slår referansebanen i, %", "anger: middel",
                  "90 %", "største"),
        "order": "Rekkefølgen i en trekning stemmer med den etter median: Kendalls tau {tau} i snitt (1 er lik). "
                 "De tre beste er de samme i {top} % av trekningene.",
        "regret": "Anger: hva valget taper mot det beste i samme trekning{unit}; 90 % av trekningene ligger under.",
        "points": ", i prosentpoeng", "done": "Resultatene ligger i {folder}: {files}",
    },
    "en": {
        "title": "How well the advice holds: {measure} ({better} is better), {draws} draws",
        "better": ("higher", "lower"),
        "heads": ("policy", "median", "best in, %", "beats the next in, %", "beats the baseline in, %", "regret: mean",
                  "90 %", "largest"),
        "order": "A draw's order agrees with that by median: Kendall's tau {tau} on average (1 is the same). "
                 "The best three are the same in {top} % of the draws.",
        "regret": "Regret: what the choice loses to the best in the same draw{unit}; 90 % of the draws lie below.",
        "points": ", in percentage points", "done": "The results are in {folder}: {files}",
    },
}  # fmt: skip


def command(
    context: typer.Context,
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SCENARIO]...", help="Policies beside the baseline; all that are not events if left out."
        ),
    ] = None,
    measure: Annotated[str, typer.Option("--measure", help="What is better or worse, as in summary.csv.")] = (
        "egendekning@2040"
    ),
    lowest: Annotated[
        bool | None,
        typer.Option(
            "--lowest/--highest",
            help="Which number is the better; if left out, the lower of costs, debt, emissions, people without work "
            "and years to balance, the higher of all else.",
            show_default=False,
        ),
    ] = None,
    draws: DrawsOption = 500,
    seed: SeedOption = 1,
    out: OutOption = None,
    lang: LanguageOption = Language.nb,
) -> None:
    """Show in how many draws a policy beats another, what each choice may cost, and whether the order holds."""
    from contextlib import ExitStack

    from egendekning.cli.outdir import staged
    from egendekning.cli.policies import check_numbers, run_policies
    from egendekning.ensemble import bind, selected
    from egendekning.sensitivity.robustness import LEAST_DRAWS, levels, lower_is_better

    check_numbers(draws, LEAST_DRAWS, seed, MOST_SEED)
    study = common(context).open_study()
    chosen = selected(study, scenarios) if scenarios else _policies(study)
    with ExitStack() as stack:
        stage = stack.enter_context(staged(out)) if out is not None else None
        dataset = run_policies(bind(study), chosen, [measure], draws, seed)
        level = levels(dataset, measure)
        lower = lower_is_better(str(level.attrs["measure"])) if lowest is None else lowest
        level.attrs["lowest"] = int(lower)
        if stage is not None:
            _write(level, study, stage, lang.value, lowest=lower)
    _show(level, study, lang.value, lowest=lower)
    if out is not None:
        files = ", ".join(sorted(f"{p.name}/" if p.is_dir() else p.name for p in out.iterdir() if p.name[0] != "."))
        typer.echo(str(_SAYS[lang.value]["done"]).format(folder=out, files=files))


def _policies(study: Study) -> list[str]:
    """Return the scenarios in which the world outside does nothing of its own: those that can be chosen."""
    from egendekning.figures.context import context_of

    events = context_of("en", study).events
    return [name for name in study.scenarios if name not in events]


def _show(level: xr.DataArray, study: Study, lang: str, *, lowest: bool) -> None:
    """Print a row a policy, the best by median on top."""
    from rich.markup import escape

    from egendekning.cli.screen import console
    from egendekning.cli.show import amount, is_share, number, table
    from egendekning.figures.words import unit_of
    from egendekning.sensitivity.robustness import pairwise, regret_table, regrets, stability

    says = _SAYS[lang]
    found, wins = stability(level, lowest=lowest), pairwise(level, lowest=lowest)
    costs = regret_table(regrets(level, lowest=lowest))
    unit, decimals = str(level.attrs["unit"]), int(level.attrs["decimals"])
    share = is_share(unit, decimals)
    digits = 2 if share else max(decimals, 1)
    base = str(level["scenario"].values[0])
    screen = console()
    better = says["better"][int(lowest)]
    heading = str(says["title"]).format(measure=level.attrs[f"label_{lang}"], better=better, draws=level.sizes["draw"])
    screen.print(f"[bold]{escape(heading)}[/]", soft_wrap=True)
    made = table("", tuple(says["heads"]), first_width=40, width=16)
    made.title = None
    for name in found["scenario"].values:
        one = found.sel(scenario=name)
        over = float(wins.sel(scenario=name, other=base))
        shares = (number(_PER_CENT * float(v), 0, lang) for v in (one["best"], one["ahead"], over))
        lost = (number((_PER_CENT if share else 1.0) * float(v), digits, lang)
                for v in costs.sel(scenario=name).values)  # fmt: skip
        title = str(getattr(study.scenario(str(name)), f"title_{lang}"))
        made.add_row(escape(title), amount(float(one["median"]), unit, decimals, lang), *shares, *lost)
    screen.print(made)
    tau, top = number(found.attrs["agreement"], 2, lang), number(_PER_CENT * found.attrs["same_top"], 0, lang)
    screen.print(escape(str(says["order"]).format(tau=tau, top=top)), soft_wrap=True)
    said = says["points"] if share else f" ({unit_of(unit, lang)})"
    screen.print(escape(str(says["regret"]).format(unit=said)), soft_wrap=True)


def _write(level: xr.DataArray, study: Study, stage: Path, lang: str, *, lowest: bool) -> None:
    """Write the tables and the two maps."""
    import xarray as xr

    from egendekning.cli.policies import save_pages
    from egendekning.figures.context import context_of
    from egendekning.figures.robustness import regret_map, wins
    from egendekning.sensitivity.robustness import pairwise, regret_table, regrets, stability

    order = stability(level, lowest=lowest)["scenario"].values
    level = level.sel(scenario=order)
    share, regret = pairwise(level, lowest=lowest), regrets(level, lowest=lowest)
    tables = {"level": level, "better": share, "regret": regret, "regret_table": regret_table(regret)}
    xr.Dataset(tables, attrs=level.attrs).to_netcdf(stage / "robust.nc", engine="netcdf4")
    with (stage / "pairwise.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("scenario", "other", "share of draws in which scenario is better"))
        for name in order:
            for other in order:
                if name != other:
                    writer.writerow((name, other, f"{float(share.sel(scenario=name, other=other)):.6g}"))
    context = context_of(lang, study)
    rows = len(order)
    save_pages(
        {
            "pairwise": (lambda ax: wins(share, ax, context=context), rows),
            "regret": (lambda ax: regret_map(regret, level, ax, context=context), rows),
        },
        stage, lang,
    )  # fmt: skip
