"""Run system-dynamics models: from a Vensim or XMILE file to a Dataset, one run or many.

The engine knows nothing of any particular model. Typical use::

    from egendekning.engine import load

    model = load("model.mdl")                 # parsed, checked; every fault of the file in one error
    model.variables["Population"].unit        # name, kind, unit, documentation, equation, dims, group, line
    model.variable("population")              # any spelling; nearest name suggested
    model.depends_on("births"), model.drives("births"), model.graph, model.loops()
    model.subscripts, model.sectors, model.time

    one = model.simulate()                                            # dims (time, *subscripts)
    many = model.simulate({"birth rate": np.array([0.01, 0.02])})     # dims (draw, time, *subscripts)
    some = model.simulate({"tax table": y_values}, {"Population": 5.0}, ["births"], time={"final": 2030.0})
    some = model.simulate(outputs=["births"], time=[2019.0, 2020.0])  # saving times
    rough = model.simulate(draws=1000, seed=7)                        # random functions, a stream per draw
    exact = model.simulate(method="rk4")
    later = model.simulate(start=model.state(2025.0))                 # go on from what the run remembers
    same = model.simulate(engine="pysd")                              # the reference, slow
    table = model.simulate(pandas.DataFrame({"birth rate": rates}))   # or a Dataset; a row a draw
    some.attrs["non_finite"]            # "" or what went wrong first, when, in which draw, how, with what values
    sound = many.sel(draw=many.finite)  # the draws without, where some have one; on_error="raise" stops instead

    model.evaluate(["births"], {"Population": 5.0}, time=2020.0)      # algebra at one time, NumPy, no compilation
    f = model.value_and_grad("Population", wrt=["birth rate"])
    value, slopes = f({"birth rate": 0.02})

    from egendekning.engine.units import check_units
    report = check_units(model); report.ok; report.problems

A parameter is a number, a 1-D array over draws, or a DataArray with dims out of (draw, time, *subscripts); a table
function takes y-values on its own x points (dim ``point``). Naming a flow or auxiliary among the parameters replaces
it.

``docs/engine.md`` teaches it from the beginning; a million draws go to a store with `egendekning.ensemble.stream`.

Importing the package imports neither JAX nor PySD; the first run sets JAX to double precision in this process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from egendekning.engine.clock import TimeSpec
    from egendekning.engine.model import Model, Variable, load

__all__ = ["Model", "TimeSpec", "Variable", "load"]


def __getattr__(name: str) -> Any:
    if name == "TimeSpec":
        from egendekning.engine.clock import TimeSpec

        return TimeSpec
    if name in ("Model", "Variable", "load"):
        from egendekning.engine import model

        return getattr(model, name)
    raise AttributeError(name)
