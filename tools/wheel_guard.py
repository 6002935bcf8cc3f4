"""Builds the source archive and, from it, the wheel, and compares the wheel with the files that git tracks.

A data file that nobody named in pyproject.toml is missing only in an installed copy, where no test of a working tree
sees it; a stray file ships unseen. The build runs in a copy of the tracked files, so that leftovers of earlier builds
cannot help. Run it as ``python tools/wheel_guard.py``; it needs the `dev` extra.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PLACES = {
    "src/egendekning/": "egendekning/",
    "model/": "egendekning/_study/model/",
    "scenarios/": "egendekning/_study/scenarios/",
    "calibration/": "egendekning/_study/calibration/",
}
"""Where a tracked folder lies in the wheel."""


def tracked(root: Path = ROOT) -> list[str]:
    """Return the files that git tracks and that exist, as paths relative to the root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (root / name).is_file()]


def places_in_wheel(files: Iterable[str]) -> dict[str, str]:
    """Return the tracked file for each path that the wheel must hold.

    Parameters
    ----------
    files : iterable of str
        Tracked files, relative to the root.

    Returns
    -------
    dict
        Tracked file by path in the wheel.
    """
    found = {}
    for name in files:
        for folder, place in PLACES.items():
            if name.startswith(folder):
                found[place + name.removeprefix(folder)] = name
    return found


def differences(wheel: Path, root: Path, files: Iterable[str]) -> list[str]:
    """Return what the wheel lacks, has too much, or holds with another content.

    Parameters
    ----------
    wheel : Path
        The built wheel.
    root : Path
        The folder that the tracked files lie in.
    files : iterable of str
        Tracked files, relative to the root.

    Returns
    -------
    list of str
        One sentence a difference; empty if there is none.
    """
    expected = places_in_wheel(files)
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name and not name.endswith("/")}
        changed = [n for n in held & expected.keys() if archive.read(n) != (root / expected[n]).read_bytes()]
    missing = [
        f"{expected[name]} is tracked but not in the wheel: name its suffix under [tool.setuptools.package-data]"
        for name in sorted(expected.keys() - held)
    ]
    extra = [
        f"{name} is in the wheel but not tracked: add it to git or delete it" for name in sorted(held - expected.keys())
    ]
    return [*missing, *extra, *(f"{name} differs from {expected[name]}" for name in sorted(changed))]


def build(root: Path, files: Iterable[str], place: Path) -> Path:
    """Build the source archive and the wheel from a copy of the tracked files.

    Parameters
    ----------
    root : Path
        The folder that the files lie in.
    files : iterable of str
        Tracked files, relative to the root.
    place : Path
        An empty folder to work in.

    Returns
    -------
    Path
        The wheel.
    """
    for name in files:
        copy = place / "tree" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, copy)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(place / "dist"), str(place / "tree")]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the build failed:\n{done.stdout}\n{done.stderr}")
    return next((place / "dist").glob("*.whl"))


def main() -> int:
    """Build, compare and report; return the exit code."""
    files = tracked()
    with tempfile.TemporaryDirectory() as place:
        wheel = build(ROOT, files, Path(place))
        found = differences(wheel, ROOT, files)
        size = wheel.stat().st_size
    for line in found:
        print(f"wheel guard: {line}", file=sys.stderr)
    if not found:
        print(f"wheel guard: {len(places_in_wheel(files))} files, {size / 1024:.0f} KiB, as tracked")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
