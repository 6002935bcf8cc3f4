"""Boxes of scenario discovery in words, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import xarray as xr

_PER_CENT: Final = 100.0

SAYS: Final = {
    "nb": {
        "title": "{policy}: {fails} i {base} % av {draws} trekninger",
        "box": "{method}, boks {box}: når {limits}, svikter det i {density} % av trekningene ({held} % i dem som ble "
        "holdt utenfor). Boksen dekker {coverage} % av all svikt ({covered} %).",
        "chance": " Blant dem som ble holdt utenfor, er svikt ikke sikkert oftere i boksen enn ellers (p {p}): den kan "
        "være tilfeldig.",
        "above": "{name} er over {low}{unit}{p}",
        "below": "{name} er under {high}{unit}{p}",
        "between": "{name} er mellom {low} og {high}{unit}{p}",
        "and": " og ",
        "p": " (p {p})",
        "none": "{method}: ingen boks skiller svikt fra det andre bedre enn tilfeldighet.",
        "how": "{inputs} usikre tall er sett på; boksene er laget av to tredeler av trekningene og prøvd på resten. "
        "p ved en grense: hvor sannsynlig så tett en boks er uten den; grensene er valgt blant mange tall, så det som "
        "er holdt utenfor, veier tyngst.",
        "most": 'Det svikter i de fleste trekningene; spør heller når det lykkes: --fails "{other}"',
        "done": "Resultatene ligger i {folder}: {files}",
    },
    "en": {
        "title": "{policy}: {fails} in {base} % of {draws} draws",
        "box": "{method}, box {box}: where {limits}, it fails in {density} % of the draws ({held} % of those held "
        "back). The box covers {coverage} % of all failures ({covered} %).",
        "chance": " Among those held back failure is not surely more frequent in the box than elsewhere (p {p}): it "
        "may be chance.",
        "above": "{name} is above {low}{unit}{p}",
        "below": "{name} is below {high}{unit}{p}",
        "between": "{name} is between {low} and {high}{unit}{p}",
        "and": " and ",
        "p": " (p {p})",
        "none": "{method}: no box parts failures from the rest better than chance.",
        "how": "{inputs} uncertain numbers were looked at; boxes are made of two thirds of the draws and tried on the "
        "rest. p at a limit: how probable so dense a box is without it; limits are chosen among many numbers, so what "
        "was held back weighs most.",
        "most": 'It fails in most draws; ask rather when it works: --fails "{other}"',
        "done": "The results are in {folder}: {files}",
    },
}
"""What is said, by language."""


def sentences(found: xr.Dataset, method: str, lang: str) -> list[str]:
    """Return every box in words: its limits, density and coverage on the draws that made it and on those held back."""
    from egendekning.cli.show import number
    from egendekning.sensitivity.discovery import SIGNIFICANT

    says = SAYS[lang]
    lines = []
    for box in found["box"].values:
        one = found.sel(box=box)
        shares = {
            key: number(_PER_CENT * float(one[name].sel(part=part)), 0, lang)
            for key, name, part in (("density", "density", "fit"), ("held", "density", "held back"),
                                    ("coverage", "coverage", "fit"), ("covered", "coverage", "held back"))
        }  # fmt: skip
        limits = says["and"].join(_limits(one, lang))
        line = says["box"].format(method=method.upper(), box=int(box), limits=limits, **shares)
        p = float(one["held_back_p"])
        lines.append(line + (says["chance"].format(p=_probability(p, lang)) if p > SIGNIFICANT else ""))
    return lines


def _limits(one: xr.Dataset, lang: str) -> list[str]:
    """Return the limits of a box in words, the most certain first."""
    import numpy as np

    from egendekning.figures.discovery import called
    from egendekning.figures.words import Words, unit_of

    says, said = SAYS[lang], Words(lang)
    limits, certain = one["limit"].values, one["quasi_p"].values
    found = []
    for i in np.flatnonzero(np.isfinite(limits).any(axis=1)):
        low, high = limits[i]
        p = float(np.nanmin(certain[i])) if np.isfinite(certain[i]).any() else float("nan")
        key = "between" if np.isfinite([low, high]).all() else "above" if np.isfinite(low) else "below"
        unit = unit_of(str(one["unit"].values[i]), lang) if "unit" in one.coords else ""
        name = called(one, int(i), said)
        words = {"name": name[:1].lower() + name[1:], "low": _three(low, lang), "high": _three(high, lang),
                 "unit": f" {unit}" if unit else "",
                 "p": "" if np.isnan(p) else says["p"].format(p=_probability(p, lang))}  # fmt: skip
        found.append((p if p == p else 1.0, says[key].format(**words)))
    return [text for _, text in sorted(found, key=lambda pair: pair[0])]


def _probability(p: float, lang: str) -> str:
    from egendekning.cli.show import number

    return f"< {number(0.001, 3, lang)}" if p < 0.001 else number(p, 3, lang)


def _three(value: float, lang: str) -> str:
    """Return a number with three significant digits."""
    from math import floor, isfinite, log10

    from egendekning.cli.show import number

    if not isfinite(value) or value == 0.0:
        return number(value, 0, lang)
    return number(value, max(0, 2 - floor(log10(abs(value)))), lang)
