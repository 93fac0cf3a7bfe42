"""Ranks by the approximate index, and compares the vectors that it lacks one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..encoders import Vectors
from ..store import EncoderRow, Ids, IndexFile, Reading
from . import exact
from . import index as vectors

# The most texts requested from the index, unless k is larger; beyond that, every vector is compared.
_MOST_ASKED = 4096


class Approximate:
    """Rankings by the index files of one library; keeps each index until its file or the vectors change.

    Args:
        store: the library's database.
        folder: where its index files are.
        notify: gets notices for the user.
    """

    def __init__(self, store: Reading, folder: Path, notify: Callable[[str], None]) -> None:
        self._store = store
        self._folder = folder
        self._notify = notify
        self._indexes: dict[int, tuple[tuple[int, str], _Beside | None]] = {}

    def best(
        self, query: Vectors, encoder: EncoderRow, k: int, languages: tuple[str, ...], share: float
    ) -> list[tuple[int, float]] | None:
        """The k best by the index; None if it cannot be used or does not reach far enough.

        With a filter, more and more texts are requested until k passages in the languages are found; these are the same
        as in a search in those languages only.
        """
        beside = self._index(encoder)
        if beside is None:
            return None
        ask = max(k + 8, int(1.5 * k / max(share, 1e-6)))
        while ask <= max(_MOST_ASKED, k):
            try:
                texts = beside.index.nearest(query, ask)
            except vectors.Unusable:
                return None
            everything = len(texts) < ask
            if len(beside.missing):
                texts = np.union1d(texts, self._best_beside(query, encoder, beside.missing, ask))
            known, rows = self._store.vectors(encoder, texts)
            scores = dict(zip(known.tolist(), exact.precise(rows, query).tolist(), strict=True))
            found = [
                (number, scores[text])
                for number, text, language in self._store.passages_of_texts(known.tolist())
                if not languages or language in languages
            ]
            if len(found) >= k or everything:
                return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]
            ask *= 4
        return None

    def _best_beside(self, query: Vectors, encoder: EncoderRow, missing: Ids, ask: int) -> Ids:
        texts, rows = self._store.vectors(encoder, missing)
        scores = rows @ query
        best: Ids = texts[np.argsort(-scores, kind="stable")[:ask]]
        return best

    def _index(self, encoder: EncoderRow) -> _Beside | None:
        """The index of an encoder and the texts it lacks, loaded once for each state of the vectors."""
        known = self._store.index_file(encoder)
        state = encoder.revision, _name(known)
        kept = self._indexes.get(encoder.id)
        if kept is not None and kept[0] == state:
            return kept[1]
        beside: _Beside | None = None
        index = kept[1].index if kept is not None and kept[1] is not None and kept[1].file == _name(known) else None
        index = index or vectors.verified(self._folder, self._store, encoder, self._notify)
        if index is not None and known is not None:
            missing = np.zeros(0, dtype=np.int64)
            if known.revision != encoder.revision:
                missing = vectors.in_step(index, self._store, encoder)
            if len(missing) <= vectors.MOST_BESIDE:
                beside = _Beside(index, missing, known.file)
        self._indexes[encoder.id] = state, beside
        return beside


@dataclass(frozen=True)
class _Beside:
    """An index, the texts that it does not have yet, and the name of its file."""

    index: vectors.VectorIndex
    missing: Ids
    file: str


def _name(known: IndexFile | None) -> str:
    return known.file if known is not None else ""
