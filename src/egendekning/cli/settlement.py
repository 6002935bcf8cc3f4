"""`egendekning finance --settlement YEAR`: what one municipality gets in a year, part by part, for any municipality.

The figures are those of the dated rules; a year that rests on a stated assumption says so. The module refuses to run
the model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from egendekning.finance.settlement import PopulationGrants, Settlement
    from egendekning.study import Study

_SAYS: Final = {
    "nb": {"settled": "Inntektsutjevning {year}", "tax": "Egen skatt per innbygger",
           "national": "Landet, skatt per innbygger", "share": "Andel av landet før utjevning, %",
           "symmetric": "Symmetrisk del", "supplement": "Tilleggskompensasjon", "deduction": "Likt trekk",
           "equalisation": "Utjevning per innbygger", "after": "Andel av landet etter utjevning, %",
           "total": "Utjevning i alt, 1000 kr", "unit": "kr",
           "grants": "Tilskudd som følger folketallet {year}", "thousand": "1000 kr",
           "per_inhabitant": "Innbyggertilskudd", "large_city": "Storbytilskudd",
           "income_guarantee": "Inntektsgarantiordningen (bidrag)",
           "extended": "Antatt, ikke publisert for {year}: {rules}."},
    "en": {"settled": "Income equalisation {year}", "tax": "Own tax per inhabitant",
           "national": "National tax per inhabitant", "share": "Share of the nation before equalisation, %",
           "symmetric": "Symmetric part", "supplement": "Supplement", "deduction": "Equal deduction",
           "equalisation": "Equalisation per inhabitant", "after": "Share of the nation after equalisation, %",
           "total": "Equalisation in all, 1000 NOK", "unit": "NOK",
           "grants": "Grants that follow the population {year}", "thousand": "1000 NOK",
           "per_inhabitant": "Per-inhabitant grant", "large_city": "Large-city grant",
           "income_guarantee": "Income guarantee (contribution)",
           "extended": "Assumed, not published for {year}: {rules}."},
}  # fmt: skip
_PER_CENT: Final = 100.0
_THOUSAND: Final = 1000.0


def show_settlement(
    study: Study,
    year: int,
    lang: str,
    *,
    tax: float | None,
    own_tax: float | None,
    population: float | None,
    national_tax: float | None,
    july: float | None,
    year_before: float | None,
) -> None:
    """Settle and print; grants where the populations that they follow are given."""
    from egendekning.errors import StudyError
    from egendekning.finance.sanity import rule_problems
    from egendekning.finance.settlement import check_typed, population_grants, settlement

    wrong = rule_problems(study)
    if wrong:
        raise StudyError(wrong)
    settled = settlement(study.rules, year, tax=tax, own_tax=own_tax, population=population, national_tax=national_tax)
    grants = population_grants(study.rules, year, july=july, year_before=year_before)
    people = {"--population": population, "--population-july": july, "--population-year-before": year_before}
    check_typed(settled, people)
    _print_settlement(settled, lang)
    if july is not None or year_before is not None:
        _print_grants(grants, lang)
    _print_extended(study, year, (*settled.extended, *grants.extended), lang)


def _print_settlement(found: Settlement, lang: str) -> None:
    """Print the equalisation, part by part."""
    from egendekning.cli.screen import console
    from egendekning.cli.show import number, table

    says = _SAYS[lang]
    made = table(says["settled"].format(year=found.year), ["", says["unit"]], first_width=42, width=20)
    for name, value in (("tax", found.tax), ("national", found.national_tax), ("share", _PER_CENT * found.share),
                        ("symmetric", found.symmetric), ("supplement", found.supplement),
                        ("deduction", found.deduction), ("equalisation", found.equalisation),
                        ("after", _PER_CENT * found.share_after)):  # fmt: skip
        made.add_row(says[name], number(value, 2, lang))
    if found.total is not None:
        made.add_row(says["total"], number(found.total / _THOUSAND, 1, lang))
    console().print(made)


def _print_grants(found: PopulationGrants, lang: str) -> None:
    """Print the grants whose population was given."""
    from egendekning.cli.screen import console
    from egendekning.cli.show import number, table

    says = _SAYS[lang]
    made = table(says["grants"].format(year=found.year), ["", says["thousand"]], first_width=42, width=20)
    for name in ("per_inhabitant", "income_guarantee", "large_city"):
        value = getattr(found, name)
        if value is not None:
            made.add_row(says[name], number(value / _THOUSAND, 1, lang))
    console().print(made)


def _print_extended(study: Study, year: int, tables: tuple[str, ...], lang: str) -> None:
    """Print which rules of the year are assumed."""
    if not tables:
        return
    from rich.markup import escape

    from egendekning.cli.screen import console

    labels = {n: s.label_nb if lang == "nb" else s.label_en for n, s in study.rules.items()}
    said = _SAYS[lang]["extended"].format(year=year, rules="; ".join(labels[t] for t in tables))
    console().print(escape(said), soft_wrap=True)


__all__ = ["show_settlement"]
