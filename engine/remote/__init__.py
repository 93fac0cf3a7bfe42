"""A library in a vector store elsewhere, asked like one on disk.

`push` sends a library there; `RemoteLibrary` answers from there. Open `library.py` first; `protocol.py` says what an
engine does, `engine.py` does it with Milvus and `postgres.py` with PostgreSQL.
"""

from .library import RemoteLibrary
from .pushing import push

__all__ = ["RemoteLibrary", "push"]
