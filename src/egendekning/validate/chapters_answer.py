"""The third part of the validation report: what the data taught, how wide the answer is, and how it was made (12-17).

Each function gives one chapter from the evidence. The module refuses to run anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import egendekning
from egendekning.validate.chapters import Chapter
from egendekning.validate.evidence import Evidence
from egendekning.validate.headline import Width
from egendekning.validate.leaveout import LeftOutTest
from egendekning.validate.markdown import number, percent, table
from egendekning.validate.variance import Shares

_ROWS = 15
_LEARNT = 0.3  # contractions: known from the data to a good part, and moved at all; as the table of calibration says
_TOUCHED = 0.05


def synthetic(e: Evidence) -> Chapter:
    """12: synthetic data."""
    found = e.learnt.synthetic
    if found is None:
        return Chapter(
            "12", "Synthetic data", "not yet run", None, "Not yet run: `egendekning calibrate --synthetic 50`."
        )
    share, level, n = float(found["coverage"]), float(found["level"]), int(found["replicates"])
    error = float(found.get("standard_error", 0.0))
    passed = n >= 50 and abs(share - level) <= 2.0 * max(error, 0.02)
    body = (
        f"{n} data sets were simulated from parameters drawn from the prior, with noise, and the parameters "
        f"estimated again: "
        f"the truth lies in the {percent(level)} interval in {percent(share, 1)} of cases (standard error "
        f"{percent(error, 1)}), over {found.get('coordinates', '?')} numbers that the data can move; "
        f"{found.get('converged', 0):.0f} of {n} estimations converged. {_agreement(found)}"
    )
    result = f"{percent(share, 1)} coverage of {percent(level)} intervals, {n} replicates"
    return Chapter("12", "Synthetic data", result, passed, body)


def _agreement(found: Mapping[str, Any]) -> str:
    """Return how near the intervals, which are those of the normal approximation, are to the sampler's."""
    if not found.get("samplers"):
        return "Intervals are those of the normal approximation; no run of the sampler was held against it."
    return (
        f"Intervals are those of the normal approximation; on {found['samplers']} of the data sets the sampler was run "
        f"too: means within {found['largest_shift_in_sd']:.2f} posterior standard deviations, standard deviations "
        f"{found['smallest_sd_ratio']:.2f} to {found['largest_sd_ratio']:.2f} of the approximation's."
    )


def identifiability(e: Evidence) -> Chapter:
    """13: what the data can move."""
    rows = e.learnt.identifiability
    if rows is None:
        return Chapter("13", "Identifiability", "not yet run", None, "Not yet run: `egendekning calibrate`.")
    ordered = sorted(rows, key=lambda r: -float(r["contraction"]))
    moved = [r for r in ordered if float(r["contraction"]) >= _TOUCHED]
    learnt = sum(float(r["contraction"]) >= _LEARNT for r in moved)
    still = len(rows) - len(moved)
    assumed = sum(r.get("basis") == "assumption" for r in ordered[len(moved) :])
    body = (
        "Contraction is 1 - posterior standard deviation / prior standard deviation: 1 is known from the data, 0 is "
        "the prior.\n\n"
        + table(["parameter", "contraction", "basis", "prior mean (sd)", "posterior mean (sd)"],
                [[r["parameter"], r["contraction"], r.get("basis", ""), f"{r['prior_mean']} ({r['prior_sd']})",
                  f"{r['posterior_mean']} ({r['posterior_sd']})"] for r in moved[: 2 * _ROWS]], (1, 3, 4))
        + f"\n\n{learnt} of {len(rows)} numbers are known from the data to a good part (over {percent(_LEARNT)}), "
        f"{len(moved) - learnt} are moved a little (over {percent(_TOUCHED)}), {still} rest on their prior, {assumed} "
        "of them assumptions without a source: two years of registers cannot move what acts over ten. The full table "
        "is `calibration/identifiability.csv`, the pairs that trade off `calibration/tradeoffs.csv`; which conclusions "
        "rest on the prior is said in [the calibration's README](../calibration/README.md#what-the-data-taught)."
    )  # fmt: skip
    return Chapter("13", "Identifiability", f"{len(moved)} of {len(rows)} numbers moved by the data", True, body)


def sampling(e: Evidence) -> Chapter:
    """14: sampling quality."""
    a = e.learnt.posterior
    if a is None:
        return Chapter("14", "Sampling quality", "not yet run", None,
                       "Not yet run: the study has no posterior and the draws are from the prior.")  # fmt: skip
    ok = float(a["max_rhat"]) < 1.01 and min(float(a["min_ess_bulk"]), float(a["min_ess_tail"])) > 400
    ok = ok and int(a["divergences"]) == 0
    body = table(
        ["what", "found", "threshold"],
        [["chains x draws", f"{a['chains']} x {a['draws_per_chain']}", "4 x 1000"],
         ["largest split R-hat", number(float(a["max_rhat"]), 4), "< 1.01"],
         ["smallest bulk ESS", number(float(a["min_ess_bulk"]), 0), "> 400"],
         ["smallest tail ESS", number(float(a["min_ess_tail"]), 0), "> 400"],
         ["divergences", str(a["divergences"]), "0"],
         ["smallest E-BFMI", number(float(a.get("min_bfmi", float("nan"))), 2), "> 0.3"]], (1,))  # fmt: skip
    body += "\n\n" + " ".join(_prior_check(test) for test in e.left_out if not test.used and test.predictions)
    body += " The posterior predictive check is in test 8."
    result = f"R-hat {float(a['max_rhat']):.3f}, ESS {min(float(a['min_ess_bulk']), float(a['min_ess_tail'])):.0f}, "
    return Chapter("14", "Sampling quality", result + f"{a['divergences']} divergences", ok, body)


