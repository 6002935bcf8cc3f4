"""What `robust` and `discover` share: running only what a measure needs, and saving figures wide and narrow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

    from egendekning.ensemble import Bound, Design


def check_numbers(draws: int, least: int, seed: int, most_seed: int) -> None:
    """Raise UsageError with everything that is wrong with the number of draws and the seed."""
    from egendekning.errors import Problem, UsageError

    problems = []
    if draws < least:
        problems.append(Problem("--draws", f"{draws}", f"a whole number, at least {least}", fix="--draws 500"))
    if not 0 <= seed <= most_seed:
        problems.append(Problem("--seed", f"{seed}", f"a whole number from 0 to {most_seed}", fix="--seed 1"))
    if problems:
        raise UsageError(problems)


def run_policies(
    bound: Bound, scenarios: Sequence[str], measures: Sequence[str], draws: int | Design, seed: int
) -> xr.Dataset:
    """Run scenarios for the variables that some measures read, with a bar.

    Parameters
    ----------
    bound : Bound
        Study and model.
    scenarios : sequence of str
        Ids.
    measures : sequence of str
        ``variable@year``, or a measure of its own name.
    draws, seed : int or Design, int
        Of the draws.

    Returns
    -------
    xarray.Dataset
        Dims (scenario, draw, time, \\*subscripts).
    """
    from egendekning.cli.progress import steps
    from egendekning.ensemble import run_scenarios
    from egendekning.ensemble.measures import OUTPUTS, TARGET
    from egendekning.errors import Problem, UsageError
    from egendekning.names import find, nearest, split

    own = ("year of balance", "probability", "share reaching")
    wanted, problems = [], []
    for measure in measures:
        head = split(measure.partition("@")[0])[0]
        known = {name: name for name in OUTPUTS if name in bound.model.variables}
        name = find(TARGET if head in own else head, known)
        if name is None:
            expected = "a measure of a comparison, as egendekning@2040 (see summary.csv of 'egendekning compare')"
            near = nearest(head, known)
            fix = f"name it as {near or TARGET}@2040"
            problems.append(Problem("measure", f"unknown measure {measure!r}", expected, near, fix))
        else:
            wanted.append(name)
    if problems:
        raise UsageError(problems)
    with steps(len(scenarios)) as tell:
        tell("")
        return run_scenarios(bound, scenarios, draws, seed, wanted, progress=lambda done, total, name: tell(name))


def save_pages(pages: Mapping[str, tuple[Callable[[Any], Any], int]], folder: Path, lang: str) -> None:
    """Write figures, each a function of an axes with its number of rows, wide and narrow."""
    from egendekning.figures.raster import file_name, rendered

    (folder / "figures").mkdir(exist_ok=True)
    for name, (draw, rows) in pages.items():
        for slim in (False, True):
            height = max(4.4, 1.6 + 0.34 * rows + (0.9 if slim else 0.0))
            (folder / "figures" / file_name(name, lang, slim=slim)).write_bytes(rendered(draw, height, slim=slim))
