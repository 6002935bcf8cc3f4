"""The first half of the validation report: structure, and behaviour judged by structure (tests 1 to 7 and 10).

Each function gives one chapter from the evidence. Words are written here, numbers never. The module refuses to run
anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from egendekning.validate.evidence import Evidence
from egendekning.validate.knockouts import YEARS
from egendekning.validate.markdown import number, percent, table, verdict
from egendekning.validate.verdict import Verdict

_GRADES: Final[tuple[Literal["A", "B", "C"], ...]] = ("A", "B", "C")


@dataclass(frozen=True)
class Chapter:
    """One test.

    Attributes
    ----------
    number : str
        Of the test in the list.
    title, result : str
        What it is, and what was found in one line.
    passed : bool or None
        The verdict; None where the test was not run.
    body : str
        Markdown.
    said : str
        Instead of the verdict's usual word.
    """

    number: str
    title: str
    result: str
    passed: bool | None
    body: str
    said: str = ""

    @property
    def verdict(self) -> str:
        """Return the verdict as shown."""
        return self.said or verdict(self.passed)


def boundary(e: Evidence) -> Chapter:
    """1: what is inside, outside and left out."""
    kinds = Counter(item.kind for item in e.bound.model.variables.values())
    body = (
        f"The table of endogenous, exogenous and excluded concepts is in [the model's "
        f"README](../model/README.md#boundary). "
        f"The model has {kinds['stock']} stocks, {kinds['flow']} flows, {kinds['auxiliary']} auxiliaries, "
        f"{kinds['constant']} constants and {kinds['lookup']} tables in {len(e.bound.model.sectors) - 1} sectors."
    )
    return Chapter("1", "Boundary", "table in the model's README", True, body)


def units(e: Evidence) -> Chapter:
    """2: every equation's units balance."""
    bad = len(e.units.problems)
    result = f"{e.units.equations - bad} of {e.units.equations} equations balance"
    body = f"Every equation is checked by machine, without conversion factors that are not written out: {result}."
    if bad:
        body += "\n\n" + "\n".join(f"- {problem}" for problem in e.units.problems)
    return Chapter("2", "Dimensional consistency", result, e.units.ok, body)


def parameters(e: Evidence) -> Chapter:
    """3: what every constant rests on."""
    all_of = list(e.bound.study.parameters.values())
    rows = []
    for basis in ("source", "derived", "assumption"):
        mine = [p for p in all_of if p.basis == basis]
        grades = Counter(p.grade for p in mine)
        rows.append([basis, *(str(grades[g]) for g in _GRADES), str(len(mine)), str(sum(p.drawn for p in mine))])
    rows.append(["all", *(str(sum(p.grade == g for p in all_of)) for g in _GRADES), str(len(all_of)),
                 str(sum(p.drawn for p in all_of))])  # fmt: skip
    assumed = sum(p.basis == "assumption" for p in all_of)
    drawn = [p for p in all_of if p.drawn]
    body = table(["basis", "grade A", "B", "C", "all", "varied in the draws"], rows, range(1, 6))
    body += (
        f"\n\nEvery constant has meaning and unit in the model file, and role, basis, grade and source in "
        f"`model/parameters.yaml`; the two are compared both ways whenever a study is opened. {assumed} constants are "
        f"assumptions without a source, {sum(p.basis == 'assumption' for p in drawn)} of the {len(drawn)} that are "
        f"varied."
    )
    return Chapter("3", "Parameter assessment", f"{len(all_of)} of {len(all_of)} documented, {assumed} are assumptions",
                   True, body)  # fmt: skip


def _statements(verdicts: Sequence[Verdict]) -> str:
    """Return a table of statements."""
    rows = [
        [v.statement_en, "" if v.worst.time is None else f"{v.worst.time:.2f}", f"{v.worst.value:.4g}",
         f"{v.worst.bound:.4g}", verdict(v.passed)]
        for v in verdicts
    ]  # fmt: skip
    return table(["statement", "closest at", "value", "bound", ""], rows, (1, 2, 3))


def _judged(number_: str, title: str, e: Evidence, kinds: tuple[str, ...], said: str) -> Chapter:
    """Return a chapter of the statements of some kinds."""
    mine = [v for v in e.verdicts if v.kind in kinds]
    held = sum(v.passed for v in mine)
    return Chapter(number_, title, f"{held} of {len(mine)} statements hold", bool(mine) and held == len(mine),
                   f"{said}\n\n{_statements(mine)}")  # fmt: skip


