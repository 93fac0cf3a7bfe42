"""The truth of a library: one SQLite database. Every SQL statement of the program is in this sub-package.

Records come in and go out (`records.py`). Open `schema.py` first for the tables, then `reading.py` and `writing.py`;
`filing.py` stores a file piece by piece, `connection.py` puts SQLite's errors into words and `lock.py` keeps a second
writer out.
"""

from .connection import Connection
from .filing import Filing, Tally
from .lock import WriterLock, when_free
from .reading import Reading, words_version
from .records import (
    NUMBER_BYTES,
    EncoderRow,
    Ids,
    IndexFile,
    KnownFile,
    NewDocument,
    NewFile,
    NewPassage,
    Passage,
    Roster,
    RunningDigest,
    digest_of,
    unpacked,
)
from .schema import is_current, is_empty, migrate
from .writing import Store

__all__ = [
    "NUMBER_BYTES",
    "Connection",
    "EncoderRow",
    "Filing",
    "Ids",
    "IndexFile",
    "KnownFile",
    "NewDocument",
    "NewFile",
    "NewPassage",
    "Passage",
    "Reading",
    "Roster",
    "RunningDigest",
    "Store",
    "Tally",
    "WriterLock",
    "digest_of",
    "is_current",
    "is_empty",
    "migrate",
    "unpacked",
    "when_free",
    "words_version",
]
