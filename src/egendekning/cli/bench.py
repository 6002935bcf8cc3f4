"""`egendekning bench`: how fast this machine does the project's work, for people or (``--json``) for machines."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from egendekning.cli.app import common
from egendekning.errors import Problem, UsageError


def command(
    context: typer.Context,
    repeats: Annotated[int, typer.Option("--repeats", help="Repeats of each measurement; the median is told.")] = 3,
    whole: Annotated[
        bool, typer.Option("--whole", help="Time the whole of 'compare' too, cold and warm: one to three minutes.")
    ] = False,
    model: Annotated[
        Path | None, typer.Option("--model", help="Any Vensim or XMILE file: its kernel, and PySD on the same file.")
    ] = None,
    synthetic: Annotated[
        bool,
        typer.Option(help="Time two models of about 60 and 270 equations too, beside PySD: some two minutes."),
    ] = True,
    curves: Annotated[
        bool, typer.Option("--curves", help="Only the cost by runs, steps and equations: some two minutes.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="With --curves: a PNG file to draw them in.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure speed: draws of the kernel, threads, the reference engine, a sweep and the main job."""
    _check(repeats, model, whole, curves, picture)
    found: Mapping[str, Mapping[str, float | str]]
    if curves:
        found = _curves(repeats, picture)
    elif model is not None:
        from egendekning.ensemble.model_timing import time_model

        found = time_model(model, repeats)
    else:
        found = _study(context, repeats, whole)
        if synthetic:
            found = {**found, **_synthetic(repeats)}
    found = {**found, "memory": {"peak of this process MiB": _peak()}}
    if as_json:
        typer.echo(json.dumps(found, indent=1))
    else:
        _print(found)


def _check(repeats: int, model: Path | None, whole: bool, curves: bool, picture: Path | None) -> None:
    """Refuse options that do not go together."""
    if repeats < 1:
        raise UsageError(Problem("--repeats", f"{repeats}", "a whole number, at least 1", fix="--repeats 3"))
    if model is not None and whole:
        raise UsageError(Problem("--whole", "together with --model", "one of the two", fix="leave out --whole"))
    if curves and (model is not None or whole):
        other = "--whole" if whole else "--model"
        raise UsageError(Problem("--curves", f"together with {other}", "one of the two", fix=f"leave out {other}"))
    if picture is not None and not curves:
        raise UsageError(Problem("--picture", f"{picture} without --curves", "--curves --picture FILE", fix="--curves"))


def _study(context: typer.Context, repeats: int, whole: bool) -> dict[str, dict[str, float]]:
    """Time the work on the study that was chosen."""
    from egendekning.ensemble import bind
    from egendekning.ensemble.timing import time_compare, time_kernel, time_reference, time_threads
    from egendekning.sensitivity.timing import time_sweep

    begun = time.perf_counter()
    study = common(context).open_study()
    read = time.perf_counter()
    bound = bind(study)
    bound_at = time.perf_counter()
    found = {
        "start": {"read the study s": read - begun, "read the model and compare s": bound_at - read},
        "one scenario, one thread": time_kernel(bound, repeats),
        "threads": time_threads(bound, repeats),
        "reference engine": time_reference(bound, repeats),
        "sweep over all levers": time_sweep(bound, repeats),
    }
    if whole:
        chosen = common(context).study
        found["compare, all scenarios"] = time_compare([*(["--study", str(chosen)] if chosen else []), "compare"])
    return found


def _synthetic(repeats: int) -> dict[str, dict[str, float | str]]:
    """Time the synthetic models that ship."""
    from egendekning.ensemble.model_timing import time_model
    from egendekning.ensemble.synthetic import SHIPPED, SPREAD, shipped

    found: dict[str, dict[str, float | str]] = {}
    for name, sectors in SHIPPED.items():
        for topic, rows in time_model(shipped(sectors), repeats, SPREAD).items():
            found[f"{name}: {topic}"] = rows
    return found


def _curves(repeats: int, picture: Path | None) -> dict[str, dict[str, float | str]]:
    """Measure the cost by runs, steps and equations; draw it where a file is named."""
    from egendekning.cli.progress import note
    from egendekning.ensemble.curves import lines, measure

    measured = measure(repeats, note)
    if picture is not None:
        from egendekning.figures.cost import cost_png

        picture.write_bytes(cost_png(measured))
    return lines(measured)


def _peak() -> float:
    """Return the peak memory of this process, MiB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def _print(found: Mapping[str, Mapping[str, float | str]]) -> None:
    """Print one table a topic."""
    from egendekning.cli.screen import console
    from egendekning.cli.show import table

    out = console()
    for topic, rows in found.items():
        made = table(topic, ("measurement", "value"), first_width=60)
        for name, value in rows.items():
            made.add_row(name, value if isinstance(value, str) else f"{value:.4g}")
        out.print(made)
