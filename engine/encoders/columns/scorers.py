"""Models that rank passages again, through sentence-transformers: cross-encoders, sparse and multi-vector encoders."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from ...errors import EncoderError, UnknownEncoder
from ..guard import guarded, inspect
from ..protocol import Vectors

T = TypeVar("T")

_BATCH = 32
# Passages whose sparse or multi-vector form is kept: the same ones come back for other questions.
_KEPT = 20_000


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
    """A sparse encoder (SPLADE and its kin): a weight for each token of the vocabulary, compared by dot product."""

    def __init__(self, model: str, device: str) -> None:
        _require_place(model)
        from sentence_transformers import SparseEncoder

        self._model, self._place = _opened(SparseEncoder, model, device, "a sparse encoder")
        self._cosine = self._model.similarity_fn_name == "cosine"
        self._passages: _Kept[tuple[Any, Any]] = _Kept(self._documents)
        self.fingerprint = _fingerprint(self._model, "sparse")

    def scores(self, query: str, texts: Sequence[str]) -> Vectors:
        """The products of the query's weights with each text's."""
        with guarded(self._place):
            asked = self._dense(self._model.encode_query, [query])[0]
            found = self._passages.of(texts)
            return np.array([float(values @ asked[places]) for places, values in found], dtype=np.float32)

    def _documents(self, texts: list[str]) -> list[tuple[Any, Any]]:
        rows = self._dense(self._model.encode_document, texts)
        return [(places := np.flatnonzero(row), row[places]) for row in rows]

    def _dense(self, encode: Callable[..., Any], texts: list[str]) -> Vectors:
        rows = encode(texts, batch_size=_BATCH, show_progress_bar=False, convert_to_sparse_tensor=False)
        found: Vectors = np.asarray(rows.cpu(), dtype=np.float32)
        if self._cosine:
            found = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return found


class MultiVectorScorer:
    """A multi-vector encoder (ColBERT and its kin): for each token of a query the best of a passage's, summed."""

    def __init__(self, model: str, device: str) -> None:
        _require_place(model)
        from sentence_transformers import MultiVectorEncoder

        self._model, self._place = _opened(MultiVectorEncoder, model, device, "a multi-vector encoder")
        self._passages: _Kept[Vectors] = _Kept(lambda texts: self._encoded(self._model.encode_document, texts))
        self.fingerprint = _fingerprint(self._model, "multi-vector")

    def scores(self, query: str, texts: Sequence[str]) -> Vectors:
        """The sum over the query's tokens of their best products with the tokens of each text."""
        with guarded(self._place):
            asked = self._encoded(self._model.encode_query, [query])[0]
            found = self._passages.of(texts)
            return np.array(
                [float((asked @ tokens.T).max(axis=1).sum()) if len(tokens) else 0.0 for tokens in found],
                dtype=np.float32,
            )

    @staticmethod
    def _encoded(encode: Callable[..., Any], texts: list[str]) -> list[Vectors]:
        found = encode(texts, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True)
        return [np.asarray(rows, dtype=np.float32) for rows in found]


class _Kept(Generic[T]):
    """What texts were encoded to, for as many as are used last."""

    def __init__(self, make: Callable[[list[str]], list[T]]) -> None:
        self._make = make
        self._known: OrderedDict[bytes, T] = OrderedDict()

    def of(self, texts: Sequence[str]) -> list[T]:
        """The form of each text."""
        keys = [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if missing:
            self._known.update(zip(missing, self._make(list(missing.values())), strict=True))
        found = [self._known[key] for key in keys]
        for key in keys:
            self._known.move_to_end(key)
        while len(self._known) > max(_KEPT, len(texts)):
            self._known.popitem(last=False)
        return found


def _require_place(model: str) -> None:
    """Make sure that a name can be one, before seconds of imports.

    Raises:
        UnknownEncoder: it is neither a folder nor a Hugging Face id.
    """
    plain = model.count("/") == 1 and not model.startswith((".", "/", "~"))
    if not plain and not Path(model).expanduser().is_dir():
        raise UnknownEncoder(f"There is no folder {model}.", hint="Name a folder or a Hugging Face id.")


def _opened(kind: Callable[..., Any], model: str, device: str, what: str) -> tuple[Any, Path]:
    """A model from a folder, or from the hub; code that comes with it is never run.

    Raises:
        UnknownEncoder: it is neither here nor there.
        EncoderError: it is damaged, or something else.
    """
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder = Path(model).expanduser()
    if folder.is_dir():
        inspect(folder)
        try:
            return kind(str(folder), device=device, local_files_only=True), folder
        except Exception as error:
            raise EncoderError(
                f"{folder} cannot be loaded as {what}: {_first_line(error)}.", hint="Copy its folder again."
            ) from error
    try:
        return kind(model, device=device, local_files_only=True), Path(model)
    except Exception:
        # Not downloaded yet; what is wrong beyond that, the next attempt says.
        pass
    try:
        return kind(model, device=device), Path(model)
    except Exception as error:
        raise UnknownEncoder(
            f"{model} is not on this machine and the hub did not give it: {_first_line(error)}.",
            hint="Check the name and the connection, or download it elsewhere and give its folder.",
        ) from error


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def _fingerprint(model: Any, kind: str) -> str:
    """A digest of all weights."""
    import torch

    running = hashlib.sha256(kind.encode())
    for key, value in sorted(model.state_dict().items()):
        running.update(key.encode() + value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return running.hexdigest()[:16]
