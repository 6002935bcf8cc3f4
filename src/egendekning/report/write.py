"""Puts the report together and writes it: one HTML file that holds everything it shows.

The file needs no network, no script and no other file, so it can be mailed, printed and kept. It carries no date: the
same results give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from egendekning.errors import OutputError, Problem
from egendekning.figures import pictures
from egendekning.figures.context import StudyLike, context_of
from egendekning.figures.needs import REPORT, lacking
from egendekning.figures.reading import BASELINE, HORIZON, Comparison
from egendekning.report.cards import cards
from egendekning.report.facts import Facts, inputs_of
from egendekning.report.headline import headline
from egendekning.report.pictures import embedded
from egendekning.report.tables import readings, tables

NAME: Final = "report.html"
_PACKAGES: Final = ("egendekning.figures", "egendekning.report")
_PROVENANCE: Final = ("version", "model_hash", "study_hash", "seed", "draws", "precedence", "rules_until")
_DEFINITIONS: Final = "definitions"
_LIMITS: Final = "limits"


def write_report(
    comparison: Comparison,
    folder: Path,
    lang: str = "nb",
    *,
    study: StudyLike | None = None,
    figures: Sequence[Path] | None = None,
) -> Path:
    """Write the report of a comparison.

    Parameters
    ----------
    comparison : Comparison
        Results of `egendekning.ensemble.compare`.
    folder : Path
        Where to write ``report.html``; made if it is not there.
    lang : str
        ``nb`` or ``en``.
    study : StudyLike, optional
        Titles, clauses, evidence and history; without it the report shows ids and leaves those parts out.
    figures : sequence of Path, optional
        The files of `egendekning.figures.save_figures` in the same language; drawn anew if not given.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        Where the results lack variables that the report tells, as those of a smaller model may.
    """
    gone = lacking(comparison, REPORT)
    if gone:
        expected = "the variables that the report tells: see egendekning.figures.needs"
        found = f"the results have no {', '.join(gone)}"
        raise OutputError(Problem(NAME, found, expected, fix="use summary.csv, results.nc and the figures instead"))
    images = {path.name: path.read_bytes() for path in figures} if figures is not None else None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    path.write_text(page(comparison, lang, study=study, images=images), encoding="utf-8")
    return path


def page(
    comparison: Comparison, lang: str, *, study: StudyLike | None = None, images: dict[str, bytes] | None = None
) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    comparison : Comparison
        Results.
    lang : str
        ``nb`` or ``en``.
    study : StudyLike, optional
        Titles, clauses, evidence and history.
    images : dict, optional
        PNG content by file name; drawn if not given.

    Returns
    -------
    str
        A whole HTML document.
    """
    facts = Facts(comparison, context_of(lang, study, _PACKAGES), inputs_of(study))
    content = images if images is not None else pictures(comparison, lang, study=study)
    template = _environment().get_template("report.html.j2")
    style = files("egendekning.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    return template.render(
        t=facts.context.words.text,
        lang=lang,
        css=Markup(style),  # our own file
        year=HORIZON,
        points=headline(facts),
        readings=readings(facts),
        two="" if facts.plan is not None else "_two",
        pictures=embedded(facts, content),
        cards=cards(facts, study),
        tables=tables(facts),
        method=_method(facts),
        limits=_limits(facts),
        definitions=_definitions(facts),
        provenance=_provenance(facts),
    )


def _environment() -> Environment:
    """Return the template environment: everything escaped, nothing undefined let through."""
    loader = PackageLoader("egendekning.report", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _method(facts: Facts) -> list[str]:
    """Return the sentences of the method box."""
    words, inputs = facts.context.words, facts.inputs
    if inputs is None:
        rests = words.text("method.inputs_unknown")
    else:
        share = words.percent(inputs.assumed / inputs.total, 0)
        rests = words.text("method.inputs", total=inputs.total, source=inputs.source, derived=inputs.derived,
                           assumed=inputs.assumed, share=share)  # fmt: skip
    reference = facts.share(BASELINE, HORIZON, "reference")
    return [
        words.text("method.bands", draws=words.number(facts.draw_count)),
        words.text("method.common"),
        rests,
        words.text("method.posterior" if _fitted(facts) else "method.prior"),
        words.text("method.service"),
        words.text("method.reference", reference=reference, middle=facts.share(BASELINE), year=HORIZON),
        words.text("method.quarter"),
    ]


def _fitted(facts: Facts) -> bool:
    """Whether the draws have seen figures of the municipality."""
    return "posterior" in str(facts.comparison.dataset.attrs.get("source_of_draws", ""))


def _limits(facts: Facts) -> list[str]:
    """Return what the results cannot say: of every study the first, then of this one, then the rest."""
    words, about = facts.context.words, facts.context.municipality
    first, held, *rest = [words.texts[key] for key in sorted(words.texts) if key.startswith(f"{_LIMITS}.")]
    own = [str(getattr(item, words.lang)) for item in (about.limits if about is not None else ())]
    return [first, *own, held if _fitted(facts) else words.text("limits_unfitted"), *rest]


def _definitions(facts: Facts) -> list[tuple[str, str]]:
    """Return words and what they mean."""
    texts = facts.context.words.texts
    keys = sorted({key.rsplit(".", 1)[0] for key in texts if key.startswith(f"{_DEFINITIONS}.")})
    return [(texts[f"{key}.word"], texts[f"{key}.text"]) for key in keys]


def _provenance(facts: Facts) -> list[tuple[str, str]]:
    """Return what the results were made from."""
    words, known = facts.context.words, facts.attributes
    return [(words.text(f"footer.{name}"), str(known[name])) for name in _PROVENANCE if name in known]
