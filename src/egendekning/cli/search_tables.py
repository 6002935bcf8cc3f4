"""What `egendekning search` says: the answer in sentences, then tables of the front, the mix, scenarios and conditions.

The same sentences stand in `search.json`. The module refuses to search.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from egendekning.cli.show import NOTHING, table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from egendekning.figures.search_words import Names
    from egendekning.sensitivity.search.binding import LeverState
    from egendekning.sensitivity.search.found import Found

_INPUTS: Final = 10
_HUNDRED: Final = 100.0
_TEN: Final = 10.0
_NO_POINTS: Final = 0.005
"""Percentage points below which a limit counts as not in the way."""


def sentences(found: Found, names: Names) -> dict[str, list[str]]:
    """Return what is said of a search, by part: ``verdict``, ``binds``, ``truth`` and ``method``."""
    return {
        "verdict": _verdict(found, names),
        "binds": _binds(found, names),
        "truth": _truth(found, names),
        "method": _method(found, names),
    }


def _verdict(found: Found, names: Names) -> list[str]:
    """Say whether the target can be reached, and what comes nearest."""
    words, goal, answer = names.words, found.goal, found.answer
    given = {
        "target": words.percent(goal.target, 0 if round(goal.target, 2) == goal.target else 1), "year": goal.by,
        "wanted": words.percent(goal.probability, 0), "budget": words.number(goal.budget),
        "probability": words.percent(answer.probability, 0), "fresh": words.percent(answer.fresh, 0),
        "cost": words.number(answer.cost), "yearly": words.number(answer.yearly),
        "least": words.number(found.cheapest.cost) if found.cheapest else NOTHING,
        "top": words.percent(found.top.probability, 0), "top_fresh": words.percent(found.top.fresh, 0),
        "top_cost": words.number(found.top.cost),
    }  # fmt: skip
    said = [words.text(f"search.verdict.{found.verdict}", **given)]
    if found.verdict == "out of reach" and math.isfinite(goal.budget) and goal.budget < found.top.cost:
        said.append(words.text("search.verdict.within", **given))
    if found.verdict != "reached" and found.frugal.cost < 0.97 * answer.cost:
        frugal = found.frugal
        said.append(words.text("search.verdict.frugal", probability=words.percent(frugal.probability, 0),
                               fresh=words.percent(frugal.fresh, 0), cost=words.number(frugal.cost)))  # fmt: skip
    return said


def _binds(found: Found, names: Names) -> list[str]:
    """Say what the budget and the limits of the model are worth."""
    words, bind = names.words, found.binding
    more, less = (words.number(_HUNDRED * _HUNDRED * x, 1) for x in (bind.per_mnok, bind.saved_per_mnok))
    said = [words.text("search.budget", more=more, less=less) if bind.budget else words.text("search.no_budget")]
    worth = [
        words.text(f"search.limit.{name}", points=words.number(_TEN * _HUNDRED * value, 2))
        for name, value in bind.limits.items()
        if _TEN * _HUNDRED * value > _NO_POINTS
    ]
    if bind.limits:
        said.append(words.text("search.limits", said="; ".join(worth) or words.text("search.none_limits")))
    return said


def _truth(found: Found, names: Names) -> list[str]:
    """Say what would have to be true."""
    words, told, wanted = names.words, found.truth, names.words.percent(found.goal.probability, 0)
    if found.verdict == "reached":
        return []
    key = "search.truth.jobs" if told.jobs > 0 else "search.truth.jobs_none"
    said = [words.text(key, jobs=words.number(told.jobs), wanted=wanted, median=words.number(told.median_jobs))]
    if told.together:
        strongest = words.enumerate(names.input(item) for item in told.inputs[: len(told.together)])
        share = words.percent(told.together[-1], 0)
        key = "search.truth.together" if len(told.together) > 1 else "search.truth.together_one"
        said.append(words.text(key, said=strongest, probability=share))
    enough = [push for push in told.pushes if math.isfinite(push.needed)]
    said += [
        words.text("search.truth.needed", name=names.setting(push.driver), wanted=wanted,
                   value=names.size(push.driver, push.needed))
        for push in enough
    ]  # fmt: skip
    if told.pushes and not enough:
        every = words.percent(told.all_pushes, 0)
        said.append(words.text("search.truth.no_driver", wanted=wanted, probability=every))
    return said


def _method(found: Found, names: Names) -> list[str]:
    """Say how probability and cost are counted, and what the global check found."""
    from egendekning.sensitivity.search.found import interval

    words, answer, second = names.words, found.answer, found.second
    low, high = interval(answer.probability, found.draws)
    said = [
        words.text("search.method", draws=found.draws, year=found.goal.by, rate=words.percent(found.question.rate, 0),
                   base=f"{found.question.base:g}", probability=words.percent(answer.probability, 0),
                   half=words.number(_HUNDRED * 0.5 * (high - low), 1))
    ]  # fmt: skip
    if second is not None:
        said.append(words.text("search.check", runs=words.number(second.runs), few=second.draws,
                               generations=second.generations, seconds=words.number(second.seconds),
                               gap=words.number(_HUNDRED * second.gap, 2, sign=True),
                               probability=words.percent(second.point.probability, 0),
                               cost=words.number(second.point.cost)))  # fmt: skip
        if second.adopted:
            said.append(words.text("search.check_lower"))
    return said


def show(found: Found, names: Names, out: Console) -> None:
    """Print the answer."""
    from rich.markup import escape

    said = sentences(found, names)
    out.print(f"[bold]{escape(names.head(found, f'search.title.{found.verdict}'))}[/bold]\n")
    for line in said["verdict"]:
        out.print(escape(line))
    out.print()
    out.print(_front_table(found, names))
    out.print(_mix_table(found, names))
    for line in said["binds"]:
        out.print(escape(line))
    if found.rivals:
        out.print()
        out.print(_rival_table(found, names))
    if found.truth.inputs and found.verdict != "reached":
        out.print(_truth_table(found, names))
    if found.truth.pushes and found.verdict != "reached":
        out.print(_push_table(found, names))
    for line in (*said["truth"], "", *said["method"]):
        out.print(escape(line))


def _heads(names: Names, first: str, *keys: str, **given: object) -> list[str]:
    return [names.words.text(f"search.table.{key}", **given) for key in (first, *keys)]


def _front_table(found: Found, names: Names) -> Table:
    words = names.words
    heads = _heads(names, "cost", "yearly", "probability", "fresh", "middle", year=found.goal.by)
    made = table(words.text("search.table.front"), heads)
    for point in found.front:
        made.add_row(words.number(point.cost), words.number(point.yearly), words.percent(point.probability, 0),
                     words.percent(point.fresh, 0), words.percent(point.middle))  # fmt: skip
    return made


def _mix_table(found: Found, names: Names) -> Table:
    from rich.markup import escape

    words = names.words
    heads = _heads(names, "lever", "size", "range", "cost", "per", "binds")
    made = table(words.text("search.table.mix"), heads, first_width=44, width=22)
    for state in sorted(found.binding.levers, key=lambda s: (s.place == "low", -s.cost)):
        per = words.number(_HUNDRED * _HUNDRED * state.per_mnok, 1, sign=True)
        made.add_row(escape(names.setting(state.lever)), names.size(state.lever, state.value), names.span(state.lever),
                     words.number(state.cost), per, words.text(f"search.place.{_why(state)}"))  # fmt: skip
    return made


def _why(state: LeverState) -> str:
    """Return the key of what holds a lever where it is."""
    if state.place != "low":
        return state.place
    return "adverse" if state.per_unit < 0 else "dear" if state.price < 0 else "low"


def _rival_table(found: Found, names: Names) -> Table:
    from rich.markup import escape

    words = names.words
    heads = _heads(names, "cost", "probability", "fresh", "best", "fresh", "best_cost")
    heads.insert(0, words.text("search.scenario"))
    made = table(words.text("search.table.rivals"), heads, first_width=44)
    for rival in sorted(found.rivals, key=lambda r: r.point.cost):
        here, best = rival.point, rival.best
        name = escape(names.scenario(rival.scenario))
        made.add_row(name, words.number(here.cost), words.percent(here.probability, 0),
                     words.percent(here.fresh, 0), words.percent(best.probability, 0), words.percent(best.fresh, 0),
                     words.number(best.cost))  # fmt: skip
    return made


def _truth_table(found: Found, names: Names) -> Table:
    from rich.markup import escape

    words = names.words
    heads = _heads(names, "input", "threshold", "worse", "better", "difference")
    made = table(words.text("search.table.truth"), heads, first_width=60, width=20)
    for item in found.truth.inputs[:_INPUTS]:
        sign = ">" if item.difference > 0 else "<"
        made.add_row(escape(names.input(item)), f"{sign} {names.threshold(item)}",
                     words.percent(item.worse, 0), words.percent(item.better, 0),
                     words.number(item.difference, 1, sign=True))  # fmt: skip
    return made


def _push_table(found: Found, names: Names) -> Table:
    from rich.markup import escape

    words = names.words
    wanted = words.percent(found.goal.probability, 0)
    heads = _heads(names, "driver", "value", "probability", "needed", wanted=wanted)
    made = table(words.text("search.table.pushes"), heads, first_width=44, width=22)
    for push in found.truth.pushes:
        needed = names.size(push.driver, push.needed) if math.isfinite(push.needed) else NOTHING
        made.add_row(escape(names.setting(push.driver)), names.size(push.driver, push.best),
                     words.percent(push.probability, 0), needed)  # fmt: skip
    return made
