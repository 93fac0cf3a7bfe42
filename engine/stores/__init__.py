"""Collections in vector stores: a name comes in, a `Collection` goes out that can be read, searched and copied.

Open `collection.py` first, then `place.py`, which parses their names. A module for each kind of store: `pgvector.py`,
`qdrant.py`, `chroma.py`, `lance.py`, `milvus.py`, and `files.py` for files.
"""

from .arrays import arrays_of
from .collection import Block, Change, Collection, Found, StoreError
from .opening import open_collection
from .place import STORES, is_store, parse

__all__ = [
    "STORES",
    "Block",
    "Change",
    "Collection",
    "Found",
    "StoreError",
    "arrays_of",
    "is_store",
    "open_collection",
    "parse",
]
