"""Runs static encoders (model2vec, StaticEmbedding) in numpy: a text's vector is the mean of its tokens'."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...errors import EncoderError, UnknownEncoder
from ...paths import typed
from ..guard import guarded, inspect, not_on_hub, sound
from ..names import kind_of, parts_of
from ..protocol import TextsDone, Vectors, texts_of
from ..weights import SafeTensors, as_float32, damaged, digests, read_json

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_WEIGHTS, _TOKENIZER, _CONFIG = "model.safetensors", "tokenizer.json", "config.json"
# The names of the token vectors in model2vec and sentence-transformers.
_TABLES = ("embeddings", "embedding.weight")
# The default without a configuration, as in model2vec.
_MOST_TOKENS = 512
_PART = 1024


def load(name: str) -> StaticEncoder:
    """The static encoder of `static:FOLDER` or `static:OWNER/NAME`.

    Raises:
        UnknownEncoder: there is no such folder, and it cannot be had from the hub.
        EncoderError: it is damaged, or not a static encoder.
    """
    kind = kind_of(name)
    assert kind is not None
    what, _ = parts_of(name, kind)
    folder = typed(what)
    return StaticEncoder(name, folder if folder.is_dir() else _from_hub(what))


class StaticEncoder:
    """A static encoder as an `Encoder`; queries and passages are encoded alike.

    Args:
        name: the name by which it was loaded.
        folder: its folder.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        inspect(folder)
        self._folder = _home_of(folder)
        with guarded(self._folder):
            file = SafeTensors(self._folder / _WEIGHTS)
            key = next((key for key in _TABLES if key in file), None)
            if key is None:
                raise damaged(self._folder / _WEIGHTS, "it holds no static encoder: it has no token vectors")
            self._table = file[key]
            if self._table.ndim != 2 or not self._table.size:
                raise damaged(self._folder / _WEIGHTS, "its token vectors are not a matrix")
            # Weights of tokens, and the row of each token if several share one.
            self._weights = as_float32(file["weights"]).reshape(-1) if "weights" in file else None
            self._rows: NDArray[Any] | None = file["mapping"].reshape(-1) if "mapping" in file else None
            path = self._folder / _CONFIG
            config = read_json(path) if path.is_file() else {}
            self._tokenizer, unknown = _tokenizer(self._folder / _TOKENIZER)
            # model2vec drops unknown tokens, sentence-transformers does not.
            self._unknown = unknown if key == _TABLES[0] else None
            self._check()
            self.max_tokens = int(config.get("max_length") or _MOST_TOKENS)
        self.dimension = int(self._table.shape[1])
        parts = [digests.of(self._folder / file) for file in (_WEIGHTS, _TOKENIZER)]
        described = json.dumps([*parts, self.max_tokens])
        self.fingerprint = f"{hashlib.sha256(described.encode()).hexdigest()[:16]}-static"

    def _check(self) -> None:
        """Make sure that every token has a row.

        Raises:
            EncoderError: the files do not belong together.
        """
        tokens = self._tokenizer.get_vocab_size()
        places = self._table if self._rows is None else self._rows
        inside = self._rows is None or bool(((self._rows >= 0) & (self._rows < len(self._table))).all())
        if len(places) < tokens or not inside or (self._weights is not None and len(self._weights) < tokens):
            raise damaged(self._folder, f"its tokenizer has {tokens:,} tokens, and not each has a vector")

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, float32, shape (len(texts), dimension)."""
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str], progress: TextsDone | None = None) -> Vectors:
        """Unit vectors of passages, float32, shape (len(texts), dimension); `progress` gets counts of texts done."""
        given = texts_of(texts)
        vectors = np.zeros((len(given), self.dimension), dtype=np.float32)
        for first in range(0, len(given), _PART):
            part = given[first : first + _PART]
            with guarded(self._folder):
                for row, ids in enumerate(self._ids(part), first):
                    vectors[row] = self._mean(ids[: self.max_tokens])
            if progress is not None:
                progress(len(part))
        # A text without known tokens gets a constant vector.
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors[lengths[:, 0] == 0] = 1.0
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return sound(vectors, self._folder)

    def _mean(self, ids: Sequence[int]) -> Vectors:
        if not ids:
            return np.zeros(self.dimension, dtype=np.float32)
        tokens = np.array(ids, dtype=np.int64)
        rows = as_float32(self._table[tokens if self._rows is None else self._rows[tokens].astype(np.int64)])
        if self._weights is not None:
            rows = rows * self._weights[tokens][:, None]
        mean: Vectors = rows.mean(axis=0, dtype=np.float32)
        return mean

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, without truncation."""
        given = texts_of(texts)
        with guarded(self._folder):
            return [len(ids) for ids in self._ids(given)]

    def _ids(self, texts: list[str]) -> list[list[int]]:
        found = self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        return [[number for number in each.ids if number != self._unknown] for each in found]


def _home_of(folder: Path) -> Path:
    """The folder of the weights: the given one, or that of the StaticEmbedding module inside it.

    Raises:
        EncoderError: there are no weights.
    """
    inner = sorted(path.parent for path in folder.glob(f"*/{_TOKENIZER}"))
    for place in (folder, *inner[:1]):
        if (place / _WEIGHTS).is_file() and (place / _TOKENIZER).is_file():
            return place
    raise EncoderError(
        f"{folder} holds no static encoder: {_WEIGHTS} and {_TOKENIZER} are not in it.",
        hint="Give a folder that model2vec or StaticEmbedding saved; other encoders need no static: before them.",
    )


def _tokenizer(path: Path) -> tuple[Tokenizer, int | None]:
    """The tokenizer, and its unknown token."""
    from tokenizers import Tokenizer

    text = path.read_text("utf-8")
    tokenizer = Tokenizer.from_str(text)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    model = json.loads(text)["model"]
    unknown = model.get("unk_id")
    if unknown is None and model.get("unk_token") is not None:
        unknown = tokenizer.token_to_id(model["unk_token"])
    return tokenizer, unknown


def _from_hub(name: str) -> Path:
    """The folder of an id, from the hub's cache or the hub.

    Raises:
        UnknownEncoder: it is in neither.
    """
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise UnknownEncoder(f"There is no folder {name}.", hint="static: takes a folder or a Hugging Face id.")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from huggingface_hub import snapshot_download

    patterns = [f"{prefix}{file}" for prefix in ("", "*/") for file in (_WEIGHTS, _TOKENIZER, _CONFIG)]
    try:
        return Path(snapshot_download(name, allow_patterns=patterns, local_files_only=True))
    except Exception:
        # Not downloaded yet; the next attempt reports any other problem.
        pass
    try:
        return Path(snapshot_download(name, allow_patterns=patterns))
    except Exception as error:
        raise not_on_hub(name, error) from error
