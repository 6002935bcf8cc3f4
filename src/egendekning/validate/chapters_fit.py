"""The second part of the validation report: fit, prediction, and other municipalities (tests 8, 9 and 11).

Each function gives one chapter from the evidence. The module refuses to run anything, and to call a failure by another
name.
"""

from __future__ import annotations

import numpy as np

from egendekning.validate.chapters import Chapter
from egendekning.validate.evidence import Evidence, Fit
from egendekning.validate.leaveout import LEAST
from egendekning.validate.markdown import number, percent, table, verdict

_SHOWN_FROM = 3  # with two figures R2 is one and the shares are chance
_THEIL_FROM = 4  # figures from which shares of the squared error say something
_SYSTEMATIC = 0.3


def reference(e: Evidence) -> Chapter:
    """8: the reference mode."""
    wanted, within = e.plan.reference.series, e.plan.reference.within
    fits = [f for f in e.fits if f.series in wanted]
    others = [f for f in e.fits if f.series not in wanted]
    good = sum(f.mape <= within for f in fits)
    heads = ["series", "unit", "n", "MAPE %", "RMSPE %", "R2", "Um", "Us", "Uc", "in 80 %", "in 95 %", ""]
    body = (
        "Medians of the draws against every figure after the start of the run and up to the cut-off. Um, Us and Uc are "
        "Theil's shares of the squared error: bias, unequal variation, unequal covariation; with two figures they mean "
        f"nothing and are left out, from {_THEIL_FROM} on they are judged (Um + Us < {_SYSTEMATIC}). The bands hold "
        "the draws and the error of measurement.\n\n"
    )
    body += table(heads, [_fit(f, f.mape <= within) for f in fits], range(2, 11))
    body += "\n\nOther series, for the record (flows and money of single years have no threshold):\n\n"
    body += table(heads[:-1], [_fit(f, None)[:-1] for f in others], range(2, 11))
    judged = [f for f in e.fits if f.rows >= _THEIL_FROM and f.theil is not None]
    off = [f.series for f in judged if f.theil is not None and f.theil.bias + f.theil.variation >= _SYSTEMATIC]
    if judged:
        body += f"\n\nUm + Us of the {len(judged)} series that are long enough: " + (
            f"too large for {', '.join(off)}." if off else f"below {_SYSTEMATIC} for all."
        )
    for all_of in e.scores.overall[:1]:
        body += (
            f"\n\nPredictive check over {all_of.rows} figures: {percent(all_of.coverage[0])} lie in their 80 % band "
            f"and {percent(all_of.coverage[1])} in their 95 % band"
        )
        body += "." if e.learnt.posterior else "; these are draws from the prior, which has not seen the figures."
    body += _remark(e, "8") + "\n\n![Runs and registers](pictures/validation_reference.png)"
    result = f"{good} of {len(fits)} series within {within:g} %; "
    result += f"systematic error in {len(off)} of {len(judged)} long ones"
    return Chapter("8", "Reference mode", result, good == len(fits) and not off, body)


def _remark(e: Evidence, test: str) -> str:
    """Return what the study remarks on a test, as a paragraph of its own."""
    text = e.plan.remarks.get(test)
    return f"\n\n{text}" if text else ""


def _fit(f: Fit, passed: bool | None) -> list[str]:
    """Return a row of the table of fits."""
    t = f.theil
    shares = [""] * 4
    if t is not None and f.rows >= _SHOWN_FROM:
        shares = [number(x, 2) for x in (t.r2, t.bias, t.variation, t.covariation)]
    return [f.series, f.unit, str(f.rows), number(f.mape, 2), number(f.rmspe, 2), *shares,
            *(percent(c) for c in f.coverage), verdict(passed)]  # fmt: skip


def naive(e: Evidence) -> Chapter:
    """9: against simple rules, on figures that were not used."""
    test = e.left_out
    rows = []
    for p in test.predictions:
        errors = [number(x) for x in p.errors]
        rows.append([p.figure.counterpart.series, p.figure.period, number(p.figure.value), number(p.median),
                     f"{number(p.low)} to {number(p.high)}", *errors, "better" if p.better else "worse"])  # fmt: skip
    heads = ["series", "period", "figure", "model", "80 % of draws", "error: model", "last value", "straight line", ""]
    head = [p for p in test.predictions if p.figure.counterpart.series in e.plan.leave_out.headline]
    good = sum(p.better for p in head)
    every = sum(p.better for p in test.predictions)
    used = ", ".join(f"{f.counterpart.series} {f.period}" for f in test.used)
    trust = "" if test.effective >= LEAST else f" That is fewer than {LEAST}: the comparison is weak."
    body = (
        f"Prior draws are weighted with figures up to {e.plan.leave_out.known_to:g} alone ({used}) and say what "
        f"came after; "
        f"{test.draws} draws leave an effective number of {test.effective:.0f}.{trust} Last value and straight "
        "line know the same dates. The bands are of the model alone, without errors of measurement.\n\n"
    )
    body += table(heads, rows, range(2, 8))
    result = f"better on {good} of {len(head)} headline figures, {every} of {len(test.predictions)} in all"
    body += f"\n\nAgainst both rules: {result}." + _remark(e, "9")
    return Chapter("9", "Naive benchmark", result, bool(head) and good == len(head), body)


def family(e: Evidence) -> Chapter:
    """11: other municipalities."""
    if e.family is None:
        return Chapter(
            "11", "Family members", "no overlays given", None, "No folder of other municipalities was given."
        )
    rows = []
    for member in e.family:
        for figure, said in zip(member.figures, member.predicted, strict=True):
            error = 100.0 * (said / figure.value - 1.0)
            rows.append(
                [member.name, figure.series, figure.period, number(figure.value), number(said), f"{error:+.1f}"]
            )
    sizes = [abs(float(row[-1])) for row in rows]
    means = ", ".join(
        f"{m.name} {np.mean([abs(100 * (s / f.value - 1)) for f, s in zip(m.figures, m.predicted, strict=True)]):.1f} %"
        for m in e.family
    )
    body = (
        "The equations and all other constants of Drammen with the registers of the neighbours for Q4 2018 and 1 "
        "January 2019 "
        "(overlays in `examples/`); nothing is fitted. How many live and work in the same municipality is a "
        "judgement, so "
        f"commuting is not compared. Mean absolute error: {means}.\n\n"
    )
    body += table(["municipality", "series", "period", "register", "model", "error %"], rows, (3, 4, 5))
    body += _remark(e, "11")
    result = (
        f"{len(e.family)} municipalities run; mean absolute error {np.mean(sizes):.1f} %, largest {max(sizes):.1f} %"
    )
    return Chapter("11", "Family members", result, True, body)
