"""Loads encoders by name, each once while a library is open."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Collection

from .. import encoders
from ..encoders import BM25, Encoder
from ..errors import EncoderError


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
            EncoderError: it is damaged, or what is given is no encoder.
        """
        if not isinstance(given, str):
            if not isinstance(getattr(given, "fingerprint", None), str):
                raise EncoderError(
                    f"{reprlib.repr(given)} is neither an encoder nor the name of one.",
                    hint="`load_encoder` makes one, also of a folder that SentenceTransformer saved.",
                )
            return given
        if given not in self._loaded:
            self._loaded[given] = encoders.load(given, stored=self._fingerprints())
        return self._loaded[given]

    def ranker(self, given: Encoder | str) -> Encoder | str:
        """Like `encoder`, but "bm25" is returned unchanged."""
        return given if isinstance(given, str) and given == BM25 else self.encoder(given)
