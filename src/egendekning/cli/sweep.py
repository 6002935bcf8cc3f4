"""`egendekning sweep`: many runs over levers, drivers and constants, into one Zarr store that can be resumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from egendekning.cli.app import common
from egendekning.cli.options import MOST_SEED, SeedOption
from egendekning.cli.sweep_options import (
    BaseOption,
    ChunkOption,
    FactorsOption,
    GroupsOption,
    MethodOption,
    ModelOption,
    OutcomesOption,
    RateOption,
    ResumeOption,
    ScenarioOption,
    SchedulerOption,
    SecondOrderOption,
    StoreOption,
    ThreadsOption,
    UntilOption,
)
from egendekning.errors import OutputError, Problem, UsageError

if TYPE_CHECKING:
    from egendekning.engine import Model
    from egendekning.ensemble import Bound
    from egendekning.ensemble.blocks import Done
    from egendekning.sensitivity.block import Runner

_INTERRUPTED: Final = 130
"""What shells say of a program that Ctrl-C ended."""


def command(
    context: typer.Context,
    out: StoreOption = "",
    method: MethodOption = "sobol",
    n: BaseOption = None,
    factors: FactorsOption = None,
    groups: GroupsOption = None,
    outcomes: OutcomesOption = None,
    scenario: ScenarioOption = "baseline",
    until: UntilOption = None,
    second_order: SecondOrderOption = False,
    rate: RateOption = 0.04,
    model: ModelOption = None,
    resume: ResumeOption = False,
    threads: ThreadsOption = None,
    scheduler: SchedulerOption = None,
    chunk: ChunkOption = 4096,
    seed: SeedOption = 1,
) -> None:
    """Run a design over levers, drivers and constants and keep design and outcomes in one Zarr store."""
    from egendekning.sensitivity.design import DEFAULT_N, Sampling
    from egendekning.sensitivity.prepare import prepare

    if not out:
        raise OutputError(Problem("--out", "no store is named", "a new folder or a URL", fix="--out sweep.zarr"))
    if not 0 <= seed <= MOST_SEED:
        raise UsageError(Problem(f"--seed {seed}", "out of range", f"0 to {MOST_SEED}", fix="--seed 1"))
    base = DEFAULT_N.get(method, 1) if n is None else n
    plan = Sampling(method, base, seed, second_order)  # type: ignore[arg-type]
    chosen = factors or ([] if method == "draws" or model else ["levers"])
    runner = prepare(
        _subject(context, model), chosen, outcomes or [], plan, scenario=scenario, groups=groups or (),
        until=until, rate=rate, chunk=chunk,
    )  # fmt: skip
    _run(runner, out, resume=resume, threads=threads, scheduler=scheduler)


def _run(runner: Runner, out: str, *, resume: bool, threads: int | None, scheduler: str | None) -> None:
    """Run a sweep with a bar; say before it how much it is, and after it what there is."""
    from egendekning.sensitivity.runner import run_sweep

    typer.echo(_said(runner), err=True)
    with _bar() as tell:
        try:
            done = run_sweep(runner, out, resume=resume, threads=threads, scheduler=scheduler, progress=tell)
        except KeyboardInterrupt:
            _tell_stop(runner, out)
            raise SystemExit(_INTERRUPTED) from None
    _tell_end(done)


def _subject(context: typer.Context, model: Path | None) -> Bound | Model:
    """Return the study and its model, or a model alone."""
    from egendekning.engine import load
    from egendekning.ensemble import bind

    return bind(common(context).open_study()) if model is None else load(model)


def _said(runner: Runner) -> str:
    """Return in a line what is run."""
    sweep = runner.sweep
    last = max(times[-1] for _, times in runner.needs.values())
    ways = f", each {len(runner.needs)} ways" if len(runner.needs) > 1 else ""
    counts = f"{sweep.sampling.method}, {len(sweep.columns)} factors, {len(sweep.outcomes)} outcomes"
    return f"{sweep.runs} runs{ways} ({counts}) to {last:g}"


def _tell_stop(runner: Runner, out: str) -> None:
    """Say what an interrupted sweep leaves."""
    from egendekning.sensitivity.zarrstore import runs_done

    done = runs_done(out, runner.sweep)
    typer.echo(f"stopped: {done} of {runner.sweep.runs} runs are in {out}; --resume goes on", err=True)


def _tell_end(done: Done) -> None:
    """Say what there is now."""
    new = done.runs - done.before
    rate = f", {new / done.seconds:.0f} a second" if new and done.seconds > 0 else ""
    before = f" ({done.before} were there)" if done.before else ""
    typer.echo(f"{done.where}: {done.runs} runs{before} in {done.seconds:.1f} s{rate}")
    if done.not_finite:
        typer.echo(f"{done.not_finite} outcomes are not finite numbers; the store holds them as they are", err=True)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows runs done, rate and time left; on standard error."""
    import sys

    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """Runs a second since the start: blocks end together, and from the last of them alone no rate can be told."""

        def render(self, task: Any) -> Text:
            """Return the rate, or a dash before it is known."""
            new = task.completed - task.fields.get("before", 0)
            return Text(f"{new / task.elapsed:,.0f} runs/s" if new and task.elapsed else "– runs/s")

    columns = (TextColumn("runs"), BarColumn(), MofNCompleteColumn(), Rate())
    console = Console(file=sys.stderr)
    bar = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, speed_estimate_period=120.0)
    task = bar.add_task("runs", total=None)

    def tell(done: int, total: int) -> None:
        if bar.tasks[0].total is None:
            bar.reset(task, total=total, completed=done, before=done)  # runs that were there count for no rate
            bar.start()
        bar.update(task, completed=done)

    try:
        yield tell
    finally:
        bar.stop()
