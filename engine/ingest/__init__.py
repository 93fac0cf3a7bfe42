"""A folder to what a library stores.

Files come in; new, changed, renamed and gone documents are told apart, cut into passages, written, and encoded. Open
`indexing.py` first, then `encoding.py`, which gives vectors to the passages that have none.
"""

from .encoding import counting, encode_missing
from .indexing import Cutter, Found, Indexer, Unreadable, document_digest, file_digest

__all__ = ["Cutter", "Found", "Indexer", "Unreadable", "counting", "document_digest", "encode_missing", "file_digest"]
