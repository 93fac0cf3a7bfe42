"""Decodes a long file piece by piece, with one block in memory instead of the file."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from .decoding import clean, declared_encoding, decode, marked_encoding
from .shapes import SAMPLE, wide_encoding


def decode_pieces(blocks: Iterable[bytes]) -> Iterator[str]:
    """The text of a file that comes in blocks; pieces end at line ends, or at spaces if a block has no line end.

    The encoding is chosen anew for each block, unless the file's first bytes declare it.

    Raises:
        Undecodable: the bytes are not text.

    """
    source = iter(blocks)
    first = next(source, b"")
    head = first[:SAMPLE]
    if wide := marked_encoding(head) or wide_encoding(head):
        yield from _wide(first, source, wide)
        return
    declared = declared_encoding(head)
    rest = b""
    for block in _with(first, source):
        rest += block
        end = _end(rest)
        if end:
            yield _decoded(rest[:end], declared)
            rest = rest[end:]
    if rest:
        yield _decoded(rest, declared)


def _with(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _decoded(data: bytes, declared: str) -> str:
    if declared:
        try:
            return clean(data.decode("utf-8"))
        except UnicodeDecodeError:
            pass
        try:
            return clean(data.decode(declared))
        except ValueError:
            pass
    return decode(data)


def _wide(first: bytes, source: Iterator[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    rest = ""
    for block in _with(first, source):
        rest += decoder.decode(block)
        end = max(rest.rfind("\n"), rest.rfind(" ")) + 1
        if end:
            yield clean(rest[:end])
            rest = rest[end:]
    if rest := rest + decoder.decode(b"", True):
        yield clean(rest)


def _end(data: bytes) -> int:
    """Where a block may be split in any encoding that contains ASCII: after a line end, else after a space."""
    for mark in (b"\n", b"\r", b" "):
        end = data.rfind(mark) + 1
        # A carriage return as the last byte may be half of a line end.
        if end and not (mark == b"\r" and end == len(data)):
            return end
    return 0
