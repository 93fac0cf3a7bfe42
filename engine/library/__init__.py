"""The façade: one folder on disk is one `Library` that is opened, indexed, searched, compared and checked.

`Searchable` is what any library answers, on disk or elsewhere. Open `searchable.py` first, then `library.py`:
`on_disk.py` is the half of it that answers, `asynchronous.py` the same for asyncio, `checking.py` verifies and repairs,
`reports.py` is what a library tells about itself, `demo.py` is the library that ships with the program.
"""

from . import demo
from .asynchronous import AsyncLibrary
from .demo import library_folder, open_demo
from .library import DATABASE, IndexProgress, IndexReport, Library, Status
from .reports import EncoderStatus
from .searchable import Notices, Searchable, SearchableBase, no_passage

__all__ = [
    "DATABASE",
    "AsyncLibrary",
    "EncoderStatus",
    "IndexProgress",
    "IndexReport",
    "Library",
    "Notices",
    "Searchable",
    "SearchableBase",
    "Status",
    "demo",
    "library_folder",
    "no_passage",
    "open_demo",
]
