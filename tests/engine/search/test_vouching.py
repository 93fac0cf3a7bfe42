"""An index file is believed only if this user's machine wrote it; another's is data that nobody loads."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import paths
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.search import exact, graph_kinds, vouching
from hybrid_search.engine.search import index as vectors
from hybrid_search.engine.store import IndexFile

posix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="links, pipes and devices are POSIX")


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(exact, "EXACT_LIMIT", 8)
    (tmp_path / "texts").mkdir()
    for number in range(20):
        (tmp_path / "texts" / f"{number}.txt").write_text(f"bread {'water ' * number} moon {number}")
    return tmp_path / "texts"


@pytest.fixture
def library(tmp_path: Path, texts: Path, keyword_encoder) -> Path:
    with Library.open(tmp_path / "library", create=True) as made:
        made.index([texts], encoders=[keyword_encoder])
        assert not made.search("moon", encoder=keyword_encoder, k=3).exact
    return tmp_path / "library"


@pytest.fixture
def never_loaded(monkeypatch):
    """The library that reads index files must not be asked to."""
    monkeypatch.setattr(graph_kinds.Hnswlib, "load", lambda *_: pytest.fail("an index file is loaded"))


def index_of(library: Path) -> Path:
    (found,) = (library / "vectors").glob("*.hnsw")
    return found


def answers_exactly(library: Path, encoder, told: str, *, readonly: bool = True) -> None:
    with Library.open(library, readonly=readonly) as opened:
        found = opened.search("moon", encoder=encoder, k=3)
        assert found.exact and found.hits == opened.search("moon", encoder=encoder, k=3, exact=True).hits
        assert any(told in notice for notice in opened.notices), opened.notices


def set_index(library: Path, **values: object) -> None:
    with Library.open(library) as opened:
        for column, value in values.items():
            opened._connection.execute(f"UPDATE indexes SET {column} = ?", (value,))


def test_the_secret_is_the_user_s_alone_and_made_once(library):
    secret = vouching.place()
    assert secret.parent == paths.data_folder() and secret.stat().st_size == 32
    if os.name == "posix":
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    before = secret.read_bytes()
    assert vouching.can() and secret.read_bytes() == before
    assert [each.name for each in secret.parent.iterdir() if each.name.startswith(".index")] == []


def test_processes_that_need_the_secret_at_once_get_the_same(home):
    file = IndexFile("1-1.hnsw", "x", 3, 4, "f", 1)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(vouching.mac_of(file))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 8 and len(set(found)) == 1 and found[0]


def test_a_secret_that_was_cut_short_is_made_anew(library, texts, keyword_encoder):
    vouching.place().write_bytes(b"short")
    answers_exactly(library, keyword_encoder, "is not trusted")
    with Library.open(library) as opened:
        opened.index([texts], encoders=[keyword_encoder])
        assert not opened.search("moon", encoder=keyword_encoder, k=3).exact


def test_a_library_that_comes_to_another_machine_rebuilds_its_index_once_and_says_so(
    library, texts, keyword_encoder, tmp_path, monkeypatch
):
    monkeypatch.setenv("HYBRID_SEARCH_HOME", str(tmp_path / "another"))
    answers_exactly(library, keyword_encoder, "written on another machine")
    with Library.open(library) as opened:
        opened.index([texts], encoders=[keyword_encoder])
        assert len([notice for notice in opened.notices if "written on another machine" in notice]) == 1
    with Library.open(library, notify=pytest.fail) as opened:
        opened.index([texts], encoders=[keyword_encoder])
        assert not opened.search("moon", encoder=keyword_encoder, k=3).exact


def test_content_made_on_purpose_is_not_loaded_though_the_database_has_its_digest(
    library, keyword_encoder, never_loaded
):
    data = bytearray(index_of(library).read_bytes())
    data[100:600] = b"\xff" * 500
    index_of(library).write_bytes(data)
    set_index(library, sha256=hashlib.sha256(data).hexdigest())
    answers_exactly(library, keyword_encoder, "is not trusted")


@pytest.mark.parametrize("column", ["rows", "dimension", "fingerprint", "mac"])
def test_what_is_said_of_a_file_is_vouched_for_too(column):
    file = IndexFile("1-1.hnsw", "ab" * 32, 3, 4, "f", 1)
    whole = IndexFile(**{**vars(file), "mac": vouching.mac_of(file)})
    assert vouching.is_ours(whole)
    other = {"rows": 4, "dimension": 5, "fingerprint": "g", "mac": ""}[column]
    assert not vouching.is_ours(IndexFile(**{**vars(whole), column: other}))


@pytest.mark.parametrize("size", ["too small", "too large"])
def test_a_file_whose_size_does_not_fit_its_vectors_is_not_read(
    library, keyword_encoder, never_loaded, size, monkeypatch
):
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("the file is read"))
    with index_of(library).open("r+b") as file:
        file.truncate(100 if size == "too small" else 1 << 33)
    answers_exactly(library, keyword_encoder, "its size does not fit")


NAMES = [
    "../../pipe",
    "/dev/zero",
    "1-1.hnsw/../x",
    "",
    "1-x.hnsw",
    "2-1.hnsw",
    "1-1.hnsw\n",
    "²-1.hnsw",
    "1-" + "9" * 40,
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_no_index_has_is_never_opened_and_does_not_stop_the_next_one(
    library, texts, keyword_encoder, name, never_loaded, monkeypatch
):
    if hasattr(os, "mkfifo"):
        os.mkfifo(library.parent / "pipe")
    set_index(library, file=name)
    answers_exactly(library, keyword_encoder, "file name is not an index's")
    monkeypatch.undo()
    monkeypatch.setattr(exact, "EXACT_LIMIT", 8)
    with Library.open(library) as opened:
        assert opened.check().ok and opened.check().findings == ()


FILES = {
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "a device": lambda path: (path.unlink(), path.symlink_to("/dev/zero")),
    "a link to the right file": lambda path: (path.rename(path.parent.parent / "kept"), path.symlink_to("../kept")),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@posix
@pytest.mark.parametrize("put", FILES.values(), ids=FILES)
def test_an_index_that_is_no_file_is_not_opened_and_is_rebuilt(library, texts, keyword_encoder, put):
    put(index_of(library))
    answers_exactly(library, keyword_encoder, "not usable")
    with Library.open(library) as opened:
        assert opened.check().ok
        assert not opened.search("moon", encoder=keyword_encoder, k=3).exact


@posix
def test_a_folder_of_indexes_that_leads_elsewhere_is_left_alone(library, texts, keyword_encoder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (library / "vectors").rename(elsewhere)
    (elsewhere / "7-7.hnsw").write_bytes(b"precious")
    (library / "vectors").symlink_to(elsewhere)
    before = {path.name: path.read_bytes() for path in elsewhere.iterdir()}
    answers_exactly(library, keyword_encoder, "is a link")
    (texts / "new.txt").write_text("bread and fire")
    with Library.open(library) as opened:
        report = opened.index([texts], encoders=[keyword_encoder])
        assert any("is a link" in notice for notice in report.notices)
        assert opened.search("fire", encoder=keyword_encoder, k=1).hits[0].passage.text == "bread and fire"
        found = opened.check()
        assert not found.ok and any("is a link" in each.problem for each in found.findings)
    assert {path.name: path.read_bytes() for path in elsewhere.iterdir()} == before


def test_without_a_place_for_the_secret_every_vector_is_compared_and_it_is_said(
    tmp_path, texts, keyword_encoder, monkeypatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HYBRID_SEARCH_HOME", str(tmp_path / "file"))
    with Library.open(tmp_path / "library", create=True) as made:
        report = made.index([texts], encoders=[keyword_encoder])
        assert any("index.secret cannot be written" in notice for notice in report.notices)
        assert made.search("moon", encoder=keyword_encoder, k=3).exact


def test_what_a_killed_build_left_is_swept_by_the_next_writer(library, keyword_encoder, texts):
    kept = index_of(library).name
    (library / "vectors" / "1-9.hnsw").write_bytes(b"half of it")
    with Library.open(library, readonly=True) as reader:
        reader.search("moon", encoder=keyword_encoder)
    assert (library / "vectors" / "1-9.hnsw").exists()
    with Library.open(library) as opened:
        opened.remove(texts / "3.txt")
    assert [path.name for path in (library / "vectors").iterdir()] == [kept]


def test_the_bounds_of_a_file_s_size_hold_for_files_that_were_written(tmp_path):
    for rows, dimension in ((60, 4), (300, 16), (2_000, 8)):
        index = vectors.VectorIndex(dimension)
        index.create(rows)
        index.add(np.arange(1, rows + 1), np.random.default_rng(1).normal(size=(rows, dimension)).astype(np.float32))
        index.save(tmp_path / "1-1.hnsw")
        size = (tmp_path / "1-1.hnsw").stat().st_size
        for wrong in (size // 2, size * 20):
            assert not graph_kinds.fits("hnsw", wrong, rows, dimension)
        assert graph_kinds.fits("hnsw", size, rows, dimension)
