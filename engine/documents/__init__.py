"""Turns files into text: a path comes in, documents with their structure go out.

`walk` finds the files of a folder and lists those it skipped; `read` yields the documents of a file, or raises the
reason why it has none. Open `kinds.py` first: it lists the formats, each with its reader; `reading.py` guards all
readers.
"""

from .model import Document, FoundFile, Heading, SkippedFile
from .reading import SIZE_LIMIT, read
from .running import running
from .walking import concerns, exclusion, is_file, storable, walk

__all__ = [
    "SIZE_LIMIT",
    "Document",
    "FoundFile",
    "Heading",
    "SkippedFile",
    "concerns",
    "exclusion",
    "is_file",
    "read",
    "running",
    "storable",
    "walk",
]
