"""Notices when the files of the open library go, come back, or are written to by another program."""

from __future__ import annotations

from pathlib import Path

# What SQLite adds to the name of a database for the file that holds the last changes.
LOG = "-wal"


class LibraryFiles:
    """Looks at the files again and again; a change is news once nobody has written for one look."""

    def __init__(self) -> None:
        self._file = ""
        self._told: list[tuple[int, int] | None] = []
        self._seen: list[tuple[int, int] | None] = []

    def look(self, file: str) -> tuple[bool, bool]:
        """Whether the library is there, and whether it was changed since the last time that this was so.

        Args:
            file: its database. What is changed while it is opened is not missed: the second look at it is news.
        """
        stamps = [_stamp(Path(file)), _stamp(Path(f"{file}{LOG}"))]
        there = stamps[0] is not None
        if file != self._file or not there:
            self._file, self._told, self._seen = file, [], stamps
            return there, False
        quiet, self._seen = stamps == self._seen, stamps
        if not quiet or stamps == self._told:
            return True, False
        self._told = stamps
        return True, True


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
