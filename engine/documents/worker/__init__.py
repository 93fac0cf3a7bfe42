"""A process that reads documents: requests come in by a pipe, documents or reasons for failures go out.

Open `child.py` first: it runs in that process. `limits.py` sets how much memory and time a file may take, `messages.py`
defines the messages in the pipes. `ingest` starts such processes; modules here import only what reading a document
needs, so that a process starts in a twentieth of a second.
"""

from .limits import Budget, Limits
from .messages import LARGEST_FRAME, PIECE, BadMessage, Place, Request, Start, packed_requests, unpacked

__all__ = [
    "LARGEST_FRAME",
    "PIECE",
    "BadMessage",
    "Budget",
    "Limits",
    "Place",
    "Request",
    "Start",
    "packed_requests",
    "unpacked",
]
