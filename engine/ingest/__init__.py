"""A folder to what a library stores.

Files come in; new, changed, renamed and gone documents are told apart, cut into passages, written, and encoded. Open
`indexing.py` first, then `encoding.py`, which gives vectors to the passages that have none. Files are read by worker
processes (`reading_pool.py`, `worker_process.py`); `cutting.py` makes passages of what arrives from
them, `storing.py` puts them into the library. `watching.py` says when a folder needs another look.
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
