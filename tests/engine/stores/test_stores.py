"""Every kind of store read, asked and copied: the same records give the same answers, and the originals stay."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.stores import Collection, StoreError, arrays, is_store, open_collection, parse
from hybrid_search.engine.stores.collection import AT_ONCE
from hybrid_search.engine.stores.place import shown

from tests.conftest import KeywordEncoder
from tests.support import filled_stores
from tests.support.filled_stores import FILES, TEXTS

QUERIES = ["water", "луна", "feuer und brot", "casa"]


@pytest.fixture(scope="module", params=filled_stores.ALL)
def name(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A collection of each kind."""
    with filled_stores.ALL[request.param](tmp_path_factory.mktemp(request.param), filled_stores.vectors()) as made:
        yield made


@pytest.fixture
def collection(name: str) -> Iterator[Collection]:
    found = open_collection(name)
    yield found
    found.close()


def copy_name(name: str, word: str) -> str:
    """What a copy is called: files keep their ending."""
    return f"{word}{Path(name).suffix}" if name.startswith("vectors:") else word


def named_like(name: str, word: str) -> str:
    if name.startswith("vectors:"):
        return f"vectors:{Path(name.removeprefix('vectors:')).with_name(copy_name(name, word))}"
    return name.replace("#passages", f"#{word}")


def read(collection: Collection) -> dict[str, tuple[str, str, str, np.ndarray]]:
    return {
        key: (text, source, language, vector)
        for block in collection.blocks()
        for key, text, source, language, vector in zip(
            block.ids, block.texts, block.sources, block.languages, block.vectors, strict=True
        )
    }


def test_all_records_are_read_with_what_is_known_of_them(collection: Collection):
    found = read(collection)
    assert collection.count() == len(TEXTS) == len(found) and collection.dimension == 13
    for place, (key, text) in enumerate(TEXTS.items()):
        assert found[key][:3] == (text, f"{key}.md", key[-2:])
        np.testing.assert_allclose(found[key][3], filled_stores.vectors()[place], atol=1e-5)


def test_a_store_answers_as_comparing_every_vector_does(collection: Collection):
    made = filled_stores.vectors()
    for query in KeywordEncoder(bias=2.0).encode_query(QUERIES):
        scores = np.sort(made @ query)[::-1][:7]
        answers = collection.nearest(query, 7)
        assert [answer.score for answer in answers] == sorted((answer.score for answer in answers), reverse=True)
        cosines = [float(made[list(TEXTS).index(answer.id)] @ query) for answer in answers]
        np.testing.assert_allclose(cosines, scores, atol=1e-5)
        assert answers[0].text == TEXTS[answers[0].id] and answers[0].language == answers[0].id[-2:]


def test_more_answers_than_there_are_records_are_all_records(collection: Collection):
    assert len(collection.nearest(filled_stores.vectors()[0], 1000)) == len(TEXTS)


def test_a_copy_has_other_vectors_and_the_original_stays(name: str, collection: Collection):
    done: list[int] = []
    turned = copy_name(name, "turned")
    written = collection.copy(turned, lambda block: np.roll(block.vectors, 1, axis=1), done.append)
    assert written == len(TEXTS) == sum(done)
    before = read(collection)
    collection.close()
    other = open_collection(named_like(name, "turned"))
    try:
        after = read(other)
        assert {key: row[:3] for key, row in after.items()} == {key: row[:3] for key, row in before.items()}
        for place, key in enumerate(TEXTS):
            np.testing.assert_allclose(after[key][3], np.roll(filled_stores.vectors()[place], 1), atol=1e-5)
            np.testing.assert_allclose(before[key][3], filled_stores.vectors()[place], atol=1e-5)
        assert other.nearest(after["moon2-ru"][3], 1)[0].score == pytest.approx(
            other.nearest(after["moon2-ru"][3], 2)[1].score, abs=2
        )
        with pytest.raises(StoreError, match="already"):
            other.copy(turned, lambda block: block.vectors)
    finally:
        other.close()


