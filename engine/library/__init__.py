"""The façade: one folder on disk is one `Library` that is opened, indexed, searched, compared and checked.

Open `library.py` first. `checking.py` verifies and repairs, `reports.py` is what a library tells about itself,
`demo.py` is the library that ships with the program.
"""

from . import demo
from .asking import Asking
from .demo import library_folder, open_demo
from .library import DATABASE, IndexProgress, IndexReport, Library, Status
from .reports import EncoderStatus

__all__ = [
    "DATABASE",
    "Asking",
    "EncoderStatus",
    "IndexProgress",
    "IndexReport",
    "Library",
    "Status",
    "demo",
    "library_folder",
    "open_demo",
]
