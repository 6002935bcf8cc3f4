"""Phases of a run in words: which loop, what it does, how much it weighs, and where egendekning goes.

The texts are in the catalogues; the phases and cuts come from `egendekning.sensitivity.loops`. The module refuses to
say more of a loop than its score and its cut bear out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from egendekning.figures.words import Words
    from egendekning.sensitivity.loops import Phase

_PER_CENT: Final = 100.0

_WORTH_SAYING: Final = 0.1
"""Share from which the second loop of a phase is named too."""

_SHOWS: Final = 0.05
"""Percentage points that are told with one decimal."""


def short(name: str) -> str:
    """Return the first part of a loop's name: what stands before the dash."""
    return name.split(" – ")[0]


def sentence(phase: Phase, names: Mapping[str, str], words: Words, residents: float | None = None) -> str:
    """Put a phase into words: which loop, what it does, how much it weighs, and where egendekning goes.

    A balancing loop limits growth where there would be more residents without it; where there would be fewer, it
    governs growth: the loop corrects, and what it corrects towards lies above.

    Parameters
    ----------
    phase : Phase
        From `egendekning.sensitivity.loops.phases`; the outcome a share.
    names : mapping
        Name of each loop by label, in the language of `words`.
    words : Words
        Language.
    residents : float, optional
        What the loop added to the growth of the population in the phase, persons.
    """
    begins, ends = words.percent(phase.begins), words.percent(phase.ends)
    way = "stays" if begins == ends else "rises" if phase.ends > phase.begins else "falls"
    governs = phase.kind == "balancing" and residents is not None and residents > 0.0
    people = ""
    if residents is not None and abs(residents) >= 0.5:
        people = words.text("loops.phase.more" if residents > 0.0 else "loops.phase.fewer",
                            count=words.number(abs(residents)))  # fmt: skip
    text = words.text(
        f"loops.phase.{'governing' if governs else phase.kind}", start=phase.start, name=_inside(names[phase.loop]),
        label=phase.loop, share=words.percent(phase.share, 0), second=_second(phase, names, words), people=people,
    )  # fmt: skip
    where = words.text(f"loops.phase.{way}", begins=begins, ends=ends, end=phase.end)
    return f"{text} {where}"


def _second(phase: Phase, names: Mapping[str, str], words: Words) -> str:
    """Return the words on the second loop; none where it hardly counts."""
    if not phase.second or phase.second_share < _WORTH_SAYING:
        return ""
    share = words.percent(phase.second_share, 0)
    return words.text("loops.phase.second", name=_inside(names[phase.second]), label=phase.second, share=share)


def pulls(added: Mapping[str, float], names: Mapping[str, str], words: Words) -> str:
    """Put into words which loops, cut one at a time, lifted egendekning most and lowered it most; empty where none did.

    Parameters
    ----------
    added : mapping
        What each loop added to the change of egendekning, share, by label.
    names : mapping
        Name of each loop by label.
    words : Words
        Language.
    """
    known = {n: v for n, v in added.items() if n in names}
    said = []
    for way, label in (("up", max(known, key=known.__getitem__)), ("down", min(known, key=known.__getitem__))):
        if (known[label] > 0) == (way == "up") and abs(known[label]) * _PER_CENT >= _SHOWS:
            said.append(words.text(f"loops.cut_{way}", name=_inside(names[label]), label=label,
                                   points=words.points(known[label])))  # fmt: skip
    return words.text("loops.cut", said=words.enumerate(said)) if said else ""


def _inside(name: str) -> str:
    """Return a name as it stands inside a sentence."""
    first = short(name)
    return first[:1].lower() + first[1:]
