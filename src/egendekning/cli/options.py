"""Options that several commands share, spelled and explained once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer


class Language(StrEnum):
    """Languages in which a planner can read the results."""

    nb = "nb"
    en = "en"


LanguageOption = Annotated[Language, typer.Option("--lang", help="Language of titles and labels: nb (bokmål) or en.")]
"""``--lang nb|en``."""

OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for the results; made if it is missing.", show_default=False),
]
"""``--out DIR``."""

MOST_SEED: Final = 2**63 - 1
"""The largest seed that result files can hold."""

SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the draws: the same seed, the same results.")]
"""``--seed N``."""

DrawsOption = Annotated[int, typer.Option("--draws", help="Number of draws from the parameter ranges.")]
"""``--draws N``."""
