"""Recognises lock and temporary files that programs create next to an open document, by their names."""

from __future__ import annotations

import re

_NAMES = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "4913", "___jb_tmp___", "___jb_old___"))
_STARTS = ("~$", "~wrl", "~wrd", "~wra", "~df", ".~lock.", "~lock.")
_ENDS = ("~", ".swp", ".swo", ".swx", ".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".laccdb")
# Emacs saves `#report.txt#`; macOS creates `report.txt.sb-1a2b3c4d-xYz123` while it saves.
_SHAPES = re.compile(r"#.+#|.+\.sb-[0-9a-f]{8}-\w{6}|.+___jb_(?:tmp|old)___", re.DOTALL | re.IGNORECASE)

SYSTEM_FOLDERS = frozenset(("lost+found", "System Volume Information", "$RECYCLE.BIN", "__MACOSX", "@eaDir"))


def left_by_program(name: str) -> bool:
    """Whether a file's name is that of a program's lock, swap file, half-written copy or backup."""
    lowered = name.lower()
    return (
        lowered in _NAMES
        or lowered.startswith(_STARTS)
        or lowered.endswith(_ENDS)
        or _SHAPES.fullmatch(name) is not None
    )
