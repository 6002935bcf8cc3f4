"""Where a study meets its model: the two are compared name by name, and the numbers of the model file are read.

The study layer knows no model and the engine knows no study; a `Bound` holds both once they are known to agree. The
module refuses to go on with a study and a model that disagree, and to run anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from egendekning.engine import Model, load
from egendekning.errors import Problem, StudyError
from egendekning.names import key
from egendekning.study import RuleSeries, Study, disagreements

Floats = NDArray[np.float64]

_SAME = 1e-9
"""Two points of a table are the same date within this many years: above rounding of written numbers, below a second."""


@dataclass(frozen=True)
class Bound:
    """A study and its model, in agreement.

    Attributes
    ----------
    study : Study
        The study.
    model : Model
        The model that its model file describes.
    values : Mapping[str, ndarray]
        Value of every constant in the model file, (\\*dims), by its name in the model.
    rules : Mapping[str, ndarray]
        Figures of every national rule on the points of its table in the model, (point), in the unit of the table.
    """

    study: Study
    model: Model
    values: Mapping[str, Floats]
    rules: Mapping[str, Floats]

    def name(self, written: str) -> str:
        """Return the model's own spelling of a name; an unknown one is a SimulationError with the nearest."""
        return self.model.variable(written).name

    def table(self, name: str) -> tuple[Floats, Floats]:
        """Return x, (\\*dims, point), and y, (\\*dims, point), of a table function in the model file."""
        lookup = self.model.definition.variables[key(name)].lookup
        if lookup is None:
            raise StudyError(Problem(name, "is not a table function", "a lookup of the model"))
        return np.asarray(lookup.x, dtype=float), np.asarray(lookup.y, dtype=float)


def bind(study: Study) -> Bound:
    """Read the model of a study and compare the two.

    Parameters
    ----------
    study : Study
        A study that was read.

    Returns
    -------
    Bound
        Both, with the numbers of the model file.

    Raises
    ------
    ModelFileError
        Where the model file is wrong.
    StudyError
        With everything in which the study and the model disagree.
    """
    model = load(study.model_file)
    values = constant_values(model)
    flat = {name: [float(v) for v in np.ravel(value)] for name, value in values.items()}
    problems = list(disagreements(study, model.variables, subscripts=model.subscripts, values=flat))
    bound = Bound(study, model, values, {})
    rules: dict[str, Floats] = {}
    if not problems:
        for name, series in study.rules.items():
            x, _ = bound.table(name)
            problems += _lacking_points(study, name, series, x)
            rules[bound.name(name)] = on_points(series, x)
    if problems:
        raise StudyError(problems)
    return Bound(study, model, values, rules)


def constant_values(model: Model) -> dict[str, Floats]:
    """Return the value of every constant in a model file, (\\*dims), in its unit."""
    names = [name for name, item in model.variables.items() if item.kind == "constant"]
    return {name: np.asarray(value, dtype=float) for name, value in model.evaluate(names).items()}


def on_points(series: RuleSeries, x: Floats) -> Floats:
    """Return a national rule on the points of its table.

    Between its years a rule is linear and beyond them flat, as the table function is; a last point far in the future
    thus takes the figure of the last year.

    Parameters
    ----------
    series : RuleSeries
        The rule.
    x : ndarray
        (point), year.

    Returns
    -------
    ndarray
        (point), in the unit of the rule.
    """
    years, figures = series.points()
    return np.interp(x, years, figures)


def _lacking_points(study: Study, name: str, series: RuleSeries, x: Floats) -> Iterable[Problem]:
    """Yield a problem for each year of a rule at which the model's table has no point and would lose the figure."""
    for year in series.points()[0]:
        if not np.any(np.abs(x - year) < _SAME):
            where = study.where("model/national_rules.yaml", "series", name, "values", year)
            fix = f"add the point ({year:g}, ...) to {name!r} in {study.model_file.name}"
            yield Problem(where, f"{name}: the table in the model has no point at {year:g}", "the same years", fix=fix)
