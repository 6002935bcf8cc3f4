"""What a stranger installs is what the repository says: pinned, complete, and by the commands of the README."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.*?))? \\$", re.MULTILINE)


def pins(name: str) -> dict[str, set[str]]:
    """Return the pinned versions by package."""
    found: dict[str, set[str]] = {}
    for package, version, _ in PIN.findall((ROOT / name).read_text(encoding="utf-8")):
        found.setdefault(package, set()).add(version)
    return found


@pytest.fixture(scope="module")
def guard() -> ModuleType:
    """Return the wheel guard as a module; tools/ is no package."""
    spec = importlib.util.spec_from_file_location("wheel_guard", ROOT / "tools" / "wheel_guard.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["requirements.txt", "constraints.txt"])
def test_every_package_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if not entry.startswith("#")]
    assert len(entries) > 40
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", ["requirements.txt", "constraints.txt"])
def test_no_place_to_fetch_from_is_written_down(name: str) -> None:
    assert not re.search(r"://|--index|--extra-index|--find-links", (ROOT / name).read_text(encoding="utf-8"))


def test_running_and_testing_use_the_same_versions() -> None:
    tested = pins("constraints.txt")
    assert {name: versions for name, versions in pins("requirements.txt").items() if not versions <= tested[name]} == {}


def test_tools_of_developers_are_not_needed_to_run() -> None:
    assert not {"pytest", "ruff", "mypy", "import-linter", "hypothesis", "pysimlin"} & set(pins("requirements.txt"))


def test_the_guard_misses_a_file_that_the_wheel_lacks_and_finds_a_stray_one(guard: ModuleType, tmp_path: Path) -> None:
    for name, text in {"model/a.mdl": "a", "model/b.yaml": "b", "src/egendekning/x.py": "x", "README.md": "r"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "w.whl", "w") as wheel:
        wheel.writestr("egendekning/_study/model/a.mdl", "a")
        wheel.writestr("egendekning/x.py", "another x")
        wheel.writestr("egendekning/stray.py", "")
        wheel.writestr("egendekning-1.dist-info/METADATA", "")
    files = ["model/a.mdl", "model/b.yaml", "src/egendekning/x.py", "README.md"]
    said = guard.differences(tmp_path / "w.whl", tmp_path, files)
    assert [line.split(" ")[0] for line in said] == ["model/b.yaml", "egendekning/stray.py", "egendekning/x.py"]


def test_the_readme_has_one_line_that_runs_and_one_that_tests() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    install = [line for line in lines if line.startswith("python3 -m venv .venv && ")]
    assert len([line for line in install if "-m pytest" in line]) == 1
    assert len([line for line in install if "egendekning compare" in line]) == 1


def test_the_readme_names_every_page_of_the_documents() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = [path.name for path in (ROOT / "docs").glob("*.md")]
    assert pages
    assert [name for name in pages if f"docs/{name}" not in readme] == []


def test_the_ci_script_runs_the_test_command_of_the_readme() -> None:
    done = subprocess.run(
        ["bash", str(ROOT / ".ci" / "run"), "--print"], capture_output=True, text=True, check=True, cwd="/"
    )
    assert done.stdout.strip() in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert "-m pytest" in done.stdout
