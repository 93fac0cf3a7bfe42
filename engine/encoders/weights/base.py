"""The layout of a packed base on disk: a memory-mapped 4-bit token table, 4-bit layers, a compact tokenizer."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from .arrays import Floats, PackedTable, damaged, unpack
from .digests import of as digest_of
from .schema import read_json

DESCRIPTION = "base.json"
TABLE_NIBBLES, TABLE_SCALES, LAYERS = "tokens.q4.npy", "tokens.scales.npy", "layers.q4.npz"
TOKENIZER = ("tokenizer.json", "pieces.txt", "scores.npy")


def is_packed(folder: Path) -> bool:
    """Whether a folder is a packed base."""
    return (folder / DESCRIPTION).is_file()


def describe(folder: Path) -> dict[str, Any]:
    """The content of `base.json`: digest of the weights, prompts, pooling, max_tokens, description, precision.

    Raises:
        EncoderError: it is missing or damaged.
    """
    return read_json(folder / DESCRIPTION)


def digest(folder: Path, shipped: bool) -> str:
    """The identity of this base: its stored digest if it ships with the program, else a digest of its files.

    A folder from elsewhere may claim any digest, under which vectors and graphs would be stored.

    Raises:
        EncoderError: a file is missing.
    """
    if shipped:
        return str(describe(folder)["digest"])
    running = hashlib.sha256()
    for name in (TABLE_NIBBLES, TABLE_SCALES, LAYERS, *TOKENIZER):
        running.update(digest_of(folder / name).encode())
    return running.hexdigest()


def table(folder: Path) -> PackedTable:
    """The token table, memory-mapped.

    Raises:
        EncoderError: its files are missing, truncated, or do not belong together.
    """
    try:
        nibbles = np.load(folder / TABLE_NIBBLES, mmap_mode="r")
        scales = np.load(folder / TABLE_SCALES, mmap_mode="r")
        if nibbles.shape != (*scales.shape, 16) or nibbles.dtype != np.uint8:
            raise ValueError(f"shapes {nibbles.shape} and {scales.shape} do not belong together")
    except (OSError, ValueError) as error:
        raise damaged(folder / TABLE_NIBBLES, error) from error
    return PackedTable(nibbles, scales)


def layers(folder: Path) -> dict[str, Floats]:
    """All weights except the token table, float32.

    Raises:
        EncoderError: the archive is missing or damaged.
    """
    path = folder / LAYERS
    try:
        with np.load(path) as archive:
            return unpack(archive)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise damaged(path, error) from error
