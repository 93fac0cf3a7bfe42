"""Scores passages with models of sentence-transformers: cross-encoders, sparse and multi-vector encoders."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import EncoderError, UnknownEncoder
from ...paths import typed
from ..guard import first_line, guarded, inspect, not_on_hub
from ..protocol import Vectors
from .forms import Form, Forms

_BATCH = 32
# So many texts at once have a weight in memory for every token of the vocabulary, before zeros are dropped.
_DENSE_AT_ONCE = 64
# A text that is encoded to learn the size of the vocabulary.
_PROBE = "test"


class CrossEncoderScorer:
    """A cross-encoder: it reads query and passage together.

    Args:
        model: a folder or a Hugging Face id.
        device: a torch device.
    """

    def __init__(self, model: str, device: str) -> None:
        _require_place(model)
        from sentence_transformers import CrossEncoder

        self._model, self._place = _opened(CrossEncoder, model, device, "a reranker")
        if getattr(self._model, "num_labels", 1) != 1:
            raise EncoderError(
                f"{model} gives {self._model.num_labels} numbers for a query and a passage; a reranker gives one.",
                hint="Name a cross-encoder that was trained to rank.",
            )
        self.fingerprint = _fingerprint(self._model, "cross")

    def scores(self, query: str, texts: Sequence[str]) -> Vectors:
        """A score for each text."""
        with guarded(self._place):
            found = self._model.predict(
                [(query, text) for text in texts], batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True
            )
            return np.asarray(found, dtype=np.float32).reshape(len(texts), -1)[:, 0]


class SparseScorer:
    """A sparse encoder such as SPLADE: a weight for each token of the vocabulary, compared by dot product."""

    def __init__(self, model: str, device: str) -> None:
        _require_place(model)
        from sentence_transformers import SparseEncoder

        self._model, self._place = _opened(SparseEncoder, model, device, "a sparse encoder")
        self._cosine = self._model.similarity_fn_name == "cosine"
        self.fingerprint = _fingerprint(self._model, "sparse")
        self._passages = Forms(self.fingerprint, self._documents)

    def scores(self, query: str, texts: Sequence[str]) -> Vectors:
        """The products of the query's weights with each text's."""
        with guarded(self._place):
            asked = self._dense(self._model.encode_query, [query])[0]
            found = self._passages.of(texts)
            return np.array([np.dot(values, asked[places]) for places, values in found], dtype=np.float32)

    def pool(self, texts: Sequence[str]) -> Callable[[str], Vectors]:
        """A function from a query to its exact products with every text; the texts' weights are kept on disk."""
        from scipy.sparse import csr_matrix

        with guarded(self._place):
            width = self._dense(self._model.encode_query, [_PROBE]).shape[1]
            forms = self._passages.of(texts, on_disk=True)
            ends = np.cumsum([0, *(len(places) for places, _ in forms)])
            places, values = (np.concatenate(column) for column in zip(*forms, strict=True))
            matrix = csr_matrix((values, places, ends), shape=(len(forms), width))

        def score(query: str) -> Vectors:
            with guarded(self._place):
                return np.asarray(matrix @ self._dense(self._model.encode_query, [query])[0], dtype=np.float32)

        return score

    def _documents(self, texts: list[str]) -> list[Form]:
        found: list[Form] = []
        for start in range(0, len(texts), _DENSE_AT_ONCE):
            rows = self._dense(self._model.encode_document, texts[start : start + _DENSE_AT_ONCE])
            found += [(places := np.flatnonzero(row).astype(np.int32), row[places]) for row in rows]
        return found

    def _dense(self, encode: Callable[..., Any], texts: list[str]) -> Vectors:
        rows = encode(texts, batch_size=_BATCH, show_progress_bar=False, convert_to_sparse_tensor=False)
        found: Vectors = np.asarray(rows.cpu(), dtype=np.float32)
        if self._cosine:
            found = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return found


class MultiVectorScorer:
    """A multi-vector encoder such as ColBERT: the sum, over the query's tokens, of the best product in the passage."""

    def __init__(self, model: str, device: str) -> None:
        _require_place(model)
        from sentence_transformers import MultiVectorEncoder

        self._model, self._place = _opened(MultiVectorEncoder, model, device, "a multi-vector encoder")
        self.fingerprint = _fingerprint(self._model, "multi-vector")
        self._passages = Forms(
            self.fingerprint, lambda texts: [(rows,) for rows in self._encoded(self._model.encode_document, texts)]
        )

    def scores(self, query: str, texts: Sequence[str]) -> Vectors:
        """The sum over the query's tokens of their best products with the tokens of each text."""
        return self._score(self._passages.of(texts), query)

    def pool(self, texts: Sequence[str]) -> Callable[[str], Vectors]:
        """A function from a query to that exact sum for every text; the texts' vectors are kept on disk."""
        with guarded(self._place):
            forms = self._passages.of(texts, on_disk=True)
        return lambda query: self._score(forms, query)

    def _score(self, forms: Sequence[Form], query: str) -> Vectors:
        with guarded(self._place):
            asked = self._encoded(self._model.encode_query, [query])[0]
            return np.array(
                [np.dot(asked, tokens.T).max(axis=1).sum() if len(tokens) else 0.0 for (tokens,) in forms],
                dtype=np.float32,
            )

    @staticmethod
    def _encoded(encode: Callable[..., Any], texts: list[str]) -> list[Vectors]:
        found = encode(texts, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True)
        return [np.asarray(rows, dtype=np.float32) for rows in found]


def _require_place(model: str) -> None:
    """Make sure that a name can be that of a model, before imports that take seconds.

    Raises:
        UnknownEncoder: it is neither a folder nor a Hugging Face id.
    """
    plain = model.count("/") == 1 and not model.startswith((".", "/", "~"))
    if not plain and not typed(model).is_dir():
        raise UnknownEncoder(f"There is no folder {model}.", hint="Name a folder or a Hugging Face id.")


def _opened(kind: Callable[..., Any], model: str, device: str, what: str) -> tuple[Any, Path]:
    """A model from a folder or the hub; its own code is never run.

    Raises:
        UnknownEncoder: it is in neither.
        EncoderError: it is damaged or of another kind.
    """
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder = typed(model)
    if folder.is_dir():
        inspect(folder)
        try:
            return kind(str(folder), device=device, local_files_only=True), folder
        except Exception as error:
            raise EncoderError(
                f"{folder} cannot be loaded as {what}: {first_line(error)}.", hint="Copy its folder again."
            ) from error
    try:
        return kind(model, device=device, local_files_only=True), Path(model)
    except Exception:
        # Not downloaded yet; the next attempt reports any other problem.
        pass
    try:
        return kind(model, device=device), Path(model)
    except Exception as error:
        raise not_on_hub(model, error) from error


def _fingerprint(model: Any, kind: str) -> str:
    """A digest of all weights."""
    import torch

    running = hashlib.sha256(kind.encode())
    for key, value in sorted(model.state_dict().items()):
        running.update(key.encode() + value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return running.hexdigest()[:16]
