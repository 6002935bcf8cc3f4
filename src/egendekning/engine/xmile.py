"""Parse XMILE (.xmile, .stmx) through PySD, with lines found by looking the names up in the text.

The module refuses models split into modules or with macros, which the rest of the engine does not know.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

from egendekning.engine.parse import RawEquation, RawModel, RawRange, RawVariable
from egendekning.errors import ModelFileError, Problem
from egendekning.names import key


def parse_xmile(path: Path, text: str) -> RawModel:
    """Read and parse an XMILE file.

    Raises
    ------
    ModelFileError
        If the file is not XML, or holds something that PySD's parser or this engine does not know.
    """
    section = _section(path)
    model = RawModel(text, {}, {}, [])
    lines = _Lines(text)
    for item in section.subscripts:
        model.ranges[key(item.name)] = RawRange(
            item.name, item.subscripts, [(m, None) for m in item.mapping], lines.find(item.name)
        )
    for element in section.elements:
        name = " ".join(re.sub(r"\\n", " ", element.name).strip('"').split())
        line = lines.find(element.name)
        shown = _control_name(name)
        variable = RawVariable(shown, " ".join((element.units or "").split()), " ".join(element.documentation.split()))
        for part in element.components:
            form = {"AbstractLookup": "lookup", "AbstractData": "data"}.get(type(part).__name__, "equation")
            subscripts, excepted = part.subscripts
            variable.equations.append(
                RawEquation(list(subscripts), [list(e) for e in excepted], part.ast, form, line, lines.equation(line))
            )
        model.variables[key(shown)] = variable
    return model


def _control_name(name: str) -> str:
    controls = {"initial time": "INITIAL TIME", "final time": "FINAL TIME", "time step": "TIME STEP",
                "saveper": "SAVEPER"}  # fmt: skip
    return controls.get(key(name), name)


def _section(path: Path) -> Any:
    from pysd.translators.xmile.xmile_file import XmileFile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = XmileFile(path)
            parsed.parse()
            sections = parsed.get_abstract_model().sections
    except Exception as error:  # lxml and the parser raise many kinds
        line = getattr(error, "lineno", None)
        where = f"{path}:{line}" if line else str(path)
        raise ModelFileError(
            Problem(where, f"cannot be read ({str(error).splitlines()[0][:160]})", "an XMILE model",
                    fix="export the model again, or mend the XML")
        ) from error  # fmt: skip
    if len(sections) > 1:
        raise ModelFileError(Problem(str(path), "macros and modules are not supported", "one model", fix="flatten it"))
    return sections[0]


class _Lines:
    """Finds the line on which an XMILE element is defined."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.at: dict[str, int] = {}
        for number, line in enumerate(self.lines, 1):
            for match in re.finditer(r'<(?:stock|flow|aux|gf|dim)\b[^>]*\bname="([^"]*)"', line):
                self.at.setdefault(key(match.group(1).replace("\\n", " ")), number)

    def find(self, name: str) -> int:
        """Return the line of `name`, 1 if it is not found."""
        return self.at.get(key(name.replace("\\n", " ")), 1)

    def equation(self, line: int) -> str:
        """Return the text of the equation of the element that starts on `line`."""
        match = re.search(r"<eqn>(.*?)</eqn>", "\n".join(self.lines[line - 1 : line + 40]), re.DOTALL)
        return match.group(1).strip() if match else self.lines[line - 1].strip()
