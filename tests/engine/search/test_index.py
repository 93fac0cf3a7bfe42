"""The index file is a cache: missing, damaged, swapped or of another encoder, the answers stay right."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.search import exact
from hybrid_search.engine.search import index as vectors


class PointEncoder:
    """Texts "p 17" to fixed random unit vectors."""

    max_tokens = 512

    def __init__(self, name: str = "points", dimension: int = 16) -> None:
        self.name = name
        self.dimension = dimension
        self.fingerprint = f"{name}-{dimension}"

    def _encode(self, texts):
        found = [
            np.random.default_rng([int(text.split()[1]), len(self.name)]).normal(size=self.dimension) for text in texts
        ]
        return np.stack([each / np.linalg.norm(each) for each in found]).astype(np.float32)

    def encode_query(self, texts):
        return self._encode(texts)

    def encode_document(self, texts, progress=None):
        return self._encode(texts)

    def count_tokens(self, texts):
        return [3 for _ in texts]


COUNT = 400


@pytest.fixture(params=["hnswlib", "usearch"], autouse=True)
def kind(request, monkeypatch) -> str:
    """What holds the index."""
    pytest.importorskip(request.param)
    monkeypatch.setenv("HYBRID_SEARCH_INDEX", request.param)
    return request.param


QUERIES = [f"p {n}" for n in (3, 50, 399, 7000)]


@pytest.fixture
def rows(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(exact, "EXACT_LIMIT", 100)
    path = tmp_path / "rows.csv"
    write(path, range(COUNT))
    return path


def write(path: Path, numbers) -> None:
    path.write_text("text\n" + "\n".join(f"p {number}" for number in numbers) + "\n")


@pytest.fixture
def folder(rows, tmp_path) -> Path:
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([rows], encoders=[PointEncoder()], text_column="text")
    return tmp_path / "library"


def index_file(folder: Path) -> Path:
    (found,) = (folder / "vectors").iterdir()
    return found


def answers(library: Library, *, complete: bool, encoder=None) -> list[list[tuple[int, float]]]:
    found = []
    for query in QUERIES:
        ranking = library.search(query, encoder=encoder or PointEncoder(), k=10, exact=complete)
        found.append([(hit.passage.id, hit.score) for hit in ranking.hits])
    return found


def test_a_large_library_gets_an_index_that_answers_as_exact_search_does(folder):
    with Library.open(folder, readonly=True) as library:
        assert not library.search("p 3", encoder=PointEncoder()).exact
        assert answers(library, complete=False) == answers(library, complete=True)
        assert library.notices == [] and library.status().encoders[0].indexed


def damage_middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = b"\xff" * 2000
    path.write_bytes(data)


DAMAGES = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "damaged in the middle": damage_middle,
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"more"),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_whatever_happens_to_the_file_answers_stay_right_and_it_is_rebuilt(folder, rows, damage):
    damage(index_file(folder))
    told = []
    with Library.open(folder, readonly=True, notify=told.append) as reader:
        assert answers(reader, complete=False) == answers(reader, complete=True)
        assert reader.search("p 3", encoder=PointEncoder()).exact
        assert len(told) == 1 and "points" in told[0] and "rebuilt" in told[0]
    with Library.open(folder) as library:
        library.index([rows], encoders=[PointEncoder()], text_column="text")
    with Library.open(folder, readonly=True) as reader:
        assert not reader.search("p 3", encoder=PointEncoder()).exact
        assert answers(reader, complete=False) == answers(reader, complete=True)
        assert reader.notices == []


@pytest.mark.parametrize("damage", ["missing", "damaged in the middle"])
def test_check_rebuilds_a_damaged_file(folder, damage):
    DAMAGES[damage](index_file(folder))
    with Library.open(folder) as library:
        report = library.check(repair=False)
        assert not report.ok and "points" in report.findings[0].problem
        report = library.check()
        assert report.ok and report.findings[0].repaired
        assert library.check().findings == ()
        assert not library.search("p 3", encoder=PointEncoder()).exact


def test_swapped_files_are_not_believed(folder, rows):
    other = PointEncoder("other")
    wide = PointEncoder("wide", 24)
    with Library.open(folder) as library:
        library.index([rows], encoders=[other, wide], text_column="text")
    files = sorted((folder / "vectors").iterdir())
    contents = [path.read_bytes() for path in files]
    for path, content in zip(files, contents[1:] + contents[:1], strict=True):
        path.write_bytes(content)
    with Library.open(folder, readonly=True) as reader:
        for encoder in (PointEncoder(), other, wide):
            assert answers(reader, complete=False, encoder=encoder) == answers(reader, complete=True, encoder=encoder)
            assert reader.search("p 3", encoder=encoder).exact
        assert len(reader.notices) == 3


def test_a_file_of_another_dimension_is_refused_even_if_the_checksum_fits(folder, tmp_path):
    import hashlib

    wrong = vectors.VectorIndex(24)
    wrong.create(COUNT)
    wrong.add(np.arange(1, COUNT + 1), np.eye(COUNT, 24, dtype=np.float32))
    path = index_file(folder)
    wrong.save(path)
    with Library.open(folder) as library:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        library._connection.execute("UPDATE indexes SET sha256 = ?, dimension = 24", (digest,))
        assert answers(library, complete=False) == answers(library, complete=True)
        assert any("another encoder" in notice for notice in library.notices)


def test_new_changed_and_removed_texts_reach_the_index(folder, rows):
    for numbers in (range(COUNT + 50), range(30, COUNT + 50), range(200, COUNT), range(COUNT)):
        write(rows, numbers)
        with Library.open(folder) as library:
            library.index([rows], encoders=[PointEncoder()], text_column="text")
            found = answers(library, complete=False)
            assert found == answers(library, complete=True)
            texts = {hit.passage.text for hit in library.search("p 3", encoder=PointEncoder(), k=10).hits}
            assert texts <= {f"p {number}" for number in numbers}
            assert ("p 3" in texts) == (3 in numbers)
        assert len(list((folder / "vectors").iterdir())) == 1


def test_a_reader_answers_from_an_index_that_is_behind_and_from_what_it_lacks(folder, rows, monkeypatch):
    write(rows, [*range(20, COUNT), *range(7000, 7030)])
    monkeypatch.setattr(Library, "_refresh_index", lambda *_arguments: None)
    with Library.open(folder, readonly=True) as early:
        assert not early.search("p 3", encoder=PointEncoder()).exact
        with Library.open(folder) as library:
            library.index([rows], encoders=[PointEncoder()], text_column="text")
        for reader in (early, Library.open(folder, readonly=True)):
            assert not reader.search("p 7000", encoder=PointEncoder()).exact
            assert reader.search("p 7000", encoder=PointEncoder()).hits[0].passage.text == "p 7000"
            assert answers(reader, complete=False) == answers(reader, complete=True)


def test_stopping_while_the_index_is_built_leaves_right_answers(rows, tmp_path, monkeypatch):
    monkeypatch.setattr(vectors, "_BATCH", 64)
    with Library.open(tmp_path / "new", create=True) as library:
        stages = []

        def told(progress) -> None:
            stages.append(progress.stage)

        library.index(
            [rows],
            encoders=[PointEncoder()],
            text_column="text",
            progress=told,
            cancelled=lambda: "index of points" in stages,
        )
        assert answers(library, complete=False) == answers(library, complete=True)
        library.index([rows], encoders=[PointEncoder()], text_column="text")
        assert library.check().findings == ()
        assert not library.search("p 3", encoder=PointEncoder()).exact


def test_a_file_that_cannot_be_written_costs_only_speed(rows, tmp_path, monkeypatch):
    def full(*_arguments):
        raise OSError("the disk is full")

    monkeypatch.setattr(vectors.VectorIndex, "save", full)
    with Library.open(tmp_path / "new", create=True) as library:
        report = library.index([rows], encoders=[PointEncoder()], text_column="text")
        assert any("could not be saved" in notice for notice in report.notices)
        assert answers(library, complete=False) == answers(library, complete=True)


def test_a_half_written_file_is_never_kept(tmp_path, monkeypatch):
    index = vectors.VectorIndex(4)
    index.create(3)
    index.add(np.array([1, 2, 3]), np.eye(3, 4, dtype=np.float32))

    class Short:
        """As hnswlib on a full disk: it writes a part and says nothing."""

        def save_index(self, path: str) -> None:
            Path(path).write_bytes(b"part")

        save = save_index

        def index_file_size(self) -> int:
            return 1000

        serialized_length = 1000

    index._graph._index = Short()
    with pytest.raises(OSError, match="full"):
        index.save(tmp_path / "x.hnsw")
    assert not (tmp_path / "x.hnsw").exists()


def test_left_over_files_are_swept(folder):
    shutil.copy(index_file(folder), folder / f"vectors/99-9{index_file(folder).suffix}")
    with Library.open(folder) as library:
        assert library.check().ok
    assert index_file(folder).stem != "99-9"


def test_without_a_library_for_it_every_vector_is_compared(rows, tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "hnswlib", None)
    monkeypatch.setitem(sys.modules, "usearch", None)
    with Library.open(tmp_path / "new", create=True) as library:
        report = library.index([rows], encoders=[PointEncoder()], text_column="text")
        assert any("is not installed" in notice for notice in report.notices)
        assert library.search("p 3", encoder=PointEncoder()).exact
        assert library.check().ok is False


def test_k_is_clamped_to_what_the_index_holds():
    index = vectors.VectorIndex(4)
    index.create(2)
    index.add(np.array([5, 9]), np.eye(2, 4, dtype=np.float32))
    query = np.array([1, 0, 0, 0], dtype=np.float32)
    assert index.nearest(query, 10).tolist() == [5, 9]
    index.delete(np.array([5]))
    assert index.nearest(query, 10).tolist() == [9]
    index.add(np.array([11, 12]), np.eye(2, 4, dtype=np.float32))
    assert index.nearest(query, 10).tolist()[0] == 11


def test_an_index_is_read_by_what_wrote_it_and_usearch_takes_a_third_of_the_room(rows, tmp_path, monkeypatch):
    pytest.importorskip("usearch")
    sizes = {}
    for kind in ("hnswlib", "usearch"):
        monkeypatch.setenv("HYBRID_SEARCH_INDEX", kind)
        with Library.open(tmp_path / kind, create=True) as library:
            library.index([rows], encoders=[PointEncoder(dimension=384)], text_column="text")
        sizes[kind] = index_file(tmp_path / kind).stat().st_size / COUNT
    assert sizes["usearch"] < 600 < 1600 < sizes["hnswlib"]
    monkeypatch.setenv("HYBRID_SEARCH_INDEX", "hnswlib")
    found = []
    for kind in sizes:
        with Library.open(tmp_path / kind, readonly=True) as library:
            assert not library.search("p 3", encoder=PointEncoder(dimension=384)).exact
            found.append(answers(library, complete=False, encoder=PointEncoder(dimension=384)))
    assert found[0] == found[1]


def test_where_one_library_is_missing_the_other_is_taken(monkeypatch):
    import sys

    from hybrid_search.engine.search import graph_kinds

    monkeypatch.delenv("HYBRID_SEARCH_INDEX")
    assert graph_kinds.chosen() == "hnsw"
    pytest.importorskip("usearch")
    monkeypatch.setitem(sys.modules, "hnswlib", None)
    assert graph_kinds.chosen() == "usearch"
    monkeypatch.setenv("HYBRID_SEARCH_INDEX", "faiss")
    with pytest.raises(ImportError, match="faiss"):
        graph_kinds.chosen()
