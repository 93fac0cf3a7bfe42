"""The SQLite database of a library. Every SQL statement on it is in this sub-package.

Records come in and go out (`records.py`). Open `schema.py` first for the tables, then `reading.py` and `writing.py`;
`filing.py` stores a file piece by piece, `entering.py` the passages of many files together, `judgements.py` stores
judgements, `failing.py` translates SQLite's errors, `lock.py` excludes a second writer, `own_files.py` refuses files
that are not the library's own; `damage/` finds damage by the checksums of `sums.py`, and repairs it.
"""

from .connection import Connection
from .damage import Mending, TextsFound, Verifying
from .failing import damaged
from .filing import Filing, Tally
from .judgements import GRADES, PARTLY, RIGHT, WRONG, Judgement, Judgements, Place, key_of
from .lock import LOCK, WriterLock, when_free
from .own_files import require_own
from .reading import Reading, words_version
from .records import (
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
    StoredDocument,
    digest_of,
    unpacked,
)
from .schema import is_current, is_empty, is_readable, migrate
from .writing import Store

__all__ = [
    "GRADES",
    "LOCK",
    "PARTLY",
    "RIGHT",
    "WRONG",
    "Connection",
    "EncoderRow",
    "Filing",
    "Ids",
    "IndexFile",
    "Judgement",
    "Judgements",
    "KnownFile",
    "Mending",
    "NewDocument",
    "NewFile",
    "NewPassage",
    "Passage",
    "Place",
    "Reading",
    "Roster",
    "RunningDigest",
    "Store",
    "StoredDocument",
    "Tally",
    "TextsFound",
    "Verifying",
    "WriterLock",
    "damaged",
    "digest_of",
    "is_current",
    "is_empty",
    "is_readable",
    "key_of",
    "migrate",
    "require_own",
    "unpacked",
    "when_free",
    "words_version",
]
