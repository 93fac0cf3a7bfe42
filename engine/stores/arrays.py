"""Reads the arrays of an untrusted `.npz` file: no pickle, no pipe, and a limit on the unpacked size."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from ..files import open_regular

# Vectors hardly compress, and texts padded to one length a few dozen times; more is a zip bomb.
_MOST_TIMES = 100
_NEVER_A_BOMB = 256 * 1024 * 1024


def refuse_bomb(path: Path, unpacked: int) -> None:
    """Raise ValueError if a file unpacks to more bytes than a file of vectors of its size can contain."""
    if unpacked > max(_NEVER_A_BOMB, _MOST_TIMES * path.stat().st_size):
        raise ValueError(f"it unpacks to more than {_MOST_TIMES} times its size")


def arrays_of(path: Path) -> dict[str, Any]:
    """The arrays by name.

    Raises:
        OSError: the file cannot be opened, or is not regular.
        ValueError: it is damaged, of another kind, or unpacks to more than such a file can contain.
    """
    with open_regular(path) as file:
        try:
            with zipfile.ZipFile(file) as packed:
                refuse_bomb(path, sum(member.file_size for member in packed.infolist()))
            file.seek(0)
            with np.load(file, allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, MemoryError) as error:
            raise ValueError(f"it is damaged, or no .npz file ({error})") from error
