"""The tables that `egendekning compare` prints: what a planner asks first, a few columns at a time.

A cell holds the median and its difference to the baseline, and below them the 80 % band. All numbers come from the
summary that is also written to ``summary.csv``, which holds every statistic of every measure. The module refuses to
compute any.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from rich.markup import escape

from egendekning.cli.show import amount, table, year

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from egendekning.ensemble import Comparison
    from egendekning.study import PlanLevel

WORDS: Final = {
    "nb": {
        "scenario": "scenario",
        "egendekning": "Egendekning, % (arbeidsplasser / sysselsatte innbyggere, register, 15-74 år, 4. kvartal)",
        "readings": "Tre måter å regne egendekning på i {year}, %",
        "readings_two": "To måter å regne egendekning på i {year}, %",
        "register": "register (modellens)",
        "contracts": "arbeidsforhold, lønnstakere",
        "plan": "planens nivå ({plan:g} i {then})",
        "balance": "100 % egendekning (register): år, og sannsynlighet i %",
        "year": "år, median (80 %)",
        "by": "innen {year}",
        "people": "Arbeidsplasser og folk i {year}, personer",
        "commuting": "Pendling i {year}, personer, og registrert ledighet i %",
        "jobs": "arbeidsplasser",
        "total population": "innbyggere",
        "employed residents": "sysselsatte innbyggere",
        "in commuters": "innpendlere",
        "out commuters": "utpendlere",
        "classes": "Arbeidsplasser etter marked i {year}, personer",
        "jobs by class[trade]": "handel og besøk",
        "jobs by class[regional]": "regionalt",
        "jobs by class[national]": "nasjonalt, internasj.",
        "jobs by class[public]": "offentlig",
        "unemployment rate": "ledighet, %",
        "money": "Inntekter og sosiale kostnader i {year}, mill. 2020-kroner per år",
        "own tax": "skatt før utjevning",
        "tax after equalisation": "skatt etter utjevning",
        "block grant": "rammetilskudd før utjevning",
        "social costs": "sosiale kostnader",
        "result": "Tiltakskostnad og netto driftsresultat i {year}, mill. 2020-kroner",
        "lever cost": "tiltak per år",
        "lever cost since start": "tiltak siden start",
        "net operating result": "netto driftsresultat",
        "net operating result share": "i % av inntekt",
        "room": "Kommunens handlingsrom i {year}: tjenestenivå (2020 = 1), gjeld i % av inntekt, fond i mill. kroner",
        "service level": "tjenestenivå",
        "net debt share": "netto lånegjeld, %",
        "reserve fund": "disp.fond",
        "note": "Midterste trekning, forskjell fra referansebanen i samme trekning; under: 80 % av trekningene.",
    },
    "en": {
        "scenario": "scenario",
        "egendekning": "Egendekning, % (jobs / employed residents, register, ages 15-74, fourth quarter)",
        "readings": "Three readings of egendekning in {year}, %",
        "readings_two": "Two readings of egendekning in {year}, %",
        "register": "register (the model's)",
        "contracts": "wage-earner contracts",
        "plan": "the plan's level ({plan:g} in {then})",
        "balance": "100 % egendekning (register): year, and probability in %",
        "year": "year, median (80 %)",
        "by": "by {year}",
        "people": "Jobs and people in {year}, persons",
        "commuting": "Commuting in {year}, persons, and registered unemployment in %",
        "jobs": "jobs",
        "total population": "population",
        "employed residents": "employed residents",
        "in commuters": "in-commuters",
        "out commuters": "out-commuters",
        "classes": "Jobs by market in {year}, persons",
        "jobs by class[trade]": "trade and visitors",
        "jobs by class[regional]": "regional",
        "jobs by class[national]": "national, internat.",
        "jobs by class[public]": "public",
        "unemployment rate": "unemployment, %",
        "money": "Income and social costs in {year}, million 2020 NOK a year",
        "own tax": "tax before equalisation",
        "tax after equalisation": "tax after equalisation",
        "block grant": "block grant before equalisation",
        "social costs": "social costs",
        "result": "Lever cost and net operating result in {year}, million 2020 NOK",
        "lever cost": "levers a year",
        "lever cost since start": "levers since start",
        "net operating result": "net operating result",
        "net operating result share": "% of income",
        "room": "Room for manoeuvre in {year}: service level (2020 = 1), debt as % of income, fund in million NOK",
        "service level": "service level",
        "net debt share": "net debt, %",
        "reserve fund": "reserve fund",
        "note": "Median draw, difference to the baseline within a draw; below: 80 % of the draws.",
    },
}  # fmt: skip
"""What the tables say, by language."""

PEOPLE: Final = ("jobs", "total population", "employed residents")
COMMUTING: Final = ("in commuters", "out commuters", "unemployment rate")
CLASSES: Final = tuple(f"jobs by class[{name}]" for name in ("trade", "regional", "national", "public"))
MONEY: Final = ("own tax", "tax after equalisation", "block grant", "social costs")
RESULT: Final = ("lever cost", "lever cost since start", "net operating result", "net operating result share")
ROOM: Final = ("service level", "net debt share", "reserve fund")
"""What the net operating result does not show: budgets bring it back to its target by way of services and debt."""
READINGS: Final = {
    "register": "egendekning",
    "contracts": "egendekning in contracts",
    "plan": "egendekning in plan terms",
}

TOPICS: Final = {"people": PEOPLE, "commuting": COMMUTING, "classes": CLASSES, "money": MONEY, "result": RESULT,
                 "room": ROOM}  # fmt: skip
"""Tables about one year."""


class Tables:
    """Prints the tables of one comparison in one language."""

    def __init__(self, comparison: Comparison, lang: str, plan: PlanLevel | None = None) -> None:
        self.comparison, self.lang, self.words, self.plan = comparison, lang, WORDS[lang], plan
        summary = comparison.summary
        self.units = dict(zip(map(str, summary["measure"].values), map(str, summary["unit"].values), strict=True))
        self.decimals = dict(zip(self.units, map(int, summary["decimals"].values), strict=True))

    def print(self, out: Console, year: int) -> None:
        """Print all tables, those of a single year for `year`."""
        self._egendekning(out)
        self._readings(out, year)
        self._balance(out)
        for topic, variables in TOPICS.items():
            columns = {f"{name}@{year}": self.words[name] for name in variables}
            self._topic(out, self.words[topic].format(year=year), columns)
        out.print(self.words["note"], style="dim")

    def _egendekning(self, out: Console) -> None:
        columns = {m: m.partition("@")[2] for m in self.units if m.startswith("egendekning@")}
        self._topic(out, self.words["egendekning"], columns)

    def _readings(self, out: Console, year: int) -> None:
        columns = {f"{variable}@{year}": self.words[word] for word, variable in READINGS.items()}
        measure = f"{READINGS['plan']}@{year}"
        if self.plan is None:
            del columns[measure]
        else:
            columns[measure] = columns[measure].format(plan=self.plan.value, then=self.plan.year)
        title = "readings_two" if self.plan is None else "readings"
        self._topic(out, self.words[title].format(year=year), columns)

    def _topic(self, out: Console, title: str, columns: dict[str, str]) -> None:
        """Print one table of measures; those that the model does not have are left out."""
        shown = {m: heading for m, heading in columns.items() if m in self.units}
        if not shown:
            return
        made = table(title, (self.words["scenario"], *shown.values()))
        for scenario in self.comparison.scenarios:
            made.add_row(escape(self.comparison.title(scenario, self.lang)), *(self._cell(scenario, m) for m in shown))
        out.print(made)

    def _cell(self, scenario: str, measure: str) -> str:
        """Return median, difference and band of one measure."""
        text = {name: self._text(scenario, measure, name) for name in ("p50", "p10", "p90")}
        apart = ""
        if scenario != self.comparison.baseline:
            apart = f" [cyan]{self._text(scenario, measure, 'diff_p50', sign=True)}[/]"
        return f"{text['p50']}{apart}\n[dim]{text['p10']}–{text['p90']}[/]"

    def _text(self, scenario: str, measure: str, statistic: str, *, sign: bool = False) -> str:
        value = self.comparison.value(scenario, measure, statistic)
        return amount(value, self.units[measure], self.decimals[measure], self.lang, sign=sign)

    def _balance(self, out: Console) -> None:
        """Print when balance is reached and how probable it is."""
        chances = [m for m in self.units if m.startswith("probability@")]
        headings = [self.words["by"].format(year=m.partition("@")[2]) for m in chances]
        made = table(self.words["balance"], (self.words["scenario"], self.words["year"], *headings), width=24)
        for scenario in self.comparison.scenarios:
            cells = [self._text(scenario, m, "p50") for m in chances]
            made.add_row(escape(self.comparison.title(scenario, self.lang)), self._years(scenario), *cells)
        out.print(made)

    def _years(self, scenario: str) -> str:
        """Return the median year of balance and its band; an end that is never reached is said to be after the run."""
        found = [self.comparison.value(scenario, "year of balance", name) for name in ("p50", "p10", "p90")]
        late = f">{int(self.comparison.dataset['time'].values[-1])}"
        median, low, high = (year(value) if math.isfinite(value) else late for value in found)
        return f"{median} [dim]({low} – {high})[/]"


def print_tables(comparison: Comparison, lang: str, year: int, out: Console, plan: PlanLevel | None = None) -> None:
    """Print the tables of a comparison.

    Parameters
    ----------
    comparison : Comparison
        The results.
    lang : str
        ``nb`` or ``en``.
    year : int
        The year of the tables about one year.
    out : Console
        Where to print.
    plan : PlanLevel, optional
        What the municipality's plan says of egendekning; without it that reading is left out.
    """
    Tables(comparison, lang, plan).print(out, year)


def table_years(measures: Sequence[str]) -> list[int]:
    """Return the years for which there are measures of jobs: those that the tables can show."""
    return sorted({int(m.partition("@")[2]) for m in measures if m.startswith("jobs@")})
