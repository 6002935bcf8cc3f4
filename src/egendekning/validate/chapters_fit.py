"""The second part of the validation report: fit, prediction, and other municipalities (tests 8, 9 and 11).

Each function gives one chapter from the evidence. The module refuses to run anything, and to call a failure by another
name.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from egendekning.validate.chapters import Chapter
from egendekning.validate.evidence import Evidence, Fit
from egendekning.validate.family import municipality_of
from egendekning.validate.leaveout import LEAST, LeftOutTest, Prediction, rivals
from egendekning.validate.markdown import number, percent, table, verdict
from egendekning.validate.scoring import BANDS

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
    known = rivals(e.left_out)
    head = [r for r in known if r.series in e.plan.leave_out.headline]
    good = sum(r.better for r in head)
    rows = [[r.series, str(r.count), number(r.model),
             *(f"{number(pair[1])} ({number(pair[0])})" if pair is not None else "" for pair in r.rules),
             "better" if r.better else "worse"] for r in known]  # fmt: skip
    body = (
        "Prior draws are weighted with figures up to an origin alone and say what came after; the last value and a "
        "straight line know the same dates. " + " ".join(_origin(test) for test in e.left_out) + "\n\n"
        "Mean absolute errors over all predictions of a series, and for each rule over the figures that it speaks of, "
        "with the model's error over the same figures in brackets:\n\n"
    )
    body += table(["series", "n", "error: model", "last value", "straight line", ""], rows, range(1, 5))
    result = f"better on {good} of {len(head)} headline series, {sum(r.better for r in known)} of {len(known)} in all"
    body += f"\n\nAgainst both rules: {result}.{_remark(e, '9')}\n\n{_unseen(e)}"
    return Chapter("9", "Naive benchmark", result, bool(head) and good == len(head), body)


def _origin(test: LeftOutTest) -> str:
    """Return what one origin rests on."""
    if not test.used:
        return f"At {test.origin:g} no figure is used: the draws are the prior."
    used = ", ".join(f"{f.counterpart.series} {f.period}" for f in test.used)
    trust = "" if test.effective >= LEAST else f" That is fewer than {LEAST}: the comparison is weak."
    return f"At {test.origin:g} ({used}) {test.draws} draws leave an effective number of {test.effective:.0f}.{trust}"


def _unseen(e: Evidence) -> str:
    """Return the bands of figures that were not seen: every one of them, and how many they hold."""
    every = [p for test in e.left_out for p in test.predictions]
    apart = [p for p in every if p.figure.counterpart.series in e.plan.leave_out.fit]
    rows = []
    for p in every:
        low, high = p.bands[0]
        errors = [number(x) if x is not None else "" for x in p.errors]
        rows.append([p.figure.counterpart.series, f"{p.origin:g}", p.figure.period, number(p.figure.value),
                     number(p.median), f"{number(low)} to {number(high)}", "yes" if p.inside(0) else "no",
                     *errors])  # fmt: skip
    text = f"**Bands of what was not seen**: of {len(every)} predictions {_held(every)}"
    if apart:
        text += f"; of the {len(apart)} of series that are no sums or ratios of others, {_held(apart)}"
    text += ". Figures of one date depend on each other, so that the shares are rough.\n\n"
    heads = ["series", "origin", "period", "figure", "model", "80 % band", "inside", "error: model", "last value",
             "straight line"]  # fmt: skip
    return text + table(heads, rows, (1, *range(3, 6), *range(7, 10)))


def _held(found: Sequence[Prediction]) -> str:
    """Return the shares of predictions whose bands hold the figure."""
    shares = (percent(float(np.mean([p.inside(band) for p in found]))) for band in range(len(BANDS)))
    return " and ".join(f"{share} lie in their {100 * b:.0f} % band" for share, b in zip(shares, BANDS, strict=True))


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
        f"The equations and all other constants of {municipality_of(e.bound)} with the registers of the neighbours for "
        "Q4 2018 and 1 "
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
