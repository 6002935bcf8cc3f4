"""Files that cannot be read, or only seem to be YAML, are told as such and never end the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from egendekning.errors import StudyError
from egendekning.study import Study

LINES = "".join(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True))


def problems(study: Path) -> list[str]:
    """Return the messages of a study that cannot be opened."""
    with pytest.raises(StudyError) as caught:
        Study.open(study)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"id: boom\ntitle_nb: p\xe5\n", 2, "byte 0xe5 is not UTF-8"),
        (b"id: boom\n\ntitle_nb: a\x07b\n", 3, "the control character U+0007"),
        (b"id: " + b"[" * 5000, 1, "brackets in a row"),
        (b"id:\n" + b"".join(b" " * i + b"a:\n" for i in range(1, 90)), 52, "levels deep"),
        (("a: &a [x, x, x, x, x, x, x, x, x]\n" + LINES).encode(), 1, "more than 1000000 values"),
        (b"order: " + b"9" * 5000 + b"\n", 1, "inf"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_line(
    town_copy: Path, content: bytes, line: int, words: str
) -> None:
    path = town_copy / "scenarios" / "boom.yaml"
    path.write_bytes(content)
    told = "\n".join(problems(town_copy))
    assert f"{path}:{line}: " in told
    assert words in told


@pytest.mark.parametrize("name", ["model/town.mdl", "scenarios/boom.yaml"])
def test_a_folder_or_a_link_to_nowhere_in_the_place_of_a_file_is_told(town_copy: Path, name: str) -> None:
    path = town_copy / name
    path.unlink()
    path.mkdir()
    assert any(told.startswith(f"{path}: is a folder") for told in problems(town_copy))
    path.rmdir()
    path.symlink_to(path.name)
    assert any(told.startswith(f"{path}: is a link that leads nowhere") for told in problems(town_copy))


@pytest.mark.parametrize("value", [".nan", "1_000", "0x10"])
def test_the_remedy_for_a_value_that_is_no_number_is_not_another_mistake(town_copy: Path, value: str) -> None:
    path = town_copy / "scenarios" / "boom.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if "set:" in line)
    name = lines[at].split("{")[1].split(":")[0] if "{" in lines[at] else lines[at + 1].split(":")[0].strip()
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    lines[at] = f"{indent}set: {{{name}: {value}}}"
    path.write_text("\n".join(lines), encoding="utf-8")
    told = next(message for message in problems(town_copy) if f"it is '{value}'" in message)
    assert "fix: write {value" not in told
