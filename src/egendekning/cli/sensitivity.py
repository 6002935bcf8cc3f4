"""`egendekning sensitivity`: what moves an outcome of a sweep: tables on the screen, files and figures in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from egendekning.cli.options import MOST_SEED, Language, LanguageOption, OutOption, SeedOption

if TYPE_CHECKING:
    import xarray as xr

    from egendekning.sensitivity.indices import Options, Sweep

_SAYS: Final = {
    "nb": {
        "others": "Andre utfall i lageret: {names} (--outcome NAVN)",
        "methods": "Andre mål som denne planen tillater: {names} (--method NAVN)",
        "left_out": "{method} av {outcome} er utelatt: {why}",
        "done": "Resultatene ligger i {folder}: {files}",
    },
    "en": {
        "others": "Other outcomes in the store: {names} (--outcome NAME)",
        "methods": "Other methods that this design allows: {names} (--method NAME)",
        "left_out": "{method} of {outcome} is left out: {why}",
        "done": "The results are in {folder}: {files}",
    },
}


def command(
    store: Annotated[str, typer.Argument(metavar="STORE.zarr", help="What 'egendekning sweep' wrote.")],
    outcomes: Annotated[
        list[str] | None,
        typer.Option("--outcome", metavar="NAME", help="Outcome of the sweep; repeatable. The first if left out."),
    ] = None,
    methods: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            metavar="NAME",
            help="sobol, morris, fast, ff, regression, rsa, shapley, delta, pawn, swings, or all that the design "
            "allows; repeatable. The one made for the design if left out.",
        ),
    ] = None,
    groups: Annotated[
        list[str] | None,
        typer.Option("--group", metavar="GROUP=NAME,NAME", help="Groups for Shapley effects; repeatable."),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option("--threshold", help="Parts the runs in rsa; the median if left out.", show_default=False),
    ] = None,
    resamples: Annotated[int, typer.Option("--resamples", help="Of the bootstrap.")] = 200,
    seed: SeedOption = 1,
    out: OutOption = None,
    lang: LanguageOption = Language.nb,
) -> None:
    """Show which levers and which uncertain numbers move an outcome of a sweep, at the end and over time."""
    from egendekning.cli.index_files import opened
    from egendekning.errors import Problem, UsageError
    from egendekning.sensitivity.indices import Options, sweep_of

    if not 0 <= seed <= MOST_SEED:
        raise UsageError(Problem("--seed", f"{seed}", f"a whole number from 0 to {MOST_SEED}", fix="--seed 1"))
    options = Options(resamples=resamples, seed=seed, threshold=threshold, groups=_groups(groups or ()))
    dataset = opened(store)
    try:
        sweep = sweep_of(dataset, store)
        names, chosen = _chosen(sweep, outcomes or (), methods or (), options.groups or ())
        asked = [method for method in chosen if method in (methods or chosen)]
        if out is None:
            found = _computed(sweep, names, chosen, asked, options, lang.value)
        else:
            found = _written(sweep, names, chosen, asked, options, out, lang.value)
        _show(sweep, found, lang.value, out)
    finally:
        dataset.close()


def _groups(texts: Sequence[str]) -> dict[str, str] | None:
    """Return the group of every factor that is named; every mistake in one error."""
    from egendekning.errors import Problem, UsageError

    found: dict[str, str] = {}
    problems = []
    for text in texts:
        group, sign, inside = text.partition("=")
        members = [name.strip() for name in inside.split(",") if name.strip()]
        if not sign or not group.strip() or not members:
            expected, fix = "GROUP=NAME,NAME", "--group 'land=business_land,land_scarcity'"
            problems.append(Problem(f"--group {text!r}", "is no group", expected, fix=fix))
        for name in members:
            if name in found:
                fix = f"name {name} once"
                problems.append(
                    Problem(f"--group {text!r}", f"{name!r} is in two groups", "each factor in one", fix=fix)
                )
            found[name] = group.strip()
    if problems:
        raise UsageError(problems)
    return found or None


def _chosen(
    sweep: Sweep, outcomes: Sequence[str], methods: Sequence[str], members: Iterable[str] = ()
) -> tuple[list[str], list[str]]:
    """Return the outcomes and methods asked for; every mistake in one error, those in the groups' members too."""
    from egendekning.errors import EgendekningError, Problem, UsageError
    from egendekning.names import nearest
    from egendekning.sensitivity.indices import checked_method, methods_for, outcome_of
    from egendekning.sensitivity.indices import outcomes as outcomes_of

    known = outcomes_of(sweep.dataset)
    if not known:
        raise UsageError(Problem("store", "holds no outcome", "at least one variable over the runs",
                                 fix="sweep again with --outcome NAME@YEAR"))  # fmt: skip
    names: list[str] = []
    chosen: list[str] = []
    problems: list[Problem] = [
        Problem("--group", f"no factor {name!r} in the sweep", "factors of the sweep", nearest(name, sweep.factors),
                f"name one of {', '.join(sweep.factors[:8])}")
        for name in members if name not in sweep.factors
    ]  # fmt: skip
    for name in outcomes or known[:1]:
        try:
            names.append(outcome_of(sweep, name).name)
        except EgendekningError as error:
            problems += error.problems
    for method in methods or (None,):
        if method == "all":
            chosen += methods_for(sweep.method)
            continue
        try:
            chosen.append(checked_method(sweep, method))
        except EgendekningError as error:
            problems += error.problems
    if problems:
        raise UsageError(problems)
    return list(dict.fromkeys(names)), list(dict.fromkeys(chosen))


