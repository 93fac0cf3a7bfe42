"""The untrained base as a teacher: its vector for a text is the mean over the text's translations.

The mean over translations finds more than the vector of any one; a language's offset is subtracted from each vector
first. The vectors are those of the base in search and are cached, so that runs with the same batches share them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ....engine.encoders import Encoder, Vectors
from ....engine.files import replacing_file
from ....engine.stores import arrays_of
from ...data import RunData, Voice, Voices
from ...measure import encode
from ...settings import RunConfig, fixed
from .lesson import Taught

# Batches whose texts are encoded together.
_AHEAD = 16
# Batches on which the languages' offsets and the mean are fitted, and rounds of fitting the offsets.
_FITTED_ON = 24
_ROUNDS = 3

Fitted = dict[str, Any]


class Teacher:
    """The base as a teacher of batches, by their numbers.

    Args:
        config: the run.
        data: gives the batches and their texts.
        encoder: the base.
        stored: the file of the offsets, for a run that is resumed.
        tell: called with an event before texts are encoded.
    """

    def __init__(
        self, config: RunConfig, data: RunData, encoder: Encoder, stored: Path, tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self._config = config
        self._data = data
        self._encoder = encoder
        self._tell = tell
        self._ahead: dict[int, tuple[bool, Voices]] = {}
        self._vectors: dict[tuple[str, str], NDArray[np.float32]] = {}
        self._fitted = self._fit(stored)

    def __call__(self, number: int) -> Taught:
        """The vectors of a batch: means over translations in a cross batch, each text's own in a mono batch."""
        if number not in self._ahead:
            last = max(self._config.steps, number + 1)
            self._prepare(range(number, min(number + _AHEAD, last)))
        alone, voices = self._ahead.pop(number)
        queries = self._means("queries", voices.queries, alone=alone)
        candidates = self._means("pool", (*voices.passages, *voices.negatives), alone=alone)
        means = (self._fitted["queries.mean"], self._fitted["pool.mean"])
        return Taught(*(torch.from_numpy(part) for part in (queries, candidates, *means)))

    def _prepare(self, numbers: Iterable[int]) -> None:
        """Encode the texts of some batches, each text once."""
        self._ahead = {number: self._voices(number) for number in numbers}
        self._vectors = {}
        wanted: dict[str, dict[str, None]] = {"queries": {}, "pool": {}}
        for _, voices in self._ahead.values():
            for kind, groups in (
                ("queries", voices.queries),
                ("pool", (*voices.passages, *voices.negatives)),
            ):
                wanted[kind].update(dict.fromkeys(voice.text for group in groups for voice in group))
        for kind, texts in wanted.items():
            self._tell({"event": "teaching", "kind": kind, "texts": len(texts)})
            vectors = encode(self._encoder, kind, list(texts))
            self._vectors.update({(kind, text): vector for text, vector in zip(texts, vectors, strict=True)})

    def _voices(self, number: int) -> tuple[bool, Voices]:
        batch = self._data.batches.batch(number)
        weights = self._config.language_weights
        return batch.kind == "mono", self._data.assembler.voices(batch, fixed.TAUGHT_TRANSLATIONS, weights)

    def _means(self, kind: str, groups: Sequence[Sequence[Voice]], *, alone: bool) -> Vectors:
        rows = []
        for group in groups:
            own = [self._vectors[kind, voice.text] - (0 if alone else self._offset(kind, voice)) for voice in group]
            rows.append(np.mean(own, axis=0))
        found = np.array(rows, dtype=np.float32)
        unit: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
        return unit

    def _offset(self, kind: str, voice: Voice) -> NDArray[np.float32] | float:
        # A language that is not in the first batches has no offset.
        found: NDArray[np.float32] | float = self._fitted.get(f"{kind}.{voice.language}", 0.0)
        return found

    def _fit(self, stored: Path) -> Fitted:
        """Each language's offset in the base's vectors, fitted on the first cross batches."""
        with contextlib.suppress(OSError, ValueError):
            return arrays_of(stored)
        kinds = (number for number in range(self._config.steps) if self._data.batches.batch(number).kind == "cross")
        numbers = list(islice(kinds, _FITTED_ON)) or list(range(min(self._config.steps, _FITTED_ON)))
        self._prepare(numbers)
        found: Fitted = {}
        for kind in ("queries", "pool"):
            groups = [
                group
                for _, voices in self._ahead.values()
                for group in (voices.queries if kind == "queries" else voices.passages)
            ]
            found |= _offsets(kind, groups, self._vectors)
        self._ahead = {}
        with replacing_file(stored) as partial, partial.open("wb") as file:
            np.savez(file, allow_pickle=False, **found)
        return found


def _offsets(
    kind: str, groups: Sequence[Sequence[Voice]], vectors: dict[tuple[str, str], NDArray[np.float32]]
) -> Fitted:
    """Fits each vector as a sum of its row's vector and its language's offset, by alternating means.

    Returns:
        The offsets, and the mean over rows.
    """
    row = np.array([place for place, group in enumerate(groups) for _ in group])
    codes = sorted({voice.language for group in groups for voice in group})
    language = np.array([codes.index(voice.language) for group in groups for voice in group])
    every = np.array([vectors[kind, voice.text] for group in groups for voice in group], dtype=np.float64)
    several = np.bincount(row)[row] > 1
    shares = np.bincount(language, minlength=len(codes)) / len(language)
    offsets = np.zeros((len(codes), every.shape[1]))
    for _ in range(_ROUNDS):
        rest = every - _by(row, every - offsets[language], len(groups))[row]
        offsets = _by(language[several], rest[several], len(codes)) if several.any() else offsets
        offsets -= shares @ offsets
    said = _by(row, every - offsets[language], len(groups))
    found = {f"{kind}.{code}": offsets[place].astype(np.float32) for place, code in enumerate(codes)}
    return found | {f"{kind}.mean": said.mean(axis=0).astype(np.float32)}


def _by(index: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Means of the rows with each index, zeros for an index without rows, shape (count, d)."""
    total = np.zeros((count, values.shape[1]))
    np.add.at(total, index, values)
    sizes = np.bincount(index, minlength=count)
    means: NDArray[np.float64] = total / np.maximum(sizes, 1)[:, None]
    return means
