"""Files to text: one reader per kind, a walk over a folder, and what could not be read with its reason."""

from __future__ import annotations

from .model import Document, FoundFile, Heading, SkippedFile
from .reading import SIZE_LIMIT, read
from .walking import storable, walk

__all__ = ["SIZE_LIMIT", "Document", "FoundFile", "Heading", "SkippedFile", "read", "storable", "walk"]
