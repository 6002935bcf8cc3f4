from __future__ import annotations

from pathlib import Path

import pytest

from egendekning.diagrams.atlas import file_stem
from egendekning.diagrams.files import names_in, pictures, stale_pictures, stale_sketch
from egendekning.diagrams.index import index, markers, with_index
from egendekning.diagrams.loops import LoopFile, read_loops
from egendekning.diagrams.shapes import Diagram
from egendekning.diagrams.sketch import with_sketch
from egendekning.diagrams.structure import members
from egendekning.engine.model import Model
from egendekning.errors import ModelFileError

EMPTY = LoopFile(nodes={"people": {"nb": "Folk på Åssiden", "en": "People", "at": (1, 1)}}, loops=())  # type: ignore[dict-item]


@pytest.fixture(scope="session")
def drawn(small_atlas: dict[str, Diagram]) -> dict[str, bytes]:
    return dict(pictures(small_atlas, EMPTY))


@pytest.fixture
def folder(tmp_path: Path, drawn: dict[str, bytes]) -> Path:
    place = tmp_path / "diagrams"
    place.mkdir()
    for name, content in drawn.items():
        (place / name).write_bytes(content)
    return place


def test_a_sector_and_a_language_have_an_svg_and_a_png_each(folder: Path) -> None:
    stems = ("people", "housing-pa-assiden", "loops-nb", "loops-en")
    assert {p.name for p in folder.iterdir()} == {f"{s}.{k}" for s in stems for k in ("svg", "png")}


def test_a_picture_says_which_variables_it_shows(folder: Path, small: Model) -> None:
    for suffix in ("svg", "png"):
        assert names_in(folder / f"people.{suffix}") == set(members(small, "People"))


def test_fresh_pictures_raise_nothing(folder: Path, small: Model) -> None:
    assert stale_pictures(folder, small, EMPTY) == []


def test_a_new_variable_makes_the_picture_of_its_sector_stale(folder: Path, small_file: Path) -> None:
    from egendekning.engine import load

    text = small_file.read_text(encoding="utf-8").replace("move rate = ", "stay rate = 1 ~ Dmnl ~ |\nmove rate = ")
    small_file.write_text(text, encoding="utf-8")
    told = [str(p) for p in stale_pictures(folder, load(small_file), EMPTY)]
    assert len(told) == 2
    assert all("lacks stay rate" in t and "people." in t for t in told)


def test_a_picture_of_no_sector_and_a_missing_one_are_told(folder: Path, small: Model) -> None:
    (folder / "people.svg").rename(folder / "old.svg")
    told = "\n".join(str(p) for p in stale_pictures(folder, small, EMPTY))
    assert "old.svg: belongs to no sector" in told
    assert "people.svg: the picture is missing" in told


def test_a_file_without_sketch_and_one_with_an_old_sketch_are_told(
    small: Model, small_file: Path, small_atlas: dict[str, Diagram]
) -> None:
    text = small_file.read_text(encoding="utf-8")
    assert "has no sketch" in str(stale_sketch(text, small)[0])
    fresh = with_sketch(text, small_atlas.values())
    assert stale_sketch(fresh, small) == []
    assert "lacks room" in str(stale_sketch(fresh.replace(",room,", ",rooms,"), small)[0])


def test_the_same_diagrams_give_the_same_svg(folder: Path, small_atlas: dict[str, Diagram]) -> None:
    again = dict(pictures(small_atlas, EMPTY))
    assert again["people.svg"] == (folder / "people.svg").read_bytes()


def test_norwegian_letters_become_a_plain_file_name() -> None:
    assert file_stem("Næring, ø og å") == "naering-o-og-a"


def test_the_index_holds_unit_and_meaning_of_every_variable(small: Model) -> None:
    text = index(small)
    assert "| `move rate` | constant | 1/year | Moves a year. |" in text
    assert "| **all** | **4** | **4** | **2** | **0** | **5** |" in text


def test_a_readme_without_markers_is_an_error(small: Model) -> None:
    with pytest.raises(ModelFileError, match="part 'loops' are missing"):
        with_index("# Readme\n", small, EMPTY, "README.md")


def test_text_around_the_markers_stays(small: Model) -> None:
    parts = "\n".join(f"{a}\nold\n{b}" for a, b in map(markers, ("loops", "variables")))
    text = with_index(f"before\n{parts}\nafter\n", small, EMPTY, "README.md")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert with_index(text, small, EMPTY, "README.md") == text


def test_the_shipped_pictures_and_readme_show_the_shipped_model(shipped: Model) -> None:
    folder = shipped.path.parent / "diagrams"
    loops = read_loops(folder / "loops.yaml", shipped)
    assert [str(p) for p in stale_pictures(folder, shipped, loops)] == []
    readme = (shipped.path.parent / "README.md").read_text(encoding="utf-8")
    assert with_index(readme, shipped, loops, "README.md") == readme


def test_the_shipped_sketch_shows_the_shipped_model(shipped: Model) -> None:
    assert [str(p) for p in stale_sketch(shipped.path.read_text(encoding="utf-8"), shipped)] == []


def test_the_shipped_readme_embeds_every_picture(shipped: Model) -> None:
    readme = (shipped.path.parent / "README.md").read_text(encoding="utf-8")
    paths = list((shipped.path.parent / "diagrams").glob("*.png"))
    assert paths
    for path in paths:
        assert f"diagrams/{path.name}" in readme
