"""Options of `egendekning sweep`, each with its explanation, so that the command reads as what it does.

The module refuses to check values: what a factor, an outcome or a sample may be is known by the layer that runs them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StoreOption = Annotated[str, typer.Option("--out", metavar="STORE.zarr", help="Store to write: a folder, or a URL.")]
"""``--out STORE.zarr``."""

MethodOption = Annotated[
    str, typer.Option("--method", help="sobol, morris, lhs, fast, ff, grid, or draws (rows of the posterior).")
]
"""``--method sobol``."""

BaseOption = Annotated[
    int | None,
    typer.Option(
        "--n",
        help="Base sample: Sobol' points (a power of two), trajectories, rows, levels of a grid.",
        show_default=False,
    ),
]
"""``--n 256``; the method's own number if left out."""

FactorsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--factor",
        metavar="NAME[=LOW:HIGH[:LAW]]",
        help="What varies: a lever, driver or constant, a pattern with *, or levers, drivers, uncertain; "
        "repeatable. Levers if left out.",
    ),
]
"""``--factor NAME``, as often as wanted."""

GroupsOption = Annotated[
    list[str] | None,
    typer.Option("--group", metavar="GROUP=NAME,NAME", help="Factors that are varied together; repeatable."),
]
"""``--group GROUP=NAME,NAME``, as often as wanted."""

OutcomesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--outcome",
        metavar="NAME[@YEAR]",
        help="What is kept: variable@2040, variable@all, 'year of balance', probability@2040, "
        "'fiscal effect', 'resilience depth' ...; repeatable.",
    ),
]
"""``--outcome NAME``, as often as wanted."""

ScenarioOption = Annotated[str, typer.Option("--scenario", help="What the factors stand on.")]
"""``--scenario ID``."""

UntilOption = Annotated[
    float | None, typer.Option("--until", help="Last year of outcomes without a date; 2040.", show_default=False)
]
"""``--until YEAR``."""

SecondOrderOption = Annotated[bool, typer.Option("--second-order", help="Sobol': runs for pairs of factors too.")]
"""``--second-order``."""

RateOption = Annotated[
    float, typer.Option("--discount-rate", help="Of the fiscal effect, a year; 0.04 is the state's.")
]
"""``--discount-rate SHARE``."""

ModelOption = Annotated[
    Path | None, typer.Option("--model", help="Any Vensim or XMILE file instead of a study.", show_default=False)
]
"""``--model FILE``."""

ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with a store of the same sweep.")]
"""``--resume``."""

ThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", help="Blocks side by side; all processors if left out.", show_default=False),
]
"""``--threads N``."""

SchedulerOption = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="tcp://HOST:8786", help="A dask.distributed scheduler.", show_default=False),
]
"""``--scheduler URL``."""

ChunkOption = Annotated[int, typer.Option("--chunk", help="Runs in a block of the store.")]
"""``--chunk N``."""
