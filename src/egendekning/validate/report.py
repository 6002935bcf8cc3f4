"""The validation report as one Markdown text: the headline, the list of verdicts, and a chapter for each test.

The module refuses to write files and to draw.
"""

from __future__ import annotations

from egendekning.validate import chapters as structure
from egendekning.validate import chapters_answer as width
from egendekning.validate import chapters_fit as fit
from egendekning.validate.evidence import Evidence
from egendekning.validate.markdown import table

ORDER = (
    structure.boundary, structure.units, structure.parameters, structure.conservation, structure.extremes,
    structure.behaviour, structure.equilibrium, structure.integration, fit.reference, fit.naive, structure.loops,
    fit.family, width.synthetic, width.identifiability, width.sampling, width.sensitivity, width.surprises,
    width.reproducibility,
)  # fmt: skip
"""The tests, structure first, then behaviour that structure explains, then fit (Barlas 1996)."""

_VARIANCE = (
    "How the variance is taken apart: a least-squares plane through the draws, with the inputs grouped by what "
    "they rest on in `model/parameters.yaml` and process noise as a group of its own. *Share alone* is the "
    "adjusted R2 of a plane through the group by itself (its first-order share); *lost if taken out* is how much "
    "the plane through all inputs loses without the group. Draws of different inputs are independent in the "
    "prior, and the two agree but for chance (a few points with a thousand draws); in a posterior they depend on "
    "each other, and the two differ. What no plane explains is interaction and curvature."
)


def report(e: Evidence) -> str:
    """Return the report.

    Parameters
    ----------
    e : Evidence
        Everything that was found.
    """
    made = [chapter(e) for chapter in ORDER]
    failed = [c for c in made if c.passed is False]
    waiting = [c for c in made if c.passed is None]
    rows = [[c.number, f"[{c.title}](#{_anchor(c.number, c.title)})", c.result, c.verdict] for c in made]
    good = sum(c.passed is True for c in made)
    summary = f"{good} tests passed or were reported, {len(failed)} failed, not yet run: {len(waiting)}."
    if failed:
        summary += " Failed: " + "; ".join(f"{c.title.lower()} ({c.result})" for c in failed) + "."
    parts = [
        "# Validation",
        "Made by `egendekning validate`; edits are lost. Tests are in the order of Barlas (1996): structure first, "
        "then "
        "behaviour that structure explains, then fit. A good fit excuses no structural failure. Figures end on 1 "
        "January "
        "2021: later ones are kept to judge the model on what it has not seen (`egendekning validate "
        "--observations FILE.csv`).",
        "## How wide the answer is",
        width.headline(e),
        _VARIANCE,
        "## Verdicts",
        summary,
        table(["#", "test", "result", "verdict"], rows),
        *(part for c in made for part in (f"## {c.number}. {c.title}", c.body)),
    ]
    return "\n\n".join(parts) + "\n"


def _anchor(number: str, title: str) -> str:
    """Return the anchor that a heading gets."""
    return f"{number}-{title}".lower().replace(" ", "-").replace(".", "").replace(",", "")
