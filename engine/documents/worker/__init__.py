"""A process that reads documents: requests arrive by a pipe; documents, or the reason why there are none, are returned.

Open `child.py` first, which is what runs in that process. `limits.py` says how much memory and time a file may take,
`messages.py` what goes through the pipes. `ingest` starts such processes; nothing here imports more than reading a
document needs, so that a process starts in a twentieth of a second.
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
