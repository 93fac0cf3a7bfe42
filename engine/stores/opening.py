"""Opens the collection of a name."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from .collection import Collection, StoreError
from .place import parse

# Clients are imported only when they are used: few people have any of them.
_MAKERS = {
    "pgvector": (".pgvector", "PgvectorTable"),
    "qdrant": (".qdrant", "QdrantCollection"),
    "chroma": (".chroma", "ChromaCollection"),
    "lancedb": (".lance", "LanceTable"),
    "milvus": (".milvus", "MilvusCollection"),
    "vectors": (".files", "VectorFile"),
}


def open_collection(name: str) -> Collection:
    """A collection by its name; see `place.STORES`. The caller closes it.

    Raises:
        StoreError: the name has the wrong form, a needed package is not installed, or it cannot be opened.
    """
    place = parse(name)
    module, maker = _MAKERS[place.kind.scheme]
    try:
        return cast(Collection, getattr(import_module(module, __package__), maker)(place))
    except ImportError as error:
        raise StoreError(
            f"{place} needs the Python package {error.name or place.kind.scheme}, which is not installed.",
            hint=f"Install it with `pip install 'hybrid-search[{place.kind.extra}]'`."
            if place.kind.extra
            else "Install hybrid-search again.",
        ) from error