def _prior_check(test: LeftOutTest) -> str:
    """Return how the prior stood before any figure was used."""
    shares = [percent(float(np.mean([p.inside(band) for p in test.predictions]))) for band in range(2)]
    return (
        f"Prior predictive check (test 9 from {test.origin:g}): of {len(test.predictions)} figures {shares[0]} lie in "
        f"the 80 % band and {shares[1]} in the 95 % band."
    )


def sensitivity(e: Evidence) -> Chapter:
    """15: numerical, behaviour-mode and policy sensitivity."""
    a, r = e.answer, e.answer.ranking
    level = a.widths[0].level
    top = table(["input", "basis", "rank correlation"],
                [[i.name, i.basis, f"{i.correlation:+.2f}"] for i in a.inputs[:_ROWS]], (2,))  # fmt: skip
    order = table(
        ["policy", "median effect 2040, pp", "best in", "better than the next in"],
        [[name, f"{100 * m:+.2f}", percent(f), percent(h)]
         for name, m, f, h in zip(r.order, r.medians, r.first, (*r.holds, None), strict=True)], (1, 2, 3),
    )  # fmt: skip
    years = f"{e.plan.headline.by}"
    body = (
        f"**Numbers.** {e.plan.headline.variable} in Q4 {years}, baseline: 80 % of the draws between "
        f"{percent(float(np.quantile(level, 0.1)), 1)} and {percent(float(np.quantile(level, 0.9)), 1)}. Inputs by "
        f"the size of "
        f"their rank correlation with it:\n\n{top}\n\n"
        f"**Mode of behaviour.** In {percent(a.recover)} of the draws the ratio in {years} is above that of Q4 "
        f"2020: whether it "
        f"recovers or goes on falling is {'not certain' if 0.1 < a.recover < 0.9 else 'nearly certain'}.\n\n"
        f"**Policy.** Ranked within each draw by what they add in {years}:\n\n{order}\n\n"
        f"The best three are the same as by median in {percent(r.same_top)} of the draws; Kendall's tau between a "
        f"draw's "
        f"ranking and that by median is {r.agreement:.2f} on average (1 is the same order).\n\n"
        "![What moves the answer](pictures/validation_uncertainty.png)"
    )
    result = f"same best three policies in {percent(r.same_top)} of draws, tau {r.agreement:.2f}; "
    result += f"best: {r.order[0]} in {percent(r.first[0])}"
    return Chapter("15", "Sensitivity", result, True, body, said="reported")


def surprises(e: Evidence) -> Chapter:
    """16: the surprise log."""
    return Chapter("16", "Surprise log", "kept", True, "[surprises.md](surprises.md), kept by hand.")


def reproducibility(e: Evidence) -> Chapter:
    """17: how to make it again."""
    study = e.bound.study
    rows = [
        ["command", f"`egendekning validate --draws {e.drawn.draws} --seed {e.drawn.seed}`"],
        ["version", egendekning.__version__],
        ["draws", f"{e.drawn.draws}, {e.drawn.source}"],
        ["model (SHA-256)", f"`{e.bound.model.hash}`"],
        ["study, all files (SHA-256)", f"`{study.hash}`"],
        [
            "posterior",
            f"`{study.files['calibration/posterior.nc']}`" if "calibration/posterior.nc" in study.files else "none",
        ],
        ["precedence", study.PRECEDENCE],
    ]
    body = table(["what", "value"], rows)
    body += (
        "\n\nThe same command gives the same numbers from the same files on the same machine, to the byte; between "
        "processors "
        "sums may differ in the last digits, which no figure here shows."
    )
    return Chapter("17", "Reproducibility", "one command, seed and hashes stated", True, body)


def headline(e: Evidence) -> str:
    """Return what the report says first: how wide the answer is."""
    a = e.answer
    years = e.plan.headline.by
    rows = []
    for w in a.widths:
        ends = [percent(float(q), 1) for q in np.quantile(w.level, [0.1, 0.5, 0.9])]
        rows.append([w.title, percent(w.probability), *ends, percent(w.reference, 1)])
    heads = ["scenario", f"reaches 100 % by {years}", f"Q4 {years}: 10 % of draws", "median", "90 %", "model file"]
    parts = table(heads, rows, range(1, 6))
    lines = [f"Over {e.drawn.draws} draws ({e.drawn.source}):\n\n{parts}"]
    lines += [_variance(w) for w in a.widths]
    return "\n\n".join(lines)


def _variance(w: Width) -> str:
    """Return where the variance of one scenario comes from."""
    s = w.shares
    if s is None:
        return f"**{w.title}**: too few draws to take the variance apart; use at least twice as many draws as inputs."
    rows = [[g.group, str(g.inputs), percent(max(g.alone, 0.0)), percent(max(g.last, 0.0))] for g in s.groups]
    rows.append(["no plane explains it", "", percent(s.curved), percent(s.curved)])
    return (
        f"**{w.title}**: standard deviation {100 * s.variance**0.5:.1f} percentage points. "
        f"{_assumed(s)}\n\n"
        + table(["inputs that rest on", "numbers", "share alone", "lost if taken out"], rows, (1, 2, 3))
    )


def _assumed(s: Shares) -> str:
    """Return the share that rests on assumptions without a source, in words."""
    found = {g.group: g for g in s.groups}.get("assumption")
    if found is None:
        return "No input is an assumption."
    low, high = sorted((max(found.alone, 0.0), max(found.last, 0.0)))
    span = percent(low) if round(100 * low) == round(100 * high) else f"{percent(low)} to {percent(high)}"
    return f"**{span} of the variance comes from assumptions without a source.**"
