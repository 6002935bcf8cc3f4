"""Headings of what the commands list, in the language asked for; the code and the names of the model are English."""

from __future__ import annotations

from typing import Final

BOKMAAL: Final = {
    "documentation": "dokumentasjon",
    "what": "hva",
    "unit": "enhet",
    "equation": "ligning",
    "value at start": "verdi ved start",
    "depends on": "avhenger av",
    "drives": "driver",
    "nothing: an outcome": "ingenting: et resultat",
    "role": "rolle",
    "evidence": "kilde",
    "drawn from": "trekkes fra",
    "note": "merknad",
    "national rule": "nasjonal regel",
    "sources": "kilder",
    "set by": "settes av",
    "levers: what the municipality can do": "virkemidler: hva kommunen kan gjøre",
    "drivers: what the world outside may do": "drivere: hva omverdenen kan gjøre",
    "title": "tittel",
    "description": "beskrivelse",
    "based on": "bygger på",
    "sets": "setter",
    "from": "fra",
    "over": "over",
    "years": "år",
    "range": "område",
    "grade": "karakter",
    "mechanism": "mekanisme",
    "delay": "forsinkelse",
    "cost": "kostnad",
    "constants": "konstanter",
    "scenarios": "scenarioer",
    "none": "ingen",
    "lever": "virkemiddel",
    "driver": "driver",
}
"""Bokmål by English heading."""


def heading(english: str, lang: str) -> str:
    """Return a heading in ``nb`` or ``en``; one that is not listed stays English.

    Parameters
    ----------
    english : str
        The English heading.
    lang : str
        ``nb`` or ``en``.

    Returns
    -------
    str
        The heading.
    """
    return BOKMAAL.get(english, english) if lang == "nb" else english
