"""An `Encoder` on a torch device: the light path's encoders and all others, through one pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from ...errors import EncoderError
from ..guard import guarded, sound
from ..prompts import PrefixingEncoder, origins_of
from ..protocol import TextsDone, Vectors, texts_of
from ..tokens import Counter
from . import pipeline


class _Runner(pipeline.Runner, Protocol):
    @property
    def tokenizer(self) -> Path | None:
        """The folder of its tokenizer, if that alone counts the same tokens."""

    def count(self, texts: Sequence[str], prompt: str) -> list[int]:
        """How many tokens each text has with the prompt, without truncation."""


class DeviceEncoder(PrefixingEncoder):
    """An encoder on a device.

    Args:
        name: the name by which it was loaded.
        runner: computes vectors.
        prompts: of queries and documents.
        fingerprint: of its vectors.
        dimension: the length of a vector.
        max_tokens: the number of tokens after which a text is cut.
        place: its folder, for errors.
    """

    # So many texts per call are best: every call fills and drains the pipeline once.
    texts_at_once = 16_384

    def __init__(
        self,
        name: str,
        runner: _Runner,
        prompts: dict[str, str],
        fingerprint: str,
        dimension: int,
        max_tokens: int,
        place: Path,
    ) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.max_tokens = max_tokens
        self._runner = runner
        self.prompts = prompts
        self._place = place

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has as a document, with prompt and special tokens, without truncation."""
        given = texts_of(texts)
        if not given:
            return []
        with guarded(self._place):
            return self._runner.count(given, self.prompts["document"])

    @property
    def counter(self) -> Counter | None:
        """How another process counts the same; None if only this one can.

        The light path has none: a processor encodes so slowly that it would gain nothing from 280 MB more in each of
        those processes.
        """
        folder = self._runner.tokenizer
        return None if folder is None else Counter(str(folder.absolute()), self.prompts["document"])

    @property
    def origins(self) -> tuple[str, ...]:
        """Its name, and the names of the models it was made from."""
        return origins_of(self.name, self._place)

    def _encode(self, texts: Sequence[str], prompt: str, progress: TextsDone | None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        with guarded(self._place):
            pipeline.encode(self._runner, texts, prompt, vectors, progress)
        if "-fp32." not in self.fingerprint and not np.isfinite(vectors).all():
            raise EncoderError(f"Activations of {self.name} exceed the range of 16 bits.", hint="Use --precision fp32.")
        return sound(vectors, self._place)
