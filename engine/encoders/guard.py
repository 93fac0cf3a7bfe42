"""Guards an encoder's folder: refuses pipes, devices and links out of it; all failures are EncoderErrors."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..errors import EncoderError, HybridSearchError, UnknownEncoder
from .protocol import Vectors
from .weights import damaged

# A hub snapshot has about thirty entries; a folder with more than this is not an encoder.
_MOST_ENTRIES = 5_000


@contextlib.contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Turn any exception about a folder's content into an error that names the folder.

    Raises:
        EncoderError: instead of any other exception.
    """
    try:
        yield
    except HybridSearchError:
        raise
    except RecursionError as error:
        raise damaged(folder, "it is nested too deeply, or refers to itself") from error
    except MemoryError as error:
        raise damaged(folder, "it takes more memory than there is") from error
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        raise damaged(folder, f"{type(error).__name__}: {said}") from error
    except BaseException as error:
        # A panic of a Rust library is not a subclass of Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(folder, f"a library fails on it: {' '.join(str(error).split())[:200]}") from error


def sound(vectors: Vectors, folder: Path) -> Vectors:
    """The vectors, shape (texts, dimension), if each is of unit length.

    Raises:
        EncoderError: a vector is not of unit length or not finite, because weights are NaN or too large.
    """
    lengths = np.einsum("ij,ij->i", vectors, vectors)
    # A comparison with NaN is false.
    if not bool(np.all((lengths > 0.9) & (lengths < 1.1))):
        raise damaged(folder, "it gives vectors that are not of unit length; weights of it are damaged")
    return vectors


def inspect(folder: Path) -> None:
    """Check every entry before any is opened.

    A link may lead to another place in the folder, or, in a snapshot of the hub's cache, to the cache's blobs.

    Raises:
        EncoderError: an entry is a pipe, a socket or a device, a link leads elsewhere, or there are too many entries.
    """
    root = folder.resolve()
    allowed = (root, *_blobs(root))
    entries = 0
    for place, folders, files in os.walk(root):
        entries += len(folders) + len(files)
        if entries > _MOST_ENTRIES:
            raise EncoderError(
                f"{folder} holds more than {_MOST_ENTRIES:,} files.", hint="Name the folder of one encoder."
            )
        for name in (*folders, *files):
            _look_at(Path(place) / name, allowed)


def _look_at(path: Path, allowed: tuple[Path, ...]) -> None:
    try:
        if path.is_symlink() and not any(path.resolve().is_relative_to(place) for place in allowed):
            raise damaged(path, "it is a link that leads out of the encoder's folder")
        mode = path.stat().st_mode
    except (OSError, RuntimeError) as error:
        raise damaged(path, error) from error
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise damaged(path, "it is neither a file nor a folder")


def _blobs(root: Path) -> Iterator[Path]:
    """The target of links of a snapshot in the hub's cache: `models--…/blobs` for `models--…/snapshots/REVISION`."""
    if root.parent.name == "snapshots":
        yield root.parent.parent / "blobs"


def not_on_hub(name: str, error: Exception) -> UnknownEncoder:
    """The error for an encoder that is not on this machine and cannot be downloaded."""
    return UnknownEncoder(
        f"The encoder {name} is not on this machine and cannot be downloaded from the hub: {first_line(error)}.",
        hint="Check the name and the connection, or download it elsewhere and give its folder.",
    )


def first_line(error: Exception) -> str:
    """The first line of a library's error, without a full stop."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