def test_a_copy_that_fails_leaves_nothing(name: str, collection: Collection):
    def fail(block):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collection.copy(copy_name(name, "half"), fail)
    with pytest.raises(StoreError, match="not all of one length"):
        collection.copy(copy_name(name, "half"), lambda block: block.vectors[:, :2])
    assert len(read(collection)) == len(TEXTS)
    collection.close()
    with pytest.raises(StoreError):
        open_collection(named_like(name, "half"))


def test_what_is_not_there_is_said_with_what_is(name: str):
    if name.startswith("vectors:"):
        pytest.skip("a file is there or not")
    with pytest.raises(StoreError, match=r"there is no such (table|collection)") as error:
        open_collection(name.replace("#passages", "#unheard_of"))
    assert error.value.hint


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pgvector:postgresql://tester:hunter2@127.0.0.1:9/db#t", "127.0.0.1:9/db#t cannot be used"),
        ("pgvector:mysql://host/db#t", "not the address of a database"),
        ("pgvector:postgresql://host:port/db#t", "not the address of a database"),
        ("pgvector:postgresql://host:99999/db#t", "not the address of a database"),
        ("pgvector:postgresql://[::1/db#t", "not the address of a database"),
        ("pgvector:postgresql://host/db?port=five#t", "not the address of a database"),
        ("qdrant:http://127.0.0.1:9#c", "refused"),
        ("qdrant:/unheard/of#c", "no folder"),
        ("chroma:http://127.0.0.1:9#c", "cannot be used"),
        ("chroma:/unheard/of#c", "not a folder of Chroma"),
        ("lancedb:/unheard/of#t", "no folder"),
        ("milvus:/unheard/of.db#c", "no file"),
        ("vectors:/unheard/of.npy", "no file"),
        (f"qdrant:{'long' * 100}#c", "no folder"),
        (f"chroma:{'long' * 100}#c", "not a folder of Chroma"),
        (f"lancedb:{'long' * 100}#t", "no folder"),
        (f"milvus:{'long' * 100}.db#c", "no file"),
        (f"vectors:{'long' * 100}.npy", "no file"),
        ("vectors:/unheard/of.csv", "not a file of vectors"),
        ("elsewhere:host#t", "does not name a collection of vectors"),
        ("qdrant:http://host", "incomplete"),
        ("vectors:file.npy#t", "incomplete"),
        ("lancedb:folder#t?colour=red", "colour"),
    ],
)
def test_a_store_that_cannot_be_had_is_a_clear_sentence(name: str, words: str):
    if "postgresql" in name or name.startswith("pgvector"):
        pytest.importorskip("pg8000")
    for scheme, module in {"qdrant": "qdrant_client", "chroma": "chromadb", "lancedb": "lancedb"}.items():
        if name.startswith(scheme):
            pytest.importorskip(module)
    with pytest.raises(StoreError, match=words) as error:
        open_collection(name)
    assert "hunter2" not in str(error.value) and ".." not in error.value.message


def test_a_client_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    import sys

    monkeypatch.setitem(sys.modules, "lancedb", None)
    with pytest.raises(StoreError, match="needs the Python package lancedb") as error:
        open_collection(f"lancedb:{tmp_path}#t")
    assert "hybrid-search[lancedb]" in error.value.hint


def test_names_hold_fields_and_show_no_password():
    place = parse("pgvector:postgresql://me:pa@ss@host/db#public.docs?text=body&id=key")
    assert (place.collection, place.fields.text, place.fields.id) == ("public.docs", "body", "key")
    assert str(place) == "pgvector:postgresql://host/db#public.docs"
    assert shown("host=h password='a b' user=u") == "host=h password=… user=u"
    assert is_store("lancedb:x#y") and not any(is_store(each) for each in ("C:\\x", "base", "openai:m", "/a/b"))


# -- files


