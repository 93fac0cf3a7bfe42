"""The façade: one folder on disk is one `Library`, which is opened, indexed, searched, compared and checked.

`Searchable` is the interface of any library, on disk or elsewhere. Open `searchable.py` first, then `library.py`:
`on_disk.py` has its reading methods, `asynchronous.py` is the version for asyncio, `checking.py` verifies and repairs,
`reports.py` has the reports, `demo.py` opens the library that ships with the program.
"""

from . import demo
from .asynchronous import AsyncLibrary
from .demo import library_folder, open_demo
from .given import text, whole, wholes
from .library import DATABASE, IndexProgress, IndexReport, Library, Status
from .named import Named
from .reports import EncoderStatus
from .searchable import Notices, Searchable, no_passage

__all__ = [
    "DATABASE",
    "AsyncLibrary",
    "EncoderStatus",
    "IndexProgress",
    "IndexReport",
    "Library",
    "Named",
    "Notices",
    "Searchable",
    "Status",
    "demo",
    "library_folder",
    "no_passage",
    "open_demo",
    "text",
    "whole",
    "wholes",
]
