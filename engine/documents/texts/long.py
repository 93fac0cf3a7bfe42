"""Reads plain texts of many megabytes in pieces."""

from __future__ import annotations

from collections.abc import Iterator

from ..building import stem
from ..decoding import decode_pieces, without_embedded
from ..model import LongDocument, Stream


def read_long_text(stream: Stream) -> Iterator[LongDocument]:
    """A plain text, unchanged except that embedded data is removed."""
    pieces = (without_embedded(piece) for piece in decode_pieces(stream.blocks))
    yield LongDocument(stream.path, "", stem(stream.path), pieces)
