"""One card a scenario: what is done, what it does to egendekning, what it costs, what comes back, and why.

The clauses are the scenario's own sentences. What drives the effect is told from the growth accounting: the parts that
amount to something, the largest first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from egendekning.figures.context import StudyLike
from egendekning.figures.parts import CHANGE, PART
from egendekning.figures.reading import effect
from egendekning.report.facts import Facts

_MOST_PARTS: Final = 3
_PER_CENT: Final = 100.0


@dataclass(frozen=True)
class Strip:
    """Where the band and the dot of a card stand, in per cent of the strip's width."""

    zero: float
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Card:
    """One scenario as it is told."""

    id: str
    title: str
    kind: str
    description: str
    clauses: tuple[str, ...]
    builds_on: str
    effect: str
    band: str
    sure: str
    chance: str
    cost: str
    fiscal: str
    why: tuple[str, ...]
    strip: Strip


def cards(facts: Facts, study: StudyLike | None) -> list[Card]:
    """Return the cards, measures first."""
    names = [*facts.measures, *facts.events]
    return [_card(facts, study, name, _strip(facts, names, name)) for name in names]


def _card(facts: Facts, study: StudyLike | None, name: str, strip: Strip) -> Card:
    """Tell one scenario."""
    words = facts.context.words
    kind = "event" if facts.context.is_event(name) else "mix" if name in facts.context.mixes else "policy"
    description, clauses, builds_on = _what(facts, study, name)
    return Card(
        id=name,
        title=facts.context.title(name),
        kind=words.text(f"scenario_kind.{kind}"),
        description=description,
        clauses=clauses,
        builds_on=builds_on,
        effect=facts.effect(name),
        band=words.text("card.band", range=facts.effect_range(name)),
        sure=words.text(f"card.{_sureness(facts, name)}"),
        chance=facts.chance(name),
        cost=_cost(facts, name),
        fiscal=_fiscal(facts, name),
        why=why(facts, name),
        strip=strip,
    )


def _what(facts: Facts, study: StudyLike | None, name: str) -> tuple[str, tuple[str, ...], str]:
    """Return the description, the clauses and the sentence on what the scenario builds on."""
    if study is None or name not in study.scenarios:
        return "", (), ""
    words, item = facts.context.words, study.scenarios[name]
    clauses = []
    for clause in item.clauses:
        text = str(getattr(clause, f"text_{words.lang}"))
        year = "" if clause.start is None else f"{clause.start:.0f}"
        clauses.append(text if not year or year in text else f"{text} {words.text('card.from_year', year=year)}")
    titles = words.enumerate(map(facts.context.quoted, item.base))
    builds_on = words.text("card.builds_on", titles=titles) if item.base else ""
    return str(getattr(item, f"description_{words.lang}")), tuple(clauses), builds_on


def _sureness(facts: Facts, name: str) -> str:
    """Return the key of the sentence on the direction of the effect."""
    low, middle, high = (effect(facts.comparison, name, end) for end in ("diff_p10", "diff_p50", "diff_p90"))
    if not any(facts.visible(number) for number in (low, middle, high)):
        return "sure_still"
    return "sure_up" if low > 0 else "sure_down" if high < 0 else "sure_none"


def _cost(facts: Facts, name: str) -> str:
    """Tell the cost a year and in all."""
    yearly = facts.value(name, "lever cost")
    in_all = facts.value(name, "lever cost since start")
    if in_all <= 0:
        return facts.context.words.text("card.cost_none")
    return facts.context.words.text("card.cost_value", cost=facts.million(yearly), total=facts.million(in_all))


def _fiscal(facts: Facts, name: str) -> str:
    """Tell what comes back to the municipality, after equalisation."""
    places = {"tax": "tax after equalisation", "own": "own tax", "grant": "block grant", "social": "social costs",
              "result": "net operating result"}  # fmt: skip
    apart = {
        key: facts.million_apart(facts.value(name, variable, statistic="diff_p50")) for key, variable in places.items()
    }
    return facts.context.words.text("card.fiscal_value", service=facts.share_apart(name, "service level"), **apart)


def why(facts: Facts, name: str) -> tuple[str, ...]:
    """Tell which parts of the effect pull up and which down, the largest first.

    Parameters
    ----------
    facts : Facts
        Results and words.
    name : str
        Scenario id.

    Returns
    -------
    tuple of str
        One or two sentences.
    """
    words = facts.context.words
    row = facts.changes.sel({CHANGE: name})
    sizes = {str(part): float(size) for part, size in zip(row[PART].values, row.values, strict=True)}
    told = []
    for key, sign in (("up", 1), ("down", -1)):
        parts = sorted((part for part in sizes if sign * sizes[part] > 0 and facts.visible(sizes[part])),
                       key=lambda part: -abs(sizes[part]))[:_MOST_PARTS]  # fmt: skip
        listed = [
            words.text("part_size", what=words.label(f"part_{key}", part), size=words.points(sizes[part]))
            for part in parts
        ]
        if listed:
            told.append(words.text(f"card.why_{key}", parts=words.enumerate(listed)))
    return tuple(told) or (words.text("card.why_none"),)


def _strip(facts: Facts, names: list[str], name: str) -> Strip:
    """Return the places of a scenario's band on a scale that all cards share."""
    ends = ("diff_p10", "diff_p50", "diff_p90")
    every = [0.0, *(effect(facts.comparison, other, end) for other in names for end in ends)]
    low, span = min(every), (max(every) - min(every)) or 1.0
    numbers = (0.0, *(effect(facts.comparison, name, end) for end in ends))
    return Strip(*(round(_PER_CENT * (number - low) / span, 2) for number in numbers))
