"""Opens only regular files in a library's folder; refuses links, pipes, sockets and devices."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..errors import LibraryError
from ..files import open_regular

# How a rollback journal ends that names another file, which SQLite would open and could remove.
_NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")


def what_else(path: Path, *, folder: bool = False) -> str:
    """What a path is where it should be a regular file (or a folder) or nothing; "" where it is that.

    A link is never followed: whoever made the library's folder could have it lead anywhere.
    """
    try:
        mode = path.lstat().st_mode
    except OSError:
        # What is not there, or cannot be looked at, is told by who opens it.
        return ""
    if stat.S_ISDIR(mode) if folder else stat.S_ISREG(mode):
        return ""
    kinds = {
        stat.S_IFLNK: "a link",
        stat.S_IFDIR: "a folder",
        stat.S_IFREG: "a file",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "not a regular file")


def require_own(path: Path, *, folder: bool = False) -> None:
    """Refuse a part of a library that is something else than it should be.

    Raises:
        LibraryError: it is a link, a pipe, a socket or a device; nothing of it was opened.

    """
    if what := what_else(path, folder=folder):
        raise LibraryError(
            f"{path} is {what}, not a {'folder' if folder else 'file'} of the library: it is not opened.",
            hint="Move it away, then try again.",
        )


def require_database(path: Path) -> None:
    """Refuse a database that has something else than files of its own beside it.

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
