"""Writes the validation report and its pictures: everything is found out first, then the files appear."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from egendekning.ensemble import Bound
    from egendekning.validate.evidence import Evidence

EXAMPLES: Final = Path("examples")
_PICTURES: Final = "pictures"
_SHOWN: Final = 12
_PANELS: Final = (
    ("egendekning", "self_coverage", "Egendekning, %", 100.0),
    ("jobs", "jobs_by_workplace", "Jobs, persons", 1.0),
    ("employed residents", "employed_residents", "Employed residents, persons", 1.0),
    ("total population", "population_1jan", "Residents, persons", 1.0),
)


def write(bound: Bound, out: Path, draws: int, seed: int) -> None:
    """Write the report and its pictures.

    Parameters
    ----------
    bound : Bound
        Study and model.
    out : Path
        The Markdown file; pictures go to ``pictures`` beside it.
    draws, seed : int
        Of the draws.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from egendekning.errors import OutputError, Problem
    from egendekning.validate.evidence import gather
    from egendekning.validate.family import laid_over
    from egendekning.validate.report import report

    folders = sorted(path.parent for path in EXAMPLES.glob("*/overlay.yaml")) if EXAMPLES.is_dir() else []
    folders = laid_over(bound, folders)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("validate", total=None)

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        found = gather(bound, draws, seed, folders, tell)
    text = report(found)
    pictures, part = out.parent / _PICTURES, out.with_name(f".{out.name}.part")
    try:
        with TemporaryDirectory(prefix=".validation-", dir=out.parent) as made:
            _draw(found, Path(made))
            part.write_text(text, encoding="utf-8")
            pictures.mkdir(exist_ok=True)
            for picture in sorted(Path(made).iterdir()):
                picture.replace(pictures / picture.name)
        part.replace(out)
    except OSError as error:
        raise OutputError(
            Problem(f"--out {out}", f"cannot be written ({error.strerror})", "a writable folder",
                    fix="free space on the disk, or choose another place")
        ) from error  # fmt: skip
    finally:
        part.unlink(missing_ok=True)
    typer.echo(f"{out}: {len(found.verdicts)} statements, {len(found.scores.rows)} figures, {draws} draws")


def _draw(found: Evidence, folder: Path) -> None:
    """Draw the pictures of the report."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from egendekning.figures import validation
    from egendekning.figures.style import quiet
    from egendekning.validate.knockouts import YEARS

    def save(figure: Figure, name: str) -> None:
        FigureCanvasAgg(figure)
        figure.savefig(folder / f"validation_{name}.png", dpi=130, metadata={"Software": None})

    with quiet():
        shown = [panel for panel in _PANELS if panel[0] in found.answer.series]
        figure = Figure(figsize=(9, 6.2), layout="constrained")
        axes = figure.subplots(2, 2).ravel().tolist()
        for i, ((variable, series, name, scale), ax) in enumerate(zip(shown, axes, strict=False)):
            past = [pair for pair in found.history.get(series, ()) if pair[0] > 2016.9]
            validation.band_and_points(found.answer.series[variable], past, ax, name, scale=scale)
            if i == 0:
                ax.legend(fontsize=8)
        save(figure, "reference")

        figure = Figure(figsize=(9, 5), layout="constrained")
        names = [r.item.switch.removeprefix("switch ") for r in found.loops]
        validation.loop_effects(names, [r.effects for r in found.loops], YEARS, figure.add_subplot())
        save(figure, "loops")

        figure = Figure(figsize=(10, 5), layout="constrained")
        top = found.answer.inputs[:_SHOWN]
        left, right = figure.subplots(1, 2, width_ratios=[1.5, 1])
        validation.correlations([i.name for i in top], [i.basis for i in top], [i.correlation for i in top], left)
        widths = found.answer.widths
        validation.levels([w.title for w in widths], [w.level for w in widths], found.plan.headline.threshold, right)
        save(figure, "uncertainty")