def _computed(
    sweep: Sweep, names: Sequence[str], methods: Sequence[str], asked: Sequence[str], options: Options, lang: str
) -> dict[str, dict[str, xr.Dataset]]:
    """Return the indices by outcome and method; one that cannot serve is told, and an error where it was asked for."""
    from egendekning.cli.progress import steps
    from egendekning.errors import EgendekningError
    from egendekning.sensitivity.indices import METHODS, outcome_of

    found: dict[str, dict[str, xr.Dataset]] = {name: {} for name in names}
    left_out = []
    with steps(len(names) * len(methods)) as tell:
        for name in names:
            outcome = outcome_of(sweep, name)
            for method in methods:
                tell(f"{method} {name}")
                try:
                    found[name][method] = METHODS[method].compute(sweep, outcome, options)
                except EgendekningError as error:
                    if method in asked or (method == methods[-1] and not found[name]):
                        raise
                    left_out.append((method, name, error.problems[0].found))
    for method, name, why in left_out:
        typer.echo(_SAYS[lang]["left_out"].format(method=method, outcome=name, why=why), err=True)
    return found


def _written(
    sweep: Sweep,
    names: Sequence[str],
    methods: Sequence[str],
    asked: Sequence[str],
    options: Options,
    out: Path,
    lang: str,
) -> dict[str, dict[str, xr.Dataset]]:
    """Return the indices after writing them and their figures; the folder appears whole or not at all."""
    from egendekning.cli.index_files import disk, write_csv, write_figures, write_netcdf
    from egendekning.cli.outdir import staged

    with staged(out) as stage:
        found = _computed(sweep, names, methods, asked, options, lang)
        with disk(out):
            write_netcdf(found, stage / "indices.nc")
            write_csv(found, stage / "indices.csv")
            write_figures(sweep, found, options, stage / "figures", lang)
    return found


def _show(sweep: Sweep, found: dict[str, dict[str, xr.Dataset]], lang: str, out: Path | None) -> None:
    """Print the tables, what else could be asked, and where the files are."""
    from rich.markup import escape

    from egendekning.cli.index_tables import print_indices
    from egendekning.cli.screen import console
    from egendekning.sensitivity.indices import methods_for, outcomes

    screen = console()
    for by_method in found.values():
        for indices in by_method.values():
            print_indices(indices, lang, screen)
    says = _SAYS[lang]
    used = {method for by_method in found.values() for method in by_method}
    others = [name for name in outcomes(sweep.dataset) if name not in found]
    left = [name for name in methods_for(sweep.method) if name not in used]
    for key, names in (("others", others), ("methods", left)):
        if names:
            screen.print(escape(says[key].format(names=", ".join(names))), soft_wrap=True)
    if out is not None:
        files = ", ".join(sorted(f"{p.name}/" if p.is_dir() else p.name for p in out.iterdir() if p.name[0] != "."))
        screen.print(escape(says["done"].format(folder=out, files=files)), soft_wrap=True)
