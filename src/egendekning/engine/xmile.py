"""Parse XMILE (.xmile, .stmx) through PySD, with lines found by looking the names up in the text.

The module refuses models split into modules or with macros, which the rest of the engine does not know.
"""

from __future__ import annotations

import html
import re
import warnings
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

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
    _check_xml(path, text)
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
        texts = lines.equations(line, len(element.components))
        for part, text_of in zip(element.components, texts, strict=True):
            form = {"AbstractLookup": "lookup", "AbstractData": "data"}.get(type(part).__name__, "equation")
            subscripts, excepted = part.subscripts
            variable.equations.append(
                RawEquation(list(subscripts), [list(e) for e in excepted], part.ast, form, line, text_of)
            )
        model.variables[key(shown)] = variable
    return model


def _control_name(name: str) -> str:
    controls = {"initial time": "INITIAL TIME", "final time": "FINAL TIME", "time step": "TIME STEP",
                "saveper": "SAVEPER"}  # fmt: skip
    return controls.get(key(name), name)


def _check_xml(path: Path, text: str) -> None:
    try:
        ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        raise ModelFileError(
            Problem(f"{path}:{error.position[0]}", f"cannot be read ({error})", "well-formed XML", fix="mend the XML")
        ) from error


def _section(path: Path) -> Any:
    from pysd.translators.xmile.xmile_file import XmileFile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = XmileFile(path)
            parsed.parse()
            sections = parsed.get_abstract_model().sections
    except Exception as error:  # lxml and the parser raise many kinds
        raise ModelFileError(
            Problem(str(path), f"cannot be read ({str(error).splitlines()[0][:160]})", "an XMILE model",
                    fix="export the model again")
        ) from error  # fmt: skip
    if len(sections) > 1:
        raise ModelFileError(Problem(str(path), "macros and modules are not supported", "one model", fix="flatten it"))
    return sections[0]


class _Lines:
    """Finds the line on which an XMILE element is defined."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.at: dict[str, int] = {}
        self.specs = next((n for n, line in enumerate(self.lines, 1) if "<sim_specs" in line), 1)
        for number, line in enumerate(self.lines, 1):
            for match in re.finditer(r'<(?:stock|flow|aux|gf|dim)\b[^>]*\bname="([^"]*)"', line):
                self.at.setdefault(key(match.group(1).replace("\\n", " ")), number)

    def find(self, name: str) -> int:
        """Return the line of `name`, that of the simulation settings if it is not found."""
        return self.at.get(key(name.replace("\\n", " ")), self.specs)

    def equations(self, line: int, count: int) -> list[str]:
        """Return the texts of the `count` equations of the element that starts on `line`."""
        block = re.split(r"</(?:stock|flow|aux|gf)>", "\n".join(self.lines[line - 1 :]), maxsplit=1)[0]
        found = [html.unescape(text.strip()) for text in re.findall(r"<eqn>(.*?)</eqn>", block, re.DOTALL)]
        if line == self.specs or not found:
            return [""] * count
        return found if len(found) == count else found[:1] * count
