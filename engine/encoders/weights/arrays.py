"""Maps weights on disk to numpy arrays: memory-mapped safetensors and 4-bit blocks, without torch."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...errors import EncoderError
from ...files import open_regular

Floats = NDArray[np.float32]

BLOCK = 32
# The most bytes of a safetensors header.
_MOST_HEADER = 64 * 1024 * 1024
DTYPES: dict[str, str] = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "U8": "u1",
    "I8": "i1",
}


class TokenTable(Protocol):
    """The embedding of each token; rows are converted to float32 on request."""

    @property
    def shape(self) -> tuple[int, int]:
        """Number of tokens and length of a row."""

    def rows(self, ids: NDArray[np.int64]) -> Floats:
        """The rows of these tokens, float32, shape (len(ids), row length)."""


def widen(nibbles: NDArray[np.uint8], scales: NDArray[np.float16]) -> Floats:
    """Values of 4-bit blocks: `(nibble - 8) * scale`.

    Args:
        nibbles: two values per byte, shape (rows, blocks, 16); the first half of a block is in the low nibbles.
        scales: one scale per block, shape (rows, blocks).

    Returns:
        Float32 array of shape (rows, blocks * 32).
    """
    values = np.empty((*scales.shape, BLOCK), dtype=np.float32)
    np.subtract(nibbles & 15, 8, out=values[..., : BLOCK // 2], dtype=np.float32)
    np.subtract(nibbles >> 4, 8, out=values[..., BLOCK // 2 :], dtype=np.float32)
    values *= scales.astype(np.float32)[..., None]
    return values.reshape(len(scales), -1)


class PackedTable:
    """A memory-mapped token table in 4-bit blocks: pages of unused tokens are never read."""

    def __init__(self, nibbles: NDArray[np.uint8], scales: NDArray[np.float16]) -> None:
        self.nibbles, self.scales = nibbles, scales

    @property
    def shape(self) -> tuple[int, int]:
        """Number of tokens and length of a row."""
        return len(self.scales), self.scales.shape[1] * BLOCK

    def rows(self, ids: NDArray[np.int64]) -> Floats:
        """The rows of these tokens, float32."""
        return widen(self.nibbles[ids], self.scales[ids])


class DenseTable:
    """A token table of floats, usually memory-mapped."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    @property
    def shape(self) -> tuple[int, int]:
        """Number of tokens and length of a row."""
        return self.values.shape[0], self.values.shape[1]

    def rows(self, ids: NDArray[np.int64]) -> Floats:
        """The rows of these tokens, float32."""
        return as_float32(self.values[ids])


class SafeTensors(Mapping[str, NDArray[Any]]):
    """The arrays of a safetensors file, memory-mapped; bfloat16 arrays come as uint16 (see `as_float32`).

    Raises:
        EncoderError: the file is missing, truncated or not a safetensors file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with open_regular(path) as handle:
                size = os.fstat(handle.fileno()).st_size
                length = int.from_bytes(handle.read(8), "little")
                if not 2 <= length <= min(size - 8, _MOST_HEADER):
                    raise ValueError("its header is truncated")
                self.header: dict[str, Any] = json.loads(handle.read(length))
            self.header.pop("__metadata__", None)
            self._start = 8 + length
            needed = max((entry["data_offsets"][1] for entry in self.header.values()), default=0)
            if size < self._start + needed:
                raise ValueError(f"it has {size:,} bytes where its header promises {self._start + needed:,}")
            self._bytes = np.memmap(path, dtype=np.uint8, mode="r") if size else np.empty(0, np.uint8)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise damaged(path, error) from error

    def __getitem__(self, name: str) -> NDArray[Any]:
        """One array, as a view of the file."""
        entry = self.header[name]
        try:
            begin, end = entry["data_offsets"]
            view = self._bytes[self._start + begin : self._start + end].view(DTYPES[entry["dtype"]])
            return view.reshape(entry["shape"])
        except (ValueError, KeyError, TypeError) as error:
            raise damaged(self.path, f"array {name} cannot be read ({error})") from error

    def __iter__(self) -> Any:
        """Names of arrays."""
        return iter(self.header)

    def __len__(self) -> int:
        """Number of arrays."""
        return len(self.header)

    def dtype(self, name: str) -> str:
        """The element type as the file names it: `F32`, `F16`, `BF16`, ..."""
        return str(self.header[name]["dtype"])


def as_float32(values: NDArray[Any]) -> Floats:
    """Any stored float as float32; uint16 is read as bfloat16."""
    if values.dtype == np.uint16:
        return (values.astype(np.uint32) << 16).view(np.float32)
    return np.ascontiguousarray(values, dtype=np.float32)


def unpack(archive: Mapping[str, NDArray[Any]]) -> dict[str, Floats]:
    """All weights of an archive of 4-bit blocks (`NAME.q`, `NAME.d`) and plain arrays, float32."""
    weights: dict[str, Floats] = {}
    for key in archive:
        if key.endswith(".q"):
            weights[key[:-2]] = widen(archive[key], archive[key[:-2] + ".d"])
        elif not key.endswith(".d"):
            weights[key] = as_float32(archive[key])
    return weights


def canonical(name: str) -> str:
    """A weight's name without what different savers put before `embeddings.` and `encoder.layer.`."""
    for anchor in ("encoder.layer.", "embeddings."):
        position = name.find(anchor)
        if position >= 0:
            return name[position:]
    return name


def damaged(path: Path, cause: object) -> EncoderError:
    """The error for a file of an encoder that cannot be used."""
    if isinstance(cause, FileNotFoundError):
        cause = "the file is missing"
    return EncoderError(
        f"{path} cannot be used: {cause}.",
        hint="Make the encoder again or copy its folder again; `hybrid-search encoders list` shows the others.",
    )
