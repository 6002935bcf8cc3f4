"""The functions that models may use: both spellings, the meaning, and which tiny model tests each.

The page `docs/functions.md` is made from ``functions.yaml`` and `refused`, and a test holds it against the tables that
the engine works by. The module refuses to describe what is not tested: a function without a model is a failing test.

``python -m egendekning.engine.catalogue tests/engine/models > docs/functions.md`` writes the page.
"""

from __future__ import annotations

import re
import sys
import textwrap
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from egendekning.engine import refused


@dataclass(frozen=True, slots=True)
class Entry:
    """One function: how Vensim and XMILE write it (empty: not at all), and what it means."""

    vensim: str
    xmile: str
    meaning: str


@cache
def _page() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((files("egendekning.engine") / "functions.yaml").read_text(encoding="utf-8"))
    return found


def catalogue() -> dict[str, tuple[Entry, ...]]:
    """Return the functions by group."""
    return {title: tuple(Entry(*row) for row in rows) for title, rows in _page()["functions"].items()}


_HEAD = """# Functions of the engine

Made from `src/egendekning/engine/functions.yaml` by
`python -m egendekning.engine.catalogue tests/engine/models > docs/functions.md`; a test keeps it fresh. Each model is a
file of `tests/engine/models`, with expectations worked out by hand in `tests/engine`.
"""

_TAIL = """Random numbers agree with Vensim's in distribution only: each depends on the seed of the run, the place in
the model, the draw, the step and the element, and on nothing else.
"""


def patterns(spelling: str) -> list[str]:
    """Return what to look for in a model to find a function: the names before brackets, or the signs as written."""
    names = re.findall(r"([A-Z][A-Z0-9 ]*)\(", spelling)
    if names:
        return [r"(?<![\w ])\s*" + r"\s+".join(map(re.escape, n.split())) + r"\s*\(" for n in names]
    if "c1-c9" in spelling:
        return [r"\(\w+-\w+\)"]
    if "[Age" in spelling:
        return [r"\[\w+\s*[-+]\s*\d+"]
    marks = re.findall(r":[A-Z ]+:", spelling) or re.findall(r"<[a-z_]{2,}(?: type=\S+?(?=>))?", spelling)
    words = [w for w in re.split(r"[\s,]+", spelling) if w and not re.fullmatch(r"[a-z]\w*:?|\.+", w)]
    return [rf"(?<!\w){w}(?!\w)" if w.isalpha() else re.escape(w) for w in marks or words]


def tested_by(entry: Entry, texts: dict[str, str]) -> list[str]:
    """Return the models of `texts` (file name -> text) in which a function stands, in its own language."""
    found = []
    for name, text in texts.items():
        spelling = entry.vensim if name.endswith(".mdl") else entry.xmile
        if spelling and any(re.search(p, text, re.IGNORECASE) for p in patterns(spelling)):
            found.append(name)
    return found


def render(folder: Path) -> str:
    """Return the page, with the models of `folder` as tests."""
    files = sorted(p for p in folder.iterdir() if p.suffix in (".mdl", ".stmx"))
    texts = {p.name: p.read_text(encoding="utf-8") for p in files}
    lines = [_HEAD]
    for title, entries in catalogue().items():
        lines += [f"## {title}", "", "| Vensim | XMILE | meaning | tested by |", "|---|---|---|---|"]
        for entry in entries:
            models = ", ".join(n for n in tested_by(entry, texts)[:4])
            cells = [f"`{s}`" if s else "" for s in (entry.vensim, entry.xmile)]
            lines.append("| " + " | ".join([*cells, entry.meaning, models]) + " |")
        lines.append("")
    lines += ["## Refused, with the reason", ""]
    for language, table in (("Vensim", refused.VENSIM), ("XMILE", refused.XMILE)):
        for reason, names in table.items():
            lines += _bullet(f"{language} {', '.join(n.upper() for n in names)}: each {reason}.")
    for title, key in _LISTS:
        lines += ["", f"## {title}", "", *(line for item in _page()[key] for line in _bullet(item))]
    return "\n".join([*lines, "", _TAIL])


_LISTS = (
    ("Where the engine follows the tools and PySD does not", "differences"),
    ("What PySD's parser stops at and the engine reads", "reader"),
    ("Not settled", "doubts"),
)
"""Heading of each list of remarks, and its key in ``functions.yaml``."""


def _bullet(text: str) -> list[str]:
    return textwrap.wrap(text, 118, initial_indent="- ", subsequent_indent="  ", break_long_words=False)


if __name__ == "__main__":
    sys.stdout.write(render(Path(sys.argv[1])))
