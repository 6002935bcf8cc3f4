"""The package imports lightly, says what it offers, and documents all of it."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

import egendekning

SOURCE = Path(egendekning.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))
HEAVY = ("jax", "pysd", "xarray", "pandas", "scipy", "matplotlib", "numpy", "pydantic", "rich")


def loaded_by(statement: str) -> set[str]:
    """Return the heavy packages that a statement loads in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import egendekning") == set()


ASK_FOR_HELP = """
from contextlib import suppress
from egendekning.cli import main
with suppress(SystemExit):
    main(["--help"])
"""


def test_asking_for_help_starts_no_engine() -> None:
    assert loaded_by(ASK_FOR_HELP) & {"jax", "pysd", "xarray", "pandas", "scipy", "matplotlib", "numpy"} == set()


def test_the_public_names_are_there() -> None:
    for name in egendekning.__all__:
        assert getattr(egendekning, name) is not None
    assert set(egendekning.__all__) <= set(dir(egendekning))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        egendekning.nonsense  # noqa: B018


def test_the_installed_version_is_that_of_the_source() -> None:
    assert importlib.metadata.version("egendekning") == egendekning.__version__


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_public_name_has_a_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = [] if ast.get_docstring(tree) else ["the module"]
    waiting: list[ast.Module | ast.ClassDef] = [tree]
    while waiting:
        for node in waiting.pop().body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith(
                "_"
            ):
                if not ast.get_docstring(node):
                    bare.append(f"{node.name}, line {node.lineno}")
                if isinstance(node, ast.ClassDef):
                    waiting.append(node)
    assert bare == []
