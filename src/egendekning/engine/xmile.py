"""Read XMILE (.xmile, .stmx): variables, arrays, graphical functions, modules and macros, made one flat model.

Modules are flattened: a variable of module M is ``M.name``, and a connected input is the variable that it is connected
to. Expressions go to `xmile_syntax`; every broken one is a message with its line. The module refuses stocks that are
queues or ovens, which hold more than a number.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine import bounds, library
from egendekning.engine.macros import Macro, expand
from egendekning.engine.parse import RawEquation, RawModel, RawRange, RawVariable
from egendekning.engine.syntax import ExpressionError, call
from egendekning.engine.xmile_names import Names, finished
from egendekning.engine.xmile_shift import unrolled
from egendekning.engine.xmile_stocks import (
    Limited,
    conveyor_fault,
    conveyor_outflow,
    flow_names,
    limit_outflows,
    net,
)
from egendekning.engine.xmile_syntax import parse_expression, parse_numbers
from egendekning.errors import ModelFileError, Problem
from egendekning.names import key

_MOST_VARIABLES = 1_000_000  # modules inside modules multiply
_KINDS = ("stock", "flow", "aux", "gf")
_UNKNOWN = ("queue", "oven")
_METHODS = dict.fromkeys(("rk2", "rk4", "rk45", "gear"), "rk4")
_MODES = {"continuous": "interpolate", "extrapolate": "extrapolate", "discrete": "hold_backward"}


def parse_xmile(path: Path, text: str) -> RawModel:
    """Read and parse an XMILE file.

    Raises
    ------
    ModelFileError
        If the file is not XML, or holds something that is no XMILE or that this engine does not know.
    """
    root = _root(path, text)
    model = RawModel(text, {}, {}, [])
    reader = _File(path, model)
    reader.read(root)
    if reader.problems:
        raise ModelFileError(reader.problems)
    if reader.macros:
        expand(model, reader.macros, str(path))
    return model


def _root(path: Path, text: str) -> Any:
    etree = import_module("lxml.etree")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise ModelFileError(
            Problem(f"{path}:{line}", f"cannot be read ({error.msg})", "well-formed XML", fix="mend the XML")
        ) from error
    for node in root.iter(etree.Element):
        node.tag = node.tag.rsplit("}", 1)[-1]
    if root.find("model") is None or _specs(root) is None:
        raise ModelFileError(Problem(str(path), "no <model> and <sim_specs>", "an XMILE model", fix="export it again"))
    return root


def _specs(root: Any) -> Any:
    """Return the time grid of a file: that of the whole, or, where it has none, of its first model."""
    found = root.find("sim_specs")
    return found if found is not None else root.find("model/sim_specs")


def _clean(name: str) -> str:
    return " ".join(name.replace("\\n", " ").replace("\n", " ").strip('"').split())


def _text(node: Any, tag: str, default: str = "") -> str:
    return " ".join((node.findtext(tag) or default).split())


class _File:
    def __init__(self, path: Path, model: RawModel) -> None:
        self.path, self.model = path, model
        self.problems: list[Problem] = []
        self.macros: dict[str, Macro] = {}
        self.names = Names()
        self.behaviour: set[str] = set()
        self.limited: list[Limited] = []
        self.belts: dict[str, Any] = {}

    def problem(self, line: int, found: str, expected: str, fix: str = "") -> None:
        self.problems.append(Problem(f"{self.path}:{line}", found, expected, fix=fix))

    def read(self, root: Any) -> None:
        """Read the whole file into the model."""
        for node in root.findall("dimensions/dim"):
            self._dimension(node)
        for node in (*root.findall("behavior"), *root.findall("model/behavior")):
            self.behaviour |= {"stock", "flow"} if node.find("non_negative") is not None else set()
            self.behaviour |= {k for k in ("stock", "flow") if node.find(f"{k}/non_negative") is not None}
        self._controls(_specs(root))
        models = {key(_clean(m.get("name", ""))): m for m in root.findall("model")}
        main = next((m for n, m in models.items() if not n), root.findall("model")[0])
        self._model(main, "", models, {}, ())
        for node in root.findall("macro"):
            self._macro(node)
        for body in (self.model, *(m.body for m in self.macros.values())):
            for item in list(body.variables.values()):
                for equation in item.equations:
                    finished(self.names, body, item, equation, self.macros, self._fault)
                item.equations = [one for equation in item.equations for one in unrolled(body, equation)]
        limit_outflows(self.model, self.limited)
        self.macros = library.wanted(self.model, self.macros)

    def _fault(self, item: RawVariable, equation: RawEquation, found: str, expected: str) -> None:
        self.problem(equation.line, f"{item.name}: {found}", expected)

    def _dimension(self, node: Any) -> None:
        name = _clean(node.get("name", ""))
        elements = [_clean(e.get("name", "")) for e in node.findall("elem")]
        if not elements and node.get("size", "").isdigit():
            elements = [str(k + 1) for k in range(min(int(node.get("size")), bounds.LARGEST_ARRAY + 1))]
        if not elements:
            self.problem(node.sourceline, f"dimension {name} has no elements", "<elem> or a size")
            return
        self.model.ranges[key(name)] = RawRange(name, elements, [], node.sourceline)

    def _controls(self, specs: Any) -> None:
        unit = specs.get("time_units", "")
        self.model.method = _METHODS.get(specs.get("method", "").split(",")[0].strip().lower(), "euler")
        dt = specs.find("dt")
        step = _text(specs, "dt", "1")
        step = f"1/({step})" if dt is not None and dt.get("reciprocal", "").lower() == "true" else step
        save = next((v for n, v in specs.attrib.items() if n.rsplit("}", 1)[-1] == "save_interval"), "") or step
        for name, said, node in (("INITIAL TIME", _text(specs, "start", "0"), specs.find("start")),
                                 ("FINAL TIME", _text(specs, "stop", "100"), specs.find("stop")),
                                 ("TIME STEP", step, dt), ("SAVEPER", save, specs)):  # fmt: skip
            line = node.sourceline if node is not None else specs.sourceline
            item = RawVariable(name, unit, f"{name.capitalize()} of the simulation.")
            item.equations.append(self._equation(name, said, [], line))
            self.model.variables[key(name)] = item

    def _model(
        self, node: Any, prefix: str, models: dict[str, Any], inputs: dict[str, str], inside: tuple[str, ...]
    ) -> None:
        """Read the variables of a model, and of the modules inside it, under `prefix`."""
        variables = node.find("variables")
        local: dict[str, str] = {}
        for child in variables if variables is not None else ():
            if child.tag in (*_KINDS, "module"):
                name = _clean(child.get("name", ""))
                local[key(name)] = prefix + name
        for child in variables.findall("stock") if variables is not None else ():
            self._stock(child, prefix, local)
        for child in variables if variables is not None else ():
            name = _clean(child.get("name", ""))
            if child.tag == "module":
                self._module(child, name, prefix, models, local, inside)
            elif child.tag in _KINDS and key(name) in inputs:
                item = RawVariable(prefix + name, _text(child, "units"), _text(child, "doc"), group=prefix.rstrip("."))
                dims = [_clean(d.get("name", "")) for d in child.findall("dimensions/dim")]
                ast = ae.ReferenceStructure(inputs[key(name)])
                item.equations.append(RawEquation(dims, [], ast, "equation", child.sourceline, inputs[key(name)]))
                self.names.add(item, dims, {})
                self.model.variables[key(item.name)] = item
            elif child.tag in _KINDS:
                self._variable(self.model, child, prefix, local)

    def _stock(self, node: Any, prefix: str, local: dict[str, str]) -> None:
        """Note what a stock says of its flows: that they are those of a conveyor, or cannot empty it below zero."""
        inflows, outflows = (
            tuple(local.get(key(n), prefix + n) for n in flow_names(node, t)) for t in ("inflow", "outflow")
        )
        if node.find("conveyor") is not None:
            fault = conveyor_fault(node)
            if fault:
                name = prefix + _clean(node.get("name", ""))
                self.problem(node.sourceline, f"{name} is {fault}, which is not supported", "a conveyor with <len>")
            self.belts.update({key(n): node for n in outflows})
        elif self._never_below_zero(node, "stock") and outflows:
            self.limited.append(Limited(prefix + _clean(node.get("name", "")), inflows, outflows))

    def _module(
        self, node: Any, name: str, prefix: str, models: Any, local: dict[str, str], inside: tuple[str, ...]
    ) -> None:
        wanted = models.get(key(name)) if models.get(key(name)) is not None else models.get(key(prefix + name))
        if wanted is None:
            self.problem(node.sourceline, f"module {name} has no <model> in this file", "a model of that name",
                         "save the module into the file")  # fmt: skip
            return
        if key(name) in inside or len(self.model.variables) > _MOST_VARIABLES:
            what = (
                f"is inside itself ({' > '.join([*inside, name])})"
                if key(name) in inside
                else "makes the model too large"
            )
            self.problem(node.sourceline, f"module {name} {what}", f"at most {_MOST_VARIABLES} variables, no circle",
                         "remove the module")  # fmt: skip
            return
        inputs: dict[str, str] = {}
        for link in node.findall("connect"):
            to, source = _clean(link.get("to", "")), _clean(link.get("from", ""))
            inner = to.rsplit(".", 1)[-1]
            outer = source[1:] if source.startswith(".") else local.get(key(source.split(".")[0]), prefix + source)
            rest = source.split(".")[1:] if not source.startswith(".") else []
            inputs[key(inner)] = ".".join([outer, *rest])
        self._model(wanted, f"{prefix}{name}.", models, inputs, (*inside, key(name)))

    def _macro(self, node: Any) -> None:
        name = _clean(node.get("name", ""))
        body = RawModel("", {}, {}, [])
        parameters = tuple(_clean(p.text or "") for p in node.findall("parm"))
        local = {key(_clean(c.get("name", ""))): _clean(c.get("name", "")) for c in node.findall("variables/*")}
        for child in node.findall("variables/*"):
            if child.tag in _KINDS:
                self._variable(body, child, "", local)
        main = RawVariable(name)
        main.equations.append(self._equation(name, node.findtext("eqn") or "", [], node.sourceline))
        body.variables.setdefault(key(name), main)
        self.macros[key(name)] = Macro(name, parameters, (), body, node.sourceline)

    def _equation(self, name: str, text: str, subscripts: list[str], line: int) -> RawEquation:
        ast: Any = float("nan")
        said = text.strip()
        try:
            numbers = parse_numbers(said) if subscripts else None
            if numbers is None:
                bounds.check_expression(said)
            with bounds.room():
                ast = parse_expression(said) if numbers is None else numbers
        except bounds.TooLong as error:
            self.problem(line, f"{name}: {error.found}", error.expected)
        except RecursionError:
            self.problem(line, f"{name}: signs and brackets are nested too deep", f"at most {bounds.DEEPEST} deep")
        except ExpressionError as error:
            near = " ".join(said[max(0, error.pos - 20) : error.pos + 30].split())
            what = f"cannot be read near {near!r} ({error})" if said else "has no equation"
            self.problem(line, f"{name}: {what}", "an expression", "mend the equation")
        return RawEquation(subscripts, [], ast, "equation", line, said)

    def _variable(self, model: RawModel, node: Any, prefix: str, local: dict[str, str]) -> None:
        name = prefix + _clean(node.get("name", ""))
        dims = [_clean(d.get("name", "")) for d in node.findall("dimensions/dim")]
        item = RawVariable(name, _text(node, "units"), _text(node, "doc"), group=prefix.rstrip("."))
        item.limits = _limits(node)
        odd = next((k for k in _UNKNOWN if node.find(k) is not None), None)
        if odd:
            self.problem(node.sourceline, f"{name}: the stock is a {odd}, which is not supported", "a plain stock")
        parts = node.findall("element")
        for part in parts or [node]:
            own = [_clean(s) for s in part.get("subscript", "").split(",")] if parts else dims
            self._part(item, node, part, own, local)
        self.names.add(item, dims, local)
        model.variables[key(name)] = item

    def _part(self, item: RawVariable, node: Any, part: Any, own: list[str], local: dict[str, str]) -> None:
        graph = part.find("gf") if part.find("gf") is not None else node.find("gf")
        graph = part if part.tag == "gf" else graph
        lookup = self._graph(item, graph) if graph is not None else None
        texts = [e.text or "" for e in (part.findall("eqn") or node.findall("eqn"))]
        if lookup is not None and not any(t.strip() for t in texts):
            item.equations.append(RawEquation(own, [], lookup, "lookup", node.sourceline, "graphical function"))
            return
        if node.tag == "flow" and key(item.name) in self.belts:
            item.equations.append(self._leaving(item.name, own, node))
            return
        made = [self._equation(item.name, t, own, node.sourceline) for t in texts or [""]]
        if len(made) > 1 and len(own) == 1:
            elements = self.model.ranges[key(own[0])].definition if key(own[0]) in self.model.ranges else own
            for equation, element in zip(made, elements, strict=False):
                equation.subscripts = [element]
        for equation in made:
            if lookup is not None:
                equation.ast = ae.InlineLookupsStructure(equation.ast, lookup)
                self.names.graphs[key(item.name)] = lookup
            if node.tag == "flow" and self._never_below_zero(node, "flow"):
                equation.ast = call("max", equation.ast, 0.0)
            if node.tag == "stock":
                equation.ast = ae.IntegStructure(net(node), equation.ast, self._never_below_zero(node, "stock"))
        item.equations += made

    def _leaving(self, name: str, own: list[str], node: Any) -> RawEquation:
        """Return the equation of what leaves a conveyor."""
        if node.find("leak") is not None:
            self.problem(node.sourceline, f"{name} is the leakage of a conveyor, which is not supported",
                         "a conveyor without leakage")  # fmt: skip
        belt = self.belts[key(name)]
        content, transit = (self._equation(name, belt.findtext(t) or "", [], belt.sourceline).ast
                            for t in ("eqn", "conveyor/len"))  # fmt: skip
        ast = conveyor_outflow(belt, content, transit)
        return RawEquation(own, [], ast, "equation", node.sourceline, "what leaves the conveyor")

    def _never_below_zero(self, node: Any, kind: str) -> bool:
        said = node.find("non_negative")
        if said is None:
            return kind in self.behaviour
        return "false" not in (said.text or "").lower()

    def _graph(self, item: RawVariable, node: Any) -> Any:
        """Return the points of a graphical function."""
        try:
            y = _points(node.find("ypts"))
            scale = node.find("xscale")
            x = np.linspace(float(scale.get("min")), float(scale.get("max")), len(y)) if scale is not None else _points(
                node.find("xpts"))  # fmt: skip
            if len(x) != len(y) or not len(x):
                raise ValueError(f"{len(x)} x-values and {len(y)} y-values")
        except (AttributeError, TypeError, ValueError) as error:
            self.problem(node.sourceline, f"{item.name}: the graphical function cannot be read ({error})",
                         "<ypts> and <xscale> or <xpts>")  # fmt: skip
            return None
        order = np.argsort(x, kind="stable")
        mode = _MODES.get(node.get("type", "continuous"), "interpolate")
        x, y = x[order], y[order]
        return ae.LookupsStructure(tuple(x), tuple(y), (x[0], x[-1]), (y.min(), y.max()), mode)


def _points(node: Any) -> np.ndarray:
    parts = re.split(re.escape(node.get("sep", ",")), (node.text or "").strip())
    return np.asarray([float(p) for p in parts if p.strip()])


def _limits(node: Any) -> tuple[float | None, float | None]:
    found = node.find("range")
    if found is None:
        return (None, None)
    low, high = (found.get(k) for k in ("min", "max"))
    return (float(low) if low else None, float(high) if high else None)
