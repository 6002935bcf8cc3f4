"""`egendekning finance`: economy-plan tables that add up, effects taken apart, and who gains, in three files.

Also the template for the department's own figures, and the settlement of any municipality. Everything that can be wrong
with the request is found before anything is run; the folder appears whole or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from egendekning.cli.app import common
from egendekning.cli.finance_options import (
    AgainstOption,
    DeflatorOption,
    JulyOption,
    NationalTaxOption,
    OverrideOption,
    OwnTaxOption,
    PopulationOption,
    PricesOption,
    SettlementOption,
    TaxOption,
    TemplateOption,
    YearBeforeOption,
    YearsOption,
)
from egendekning.cli.finance_request import one_task, requested
from egendekning.cli.options import DrawsOption, Language, LanguageOption, OutOption, SeedOption
from egendekning.cli.outdir import room

if TYPE_CHECKING:
    from egendekning.ensemble import Bound
    from egendekning.finance.tables import Finance, Request

_SAYS: Final = {
    "nb": {"run": "Kjører", "title": "{scenario} mot {against}, mill. kr, {prices}", "fixed": "faste 2020-kroner",
           "nominal": "løpende kroner", "line": "", "effect": "Virkning på netto driftsresultat",
           "done": "Resultatene ligger i {folder}: finance.xlsx, finance.csv, finance.nc",
           "template": "{path}: fyll ut de gule cellene og bruk --override {path}"},
    "en": {"run": "Running", "title": "{scenario} against {against}, MNOK, {prices}", "fixed": "fixed 2020 NOK",
           "nominal": "NOK of each year", "line": "", "effect": "Effect on the net operating result",
           "done": "The results are in {folder}: finance.xlsx, finance.csv, finance.nc",
           "template": "{path}: fill in the yellow cells and use --override {path}"},
}  # fmt: skip
_TEMPLATE: Final = Path("egne-tall.xlsx")
_LINES: Final = ("free_income", "operating_income", "operating_expenditure", "net_operating_result", "result_share",
                 "fund_share", "net_debt_share")  # fmt: skip
_PARTS: Final = ("own_tax", "equalisation", "block_grant", "other_revenue", "services", "digital_saving", "social",
                 "levers", "finance", "before_standard", "standard", "total")  # fmt: skip


def command(
    context: typer.Context,
    scenario: Annotated[str | None, typer.Argument(help="The scenario.", show_default=False)] = None,
    against: AgainstOption = "baseline",
    years: YearsOption = "2021-2024",
    prices: PricesOption = "fixed",
    deflator: DeflatorOption = "final",
    draws: DrawsOption = 500,
    seed: SeedOption = 1,
    override: OverrideOption = None,
    template: TemplateOption = False,
    settlement: SettlementOption = None,
    tax: TaxOption = None,
    own_tax: OwnTaxOption = None,
    population: PopulationOption = None,
    national_tax: NationalTaxOption = None,
    july: JulyOption = None,
    year_before: YearBeforeOption = None,
    out: OutOption = None,
    lang: LanguageOption = Language.nb,
) -> None:
    """Make economy-plan tables that add up: workbook, CSV and NetCDF of a scenario against another."""
    settling = {"--tax-per-inhabitant": tax, "--own-tax": own_tax, "--population": population,
                "--national-tax": national_tax, "--population-july": july,
                "--population-year-before": year_before}  # fmt: skip
    one_task({"--settlement": settlement, "--template": template or None, "SCENARIO": scenario,
               "--override": override, "--out": out, **settling}, tuple(settling))  # fmt: skip
    study = common(context).open_study()
    if settlement is not None:
        from egendekning.cli.settlement import show_settlement

        show_settlement(study, settlement, lang.value, tax=tax, own_tax=own_tax, population=population,
                        national_tax=national_tax, july=july, year_before=year_before)  # fmt: skip
        return
    from egendekning.ensemble import bind

    if template:
        _template(bind(study), out if out is not None else _TEMPLATE, lang.value)
        return
    request = requested(scenario, against, years, prices, deflator, draws, seed)
    _run(bind(study), request, override, out, lang.value)


def _run(bound: Bound, request: Request, override: Path | None, out: Path | None, lang: str) -> None:
    """Run, write and print."""
    from egendekning.cli.outdir import staged
    from egendekning.finance.files import write_csv, write_netcdf
    from egendekning.finance.reading import read_own
    from egendekning.finance.tables import check_request, finance
    from egendekning.finance.workbook import write_workbook

    check_request(bound, request)
    own = read_own(override, bound.study) if override is not None else None
    folder = out if out is not None else Path(f"egendekning-finance-{request.scenario}")
    with staged(folder) as stage:
        from rich.console import Console

        with Console(stderr=True).status(_SAYS[lang]["run"]):
            tables = finance(bound, request, own)
        with room(folder):
            write_workbook(tables, stage / "finance.xlsx", bound.study, lang)
            write_csv(tables, stage / "finance.csv")
            write_netcdf(tables, stage / "finance.nc")
    _print(tables, lang, folder)


def _template(bound: Bound, path: Path, lang: str) -> None:
    """Write the template."""
    from egendekning.errors import OutputError, Problem
    from egendekning.finance.own import model_lines
    from egendekning.finance.workbook import write_template

    if path.suffix.lower() != ".xlsx" or path.exists() or not path.absolute().parent.is_dir():
        found = "exists already" if path.exists() else "is not an .xlsx file in a folder that is there"
        raise OutputError(
            Problem(f"--template --out {path}", found, "a new .xlsx file", fix="--template --out egne.xlsx")
        )
    from egendekning.finance.facts import finance_rules
    from egendekning.finance.prices import DEFLATOR

    rules = finance_rules(bound.study)
    growth = {int(y): v.value for y, v in rules.series[DEFLATOR].values.items()}
    model = model_lines(bound)
    try:
        with room(path):
            write_template(path, bound.study, model, growth, lang)
    except OutputError:
        path.unlink(missing_ok=True)
        raise
    typer.echo(_SAYS[lang]["template"].format(path=path))


def _print(tables: Finance, lang: str, folder: Path) -> None:
    """Print the main lines, the effect, which years rest on extended rules, and where the files are."""
    from rich.markup import escape

    from egendekning.cli.screen import console
    from egendekning.cli.show import number, table
    from egendekning.finance.facts import statuses_in_words
    from egendekning.finance.words import rows

    says, request, out = _SAYS[lang], tables.request, console()
    shown = [y for y in tables.years if tables.kind(y) in ("budget", "plan") or y in (2030, 2040)]
    title = says["title"].format(
        scenario=tables.title(request.scenario, lang), against=tables.title(request.against, lang),
        prices=says[request.prices],
    )  # fmt: skip
    made = table(title, ["", *map(str, shown)], first_width=52)
    plan = tables.dataset["plan"].sel(scenario=request.scenario, statistic="central")
    for name in _LINES:
        values = [number(float(plan.sel(line=name, year=y)), 1, lang) for y in shown]
        made.add_row(rows("plan")[name].label(lang), *values)
    made.add_section()
    made.add_row(says["effect"])
    effect = tables.dataset["effect"].sel(statistic="central")
    for name in _PARTS:
        values = [number(float(effect.sel(part=name, year=y)), 1, lang, sign=True) for y in shown]
        made.add_row("  " + rows("effect")[name].label(lang), *values)
    out.print(made)
    out.print(escape(statuses_in_words(tables.statuses, lang)), soft_wrap=True)
    out.print(escape(says["done"].format(folder=folder)), soft_wrap=True)
