"""Caches the encodings of texts by sparse and multi-vector encoders: in memory, for whole collections also on disk.

A form is a tuple of arrays of equal length: for a sparse encoder the tokens with a weight and their weights, for a
multi-vector encoder the vectors of the text's tokens.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from ... import paths
from ...files import replacing_file
from ..kept import DAMAGE, KEY, keys_of

Form = tuple[NDArray[np.generic], ...]
# Bytes of forms kept in memory: other questions need the same passages.
_IN_MEMORY = 512 * 1024 * 1024
# A part is written to disk after so many texts: an interrupted run loses no more.
_PART = 1024


class Forms:
    """The forms of texts by one encoder.

    Args:
        fingerprint: of the encoder.
        make: computes the forms of texts.
    """

    def __init__(self, fingerprint: str, make: Callable[[list[str]], list[Form]]) -> None:
        self._make = make
        self._known: OrderedDict[bytes, Form] = OrderedDict()
        self._folder = paths.cache_folder() / "forms" / fingerprint
        self._read = False

    def of(self, texts: Sequence[str], *, on_disk: bool = False) -> list[Form]:
        """The form of each text.

        Args:
            texts: any.
            on_disk: also read and write the files; meant for whole collections, not for a few texts.
        """
        keys = keys_of(texts)
        names = [key.tobytes() for key in keys]
        if on_disk and not self._read and not all(name in self._known for name in names):
            self._fill()
        missing = {name: row for row, name in enumerate(names) if name not in self._known}
        rows = list(missing.values())
        for start in range(0, len(rows), _PART):
            part = rows[start : start + _PART]
            made = self._make([texts[row] for row in part])
            self._known.update(zip([names[row] for row in part], made, strict=True))
            if on_disk:
                # A cache that cannot be written only costs time.
                with contextlib.suppress(OSError):
                    self._write(keys[part], made)
        for name in names:
            self._known.move_to_end(name)
        found = [self._known[name] for name in names]
        held = sum(each.nbytes for form in self._known.values() for each in form)
        while held > _IN_MEMORY and len(self._known) > len(set(names)):
            held -= sum(each.nbytes for each in self._known.popitem(last=False)[1])
        return found

    def _fill(self) -> None:
        """Read the parts on disk; damaged ones are skipped and computed again."""
        self._read = True
        for part in sorted(self._folder.glob("*.npz")) if self._folder.is_dir() else ():
            with contextlib.suppress(*DAMAGE):
                self._known.update(_parts(part))

    def _write(self, keys: NDArray[np.void], forms: Sequence[Form]) -> None:
        columns = [np.concatenate(column) for column in zip(*forms, strict=True)]
        lengths = np.array([len(form[0]) for form in forms], dtype=np.int64)
        part = self._folder / f"{uuid4().hex}.npz"
        with replacing_file(part, durable=False) as partial, partial.open("wb") as file:
            np.savez(file, *columns, keys=keys, lengths=lengths)


def _parts(path: Path) -> dict[bytes, Form]:
    """The forms in a file by key.

    Raises:
        ValueError: it is not a valid part.
    """
    with np.load(path) as stored:
        keys, lengths = stored["keys"], stored["lengths"]
        arrays = [stored[f"arr_{place}"] for place in range(len(stored.files) - 2)]
    if keys.dtype != KEY or lengths.shape != keys.shape or not arrays or (lengths < 0).any():
        raise ValueError("no forms")
    if any(len(each) != lengths.sum() or not np.isfinite(each).all() for each in arrays):
        raise ValueError("arrays of wrong length, or not of numbers")
    ends = np.cumsum(lengths)
    return {
        key.tobytes(): tuple(each[end - length : end] for each in arrays)
        for key, length, end in zip(keys, lengths, ends, strict=True)
    }
