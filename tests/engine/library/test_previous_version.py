"""A library and an encoder that the previous version made open, and answer as they did there."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest
from hybrid_search.engine import encoders, paths
from hybrid_search.engine.errors import LibraryError
from hybrid_search.engine.library.library import DATABASE, Library

pytestmark = pytest.mark.usefixtures("used_before")
PREVIOUS = Path(__file__).resolve().parents[2] / "fixtures" / "previous"
ANSWERS = json.loads((PREVIOUS / "answers.json").read_text("utf-8"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The library, with its encoder among the trained ones."""
    shutil.copytree(PREVIOUS / "encoder", paths.encoders_folder() / "old")
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / DATABASE).write_bytes(gzip.decompress((PREVIOUS / "library.db.gz").read_bytes()))
    return tmp_path / "library"


def answer(library: Library, told: dict) -> list[dict]:
    name = told["encoder"]
    ranking = library.search(told["query"], encoder=name if name == "bm25" else encoders.load(name), k=10)
    assert ranking.query_language.code == told["query_language"]
    return [
        {"path": Path(hit.passage.path).name, "text": hit.passage.text, "score": hit.score, "part": hit.passage.part}
        for hit in ranking.hits
    ]


def places(rows: list[dict]) -> list[tuple[str, str, str]]:
    return [(row["path"], row["part"], row["text"]) for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("readonly", [True, False], ids=["read only", "for writing"])
def test_it_opens_and_ranks_as_before_without_encoding_again(folder: Path, readonly: bool):
    with Library.open(folder, readonly=readonly) as library:
        for told in (each for each in ANSWERS if each["encoder"] == "old"):
            found = answer(library, told)
            assert places(found) == places(told["hits"]), told["query"]
            # int8 rounds differently on other processors.
            assert [row["score"] for row in found] == pytest.approx([row["score"] for row in told["hits"]], abs=0.02)


@pytest.mark.slow
def test_vectors_of_an_encoder_that_ships_anew_are_not_compared_with_its_own(folder: Path):
    told = next(each for each in ANSWERS if each["encoder"] == "hybrid")
    with (
        Library.open(folder, readonly=True) as library,
        pytest.raises(LibraryError, match=r"encoder hybrid has changed .*--encoder hybrid"),
    ):
        answer(library, told)


@pytest.mark.parametrize("readonly", [True, False], ids=["read only", "for writing"])
def test_its_words_are_found_and_said_to_be_of_another_version(folder: Path, readonly: bool):
    with Library.open(folder, readonly=readonly) as library:
        for told in (each for each in ANSWERS if each["encoder"] == "bm25"):
            assert places(answer(library, told))[0] == places(told["hits"])[0], told["query"]
        assert len([notice for notice in library.notices if "index of words" in notice]) == 1


def test_its_words_are_entered_anew_once_when_it_is_written_to(folder: Path, tmp_path: Path):
    with Library.open(folder) as library:
        before = {told["query"]: answer(library, told) for told in ANSWERS if told["encoder"] == "bm25"}
        (tmp_path / "tea.txt").write_text("我喝绿茶。", "utf-8")
        library.index([tmp_path / "tea.txt"], encoders=[])
        assert [Path(hit.passage.path).name for hit in library.search("茶", encoder="bm25").hits][-1:] == ["tea.txt"]
    with Library.open(folder, notify=pytest.fail) as library:
        for told in (each for each in ANSWERS if each["encoder"] == "bm25"):
            assert places(answer(library, told))[0] == places(before[told["query"]])[0]


def test_what_could_not_be_read_is_still_known(folder: Path):
    with Library.open(folder, readonly=True) as library:
        assert [Path(each.path).name for each in library.status().failed] == ["broken.pdf"]


def test_checking_it_finds_nothing_wrong(folder: Path):
    with Library.open(folder) as library:
        assert library.check().findings == ()
