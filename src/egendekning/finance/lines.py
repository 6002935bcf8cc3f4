"""The economy plan as Norwegian municipalities lay it out: its lines, how they add up and what they mean.

A leaf is read from the model, a sum is made of other lines; nothing else exists, so every table adds up by
construction. Amounts of cost are positive and are taken away in the sums. The module refuses to compute anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from egendekning.finance.named import Named

Kind = Literal["leaf", "sum", "share", "count"]


@dataclass(frozen=True)
class Line(Named):
    """One row of the economy plan.

    Attributes
    ----------
    kind : str
        ``leaf`` and ``sum`` are MNOK, ``share`` percent, ``count`` persons.
    parts : tuple of (float, str)
        Of a sum: sign and line. Of a share: numerator and denominator.
    level : int
        Indent.
    what_nb, what_en : str
        Definition.
    constants : tuple of str
        Constants of the model that are scaled together so that the line meets the department's own account.
    shift : bool
        The constant is moved, not scaled, because it may be zero or negative.
    """

    kind: Kind = "leaf"
    parts: tuple[tuple[float, str], ...] = ()
    level: int = 1
    what_nb: str = ""
    what_en: str = ""
    constants: tuple[str, ...] = ()
    shift: bool = False

    def what(self, lang: str) -> str:
        """Return the definition in a language."""
        return self.what_nb if lang == "nb" else self.what_en


def _plus(*names: str) -> tuple[tuple[float, str], ...]:
    return tuple((1.0, name) for name in names)


def _minus(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    return (*_plus(*first), *((-1.0, name) for name in second))


GRANTS: Final = (
    "per_inhabitant_grant", "expenditure_equalisation", "large_city_grant", "income_guarantee",
    "special_and_merger_grants", "discretionary_grant", "growth_grant", "one_off_grants", "unforeseen_grants",
)  # fmt: skip
SERVICES: Final = ("kindergarten", "school", "care", "general_services")
SOCIAL: Final = (
    "social_assistance", "qualification_programme", "introduction_programme", "other_social_services", "child_welfare",
)  # fmt: skip
OTHER_COSTS: Final = ("lever_operating", "enterprises", "one_off_costs", "unforeseen_costs")

INCOME: Final = (
    Line("own_tax", "Skatt på inntekt og formue", "Tax on income and wealth",
         what_nb="Egen skatt før utjevning, eiendomsskatt unntatt. Følger bosted, ikke arbeidssted.",
         what_en="Own tax before equalisation, property tax excluded. Follows residence, not workplace.",
         constants=("tax capacity 2020",)),
    Line("per_inhabitant_grant", "Innbyggertilskudd", "Per-inhabitant grant", level=2,
         what_nb="Sats per innbygger 1. juli året før.", what_en="Rate per inhabitant on 1 July of the year before."),
    Line("expenditure_equalisation", "Utgiftsutjevning", "Expenditure equalisation", level=2,
         what_nb="Som beregnet av staten (2021), siden med endret utgiftsbehov etter alder mot landet. Folketall og "
                 "alder 1. juli året før.",
         what_en="As settled by the state (2021), then with changes in need by age against the nation. Population and "
                 "age of 1 July of the year before.",
         constants=("need calibration",), shift=True),
    Line("large_city_grant", "Storbytilskudd", "Large-city grant", level=2,
         what_nb="Sats per innbygger 1. januar året før.",
         what_en="Rate per inhabitant on 1 January of the year before."),
    Line("income_guarantee", "Inntektsgarantiordningen (INGAR)", "Income guarantee (INGAR)", level=2,
         what_nb="Kommunens bidrag til ordningen.", what_en="The municipality's contribution to the scheme."),
    Line("special_grants", "Saker med særskilt fordeling", "Cases with special distribution", level=3,
         what_nb="Uten inndelingstilskuddet.", what_en="Without the merger grant.",
         constants=("special grants factor",)),
    Line("merger_grant", "Inndelingstilskudd (beløpet er ukjent)", "Merger grant (amount unknown)", level=3,
         what_nb="Beløpet er ikke funnet: en forutsetning, tatt ut av sakene med særskilt fordeling. Trappes ned "
                 "2035-2040.",
         what_en="The amount was not found: an assumption, taken out of the special cases. Phased out 2035-2040.",
         constants=("merger grant",)),
    Line("special_and_merger_grants", "Særskilt fordeling med inndelingstilskudd",
         "Special cases with the merger grant", "sum", _plus("special_grants", "merger_grant"), 2,
         "Summen av de to over; Grønt hefte deler dem ikke.",
         "The sum of the two above; Grønt hefte does not split them."),
    Line("discretionary_grant", "Skjønnstilskudd", "Discretionary grant", level=2,
         what_nb="Tildelt i budsjettet.", what_en="As given in the budget.",
         constants=("discretionary grant factor",)),
    Line("growth_grant", "Veksttilskudd", "Growth grant", level=2,
         what_nb="For innbyggere utover vekstgrensen over tre år, der skatten er under grensen.",
         what_en="For inhabitants above the growth limit over three years, where tax is below its limit."),
    Line("one_off_grants", "Engangstilskudd 2020 (pandemi, reformstøtte)", "One-off grants of 2020 (pandemic, reform)",
         level=2, what_nb="Bare 2020.", what_en="2020 only."),
    Line("unforeseen_grants", "Uforutsette tilskudd", "Unforeseen grants", level=2,
         what_nb="Trekningenes egen usikkerhet om tilskudd som ingen regel forutser; null i modellfilens kjøring.",
         what_en="The draws' own uncertainty about grants that no rule foresees; zero in the run of the model file."),
    Line("grant_before_equalisation", "Rammetilskudd uten inntektsutjevning", "Block grant without income equalisation",
         "sum", _plus(*GRANTS), what_nb="Summen av tilskuddene over.", what_en="The sum of the grants above."),
    Line("income_equalisation", "Inntektsutjevning", "Income equalisation",
         what_nb="Netto inntektsutjevning etter skatt og folketall 1. januar i skatteåret: symmetrisk del, "
                 "tilleggskompensasjon under 90 prosent av landet og likt trekk.",
         what_en="Net income equalisation on tax and population of 1 January of the tax year: symmetric part, "
                 "supplement below 90 percent of the nation, and equal deduction."),
    Line("booked_grant", "Rammetilskudd med inntektsutjevning", "Block grant with income equalisation", "sum",
         _plus("grant_before_equalisation", "income_equalisation"),
         what_nb="Rammetilskudd slik det bokføres i KOSTRA (art 800).",
         what_en="The block grant as it is booked in KOSTRA (item 800)."),
    Line("free_income", "Sum frie inntekter", "Free income in all", "sum",
         _plus("own_tax", "booked_grant"), 0,
         "Skatt og rammetilskudd med inntektsutjevning.", "Tax and block grant with income equalisation."),
    Line("property_tax", "Eiendomsskatt", "Property tax",
         what_nb="Null uten vedtak.", what_en="Zero unless decided."),
    Line("other_income", "Andre driftsinntekter", "Other operating income",
         what_nb="Brukerbetaling, salg, refusjoner og øremerkede tilskudd; følger folketallet.",
         what_en="Fees, sales, refunds and earmarked transfers; follows the population.",
         constants=("other income per inhabitant",)),
    Line("operating_income", "Sum driftsinntekter", "Operating income in all", "sum",
         _plus("free_income", "property_tax", "other_income"), 0,
         "Brutto driftsinntekter.", "Gross operating income."),
)  # fmt: skip

COSTS: Final = (
    Line("kindergarten", "Barnehage", "Kindergarten", what_nb="Brutto, etter innbyggere 1-5 år.",
         what_en="Gross, by residents aged 1-5.", constants=("kindergarten cost",)),
    Line("school", "Grunnskole", "School", what_nb="Brutto, etter innbyggere 6-15 år.",
         what_en="Gross, by residents aged 6-15.", constants=("school cost",)),
    Line("care", "Helse og omsorg", "Health and care", what_nb="Brutto, etter alder.", what_en="Gross, by age.",
         constants=("care cost",)),
    Line("general_services", "Øvrige tjenester", "Other services",
         what_nb="Administrasjon, kultur, teknisk, eiendom og resten, etter folketall.",
         what_en="Administration, culture, technical services, property and the rest, by population.",
         constants=("general cost",)),
    Line("social_assistance", "Økonomisk sosialhjelp", "Social assistance", what_nb="KOSTRA-funksjon 281.",
         what_en="KOSTRA function 281.", constants=("payment per recipient",)),
    Line("qualification_programme", "Kvalifiseringsprogrammet", "Qualification programme",
         what_nb="KOSTRA-funksjon 276.", what_en="KOSTRA function 276.", constants=("qualification cost",)),
    Line("introduction_programme", "Introduksjonsprogrammet", "Introduction programme",
         what_nb="KOSTRA-funksjon 275.", what_en="KOSTRA function 275.",
         constants=("introduction cost per refugee",)),
    Line("other_social_services", "Øvrige sosialtjenester", "Other social services",
         what_nb="Råd, rus, bolig og aktivitet (242, 243, 265-283 uten de over).",
         what_en="Advice, addiction, housing and activity.", constants=("other social cost per recipient",)),
    Line("child_welfare", "Barnevern", "Child welfare", what_nb="Brutto (244, 251, 252).",
         what_en="Gross (244, 251, 252).", constants=("child welfare cost",)),
    Line("lever_operating", "Virkemidler, drift", "Levers, operation", what_nb="Driftsutgifter til virkemidlene.",
         what_en="Operating cost of the levers."),
    Line("enterprises", "Foretak utenfor kommunekassen", "Enterprises outside the municipality's own account",
         what_nb="Overskudd i foretak som ikke er i kommunekassens resultat.",
         what_en="Surplus of enterprises that is not in the municipality's own result.",
         constants=("structural adjustment",)),
    Line("one_off_costs", "Engangsutgifter 2020 (pandemi, sammenslåing)", "One-off costs of 2020 (pandemic, merger)",
         what_nb="Bare 2020.", what_en="2020 only."),
    Line("unforeseen_costs", "Uforutsette utgifter", "Unforeseen costs",
         what_nb="Trekningenes egen usikkerhet om utgifter; null i modellfilens kjøring.",
         what_en="The draws' own uncertainty about costs; zero in the run of the model file."),
    Line("operating_expenditure", "Sum driftsutgifter", "Operating expenditure in all", "sum",
         _plus(*SERVICES, *SOCIAL, *OTHER_COSTS), 0,
         "Brutto driftsutgifter uten avskrivninger, som ikke virker på netto driftsresultat.",
         "Gross operating expenditure without depreciation, which does not touch the net operating result."),
    Line("gross_result", "Brutto driftsresultat", "Gross operating result", "sum",
         _minus(("operating_income",), ("operating_expenditure",)), 0,
         "Driftsinntekter minus driftsutgifter.", "Operating income less operating expenditure."),
    Line("interest_income", "Renteinntekter", "Interest income", what_nb="Renter.", what_en="Interest.",
         constants=("interest income",)),
    Line("dividends", "Utbytte og eieruttak", "Dividends", what_nb="Fra selskaper.", what_en="From companies.",
         constants=("dividends",)),
    Line("interest_expense", "Renteutgifter", "Interest expense", what_nb="På netto lånegjeld.",
         what_en="On net debt.", constants=("interest rate",)),
    Line("instalments", "Avdrag på lån", "Instalments", what_nb="Andel av netto lånegjeld.",
         what_en="A share of net debt.", constants=("instalment rate",)),
    Line("net_finance", "Netto finansutgifter (minus) og avdrag", "Net finance and instalments (minus: cost)", "sum",
         _minus(("interest_income", "dividends"), ("interest_expense", "instalments")), 0,
         "Finansinntekter minus renter og avdrag.", "Finance income less interest and instalments."),
    Line("net_operating_result", "Netto driftsresultat", "Net operating result", "sum",
         _plus("gross_result", "net_finance"), 0, "Det som er igjen til investering og fond.",
         "What is left for investment and funds."),
)  # fmt: skip

ROOM: Final = (
    Line("result_share", "Netto driftsresultat, % av driftsinntekter", "Net operating result, % of income", "share",
         ((100.0, "net_operating_result"), (1.0, "operating_income")), 1,
         "Anbefalt nivå (TBU) er 1,75 prosent.", "The recommended level (TBU) is 1.75 percent."),
    Line("result_norm", "Anbefalt netto driftsresultat (TBU 1,75 %)", "Recommended net operating result (TBU 1.75 %)",
         what_nb="Anbefalt andel av driftsinntektene.", what_en="The recommended share of operating income."),
    Line("room", "Avstand til anbefalt nivå", "Distance to the recommended level", "sum",
         _minus(("net_operating_result",), ("result_norm",)), 1, "Netto driftsresultat minus anbefalt nivå.",
         "Net operating result less the recommended level."),
)  # fmt: skip

BALANCE: Final = (
    Line("fund_opening", "Disposisjonsfond 1. januar", "Reserve fund, 1 January", what_nb="Inngående.",
         what_en="Opening."),
    Line("transfer_to_investment", "Overført til investering", "Transferred to investment",
         what_nb="Det fondet har over normen i modellen.", what_en="What the fund has above the norm of the model."),
    Line("fund_allocation", "Avsatt til disposisjonsfond (minus: brukt)",
         "Allocated to the reserve fund (minus: used)", "sum",
         _minus(("net_operating_result",), ("transfer_to_investment",)), 1,
         "Netto driftsresultat minus overført til investering.",
         "Net operating result less what is transferred to investment."),
    Line("fund_revaluation", "Omregning av fondet til årets priser", "The fund in the prices of the year",
         what_nb="Modellen holder fondet i faste priser; null i faste priser.",
         what_en="The model keeps the fund in fixed prices; zero in fixed prices."),
    Line("reserve_fund", "Disposisjonsfond 31. desember", "Reserve fund, 31 December", "sum",
         _plus("fund_opening", "fund_allocation", "fund_revaluation"), 0,
         "Inngående fond, det som er avsatt og omregningen.", "Opening, what is allocated and the revaluation.",
         ("initial reserve fund",)),
    Line("fund_share", "Disposisjonsfond, % av driftsinntekter", "Reserve fund, % of income", "share",
         ((100.0, "reserve_fund"), (1.0, "operating_income")), 1, "Utgående fond.", "Closing fund."),
    Line("debt_opening", "Netto lånegjeld 1. januar", "Net debt, 1 January", what_nb="Inngående.",
         what_en="Opening."),
    Line("loans_levers", "Nye lån til virkemidler", "New loans for the levers",
         what_nb="Virkemidlenes investeringer lånefinansieres.", what_en="What the levers invest is borrowed."),
    Line("loans_other", "Nye lån ellers", "Other new loans", what_nb="Etter gjeldsnormen i modellen.",
         what_en="By the debt norm of the model."),
    Line("debt_revaluation", "Omregning av gjelden til årets priser", "Debt in the prices of the year",
         what_nb="Modellen holder gjelden i faste priser; null i faste priser.",
         what_en="The model keeps debt in fixed prices; zero in fixed prices."),
    Line("net_debt", "Netto lånegjeld 31. desember", "Net debt, 31 December", "sum",
         ((1.0, "debt_opening"), (1.0, "loans_levers"), (1.0, "loans_other"), (-1.0, "instalments"),
          (1.0, "debt_revaluation")), 0, "Inngående + nye lån - avdrag.", "Opening + new loans - instalments.",
         ("debt norm", "initial net debt")),
    Line("net_debt_share", "Netto lånegjeld, % av driftsinntekter", "Net debt, % of income", "share",
         ((100.0, "net_debt"), (1.0, "operating_income")), 1, "Utgående gjeld.", "Closing debt."),
)  # fmt: skip

PEOPLE: Final = (
    Line("population", "Folketall 1. januar", "Population, 1 January", "count",
         what_nb="Grunnlag for skatt og utjevning.",
         what_en="Basis of tax and equalisation."),
    Line("population_july", "Folketall 1. juli året før", "Population, 1 July of the year before", "count",
         what_nb="Grunnlag for innbyggertilskudd og utgiftsutjevning.",
         what_en="Basis of the per-inhabitant grant and the expenditure equalisation."),
    Line("tax_level", "Skatt per innbygger, % av landet", "Tax per inhabitant, % of the nation", "share",
         what_nb="Under 90 prosent beholder kommunen bare en femtendedel av egen skattevekst.",
         what_en="Below 90 percent the municipality keeps only a fifteenth of a growth in own tax."),
)  # fmt: skip

LINES: Final = (*INCOME, *COSTS, *ROOM, *BALANCE, *PEOPLE)
"""Every row of the economy plan, in order."""

BY_ID: Final = {line.id: line for line in LINES}
"""Rows by name."""


def leaves() -> list[Line]:
    """Return the rows that are read from the model."""
    return [line for line in LINES if not line.parts]


def accountable() -> list[Line]:
    """Return the rows that a department's own account can set."""
    return [line for line in LINES if line.constants]


__all__ = ["BALANCE", "BY_ID", "COSTS", "GRANTS", "INCOME", "LINES", "PEOPLE", "ROOM", "SERVICES", "SOCIAL", "Line",
           "accountable", "leaves"]  # fmt: skip
