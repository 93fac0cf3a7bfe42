"""Opens only regular files in a library's folder; refuses links, pipes, sockets and devices."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import LibraryError
from ..files import open_regular, what_else

# The end of a rollback journal that names another file, which SQLite would open and could remove.
_NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")


def require_own(path: Path) -> None:
    """Refuse a file of a library that is not a regular file.

    Raises:
        LibraryError: it is a link, a pipe, a socket or a device; it was not opened.

    """
    if what := what_else(path):
        raise LibraryError(
            f"{path} is {what}, not a file of the library: it is not opened.",
            hint="Move it away, then try again.",
        )


def require_database(path: Path) -> None:
    """Refuse a database whose files are not all regular files of its own.

    Raises:
        LibraryError: one of its files is a link, a pipe, a socket or a device, or its journal names a file elsewhere.

    """
    for ending in ("", "-wal", "-shm", "-journal"):
        require_own(path.with_name(path.name + ending))
    journal = path.with_name(path.name + "-journal")
    try:
        with open_regular(journal, follow=False) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - len(_NAMES_ANOTHER)))
            ends = file.read(len(_NAMES_ANOTHER))
    except OSError:
        return
    if ends == _NAMES_ANOTHER:
        raise LibraryError(
            f"{journal} names a file outside the library: it is not opened.", hint="Move it away, then try again."
        )
