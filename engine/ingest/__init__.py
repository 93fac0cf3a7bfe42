"""Turns a folder into the content of a library.

Files come in; new, changed, renamed and removed documents are detected, cut into passages, stored, and encoded. Open
`indexing.py` first, then `encoding.py`, which encodes passages without vectors. Worker processes read files
(`reading_pool.py`, `worker_process.py`); `cutting.py` cuts their documents into passages, `storing.py` puts them into
the library. `watching.py` tells when a folder needs to be indexed again.
"""

from .cutting import Cutter, Incoming, document_digest
from .encoding import counting, derive, encode_missing
from .found import Found, Unreadable
from .indexing import Indexer, file_digest
from .reading_pool import ReadingPool
from .watching import Watcher, follow

__all__ = [
    "Cutter",
    "Found",
    "Incoming",
    "Indexer",
    "ReadingPool",
    "Unreadable",
    "Watcher",
    "counting",
    "derive",
    "document_digest",
    "encode_missing",
    "file_digest",
    "follow",
]
