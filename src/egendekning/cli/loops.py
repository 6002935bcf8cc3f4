"""`egendekning loops`: which named feedback loops weigh most in a run, when, and whether cutting them says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from egendekning.cli.app import common
from egendekning.cli.options import Language, LanguageOption, OutOption
from egendekning.errors import EgendekningError, Problem, StudyError, UsageError

if TYPE_CHECKING:
    from egendekning.ensemble import Bound
    from egendekning.sensitivity.loops import Direction, NamedLoop, Why
    from egendekning.study import Study


def command(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(help="The scenario to explain.")] = "baseline",
    against: Annotated[
        str | None, typer.Option("--against", metavar="SCENARIO", help="Another scenario to set beside it.",
                                 show_default=False)
    ] = None,
    published: Annotated[
        bool, typer.Option("--published", help="Follow the published scores, which favour loops of many fast stocks.")
    ] = False,
    out: OutOption = None,
    lang: LanguageOption = Language.nb,
) -> None:  # fmt: skip
    """Say which feedback loops drive and limit a scenario's run, phase by phase, with figures under --out."""
    from contextlib import nullcontext

    from egendekning.cli.loop_report import Told, print_told, write_told
    from egendekning.cli.outdir import staged
    from egendekning.ensemble import bind
    from egendekning.sensitivity.loops import why

    study = common(context).open_study()
    asked = _scenarios(study, scenario, against)
    with staged(out) if out is not None else nullcontext() as folder:
        bound = bind(study)
        loops, chains = named_loops(bound)
        found = [why(bound, loops, name, chains, published=published) for name in asked]
        told = Told(study, found, [*loops, *chains], _directions(bound, loops, found[0]), lang.value)
        if folder is not None:
            write_told(told, folder)
    print_told(told)
    if out is not None:
        typer.echo(str(out))


def _scenarios(study: Study, scenario: str, against: str | None) -> list[str]:
    """Return the scenarios to run; every unknown one in one error."""
    problems: list[Problem] = []
    for place, name in (("SCENARIO", scenario), ("--against", against)):
        try:
            if name is not None:
                study.scenario(name)
        except EgendekningError as error:
            fix = "'egendekning scenarios' lists them"
            problems += [Problem(place, p.found, p.expected, p.nearest, p.fix or fix) for p in error.problems]
    if against == scenario:
        problems.append(Problem("--against", f"{against!r} is the scenario itself", "another scenario",
                                fix="leave --against out, or name another"))  # fmt: skip
    if problems:
        raise StudyError(problems)
    return [scenario] if against is None else [scenario, against]


def named_loops(bound: Bound) -> tuple[list[NamedLoop], list[NamedLoop]]:
    """Return the loops of the causal-loop diagram, and the chains in it that are no loops.

    Raises
    ------
    UsageError
        If no file names the loops of the model.
    ModelFileError
        If the file contradicts the equations.
    """
    from egendekning.diagrams.loops import LOOPS_FILE, read_loops
    from egendekning.sensitivity.loops import NamedLoop

    path = bound.model.path.parent / "diagrams" / LOOPS_FILE
    if not path.is_file():
        fix = f"write model/diagrams/{LOOPS_FILE}; that of Drammen is an example"
        raise UsageError(Problem(str(path), "no file names the feedback loops of this model",
                                 "a file of named loops beside the model", fix=fix))  # fmt: skip
    loops: list[NamedLoop] = []
    chains: list[NamedLoop] = []
    for item in read_loops(path, bound.model).loops:
        names = {"nb": item.name_nb, "en": item.name_en}
        kind: Literal["reinforcing", "balancing"] = "balancing" if item.kind == "balancing" else "reinforcing"
        made = NamedLoop(item.label, kind, tuple(name for _, name in item.steps()), item.switches, names)
        (chains if item.kind == "chain" else loops).append(made)
    if not loops:
        raise UsageError(Problem(str(path), "it holds chains but no loop", "one loop or more",
                                 fix="close a chain: its last member must drive its first"))  # fmt: skip
    return loops, chains


def _directions(bound: Bound, loops: list[NamedLoop], found: Why) -> tuple[Direction, ...]:
    """Hold the signs of the scores against the knock-outs of the validation plan; empty where the study has none."""
    from egendekning.sensitivity.loops import directions
    from egendekning.sensitivity.loops.why import HEADLINE
    from egendekning.validate.knockouts import knock_outs
    from egendekning.validate.plan import read_plan

    if "validation.yaml" not in bound.study.calibration:
        return ()
    results = knock_outs(bound, read_plan(bound).knock_outs, HEADLINE)
    pushes = {r.item.switch: (r.whole, r.cut) for r in results}
    return directions(found.scores, {loop.label: loop.switches for loop in loops}, pushes)
