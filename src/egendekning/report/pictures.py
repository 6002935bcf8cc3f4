"""The figures inside the page, embedded so that one file can be mailed, each with a caption and a text in its place.

The texts are made from the numbers that the figures show. The wide and the narrow shape are both embedded; the reader's
screen picks.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from egendekning.figures.pages import PAGES
from egendekning.figures.parts import CHANGE, PART
from egendekning.figures.raster import file_name
from egendekning.figures.reading import BASELINE, HORIZON
from egendekning.report.facts import Facts

_TARGET_YEAR = 2030
"""Of emissions, where the municipality has no target."""


@dataclass(frozen=True)
class Picture:
    """One figure in the page."""

    name: str
    title: str
    wide: str
    narrow: str
    alt: str
    caption: str


def embedded(facts: Facts, files: Mapping[str, bytes]) -> list[Picture]:
    """Return the figures as data addresses with their texts.

    Parameters
    ----------
    facts : Facts
        Results and words.
    files : Mapping[str, bytes]
        PNG content by file name, as `egendekning.figures.pictures` returns it.

    Returns
    -------
    list of Picture
        In the order of the report.
    """
    words = facts.context.words
    found = []
    for page in PAGES:
        wide, narrow = (_address(files[file_name(page.name, words.lang, slim=slim)]) for slim in (False, True))
        texts = {"alt": ALTS[page.name](facts), "caption": _caption(facts, page.name)}
        found.append(Picture(page.name, _title(facts, page.name), wide, narrow, **texts))
    return found


def _address(content: bytes) -> str:
    """Return the content of a PNG file as a data address."""
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")


def _title(facts: Facts, name: str) -> str:
    """Return the heading of a figure."""
    words = facts.context.words
    return words.text(f"figure.{name}.heading", year=HORIZON, start=facts.first)


def _caption(facts: Facts, name: str) -> str:
    """Return the caption of a figure; that of emissions speaks of a target only where there is one."""
    untargeted = name == "emissions" and facts.target is None
    return facts.context.words.text(f"figure.{name}.caption{'_untargeted' if untargeted else ''}")


def _fan(facts: Facts) -> str:
    """Tell where the two fans go."""
    words, best = facts.context.words, facts.best
    other = (
        "" if best is None else words.text("figure.fan.other", title=facts.context.title(best), level=facts.share(best))
    )
    low, base, high = (facts.share(BASELINE, HORIZON, end) for end in ("p10", "p50", "p90"))
    span = {"first": facts.first, "last": facts.last}
    return words.text("figure.fan.alt", base=base, year=HORIZON, low=low, high=high, other=other, **span).strip()


def _ranking(facts: Facts) -> str:
    """List the effects."""
    words = facts.context.words
    names = [*facts.measures, *facts.events]
    items = [
        words.text("figure.ranking.item", title=facts.context.title(name), effect=facts.effect(name)) for name in names
    ]
    return words.text("figure.ranking.alt", list=_listed(items))


def _chances(facts: Facts) -> str:
    """List the probabilities."""
    words = facts.context.words
    names = [BASELINE, *facts.measures, *facts.events]
    items = [
        words.text("figure.chances.item", title=facts.context.title(name), share=facts.chance(name)) for name in names
    ]
    return words.text("figure.chances.alt", year=HORIZON, list=_listed(items))


def _fans(facts: Facts) -> str:
    """Point to the table."""
    return facts.context.words.text("figure.fans.alt")


def _change(facts: Facts) -> str:
    """List the parts of the baseline's change."""
    words = facts.context.words
    row = facts.changes.sel({CHANGE: BASELINE})
    items = [words.text("figure.change.item", part=words.label("part", str(part)), size=words.points(float(size)))
             for part, size in zip(row[PART].values, row.values, strict=True)]  # fmt: skip
    return words.text(
        "figure.change.alt", start=facts.first, end=HORIZON, list=_listed(items), total=words.points(float(row.sum()))
    )


def _differences(facts: Facts) -> str:
    """List the sums."""
    words = facts.context.words
    items = []
    for name in [*facts.measures, *facts.events]:
        size = words.points(float(facts.changes.sel({CHANGE: name}).sum()))
        items.append(words.text("figure.differences.item", title=facts.context.title(name), size=size))
    return words.text("figure.differences.alt", list=_listed(items))


def _labour(facts: Facts) -> str:
    """Tell the baseline's jobs and people."""
    words = facts.context.words
    numbers = {key: words.number(facts.value(BASELINE, variable)) for key, variable in
               {"jobs": "jobs", "people": "total population", "employed": "employed residents"}.items()}  # fmt: skip
    return words.text("figure.labour.alt", year=HORIZON, **numbers)


def _economy(facts: Facts) -> str:
    """Tell the baseline's tax and social costs."""
    tax, social = (facts.million(facts.value(BASELINE, name)) for name in ("tax after equalisation", "social costs"))
    return facts.context.words.text("figure.economy.alt", year=HORIZON, tax=tax, social=social)


def _emissions(facts: Facts) -> str:
    """Tell the baseline's emissions in the year of the target."""
    words, target = facts.context.words, facts.target
    year = _TARGET_YEAR if target is None else target.year
    said = {"level": words.number(facts.middle("emissions", year)), "year": year}
    said |= {"first": facts.first, "last": facts.last}
    if target is None:
        return words.text("figure.emissions.alt_untargeted", **said)
    cut = words.percent(facts.middle("emission cut", year), 0)
    return words.text("figure.emissions.alt", cut=cut, base=target.base_year, **said)


def _listed(items: list[str]) -> str:
    """Join items into one sentence, parted by semicolons."""
    return "; ".join(items) + "." if items else ""


ALTS: dict[str, Callable[[Facts], str]] = {
    "fan": _fan,
    "ranking": _ranking,
    "chances": _chances,
    "fans": _fans,
    "change": _change,
    "differences": _differences,
    "labour": _labour,
    "economy": _economy,
    "emissions": _emissions,
}
"""By name of the figure: what it shows, told in words."""
