"""`egendekning explain`: everything that is known about one variable of the model, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from egendekning.cli.app import common
from egendekning.cli.headings import heading
from egendekning.cli.options import Language, LanguageOption
from egendekning.errors import Problem, UsageError
from egendekning.names import find, nearest, split

if TYPE_CHECKING:
    from egendekning.engine import Variable
    from egendekning.ensemble import Bound

_MANY = 12
"""Values that are listed; of longer arrays only the ends are."""


def command(
    context: typer.Context,
    variable: Annotated[str, typer.Argument(help="Name of a model variable, in any spelling that Vensim accepts.")],
    lang: LanguageOption = Language.nb,
) -> None:
    """Explain a variable: equation, unit, source, what it depends on and what it drives."""
    from rich.markup import escape

    from egendekning.cli.screen import console
    from egendekning.ensemble import bind

    bound = bind(common(context).open_study())
    item = _variable(bound, variable)
    label = find(item.name, bound.study.labels)
    out = console()
    title = f" – {getattr(bound.study.labels[label], lang.value)}" if label is not None else ""
    out.print(f"[bold]{escape(item.name)}[/]{escape(title)}", soft_wrap=True)
    for name, text in {**_of_model(bound, item), **_of_study(bound, item, lang.value)}.items():
        if text:
            said = heading(text, lang.value)
            out.print(f"  [cyan]{heading(name, lang.value)}[/]: {escape(said)}", soft_wrap=True)


def _variable(bound: Bound, written: str) -> Variable:
    """Return the variable, or say which name is most like it; levers and labels are known too."""
    spelled = find(split(written)[0], bound.model.variables)
    if spelled is not None:
        return bound.model.variables[spelled]
    settable = bound.study.settable
    if written in settable:
        return bound.model.variables[bound.name(split(settable[written].constants.target)[0])]
    close = nearest(written, [*bound.model.variables, *settable])
    raise UsageError(
        Problem("explain", f"unknown variable {written!r}", "a variable of the model, or a lever", close,
                fix="names may be written in any case; put them in quotation marks")
    )  # fmt: skip


def _of_model(bound: Bound, item: Variable) -> dict[str, str]:
    """Return what the model file says."""
    model = bound.model
    where = f"{item.kind} in {item.group.lstrip('.')}, {bound.study.model_file.name}:{item.line}"
    return {
        "documentation": item.documentation,
        "what": where + (f", by {', '.join(item.dims)}" if item.dims else ""),
        "unit": item.unit,
        "equation": " ".join(item.equation.split()),
        "value at start": _start(bound, item),
        "depends on": ", ".join(sorted(model.depends_on(item.name))),
        "drives": ", ".join(sorted(model.drives(item.name))) or "nothing: an outcome",
    }


def _start(bound: Bound, item: Variable) -> str:
    """Return the value at the start of a run with the values of the model file."""
    import numpy as np

    if item.kind == "lookup":
        x, y = bound.table(item.name)
        pairs = [f"({a:g}, {b:g})" for a, b in zip(np.ravel(x), np.ravel(y), strict=False)]
        return ", ".join(pairs if len(pairs) <= _MANY else [*pairs[:3], "...", *pairs[-2:]])
    if item.kind == "control":
        return ""
    values = np.ravel(bound.model.evaluate([item.name])[item.name])
    texts = [f"{v:.6g}" for v in values]
    if values.size > _MANY:
        texts = [*texts[:3], "...", *texts[-2:]]
    names = [f"{e} " for e in bound.model.subscripts[item.dims[0]]] if len(item.dims) == 1 else []
    if names and values.size <= _MANY:
        texts = [name + text for name, text in zip(names, texts, strict=True)]
    return f"{', '.join(texts)} {item.unit}"


def _of_study(bound: Bound, item: Variable, lang: str) -> dict[str, str]:
    """Return what parameters.yaml, national_rules.yaml and levers.yaml say."""
    study = bound.study
    found: dict[str, str] = {}
    spelled = find(item.name, study.parameters)
    if spelled is not None:
        parameter = study.parameters[spelled]
        found["role"] = parameter.role
        found["evidence"] = f"{parameter.basis}, grade {parameter.grade}: {parameter.source}"
        if parameter.drawn:
            span = (
                f"{parameter.low} to {parameter.high}" if parameter.relative is None else f"± {parameter.relative:.0%}"
            )
            found["drawn from"] = f"{span}, {parameter.law}"
        found["note"] = parameter.note or ""
    rule = find(item.name, study.rules)
    if rule is not None:
        series = study.rules[rule]
        found["national rule"] = f"{getattr(series, f'label_{lang}')}; {series.extension}"
        found["sources"] = "; ".join(f"{y:g}: {v.value:g} ({v.grade}, {v.source})" for y, v in series.values.items())
    users = [
        f"{getattr(entry, f'title_{lang}')} ({name}, {part})"
        for name, entry in study.settable.items()
        for part, constant in entry.constants
        if constant is not None and find(split(constant)[0], {item.name: 0}) is not None
    ]
    found["set by"] = "; ".join(users)
    return found
