"""A library in a vector store elsewhere, asked like one on disk.

`push` sends a library there; `RemoteLibrary` answers from there. Open `library.py` first; `engine.py` holds every call
to the store.
"""

from .library import RemoteLibrary
from .pushing import push

__all__ = ["RemoteLibrary", "push"]
