"""What `egendekning loops` prints and writes: sentences, tables, figures and the numbers behind them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from egendekning.figures.words import Words
    from egendekning.sensitivity.loops import Direction, NamedLoop, Why
    from egendekning.study import Study

_SHAPES: Final = ((8.2, ""), (4.3, "_narrow"))
_DPI: Final = 170
_POINTS: Final = 100.0


@dataclass(frozen=True)
class Told:
    """Everything that is told.

    Attributes
    ----------
    study : Study
        Titles.
    found : list of Why
        The scenario, and the one beside it.
    loops : list of NamedLoop
        Loops, then chains.
    directions : tuple of Direction
        Signs held against knock-outs; empty where the study plans none.
    lang : str
        ``nb`` or ``en``.
    """

    study: Study
    found: Sequence[Why]
    loops: Sequence[NamedLoop]
    directions: Sequence[Direction]
    lang: str

    @property
    def words(self) -> Words:
        """The language."""
        from egendekning.figures.words import Words

        return Words(self.lang)

    @property
    def names(self) -> dict[str, str]:
        """Name of each loop by label."""
        return {loop.label: loop.names[self.lang] for loop in self.loops}

    @property
    def kinds(self) -> dict[str, str]:
        """Kind of each loop by label; a chain counts with the reinforcing."""
        return {loop.label: loop.kind for loop in self.loops}

    def title(self, found: Why, *, scored: bool = True) -> str:
        """Return the title of a scenario; where scores are told that are not the usual ones, with a word on that."""
        title = str(getattr(self.study.scenario(found.scenario), f"title_{self.lang}"))
        return self.words.text("loops.published", title=title) if scored and found.published else title

    def sentences(self, found: Why) -> list[str]:
        """Return a sentence or two for each phase."""
        from egendekning.figures.loop_words import pulls, sentence
        from egendekning.sensitivity.loops.why import SECOND

        if not found.phases:
            return [self.words.text("loops.none")]
        texts = []
        for phase in found.phases:
            residents = found.added(phase, SECOND).get(phase.loop)
            said = sentence(phase, self.names, self.words, residents)
            texts.append(f"{said} {pulls(found.added(phase), self.names, self.words)}".strip())
        return texts


def print_told(told: Told) -> None:
    """Print the sentences, and what scores and cuts say side by side."""
    from rich.markup import escape

    from egendekning.cli.screen import console

    screen = console()
    for found in told.found:
        screen.print(f"[bold]{escape(told.title(found))}[/bold] ({found.scenario})")
        for text in told.sentences(found):
            screen.print("  " + escape(text))
        screen.print(_agreement_table(told, found))
    for text in told_directions(told):
        screen.print(escape(text))


def _agreement_table(told: Told, found: Why) -> Any:
    """Return the table of scores against cuts."""
    from egendekning.cli.show import number, table
    from egendekning.sensitivity.loops import rank_correlation

    words, lang = told.words, told.lang
    heads = [words.text("loops.table.loop")]
    rows: dict[str, list[str]] = {}
    foot = [words.text("loops.table.rank")]
    scales = {name: (_POINTS if name == next(iter(found.standings)) else 1.0) for name in found.standings}
    for name, items in found.standings.items():
        for year in dict.fromkeys(i.year for i in items):
            inside = [i for i in items if i.year == year]
            first = scales[name] == _POINTS
            heads += [words.text("loops.table.share", year=year)] if first else []
            heads += [words.text("loops.table.points" if first else "loops.table.persons", year=year)]
            foot += ([""] if first else []) + [number(rank_correlation(inside), 2, lang, sign=True)]
            for item in inside:
                row = rows.setdefault(item.loop, [])
                row += [number(_POINTS * item.share, 1, lang, sign=True)] if first else []
                row += [number(scales[name] * item.effect, 2 if first else 0, lang, sign=True)]
    made = table(words.text("loops.table.title"), heads, first_width=28, width=11)
    for label, cells in rows.items():
        made.add_row(label, *cells)
    if rows:
        made.add_row(*foot)
    return made


def told_directions(told: Told) -> list[str]:
    """Return what the pushes say of the signs: how many agree, and which do not."""
    if not told.directions:
        return []
    words = told.words
    odd = [d for d in told.directions if not d.agrees]
    text = [words.text("loops.signs", agree=len(told.directions) - len(odd), all=len(told.directions))]
    if odd:
        text.append(words.text("loops.odd", which=words.enumerate(f"{d.loop} ({d.switch})" for d in odd)))
    return text


def write_told(told: Told, folder: Path) -> None:
    """Write sentences, figures and numbers into an empty folder."""
    lines = []
    for found in told.found:
        lines += [f"# {told.title(found)}", "", *(f"- {text}" for text in told.sentences(found)), ""]
    lines += told_directions(told)
    (folder / f"why_{told.lang}.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    _write_rows(told, folder / "loops.csv")
    for found in told.found:
        found.scores.to_netcdf(folder / f"scores_{found.scenario}.nc", engine="netcdf4")
    for width, ending in _SHAPES:
        _draw(told, folder / f"loops_{told.lang}{ending}.png", width, shares=True)
        _draw(told, folder / f"loops_cut_{told.lang}{ending}.png", width, shares=False)


def _write_rows(told: Told, path: Path) -> None:
    """Write a row a scenario, loop and year: shares, and what the loop has done to the headline at the year's end."""
    import numpy as np

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["scenario", "loop", "kind", "year", "netted share", "published share", "effect, percentage points"]
        )
        for found in told.found:
            effects, times = found.effects(), found.cuts["time"].values
            for loop in told.loops:
                scored = loop.label in found.netted["loop"].values
                line = effects.sel(loop=loop.label).values if loop.label in effects["loop"].values else None
                for year in found.netted["year"].values:
                    at = {"loop": loop.label, "year": year}
                    pair = [f"{float(a.sel(at)):.6g}" if scored else "" for a in (found.netted, found.relative)]
                    effect = "" if line is None else f"{_POINTS * float(np.interp(year + 1, times, line)):.6g}"
                    writer.writerow([found.scenario, loop.label, loop.kind, int(year), *pair, effect])


def _draw(told: Told, path: Path, width: float, *, shares: bool) -> None:
    """Draw one figure: a panel a scenario."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from egendekning.figures import loops, style
    from egendekning.sensitivity.loops import competing

    drawn: list[str] = []
    rows = len(told.found)
    keyed = len(told.kinds) * (0.19 if width < 5.5 else 0.1) + 0.3
    with style.quiet():
        figure = Figure(figsize=(width, (3.4 if width > 5.5 else 3.1) * rows + keyed), layout="constrained")
        FigureCanvasAgg(figure)
        for ax, found in zip(figure.subplots(rows, 1, squeeze=False)[:, 0], told.found, strict=True):
            name = told.title(found, scored=shares)
            title = told.words.text("loops.title" if shares else "loops.cut_title", scenario=name)
            if shares:
                drawn = competing(found.scores)
                table = found.shares.sel(loop=drawn)
                loops.shares(table, ax, kinds=told.kinds, phases=found.phases, words=told.words, title=title)
            else:
                effects = found.effects()
                drawn = [n for n in told.kinds if n in effects["loop"].values]
                loops.cuts(effects.sel(loop=drawn), ax, kinds=told.kinds, words=told.words, title=title)
        loops.key(figure, told.names, told.kinds, drawn, lines=not shares)
        figure.savefig(path, dpi=_DPI, metadata={"Software": None})