def conservation(e: Evidence) -> Chapter:
    """4: nothing appears or vanishes."""
    said = (
        "Asked at every step of a run to the end, to rounding (1e-9 of the amount); statements of `model/checks.yaml`, "
        "run by `egendekning check`."
    )
    return _judged("4", "Conservation and identities", e, ("conservation", "identity"), said)


def extremes(e: Evidence) -> Chapter:
    """5: extreme conditions."""
    said = ("Each pushes a condition to its limit and says what must follow; a negative stock or a value that is no "
            "number, in any variable at any step, fails the statement too.")  # fmt: skip
    return _judged("5", "Extreme conditions", e, ("extreme",), said)


def behaviour(e: Evidence) -> Chapter:
    """5b: statements on behaviour, loops and references."""
    said = "Policies and loops work in the direction, and in the time, that theory says."
    return _judged("5b", "Behaviour statements", e, ("behaviour", "loop", "reference"), said)


def equilibrium(e: Evidence) -> Chapter:
    """6: nothing drifts without growth."""
    mine = [v for v in e.verdicts if v.kind == "equilibrium" and "step" not in v.id]
    held = sum(v.passed for v in mine)
    rows = [[f.text, "" if f.time is None else f"{f.time:.2f}", f"{f.value:.4g}", f"{f.bound:.4g}", verdict(f.passed)]
            for v in mine for f in v.findings]  # fmt: skip
    body = (
        "With growth, ageing and shocks switched off the model must rest. The place closest to breaking each claim:\n\n"
    )
    body += table(["claim", "year", "value", "bound", ""], rows, (1, 2, 3))
    return Chapter("6", "Equilibrium", f"drift under 0.1 % a year in {held} of {len(mine)} statements",
                   bool(mine) and held == len(mine), body)  # fmt: skip


def integration(e: Evidence) -> Chapter:
    """7: half the step."""
    mine = [v for v in e.verdicts if "step" in v.id]
    rows = [[f.text, "" if f.time is None else f"{f.time:.2f}", f"{f.value:.6g}", f"{f.bound:.6g}", verdict(f.passed)]
            for v in mine for f in v.findings]  # fmt: skip
    body = (
        f"The step is 1/{1 / e.bound.model.time.step:g} year, exact in binary. Halved, egendekning must move less "
        "than 0.05 percentage points and money less than 0.1 %.\n\n"
    )
    body += table(["claim", "year", "value", "bound", ""], rows, (1, 2, 3))
    passed = bool(mine) and all(v.passed for v in mine)
    worst = next((f for v in mine for f in v.findings), None)
    result = f"egendekning moves {100 * worst.value:.3f} percentage points" if worst is not None else "no statement"
    return Chapter("7", "Integration error", result, passed if mine else None, body)


def loops(e: Evidence) -> Chapter:
    """10: what each loop does."""
    held = sum(r.passed for r in e.loops)
    rows = [
        [f"`{r.item.switch}`", *(f"{x:+.2f}" for x in r.effects), r.item.theory,
         f"{r.item.read}, {r.item.year:g}", f"{number(r.whole)} / {number(r.cut)}", r.item.with_loop, verdict(r.passed)]
        for r in e.loops
    ]  # fmt: skip
    years = [f"{y}, pp" for y in YEARS]
    body = (
        "Each named loop is cut by its switch, with the values of the model file. First what that does to "
        "egendekning in "
        "the baseline, in percentage points; then a push, and what it moves with the loop and without, where "
        "theory has a "
        "sign. The baseline effect has no sign of its own in theory: it depends on where the loop is pushed from.\n\n"
    )
    body += table(["loop cut", *years, "theory", "outcome", "push moves it by: with / without", "theory: with the loop",
                   ""], rows, (1, 2, 5))  # fmt: skip
    body += "\n\n![What cutting each loop does to egendekning](pictures/validation_loops.png)"
    biggest = max(e.loops, key=lambda r: abs(r.effects[-1]))
    result = f"{held} of {len(e.loops)} as theory says; largest: {biggest.item.switch.removeprefix('switch ')}"
    return Chapter("10", "Loop knock-outs", result, held == len(e.loops), body)


__all__ = [
    "Chapter", "behaviour", "boundary", "conservation", "equilibrium", "extremes", "integration", "loops", "parameters",
    "percent", "units",
]  # fmt: skip
