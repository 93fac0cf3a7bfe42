"""A folder to what a library stores.

Files come in; new, changed, renamed and gone documents are told apart, cut into passages, written, and encoded. Open
`indexing.py` first, then `encoding.py`, which gives vectors to the passages that have none.
`watching.py` says when a folder needs another look.
"""

from .cutting import Cutter, document_digest
from .encoding import counting, encode_missing
from .indexing import Found, Indexer, Unreadable, file_digest
from .watching import Watcher, follow

__all__ = [
    "Cutter",
    "Found",
    "Indexer",
    "Unreadable",
    "Watcher",
    "counting",
    "document_digest",
    "encode_missing",
    "file_digest",
    "follow",
]
