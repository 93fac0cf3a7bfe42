"""Encoders by their names, loaded once for as long as a library is open."""

from __future__ import annotations

from collections.abc import Callable, Collection

from .. import encoders
from ..encoders import BM25, Encoder


class Named:
    """Gives the encoder that a name stands for.

    Args:
        fingerprints: of the encoders whose vectors the library has: a name means the precision that made them.
    """

    def __init__(self, fingerprints: Callable[[], Collection[str]]) -> None:
        self._fingerprints = fingerprints
        self._loaded: dict[str, Encoder] = {}

    def encoder(self, given: Encoder | str) -> Encoder:
        """An encoder as it is, or the one of that name.

        Raises:
            UnknownEncoder: nothing by that name.
            EncoderError: it is damaged.
        """
        if not isinstance(given, str):
            return given
        if given not in self._loaded:
            self._loaded[given] = encoders.load(given, stored=self._fingerprints())
        return self._loaded[given]

    def ranker(self, given: Encoder | str) -> Encoder | str:
        """The same, with search by words left as it is."""
        return given if given == BM25 else self.encoder(given)
