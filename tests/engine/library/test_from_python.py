"""A library as a script uses it: encoders by name, awaited calls, and what happens without hnswlib."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hybrid_search import AsyncLibrary, Library
from hybrid_search.engine import encoders
from hybrid_search.engine.errors import LibraryError, UnknownEncoder

from tests.conftest import KeywordEncoder


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    for code, text in {"en": "bread and water", "de": "Brot und Wasser", "ru": "хлеб и вода"}.items():
        (tmp_path / "texts" / code).mkdir(parents=True)
        (tmp_path / "texts" / code / "one.txt").write_text(text, "utf-8")
    return tmp_path / "texts"


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Encoders load by the names `fair` and `biased`; what was loaded is listed."""
    loaded: list[str] = []
    known = {"fair": KeywordEncoder("fair"), "biased": KeywordEncoder("biased", bias=2.0)}

    def load(name: str, **_: object) -> KeywordEncoder:
        if name not in known:
            raise UnknownEncoder(f"There is no encoder {name}.")
        loaded.append(name)
        return known[name]

    monkeypatch.setattr(encoders, "load", load, raising=False)
    return loaded


def test_encoders_are_loaded_by_name_once(tmp_path, texts, named):
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([texts], encoders=["fair", "biased"])
        first = library.search("bread", encoder="fair", k=3)
        assert {hit.passage.language for hit in first.hits} == {"en", "de", "ru"}
        found = library.compare("bread", encoders=["fair", "biased", "bm25"])
        assert list(found.rankings) == ["fair", "biased", "bm25"]
        with pytest.raises(UnknownEncoder, match="no encoder nobody"):
            library.search("bread", encoder="nobody")
        ids = [hit.passage.id for hit in first.hits]
        assert library.ranks("bread", "fair", ids) == {hit.passage.id: hit.rank for hit in first.hits}
        assert len(library.vectors("fair")[0]) == 3 and library.pending("biased") == 0
        for ask in (library.vectors, library.pending, lambda name: library.ranks("bread", name, ids)):
            with pytest.raises(UnknownEncoder, match="no encoder nobody"):
                ask("nobody")
    assert named == ["fair", "biased"]


async def test_a_library_is_awaited(tmp_path, texts, named):
    async with await AsyncLibrary.open(tmp_path / "library", create=True) as library:
        report = await library.index([texts], encoders=["fair"])
        assert report.passages == 3
        rankings = await asyncio.gather(*(library.search(word, encoder="fair", k=1) for word in ("bread", "Wasser")))
        assert [len(each.hits) for each in rankings] == [1, 1]
        comparison = await library.compare("bread", encoders=["fair", "bm25"])
        passage = await library.passage(comparison.rankings["fair"].hits[0].passage.id)
        assert set(await library.translations(passage.id)) | {passage.language} == {"en", "de", "ru"}
        assert (await library.status()).passages == 3
        assert await library.remove(texts) == 3
        assert library.path == tmp_path / "library" and library.notices == []


async def test_an_awaited_call_holds_nobody_up_and_raises_what_the_plain_one_raises(tmp_path, texts):
    began, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        began.set()
        assert go_on.wait(20)

    async with await AsyncLibrary.open(tmp_path / "library", create=True) as library:
        work = asyncio.ensure_future(library.index([texts], encoders=[KeywordEncoder(before=wait)]))
        # The loop turns while the encoder waits in its thread; only it can let it go on.
        assert await asyncio.to_thread(began.wait, 20)
        assert not work.done()
        go_on.set()
        assert (await work).passages == 3
        with pytest.raises(LibraryError, match="no vectors of other"):
            await library.search("bread", encoder=KeywordEncoder("other"))
    with pytest.raises(LibraryError, match="There is no library"):
        await AsyncLibrary.open(tmp_path / "absent")


async def test_a_cancelled_indexing_stops_and_goes_on_the_next_time(tmp_path, texts):
    began, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        began.set()
        assert go_on.wait(20)

    encoder = KeywordEncoder(before=wait)
    async with await AsyncLibrary.open(tmp_path / "library", create=True) as library:
        work = asyncio.ensure_future(library.index([texts], encoders=[encoder, KeywordEncoder("second")]))
        assert await asyncio.to_thread(began.wait, 20)
        work.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert [each.name for each in (await library.status()).encoders] == ["keyword"]
        report = await library.index([texts], encoders=[encoder, KeywordEncoder("second")])
        assert report.encoded == {"keyword": 0, "second": 3}


WITHOUT = """
import sys
from pathlib import Path
sys.modules["hnswlib"] = sys.modules["usearch"] = None
sys.path.insert(0, sys.argv[1])
import hybrid_search
from hybrid_search.engine.search import exact
from tests.conftest import KeywordEncoder
exact.EXACT_LIMIT = 2
told = []
with hybrid_search.Library.open("library", create=True, notify=told.append) as library:
    library.index([sys.argv[2]], encoders=[KeywordEncoder("one"), KeywordEncoder("two")])
    found = library.search("bread", encoder=KeywordEncoder("one"), k=3)
    assert found.exact and len(found.hits) == 3, found
    both = library.compare("Wasser", encoders=[KeywordEncoder("one"), KeywordEncoder("two"), "bm25"])
    assert len(both.rankings) == 3
    library.check()
print("\\n".join(told))
"""


def test_without_hnswlib_everything_works_exactly_and_one_sentence_says_so(tmp_path, texts):
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(root), str(texts)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stdout.splitlines() if "hnswlib" in line]
    assert told == [
        "hnswlib is not installed: libraries of more than 50,000 texts are searched by comparing every vector, which "
        "is exact but slower. pip install 'hybrid-search[compact]' adds usearch, which does the same and needs no "
        "compiler."
    ]


async def test_a_library_is_closed_once_and_says_so_afterwards(tmp_path):
    library = await AsyncLibrary.open(tmp_path / "library", create=True)
    await library.close()
    await library.close()
    with pytest.raises(LibraryError, match="was closed"):
        await library.status()


def test_a_small_library_says_it_when_it_is_first_indexed_and_not_again(tmp_path, texts, monkeypatch):
    monkeypatch.setitem(sys.modules, "hnswlib", None)
    monkeypatch.setitem(sys.modules, "usearch", None)
    with Library.open(tmp_path / "library", create=True) as library:
        report = library.index([texts], encoders=[KeywordEncoder()])
        assert [notice.split(":")[0] for notice in report.notices] == ["hnswlib is not installed"]
        library.search("bread", encoder=KeywordEncoder())
        assert len(library.notices) == 1
    with Library.open(tmp_path / "library") as library:
        assert library.index([texts], encoders=[KeywordEncoder()]).notices == ()
