"""Options of `egendekning finance`, each with its explanation, so that the command reads as what it does.

The module refuses to check values beyond reading numbers: what a year, a price or a settlement may be is known by the
layer that runs them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from egendekning.cli.finance_request import amount

AgainstOption = Annotated[str, typer.Option("--against", help="What it is compared with.")]
"""``--against baseline``."""

YearsOption = Annotated[str, typer.Option("--years", help="Plan years; the first is the budget year.")]
"""``--years 2021-2024``."""

PricesOption = Annotated[str, typer.Option("--prices", help="fixed (2020 NOK) or nominal.")]
"""``--prices fixed``."""

DeflatorOption = Annotated[
    str, typer.Option("--deflator", help="Price growth: final, or as a budget of the time saw it, such as NB21.")
]
"""``--deflator final``."""

OverrideOption = Annotated[
    Path | None, typer.Option("--override", help="Own account and national estimates, .xlsx or .csv.")
]
"""``--override FILE``."""

TemplateOption = Annotated[
    bool, typer.Option("--template", help="Write the template for --override, to --out FILE.xlsx, and stop.")
]
"""``--template``."""

SettlementOption = Annotated[
    int | None, typer.Option("--settlement", metavar="YEAR", help="Settle the income equalisation of a year.")
]
"""``--settlement 2020``."""

TaxOption = Annotated[
    float | None,
    typer.Option(
        "--tax-per-inhabitant",
        parser=amount,
        metavar="NUMBER",
        help="With --settlement: own tax, NOK per inhabitant.",
    ),
]
"""``--tax-per-inhabitant 29480,19``, NOK."""

OwnTaxOption = Annotated[
    float | None,
    typer.Option("--own-tax", parser=amount, metavar="NUMBER", help="With --settlement: own tax in all, NOK."),
]
"""``--own-tax 2988878803``, NOK."""

PopulationOption = Annotated[
    float | None,
    typer.Option(
        "--population",
        parser=amount,
        metavar="NUMBER",
        help="With --settlement: inhabitants on 1 January of the year.",
    ),
]
"""``--population 101386``, persons."""

NationalTaxOption = Annotated[
    float | None,
    typer.Option(
        "--national-tax",
        parser=amount,
        metavar="NUMBER",
        help="With --settlement: the nation's tax per inhabitant, NOK.",
    ),
]
"""``--national-tax 31465,28``, NOK per inhabitant."""

JulyOption = Annotated[
    float | None,
    typer.Option(
        "--population-july",
        parser=amount,
        metavar="NUMBER",
        help="With --settlement: inhabitants on 1 July of the year before (grants).",
    ),
]
"""``--population-july 101641``, persons."""

YearBeforeOption = Annotated[
    float | None,
    typer.Option(
        "--population-year-before",
        parser=amount,
        metavar="NUMBER",
        help="With --settlement, large cities: inhabitants on 1 January of the year before.",
    ),
]
"""``--population-year-before 101386``, persons."""
