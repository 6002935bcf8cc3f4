"""`egendekning calibrate`: fits the uncertain parameters to the observations of a study, with diagnostics.

Results go to a folder; only ``--accept`` puts them into the study, and only if the diagnostics allow it. A run that
was cut off goes on with ``--resume``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from egendekning.cli.app import common
from egendekning.cli.calibration_files import calibration_folder, check_places, read_text, write_all, writing
from egendekning.cli.options import MOST_SEED, SeedOption

if TYPE_CHECKING:
    from egendekning.calibrate.run import Calibration
    from egendekning.ensemble import Bound

_FOLDER: Final = Path("egendekning-calibration")
_QUICK: Final = (4, 150, 100)
"""Chains, draws and warm-up of ``--quick``: a look at the posterior, never one to keep."""

_MOST_CHAINS: Final = 64
_MOST_DRAWS: Final = 100_000
_MOST_SETS: Final = 10_000
"""Sizes beyond which a run would take days, or the memory of the machine."""

_CHECKS: Final = 4
_STAGES: Final = {
    "active": "Finding what the data can move (compiles the model)", "mode": "Finding the mode",
    "sample": "Sampling (compiles first)", "diagnose": "Diagnosing", "synthetic": "Simulating and re-estimating",
}  # fmt: skip


def command(
    context: typer.Context,
    quick: Annotated[bool, typer.Option("--quick", help="A short run for a look; cannot be accepted.")] = False,
    chains: Annotated[int, typer.Option("--chains", help="Number of chains.")] = 4,
    draws: Annotated[int, typer.Option("--draws", help="Draws a chain, after warm-up.")] = 2000,
    seed: SeedOption = 1,
    out: Annotated[Path, typer.Option("--out", help="Folder for results and for blocks of draws.")] = _FOLDER,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run that the folder holds, also to more draws.")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Put the result into the study if the diagnostics allow it.")
    ] = False,
    write_model: Annotated[
        bool, typer.Option("--write-model", help="Write the accepted posterior's medians into the model file.")
    ] = False,
    synthetic: Annotated[
        int, typer.Option("--synthetic", metavar="N", help="Test the method on N simulated data sets instead.")
    ] = 0,
) -> None:
    """Fit the parameters to the observations to 2020 and say what the data taught."""
    from egendekning.ensemble import bind

    if quick:
        chains, draws = _QUICK[:2]
    _check(chains, draws, seed, synthetic, accept and quick, accept or write_model or resume)
    study = common(context).open_study()
    bound = bind(study)
    check_places(bound, out, accept=accept, write_model=write_model)
    if synthetic or accept or not write_model:
        _check_sampler()
    if synthetic:
        _synthetic(bound, synthetic, seed, out)
    elif not write_model or accept:
        run = _run(bound, chains, draws, _QUICK[2] if quick else None, seed, out, resume)
        folder = calibration_folder(bound) if accept else out
        _write(run, folder)
        _show(run, folder)
        _gate(run, accept, folder)
    if write_model:
        _write_model(bind(common(context).open_study()))


def _check(chains: int, draws: int, seed: int, synthetic: int, quick_accept: bool, others: bool) -> None:
    """Raise for options that make no sense, all at once."""
    from egendekning.errors import Problem, UsageError

    problems = []
    for name, given, low, high, fix in (
        ("--chains", chains, 2, _MOST_CHAINS, "--chains 4, for a posterior to keep"),
        ("--draws", draws, 4, _MOST_DRAWS, "--draws 1000 or more, for a posterior to keep"),
        ("--seed", seed, 0, MOST_SEED - _MOST_SETS, "--seed 1"),
        ("--synthetic", synthetic, 0, _MOST_SETS, "--synthetic 50; leave it out, or 0, to calibrate"),
    ):
        if not low <= given <= high:
            problems.append(Problem(name, f"{given}", f"a whole number from {low} to {high}", fix=fix))
    if synthetic and others:
        problems.append(Problem("--synthetic", "with --accept, --write-model or --resume", "the test alone",
                                fix="leave one of the two out"))  # fmt: skip
    if quick_accept:
        problems.append(Problem("--accept", "with --quick", "a full run", fix="leave one of the two out"))
    if problems:
        raise UsageError(problems)


def _run(bound: Bound, chains: int, draws: int, warmup: int | None, seed: int, out: Path, resume: bool) -> Calibration:
    """Run the calibration with a live display."""
    from egendekning.calibrate.run import WARMUP, calibrate
    from egendekning.calibrate.target import make_target
    from egendekning.ensemble.modes import read_modes

    target = make_target(bound, modes=read_modes(bound))
    size = {"chains": chains, "draws": draws, "warmup": warmup or WARMUP, "seed": seed}
    try:
        with _bar() as tell:
            return calibrate(target, out / "work", **size, resume=resume, progress=tell)
    except KeyboardInterrupt:
        typer.echo(f"stopped; {out / 'work'} keeps what was sampled: go on with --resume", err=True)
        raise


def _check_sampler() -> None:
    """Raise UsageError where what only calibration needs is not installed."""
    from importlib import import_module

    from egendekning.errors import Problem, UsageError

    problems = []
    for name in ("numpyro", "arviz"):
        try:
            import_module(name)
        except ImportError as error:
            problems.append(Problem(name, f"cannot be imported ({error})", f"{name}, which calibration needs",
                                    fix="pip install 'egendekning[calibrate]'"))  # fmt: skip
    if problems:
        raise UsageError(problems)


def _write(run: Calibration, folder: Path) -> None:
    """Write the posterior and what it says into the folder of results; into the study only if it may be kept."""
    from egendekning.calibrate.store import posterior_datasets, write_posterior

    if folder != calibration_folder(run.target.bound) or not run.diagnostics.problems():
        groups = posterior_datasets(run)
        write_all(folder, _tables(run), lambda: write_posterior(groups, folder / "posterior.nc"))


def _learnt(run: Calibration) -> tuple[Any, Any]:
    """Return the rows of the identifiability table and the strongest pairs."""
    from egendekning.calibrate import identifiability
    from egendekning.calibrate.report import PAIRS
    from egendekning.calibrate.run import generator
    from egendekning.calibrate.store import values_of

    prior, z = run.target.prior, run.rows(run.z.shape[0] * run.z.shape[1])
    before, _ = values_of(prior, generator(run.settings.seed, "prior").standard_normal(z.shape))
    after, _ = values_of(prior, z)
    active = frozenset(s.name for s in prior.slots if run.active[s.start : s.stop].any())
    rows = identifiability.table(run.target.bound, before, after, active)
    return rows, identifiability.pairs(z[:, run.active], run.labels, PAIRS)


def _tables(run: Calibration) -> dict[str, str]:
    """Return the CSV files that go beside a posterior."""
    import numpy as np

    from egendekning.calibrate.report import fit_csv, identifiability_csv, pairs_csv
    from egendekning.engine.runtime import jax_module

    jax = jax_module()
    rows, found = _learnt(run)
    thinned = run.rows(200)
    predicted = np.asarray(jax.jit(lambda z: jax.lax.map(run.target.predict, z))(thinned))
    fit = np.quantile(predicted, [0.05, 0.5, 0.95], axis=0)
    return {
        "identifiability.csv": identifiability_csv(rows),
        "tradeoffs.csv": pairs_csv(found),
        "fit.csv": fit_csv(run, fit),
    }


def _show(run: Calibration, folder: Path) -> None:
    """Print what the data taught, and the diagnostics."""
    from rich.table import Table

    from egendekning.calibrate.report import in_words
    from egendekning.cli.screen import console

    rows, found = _learnt(run)
    screen = console()
    made = Table("parameter", "prior mean", "sd", "posterior mean", "sd", "contraction", title="What the data taught")
    for r in rows[:30]:
        numbers = (r.prior_mean, r.prior_sd, r.mean, r.sd)
        made.add_row(r.name.replace("[", "\\["), *(f"{x:.4g}" for x in numbers), f"{r.contraction:.0%}")
    screen.print(made)
    for sentence in in_words(rows):
        screen.print(sentence, markup=False)
    screen.print("\nPairs that trade off (correlation in the posterior):")
    for p in found[:10]:
        screen.print(f"  {p.correlation:+.2f}  {p.first}  x  {p.second}", markup=False)
    screen.print()
    for name, value in run.diagnostics.summary().items():
        screen.print(f"{name.replace('_', ' ')}: {value:.4g}")


def _gate(run: Calibration, accept: bool, folder: Path) -> None:
    """Say whether the posterior may be kept; with ``--accept`` fail where it may not."""
    from egendekning.errors import OutputError

    problems = run.diagnostics.problems()
    if problems and accept:
        raise OutputError(problems)
    for problem in problems:
        typer.echo(f"not to be kept: {problem}")
    typer.echo(f"posterior and tables: {folder}")


def _write_model(bound: Bound) -> None:
    """Write medians into the model file, and what was there into ``prior_modes.csv``."""
    from egendekning.calibrate.writeback import medians, rewritten
    from egendekning.ensemble.modes import PRIOR_MODES, read_modes, write_modes
    from egendekning.ensemble.posterior import POSTERIOR, RERUN, read_posterior
    from egendekning.errors import Problem, StudyError

    posterior = read_posterior(bound)
    if posterior is None:
        where = str(calibration_folder(bound) / POSTERIOR)
        raise StudyError(
            Problem(where, "the study has no posterior", "an accepted posterior", fix=f"run '{RERUN}' first")
        )
    values = medians(bound, posterior)
    path = bound.study.model_file
    known = read_modes(bound)
    text = rewritten(read_text(path), values, str(path))
    before = {name: known.get(name, bound.values[name]) for name in values}
    modes = calibration_folder(bound) / PRIOR_MODES
    write_all(path.parent, {path.name: text}, lambda: write_modes(modes, before, values))
    typer.echo(f"{path}: medians of {len(values)} constants")


def _synthetic(bound: Bound, replicates: int, seed: int, out: Path) -> None:
    """Run the test with synthetic data."""
    from egendekning.calibrate.report import synthetic_csv
    from egendekning.calibrate.synthetic import synthetic
    from egendekning.calibrate.target import make_target
    from egendekning.ensemble.modes import read_modes

    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    with _bar() as tell:
        found = synthetic(make_target(bound, modes=read_modes(bound)), replicates, seed, out / "synthetic", _CHECKS,
                          lambda done, total: tell("synthetic", done, total))  # fmt: skip
    write_all(out, {"synthetic.csv": synthetic_csv(found, seed)})
    share, error = found.coverage()
    typer.echo(f"{share:.1%} of the 90 % intervals hold the truth (standard error {error:.1%}), {replicates} data sets")
    typer.echo(f"{out / 'synthetic.csv'}")


@contextmanager
def _bar() -> Iterator[Any]:
    """Give a function that shows stage, done and total; on standard error."""
    import sys

    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr)) as progress:
        task = progress.add_task("", total=None)

        def tell(stage: str, done: int, total: int) -> None:
            progress.update(task, description=_STAGES[stage], completed=done, total=total)

        yield tell
