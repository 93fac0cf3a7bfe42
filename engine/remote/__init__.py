"""A library on a remote engine, searched like one on disk.

`push` copies a library to an engine; `RemoteLibrary` searches it there. Open `library.py` first; `protocol.py` is the
interface of an engine, which `engine.py` implements with Milvus and `postgres.py` with PostgreSQL.
"""

from .library import RemoteLibrary
from .pushing import push

__all__ = ["RemoteLibrary", "push"]