@pytest.mark.parametrize("kind", FILES)
def test_a_damaged_file_of_vectors_is_named(kind: str, tmp_path: Path):
    with filled_stores.ALL[kind](tmp_path, filled_stores.vectors()) as name:
        path = Path(name.removeprefix("vectors:"))
        whole = path.read_bytes()
        for damaged in (b"", whole[: len(whole) // 2], b"\x00" * 200, b"\x80\x04." + whole):
            path.write_bytes(damaged)
            with pytest.raises(StoreError, match="cannot be used") as caught:
                open_collection(name)
            # NumPy advises to open what it takes for a pickle.
            assert caught.value.hint and "pickle" not in caught.value.message


def test_vectors_without_ids_say_where_to_put_them(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.eye(3, dtype=np.float32))
    with pytest.raises(StoreError, match="no ids") as error:
        open_collection(f"vectors:{tmp_path / 'a.npy'}")
    assert "a.txt" in error.value.hint
    (tmp_path / "a.txt").write_text("x\ny\n")
    with pytest.raises(StoreError, match="3 vectors, and the file beside it 2 rows"):
        open_collection(f"vectors:{tmp_path / 'a.npy'}")
    (tmp_path / "a.txt").write_text("x\ny\nx\n")
    with pytest.raises(StoreError, match="or repeated"):
        open_collection(f"vectors:{tmp_path / 'a.npy'}")
    (tmp_path / "a.txt").write_text("x\ny\nz\n")
    assert [answer.id for answer in open_collection(f"vectors:{tmp_path / 'a.npy'}").nearest(np.eye(3)[1], 1)] == ["y"]


@pytest.mark.parametrize(
    "array",
    [np.array(["a"]), np.zeros(3), np.full((2, 2), np.nan), np.zeros((0, 4)), np.array([[None, 1]], dtype=object)],
)
def test_arrays_that_are_no_vectors_are_refused(array: np.ndarray, tmp_path: Path):
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    (tmp_path / "a.txt").write_text("x\n" * len(array))
    with pytest.raises(StoreError) as caught:
        open_collection(f"vectors:{tmp_path / 'a.npy'}")
    assert caught.value.hint and "pickle" not in caught.value.message


def test_only_a_line_feed_ends_a_row_beside_vectors(tmp_path: Path):
    rows = [{"id": f"é{number}", "text": "one\u2028two\x85three\x0cfour"} for number in range(3)]
    name = f"vectors:{tmp_path / 'a.npy'}"
    np.save(tmp_path / "a.npy", np.eye(3, dtype=np.float32))
    (tmp_path / "a.jsonl").write_text("\r\n".join(json.dumps(each, ensure_ascii=False) for each in rows), "utf-8-sig")
    open_collection(name).copy("b.npy", lambda block: block.vectors)
    for each in (name, f"vectors:{tmp_path / 'b.npy'}"):
        assert {key: told[0] for key, told in read(open_collection(each)).items()} == {
            row["id"]: row["text"] for row in rows
        }
    (tmp_path / "a.jsonl").unlink()
    (tmp_path / "a.txt").write_text("x\ny\nz\n", "utf-8-sig")
    assert list(read(open_collection(name))) == ["x", "y", "z"]


def test_single_values_beside_vectors_are_no_columns_and_bytes_are_texts(tmp_path: Path):
    ids, texts = np.array([b"x", b"y"]), np.array([b"bread", "Brötchen".encode()])
    np.savez(tmp_path / "a.npz", ids=ids, text=texts, vectors=np.eye(2), model="e5", version=3)
    found = read(open_collection(f"vectors:{tmp_path / 'a.npz'}"))
    assert {key: told[0] for key, told in found.items()} == {"x": "bread", "y": "Brötchen"}
    for vectors in (3.0, "text"):
        np.savez(tmp_path / "b.npz", ids=ids, vectors=vectors)
        with pytest.raises(StoreError, match="no array called vectors"):
            open_collection(f"vectors:{tmp_path / 'b.npz'}")


@pytest.mark.parametrize("ids", ["5", "null", '"ab"', '{"a": 1, "b": 2}', '["a", null]', '["a", ""]', '["a"]'])
def test_ids_that_are_not_one_for_each_vector_are_refused(ids: str, tmp_path: Path):
    from safetensors.numpy import save_file

    save_file({"vectors": np.eye(2, dtype=np.float32)}, tmp_path / "a.safetensors", metadata={"id": ids})
    with pytest.raises(StoreError, match="cannot be used"):
        open_collection(f"vectors:{tmp_path / 'a.safetensors'}")


def test_a_chroma_that_never_answers_is_not_waited_for(monkeypatch):
    pytest.importorskip("chromadb")
    monkeypatch.setattr("hybrid_search.engine.stores.chroma._SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(StoreError, match="cannot be used: timed out"):
        open_collection(f"chroma:http://127.0.0.1:{silent.getsockname()[1]}#passages")


def test_a_copy_in_chroma_keeps_documents_where_some_have_none(tmp_path: Path):
    chromadb = pytest.importorskip("chromadb")
    settings = chromadb.config.Settings(anonymized_telemetry=False)
    made = chromadb.PersistentClient(path=str(tmp_path), settings=settings)
    filled = made.create_collection("passages", embedding_function=None)
    documents, told = ["one", None, "three", ""], [{"language": "en"}, None, None, {"language": "de"}]
    for row, (document, metadata) in enumerate(zip(documents, told, strict=True)):
        more = {"documents": [document]} if document is not None else {}
        more |= {"metadatas": [metadata]} if metadata else {}
        filled.add(ids=[str(row)], embeddings=[np.eye(4)[row].tolist()], **more)
    found = open_collection(f"chroma:{tmp_path}#passages")
    assert found.copy("others", lambda block: block.vectors[:, ::-1]) == 4
    copied = made.get_collection("others", embedding_function=None).get(include=["documents", "metadatas"])
    found.close()
    assert (copied["ids"], copied["documents"], copied["metadatas"]) == (["0", "1", "2", "3"], documents, told)


def parquet_of(path: Path, vectors: object, **more: object) -> str:
    """A Parquet file of these vectors with an id each, as a target."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    number = len(vectors)  # type: ignore[arg-type]
    table = pyarrow.table({"id": [str(row) for row in range(number)], "vector": vectors, **more})
    parquet.write_table(table, path)
    return f"vectors:{path}"


def lists(kind: str) -> object:
    """Two vectors of three numbers in one of Arrow's types of lists."""
    pyarrow = pytest.importorskip("pyarrow")
    types = {
        "lists": pyarrow.list_(pyarrow.float32()),
        "large lists": pyarrow.large_list(pyarrow.float64()),
        "fixed lists": pyarrow.list_(pyarrow.float32(), 3),
        "lists of integers": pyarrow.list_(pyarrow.int8()),
    }
    return pyarrow.array([[1, 2, 3], [4, 5, 6]], type=types[kind])


@pytest.mark.parametrize("kind", ["lists", "large lists", "fixed lists", "lists of integers"])
def test_parquet_vectors_are_read_from_every_kind_of_list(kind: str, tmp_path: Path):
    found = open_collection(parquet_of(tmp_path / "a.parquet", lists(kind)))
    (block,) = found.blocks()
    np.testing.assert_array_equal(block.vectors, np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32))


@pytest.mark.parametrize(
    "vectors",
    [[[1.0, 2.0], [1.0]], [[1.0, 2.0], None], [[1.0, 2.0], [1.0, None]], ["a", "b"], [1.0, 2.0], [[[1.0]], [[2.0]]]],
)
def test_parquet_columns_that_are_no_vectors_are_refused(vectors: list[object], tmp_path: Path):
    with pytest.raises(StoreError, match="cannot be used") as caught:
        open_collection(parquet_of(tmp_path / "a.parquet", vectors))
    assert caught.value.hint


@pytest.mark.parametrize("column", ["vectors", "texts"])
def test_a_parquet_file_that_would_fill_the_memory_is_refused(column: str, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(arrays, "_NEVER_A_BOMB", 1 << 20)
    vectors = [[0.0] * (1000 if column == "vectors" else 1)] * 4000
    texts = ["a" * (2000 if column == "texts" else 1)] * 4000
    name = parquet_of(tmp_path / "a.parquet", vectors, text=texts)
    with pytest.raises(StoreError, match="unpacks to more than 100 times its size"):
        open_collection(name)


def test_a_parquet_file_of_many_vectors_is_read_as_it_was_written(tmp_path: Path):
    pytest.importorskip("pyarrow")
    written = np.random.default_rng(0).normal(size=(3 * AT_ONCE + 1, 5)).astype(np.float32)
    found = open_collection(parquet_of(tmp_path / "a.parquet", list(written)))
    np.testing.assert_array_equal(np.concatenate([block.vectors for block in found.blocks()]), written)
