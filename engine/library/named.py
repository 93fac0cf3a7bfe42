"""Loads encoders by name, each once while a library is open."""

from __future__ import annotations

from collections.abc import Callable, Collection

from .. import encoders
from ..encoders import BM25, Encoder


class Named:
    """Returns the encoder of a name.

    Args:
        fingerprints: of the library's vectors: an encoder is loaded in the precision that made them.
    """

    def __init__(self, fingerprints: Callable[[], Collection[str]]) -> None:
        self._fingerprints = fingerprints
        self._loaded: dict[str, Encoder] = {}

    def encoder(self, given: Encoder | str) -> Encoder:
        """The given encoder, or the one of that name.

        Raises:
            UnknownEncoder: there is no encoder of that name.
            EncoderError: it is damaged.
        """
        if not isinstance(given, str):
            return given
        if given not in self._loaded:
            self._loaded[given] = encoders.load(given, stored=self._fingerprints())
        return self._loaded[given]

    def ranker(self, given: Encoder | str) -> Encoder | str:
        """Like `encoder`, but "bm25" is returned unchanged."""
        return given if given == BM25 else self.encoder(given)
