"""How far national rules are known: which years hold published figures and which rest on a stated assumption.

Every output says it, so that a figure of 2035 is not read as one of the rules of today. The module refuses to judge
whether an assumption is good.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from egendekning.study.schemas import RuleSeries

DASH: Final = "\N{EN DASH}"

_WORDS: Final = {
    "nb": {"published": "publisert", "extended": "forlenget", "some": "{count} av {all} forlenget",
           "none": "Studien har ingen nasjonale regler.",
           "lead": "Nasjonale regler (i alt {all}): ", "all published": "publisert {years}",
           "partly": "noen antatt {years}", "all extended": "alle antatt {years}",
           "end": ". Hvordan står i model/national_rules.yaml."},
    "en": {"published": "published", "extended": "extended", "some": "{count} of {all} extended",
           "none": "The study has no national rules.",
           "lead": "National rules ({all} in all): ", "all published": "published {years}",
           "partly": "some assumed {years}", "all extended": "all assumed {years}",
           "end": ". model/national_rules.yaml says how."},
}  # fmt: skip


def year_spans(years: Iterable[float]) -> str:
    """Return years as spans, in order.

    Parameters
    ----------
    years : iterable of float
        Calendar years.

    Returns
    -------
    str
        For example ``2019-2020, 2026`` with en dashes; an en dash alone where there are none.
    """
    spans: list[list[int]] = []
    for year in sorted({round(y) for y in years}):
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(f"{a}" if a == b else f"{a}{DASH}{b}" for a, b in spans) or DASH


def extended_rules(
    rules: Mapping[str, RuleSeries], year: int, given: Iterable[tuple[str, int]] = ()
) -> tuple[str, ...]:
    """Return the rules that rest on a stated assumption in a year.

    Parameters
    ----------
    rules : mapping
        Dated rules by name.
    year : int
        Calendar year.
    given : iterable of (str, int)
        Rules and years for which somebody has given a figure of their own.
    """
    own = set(given)
    return tuple(
        name
        for name, series in rules.items()
        if (name, year) not in own and (year not in series.values or series.values[year].basis == "assumption")
    )


def rules_of_year(count: int, extended: int, lang: str = "en") -> str:
    """Return ``published``, ``extended`` or how many of each, in words.

    Parameters
    ----------
    count : int
        Rules in all.
    extended : int
        Those that rest on an assumption.
    lang : str
        ``nb`` or ``en``.
    """
    words = _WORDS[lang]
    if not extended:
        return words["published"]
    return words["extended"] if extended == count else words["some"].format(count=extended, all=count)


def rules_known(rules: Mapping[str, RuleSeries], years: Iterable[int], lang: str = "en") -> str:
    """Return a sentence that tells in which years rules are published, partly assumed and assumed.

    Parameters
    ----------
    rules : mapping
        Dated rules by name.
    years : iterable of int
        The years that are shown.
    lang : str
        ``nb`` or ``en``.
    """
    return known_sentence(len(rules), {year: len(extended_rules(rules, year)) for year in years}, lang)


def known_sentence(count: int, extended: Mapping[int, int], lang: str = "en") -> str:
    """Return the sentence of `rules_known` from counts.

    Parameters
    ----------
    count : int
        Rules in all.
    extended : mapping
        By year: how many of them rest on an assumption.
    lang : str
        ``nb`` or ``en``.
    """
    words = _WORDS[lang]
    if not count:
        return words["none"]
    groups: dict[str, list[int]] = {"all published": [], "partly": [], "all extended": []}
    for year, assumed in extended.items():
        groups["all published" if not assumed else "all extended" if assumed == count else "partly"].append(year)
    parts = [words[name].format(years=year_spans(found)) for name, found in groups.items() if found]
    return words["lead"].format(all=count) + "; ".join(parts) + words["end"]


__all__ = ["extended_rules", "known_sentence", "rules_known", "rules_of_year", "year_spans"]
