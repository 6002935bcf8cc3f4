"""How indices look on the screen: levers first, then what is uncertain, the strongest on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import xarray as xr
    from rich.console import Console

MOST: Final = 15
"""Rows of a table; the rest are counted."""

_PAIRS: Final = 5

_WORDS: Final = {
    "nb": {"lever": "virkemidler", "driver": "drivere utenfra", "constant": "usikre konstanter",
           "mixed": "blandede grupper", "more": "og {count} til (--out skriver alle)", "pairs": "sterkeste samspill",
           "left_out": "{count} kjøringer uten tall er utelatt.", "runs": "{runs} kjøringer, plan {sweep}.",
           "interval": "I parentes: {level} % intervall.", "explained": "Planet forklarer {r2} % av variasjonen.",
           "unexplained": "{share} % av variasjonen er ikke forklart.",
           "dummy": "Av faktorer uten virkning får 20 av 21 mindre enn {value}.",
           "middle": "Medianen av alle kjøringer er {value}."},
    "en": {"lever": "levers", "driver": "drivers from outside", "constant": "uncertain constants",
           "mixed": "mixed groups", "more": "and {count} more (--out writes all)", "pairs": "strongest interactions",
           "left_out": "{count} runs without a number are left out.", "runs": "{runs} runs, design {sweep}.",
           "interval": "In brackets: {level} % interval.", "explained": "The plane explains {r2} % of the variance.",
           "unexplained": "{share} % of the variance is not explained.",
           "dummy": "Of factors that do nothing, 20 in 21 get less than {value}.",
           "middle": "The median of all runs is {value}."},
}  # fmt: skip


def print_indices(indices: xr.Dataset, lang: str, screen: Console) -> None:
    """Print the indices of one outcome and method, at the last time where there are several.

    Parameters
    ----------
    indices : xarray.Dataset
        (factor, [factor2], [time], stat).
    lang : str
        ``nb`` or ``en``.
    screen : Console
        Where to print.
    """
    from rich.markup import escape

    from egendekning.cli.show import table
    from egendekning.figures.words import Words
    from egendekning.sensitivity.indices import METHODS

    words, said = _WORDS[lang], Words(lang)
    last = indices.isel(time=-1) if "time" in indices.dims else indices
    names = [str(n) for n, a in last.items() if "factor" in a.dims and "factor2" not in a.dims]
    label = str(last.attrs[f"label_{lang}"]) + (f", {int(last['time'])}" if "time" in last.coords else "")
    method = str(last.attrs["method"])
    for kind in (None,) if method == "shapley" else ("lever", "constant", "driver", "mixed"):
        places = _order(last, METHODS[method].leading, kind)
        if not places:
            continue
        heading = f"{label}: {method}" + (f", {words[kind]}" if kind else "")
        screen.print(f"[bold]{escape(heading)}[/]", soft_wrap=True)
        made = table("", ("", *names), first_width=44, width=30)
        made.title = None
        for i in places[:MOST]:
            name = str(last[f"factor_{lang}"].values[i])
            made.add_row(escape(words.get(name, said.element(name))), *(_cell(last, n, i, lang) for n in names))
        screen.print(made)
        if len(places) > MOST:
            screen.print(words["more"].format(count=len(places) - MOST))
    _print_pairs(last, lang, screen)
    screen.print(escape(" ".join(_notes(last, words, lang))), soft_wrap=True)


def _order(last: xr.Dataset, leading: str, kind: str | None) -> list[int]:
    """Return the factors of a kind, or all, by the size of the leading index; a swing is what lies between its ends."""
    import numpy as np

    size = last[leading].sel(stat="value").values
    if last.attrs["method"] == "swings":
        size = size - last["at_low"].sel(stat="value").values
    inside = np.arange(len(size)) if kind is None else np.flatnonzero(last["kind"].values == kind)
    return [int(i) for i in inside[np.argsort(-np.nan_to_num(np.abs(size[inside])), kind="stable")]]


def _cell(last: xr.Dataset, name: str, place: int, lang: str) -> str:
    value, low, high = (float(v) for v in last[name].isel(factor=place).values)
    text = _number(value, lang)
    return text if low != low else f"{text} ({_number(low, lang)}, {_number(high, lang)})"


def _number(value: float, lang: str) -> str:
    """Return a number with three decimals, or fewer where it is large."""
    from egendekning.cli.show import number

    size = abs(value)
    return number(value, 3 if size < 10 else 1 if size < 1000 else 0, lang)


def _print_pairs(last: xr.Dataset, lang: str, screen: Console) -> None:
    """Print the pairs of factors that interact most, where the method says it."""
    import numpy as np
    from rich.markup import escape

    from egendekning.figures.words import Words

    name = next((str(n) for n, a in last.items() if "factor2" in a.dims), None)
    if name is None:
        return
    value = last[name].sel(stat="value").transpose("factor", "factor2").values
    rows, columns = np.triu_indices(len(value), 1)
    order = np.argsort(-np.nan_to_num(np.abs(value[rows, columns])), kind="stable")[:_PAIRS]
    labels = [Words(lang).element(str(label)) for label in last[f"factor_{lang}"].values]
    said = [
        f"{labels[rows[k]]} × {labels[columns[k]]} {_number(float(value[rows[k], columns[k]]), lang)}" for k in order
    ]
    screen.print(escape(f"{name}, {_WORDS[lang]['pairs']}: {'; '.join(said)}"), soft_wrap=True)


def _notes(last: xr.Dataset, words: dict[str, str], lang: str) -> list[str]:
    """Return what must be known to read the tables."""
    from egendekning.cli.show import number

    attrs = last.attrs
    said = [words["runs"].format(runs=number(attrs["runs"], 0, lang), sweep=attrs["sweep"])]
    if attrs.get("runs_left_out"):
        said.append(words["left_out"].format(count=attrs["runs_left_out"]))
    if "level" in attrs:
        said.append(words["interval"].format(level=number(100 * attrs["level"], 0, lang)))
    if "R2" in last:
        said.append(words["explained"].format(r2=number(100 * float(last["R2"]), 0, lang)))
    if "unexplained" in last:
        said.append(words["unexplained"].format(share=number(100 * float(last["unexplained"]), 0, lang)))
    if "PAWN_dummy" in last:
        said.append(words["dummy"].format(value=_number(float(last["PAWN_dummy"]), lang)))
    if "middle" in last:
        said.append(words["middle"].format(value=_number(float(last["middle"]), lang)))
    return said
