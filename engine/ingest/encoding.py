"""Encodes the stored texts that an encoder has no vector of, and stores each batch of vectors."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import islice

import numpy as np

from ..encoders import Column, Counter, Encoder, Vectors, estimated, of_unit_length
from ..errors import EncoderError
from ..languages import UNDETERMINED
from ..passages import LIMIT
from ..progress import Teller
from ..store import EncoderRow, Store
from .alike import groups
from .order import BLOCK, SAMPLE, in_turn

# Batches grow and shrink to take about this long: large ones are encoded faster, but an interrupted one is lost.
_SECONDS = 4.0
BATCH = 64
_LARGEST = 1024
# An encoder that reads so many tokens truncates no passage, whichever tokenizer was used for cutting.
_CERTAIN = 3 * LIMIT


def encode_missing(
    store: Store, encoder: Encoder, teller: Teller, notify: Callable[[str], None], wanted: Iterable[int] = ()
) -> int:
    """Encode every text that has no vector of an encoder; returns how many were encoded.

    Each batch is one transaction. Texts in `wanted` come first, then a sample of all, then those of the newest files,
    in blocks sorted by length. Texts that differ only in typography are encoded once.

    Raises:
        EncoderError: the encoder gives vectors of another shape or length, or NaN or infinite numbers.
        LibraryError: the library cannot be written to.

    """
    if isinstance(encoder, Column):
        encoder.no_vectors()
    row = row_for(store, encoder)
    missing = store.missing_texts(row)
    stage = f"encoding {encoder.name}"
    # An encoder on a graphics card says how many texts it takes at once, and needs a second or two for them.
    largest = int(getattr(encoder, "texts_at_once", _LARGEST))
    done, size = 0, min(SAMPLE, largest) if largest <= _LARGEST else largest
    if missing:
        _say_what_is_cut(store, encoder, missing, notify)
        missing = in_turn(missing, wanted, _changed(store) if len(missing) > BLOCK else {})
    blocks = (store.texts(missing[start : start + _LARGEST]) for start in range(0, len(missing), _LARGEST))
    alike = groups(missing, blocks)
    while batch := list(islice(alike, size)):
        if teller.cancelled():
            return done
        number = sum(map(len, batch))
        teller.tell(stage, done, len(missing))
        began = time.monotonic()
        within = _Within(teller, stage, done, done + number, len(missing))
        texts = store.texts([group[0] for group in batch])
        vectors = checked(encoder, encoder.encode_document(texts, within), len(texts))
        everyone = [text for group in batch for text in group]
        store.put_vectors(row, everyone, np.repeat(vectors, [len(group) for group in batch], axis=0))
        done += number
        took = time.monotonic() - began
        size = min(largest, 2 * size) if took < _SECONDS / 2 else max(16, size // 2) if took > _SECONDS else size
    if missing:
        teller.tell(stage, done, len(missing))
    dropped = store.forget_namesakes(row)
    if dropped:
        notify(f"{encoder.name} has changed: its vectors were made anew and the old ones removed.")
    return done


def _changed(store: Store) -> dict[int, int]:
    """When the newest file with each text was changed; 0 for files that are gone."""
    found: dict[int, int] = {}
    last, changed = "", 0
    for path, text in store.texts_with_paths():
        if path != last:
            last, changed = path, 0
            with suppress(OSError, ValueError):
                changed = os.stat(path).st_mtime_ns  # noqa: PTH116
        found[text] = max(changed, found.get(text, 0))
    return found


class _Within:
    """Reports progress inside a batch."""

    def __init__(self, teller: Teller, stage: str, done: int, end: int, total: int) -> None:
        self._teller, self._stage, self._done, self._end, self._total = teller, stage, done, end, total

    def __call__(self, number: int) -> None:
        self._done = min(self._done + number, self._end - 1)
        self._teller.tell(self._stage, self._done, self._total)


def row_for(store: Store, encoder: Encoder) -> EncoderRow:
    """The library's row of an encoder; it is added if missing.

    Raises:
        EncoderError: the library has it with another dimension.

    """
    row = store.add_encoder(encoder.name, encoder.fingerprint, encoder.dimension)
    if row.dimension != encoder.dimension:
        raise EncoderError(
            f"{encoder.name} gives vectors of {encoder.dimension} numbers; the library has {row.dimension} of it."
        )
    return row


def checked(encoder: Encoder, vectors: Vectors, number: int) -> Vectors:
    """The vectors, if their shape and numbers are valid, else EncoderError."""
    array = np.asarray(vectors, dtype=np.float32)
    if array.shape != (number, encoder.dimension):
        raise EncoderError(f"{encoder.name} gave vectors of shape {array.shape}, not {(number, encoder.dimension)}.")
    if not np.isfinite(array).all():
        raise EncoderError(f"{encoder.name} gave vectors with NaN or infinite numbers.")
    return of_unit_length(encoder.name, array)


def counting(encoders: Sequence[Encoder]) -> tuple[Callable[[Sequence[str]], list[int]], int, Counter | None]:
    """How tokens are counted so that no encoder truncates a passage.

    Returns a function, the most tokens of a passage, and how another process counts the same, None if it cannot.

    Raises:
        EncoderError: an encoder reads too few tokens for any passage.

    """
    if not encoders:
        return estimated, LIMIT, Counter("", "")
    for encoder in encoders:
        if isinstance(encoder, Column):
            encoder.no_vectors()
    limit = min(LIMIT, *(encoder.max_tokens for encoder in encoders))
    if limit < 8:
        raise EncoderError(f"An encoder that reads {limit} tokens reads too few for a passage.")
    strict = [encoder for encoder in encoders if encoder.max_tokens < _CERTAIN and encoder is not encoders[0]]
    if not strict:
        return encoders[0].count_tokens, limit, getattr(encoders[0], "counter", None)

    def most(texts: Sequence[str]) -> list[int]:
        counts = [encoder.count_tokens(texts) for encoder in (encoders[0], *strict)]
        return [max(each) for each in zip(*counts, strict=True)]

    return most, limit, None


def _say_what_is_cut(store: Store, encoder: Encoder, texts: list[int], notify: Callable[[str], None]) -> None:
    if encoder.max_tokens >= _CERTAIN:
        return
    # Texts come longest first, so counting ends at the first batch in which all fit.
    cut = 0
    for first in range(0, len(texts), BATCH):
        counts = encoder.count_tokens(store.texts(texts[first : first + BATCH]))
        over = sum(count > encoder.max_tokens for count in counts)
        cut += over
        if not over:
            break
    if cut:
        notify(
            f"{cut:,} passages are longer than the {encoder.max_tokens} tokens that {encoder.name} reads: it sees only "
            "their beginnings. A library indexed with it from the start has passages that fit."
        )


def derive(
    store: Store,
    origin: EncoderRow,
    encoder: Encoder,
    change: Callable[[Vectors, list[str]], Vectors],
    teller: Teller,
) -> int:
    """Store an encoder's vectors, computed from another's stored ones; returns how many texts have one.

    Args:
        store: the caller holds the writer's lock.
        origin: the encoder whose vectors are read; they are kept.
        encoder: the encoder of the new vectors.
        change: computes new vectors from the old ones and the languages of their texts.
        teller: receives progress, and says when to stop.

    Raises:
        EncoderError: `change` gives vectors of another shape or length, or NaN or infinite numbers.
        LibraryError: the library cannot be written to.
    """
    row = row_for(store, encoder)
    roster = store.roster()
    # If several passages have one text, the first one's language is taken.
    languages = dict(
        zip(roster.texts[::-1].tolist(), [roster.codes[place] for place in roster.languages[::-1]], strict=True)
    )
    total, done = store.vector_count(origin), 0
    for texts, vectors in store.vector_blocks(origin, size=_LARGEST):
        if teller.cancelled():
            return done
        told = [languages.get(text, UNDETERMINED) for text in texts.tolist()]
        store.put_vectors(row, texts.tolist(), checked(encoder, change(vectors, told), len(texts)))
        done += len(texts)
        teller.tell(f"vectors of {encoder.name}", done, total)
    store.forget_namesakes(row)
    return done
