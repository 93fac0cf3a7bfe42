"""Looks up each text's vector in a file made by another program."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from ...errors import EncoderError
from ...stores import open_collection
from ..names import kind_of, parts_of
from ..protocol import Encoder, TextsDone, Vectors, texts_of
from ..tokens import estimated

# Texts are not truncated, since their vectors are already in the file.
_MOST_TOKENS = 8192
_SHOWN = 60


def load(name: str, load_other: Callable[[str], Encoder]) -> PrecomputedEncoder:
    """The encoder of `vectors:FILE`.

    Args:
        name: with `#queries=FILE` for vectors of questions, `#ask=NAME` for an encoder of questions that are in no
            file.
        load_other: loads that encoder.

    Raises:
        StoreError: a file is missing, damaged or of another kind.
        EncoderError: it has no texts, or two different vectors of one text.
    """
    kind = kind_of(name)
    assert kind is not None
    what, settings = parts_of(name, kind)
    other = load_other(settings["ask"]) if "ask" in settings else None
    return PrecomputedEncoder(name, what, settings.get("queries", ""), other)


class PrecomputedEncoder:
    """Files of vectors as an `Encoder`.

    Args:
        name: the name by which it was loaded.
        file: with vectors of passages, and of questions if it has some.
        queries: with vectors of questions; empty for none.
        other: encodes questions that are in no file, or None.
    """

    def __init__(self, name: str, file: str, queries: str, other: Encoder | None) -> None:
        self.name = name
        self._file = file
        self._other = other
        running = hashlib.sha256((other.fingerprint if other is not None else "").encode())
        self._documents, self.dimension = _by_text(file, running)
        self._queries = dict(self._documents)
        if queries:
            asked, width = _by_text(queries, running)
            self._require(queries, width)
            self._queries |= asked
        if other is not None:
            self._require(other.name, other.dimension)
        self.max_tokens = _MOST_TOKENS
        self.fingerprint = f"{running.hexdigest()[:16]}-vectors"

    def _require(self, what: str, width: int) -> None:
        if width != self.dimension:
            raise EncoderError(f"{self._file} has vectors of {self.dimension:,} numbers, {what} has {width:,}.")

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of questions, float32, shape (len(texts), dimension).

        Raises:
            EncoderError: a question is in no file, and there is no other encoder.
        """
        texts = texts_of(texts)
        missing = [text for text in texts if _key(text) not in self._queries]
        if not missing:
            return self._found(self._queries, texts)
        if self._other is None:
            raise EncoderError(
                f"{self._file} has no vector of the question {_short(missing[0])!r}.",
                hint="Name the encoder that made its vectors with #ask=NAME, or a file of questions: #queries=FILE.",
            )
        distinct = list(dict.fromkeys(missing))
        made = dict(zip(map(_key, distinct), self._other.encode_query(distinct), strict=True))
        return self._found({**self._queries, **made}, texts)

    def encode_document(self, texts: Sequence[str], progress: TextsDone | None = None) -> Vectors:
        """Unit vectors of passages, float32, shape (len(texts), dimension); `progress` gets counts of texts done.

        Raises:
            EncoderError: a passage is not in the file.
        """
        texts = texts_of(texts)
        missing = [text for text in texts if _key(text) not in self._documents]
        if missing:
            raise EncoderError(
                f"{self._file} has no vector of {len(missing):,} of {len(texts):,} passages, such as "
                f"{_short(missing[0])!r}.",
                hint="Its texts must equal the stored passages, character for character.",
            )
        if progress is not None:
            progress(len(texts))
        return self._found(self._documents, texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """About how many tokens each text has."""
        return estimated(texts)

    def _found(self, known: dict[bytes, Vectors], texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([known[_key(text)] for text in texts])


def _by_text(file: str, running: hashlib._Hash) -> tuple[dict[bytes, Vectors], int]:
    """Unit vectors by key of their text, and their length; also updates the digest with all of them."""
    collection = open_collection(f"vectors:{file}")
    found: dict[bytes, Vectors] = {}
    for block in collection.blocks():
        lengths = np.linalg.norm(block.vectors, axis=1, keepdims=True)
        if not lengths.all():
            raise EncoderError(f"{file} has a vector of zeros.")
        for text, vector in zip(block.texts, block.vectors / lengths, strict=True):
            if not text:
                raise EncoderError(
                    f"{file} does not contain the texts of its vectors.",
                    hint="Put the texts into a column text, or into a .jsonl file beside it.",
                )
            key = _key(text)
            if key in found and not np.allclose(found[key], vector, atol=1e-3):
                raise EncoderError(f"{file} has two different vectors of the text {_short(text)!r}.")
            found[key] = vector
            running.update(key + vector.tobytes())
    return found, collection.dimension


def _key(text: str) -> bytes:
    """The key of a text; texts that differ only in white space have the same one."""
    return hashlib.blake2b(" ".join(text.split()).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + "…"
