"""The first screen: six facts, each a number and one or two sentences made from numbers.

The sentences choose their words by what the numbers say: up or down, sure or not, and whether any measure helps at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from egendekning.figures.reading import BASELINE, HORIZON, effect
from egendekning.report.facts import NOW, Facts

_NEAREST_HUNDRED = -2
_ORE = 100.0


@dataclass(frozen=True)
class Point:
    """One fact of the first screen."""

    label: str
    number: str
    sentences: tuple[str, ...]
    unit: str = ""


def headline(facts: Facts) -> list[Point]:
    """Return the facts of the first screen, in the order that they are read."""
    points = [_now(facts), _baseline(facts), _best(facts), _chance(facts), _sure(facts)]
    if facts.best is not None:
        points.append(_money(facts, facts.best))
    return points


def _now(facts: Facts) -> Point:
    """Say where the municipality is, by the registers if their numbers are there, and by other ways of counting."""
    words, history = facts.context.words, facts.context.history
    times = sorted(history)
    if times:
        share, year = history[times[-1]], int(times[-1])
        key = "key.now_registers" if share < history[times[0]] else "key.now_registers_up"
        before = {"before": words.percent(history[times[0]]), "first": int(times[0])}
        where = words.text(key, share=words.percent(share), year=year, **before)
    else:
        share, year = float(facts.own("egendekning", NOW)), NOW
        where = words.text("key.now_model", share=words.percent(share), year=year)
    gap = (1 - share) * float(facts.own("employed residents", year))
    lacking = words.text("key.now_gap", gap=words.number(round(gap, _NEAREST_HUNDRED)))
    per_person = float(facts.own("egendekning in contracts", year) / facts.own("egendekning", year))
    contracts = words.percent(share * per_person)
    plan = facts.plan
    others = (
        words.text("key.now_contracts", contracts=contracts)
        if plan is None
        else words.text("key.now_others", contracts=contracts, plan=getattr(plan, words.lang))
    )
    return Point(words.text("key.now_label"), words.percent(share),
                 (where, lacking if gap > 0 else words.text("key.now_gap_none"), others))  # fmt: skip


def _baseline(facts: Facts) -> Point:
    """Say where things go without new measures."""
    words = facts.context.words
    low, middle, high = (facts.share(BASELINE, HORIZON, end) for end in ("p10", "p50", "p90"))
    sentence = words.text("key.baseline", year=HORIZON, low=low, middle=middle, high=high)
    return Point(words.text("key.baseline_label", year=HORIZON), middle, (sentence,))


def _best(facts: Facts) -> Point:
    """Say which measure does most, which single one, and which works the other way."""
    words, best = facts.context.words, facts.best
    label = words.text("key.best_label", year=HORIZON)
    if best is None:
        return Point(label, "–", (words.text("key.best_missing"),))
    title = facts.context.title
    size = effect(facts.comparison, best)
    if not (size > 0 and facts.visible(size)):
        sentences = [words.text("key.best_none", title=title(best), effect=facts.effect(best))]
    else:
        told = {"effect": facts.effect(best), "range": facts.effect_range(best), "level": facts.share(best)}
        sentences = [words.text("key.best", title=title(best), **told)]
    if facts.single and facts.single[0] != best and facts.visible(effect(facts.comparison, facts.single[0])):
        single = facts.single[0]
        sentences.append(words.text("key.best_single", title=title(single), effect=facts.effect(single)))
    worst = facts.measures[-1]
    down = effect(facts.comparison, worst)
    if worst != best and down < 0 and facts.visible(down):
        sentences.append(words.text("key.worst", title=title(worst), effect=facts.effect(worst)))
    return Point(label, words.points(size), tuple(sentences), words.text("points_unit"))


def _chance(facts: Facts) -> Point:
    """Say how likely 100 % is."""
    words, best = facts.context.words, facts.best
    label = words.text("key.chance_label", year=HORIZON)
    base = facts.chance(BASELINE)
    if best is None:
        label = words.text("key.chance_label_base", year=HORIZON)
        return Point(label, base, (_capital(words.text("key.chance_base", base=base, year=HORIZON)),))
    title = facts.context.title(best)
    sentence = words.text("key.chance", base=base, best=facts.chance(best), title=title, year=HORIZON)
    return Point(label, f"{base} → {facts.chance(best)}", (_capital(sentence),))


def _sure(facts: Facts) -> Point:
    """Say how wide the band is and how much rests on assumptions."""
    words = facts.context.words
    ends = [facts.value(BASELINE, "egendekning", HORIZON, end) for end in ("p10", "p90")]
    sentences = [words.text("key.sure_width", width=words.points(ends[1] - ends[0], sign=False), year=HORIZON)]
    if facts.inputs is not None:
        share = words.percent(facts.inputs.assumed / facts.inputs.total, 0)
        sentences.append(
            words.text("key.sure_inputs", assumed=facts.inputs.assumed, total=facts.inputs.total, share=share)
        )
    if len(facts.single) > 1:
        first = facts.single[0]
        share = words.percent(facts.often_first(first), 0)
        sentences.append(words.text("key.sure_order", title=facts.context.title(first), share=share))
    low, high = words.points(ends[0], sign=False), words.percent(ends[1])
    return Point(words.text("key.sure_label", year=HORIZON), f"{low}–{high}", tuple(sentences))


def _money(facts: Facts, best: str) -> Point:
    """Say what the measure that does most costs and what comes back."""
    words = facts.context.words
    cost = facts.million(facts.value(best, "lever cost"))
    tax = facts.million_apart(facts.value(best, "tax after equalisation", statistic="diff_p50"))
    social = facts.million_apart(facts.value(best, "social costs", statistic="diff_p50"))
    kept = words.number(_ORE * facts.middle("share kept of own tax", HORIZON))
    sentences = (
        words.text("key.money", title=facts.context.title(best), cost=cost, year=HORIZON, tax=tax, social=social),
        words.text("key.money_service", service=facts.share_apart(best, "service level")),
        words.text("key.money_kept", ore=kept),
    )
    return Point(words.text("key.money_label", year=HORIZON), cost, sentences)


def _capital(sentence: str) -> str:
    """Begin a sentence with a capital, whatever it begins with."""
    return sentence[:1].upper() + sentence[1:]
