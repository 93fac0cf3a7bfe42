"""Runs an encoder behind an endpoint: sends texts in batches, checks every answer, returns unit vectors."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import EncoderError
from ..kept import Kept, keys_of
from ..protocol import TextKind, TextsDone, Vectors, texts_of
from ..tokens import Counter
from .consent import remember, require
from .http import Answer, TooMuch
from .keys import Key, client_of, key_of
from .named import Named, parse
from .protocols import About, Unexpected

# The most characters of one request: far fewer tokens than any endpoint accepts.
_MOST_CHARACTERS = 200_000
# Up to so many texts at once are questions of a person, who may ask them again: their vectors are kept.
_ASKED = 16
# The text that is sent to learn the length of vectors.
_PROBE = "test"


@dataclass
class Used:
    """Usage of an endpoint: requests, texts sent, tokens that it counted, and texts found in the cache."""

    requests: int = 0
    texts: int = 0
    tokens: int = 0
    cached: int = 0

    def told(self, name: str, price: float) -> str:
        """The usage in one sentence; empty if there was none."""
        if not (self.requests or self.cached):
            return ""
        parts = [f"{self.requests:,} requests", f"{self.texts:,} texts"]
        parts += [f"{self.tokens:,} tokens"] if self.tokens else []
        parts += [f"{self.cached:,} texts from the cache"] if self.cached else []
        if price and self.tokens:
            parts.append(f"cost {self.tokens * price / 1e6:.4f} at {price:g} for a million tokens")
        return f"{name}: {', '.join(parts)}."


def load(name: str, *, named: bool = False, wait: Callable[[float], None] = time.sleep) -> EndpointEncoder:
    """The encoder behind an endpoint; one short text is sent to learn the length of its vectors.

    Args:
        name: as `names.KINDS` describes it.
        named: whether the user typed the name; otherwise it must have been typed before.
        wait: called with the seconds to wait between tries.

    Raises:
        UnknownEncoder: the name has the wrong form.
        EncoderError: the user has not named the endpoint, its key is missing, it cannot be reached, or it gives no
            vectors.
    """
    endpoint = parse(name)
    if named:
        remember(name)
    require(endpoint)
    return EndpointEncoder(endpoint, key_of(endpoint), wait=wait)


class EndpointEncoder:
    """An endpoint as an `Encoder`.

    Args:
        endpoint: its parsed name.
        key: its key.
        wait: called with the seconds to wait between tries.

    Raises:
        EncoderError: it cannot be reached, or gives no vectors.
    """

    def __init__(self, endpoint: Named, key: Key, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._endpoint = endpoint
        self._client = client_of(endpoint, key, wait)
        self.used = Used()
        self.name = endpoint.name
        about = self._about()
        self._endpoint = endpoint = endpoint.serving(about.model)
        self._batch = endpoint.batch or about.batch or endpoint.protocol.batch
        self.max_tokens = endpoint.tokens or about.tokens or endpoint.protocol.tokens
        self.dimension = endpoint.dimensions
        self.dimension = int(self._encode([_PROBE], "document", None).shape[1])
        self.fingerprint = self._fingerprint(about.revision)
        self._kept = Kept(self.fingerprint, "asked", self.dimension)

    @property
    def notices(self) -> tuple[str, ...]:
        """Notices for the user: which prompts are put before texts, or that one is missing."""
        missing = self._endpoint.missing_prompt()
        if missing:
            return (missing,)
        if self._endpoint.family is not None and self._endpoint.query + self._endpoint.document:
            prompts = f"{self._endpoint.query!r} before queries"
            if self._endpoint.document:
                prompts += f", {self._endpoint.document!r} before passages"
            return (f"{self.name}: {prompts}, as {self._endpoint.model} was trained. #prompts=none leaves them out.",)
        return ()

    def told(self) -> str:
        """The usage so far in a sentence; empty if there was none."""
        self.used.requests = self._client.requests
        return self.used.told(self.name, self._endpoint.price)

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, float32, shape (len(texts), dimension); a known query is not sent again."""
        texts = texts_of(texts)
        if not texts or len(texts) > _ASKED:
            return self._encode(texts, "query", None)
        keys = keys_of(texts)
        distinct, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        vectors = np.zeros((len(distinct), self.dimension), dtype=np.float32)
        missing = self._kept.fill(distinct, vectors)
        self.used.cached += len(distinct) - len(missing)
        if len(missing):
            vectors[missing] = self._encode([texts[first[row]] for row in missing], "query", None)
            self._kept.keep(distinct[missing], vectors[missing])
        found: Vectors = vectors[inverse]
        return found

    def encode_document(self, texts: Sequence[str], progress: TextsDone | None = None) -> Vectors:
        """Unit vectors of passages, float32, shape (len(texts), dimension); `progress` gets counts of texts done."""
        return self._encode(texts_of(texts), "document", progress)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """About how many tokens each text has: the endpoint's tokenizer is not available here."""
        return self.counter.counts(texts)

    @property
    def counter(self) -> Counter:
        """How another process estimates the same."""
        return Counter("", self._endpoint.document)

    @property
    def prompts(self) -> Mapping[str, str]:
        """The prompt of a `query` and of a `document`; empty if the protocol itself tells them apart."""
        return {"query": self._endpoint.query, "document": self._endpoint.document}

    @property
    def origins(self) -> tuple[str, ...]:
        """The model's name, if the protocol puts prompts into the text."""
        return (self._endpoint.model,) if self._endpoint.protocol.prompted else ()

    def encode_after(
        self, prompt: str, texts: Sequence[str], kind: TextKind, progress: TextsDone | None = None
    ) -> Vectors:
        """Unit vectors of texts with another prompt."""
        return self._encode_as([f"{prompt}{text}" for text in texts_of(texts)], kind, progress)

    # -- requests

    def _about(self) -> About:
        protocol = self._endpoint.protocol
        if not protocol.about_path():
            return About()
        try:
            return protocol.about(self._client.ask(protocol.about_path(), tries=1).value, self._endpoint.model)
        except EncoderError:
            # A server may support only the request for vectors; the next request reports whether it does.
            return About()

    def _encode(self, texts: Sequence[str], kind: TextKind, progress: TextsDone | None) -> Vectors:
        return self.encode_after(self.prompts[kind], texts, kind, progress)

    def _encode_as(self, texts: Sequence[str], kind: TextKind, progress: TextsDone | None) -> Vectors:
        # Endpoints refuse empty texts.
        sent = [text or " " for text in texts]
        rows: list[Vectors] = []
        for batch in _batches(sent, self._batch):
            rows.append(self._asked(batch, kind))
            if progress is not None:
                progress(len(batch))
        if not rows:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.concatenate(rows)

    def _asked(self, texts: list[str], kind: TextKind) -> Vectors:
        endpoint = self._endpoint
        body = endpoint.protocol.body(endpoint.model, texts, kind, endpoint.dimensions)
        try:
            answer = self._client.ask(endpoint.protocol.path(endpoint.model), body)
        except TooMuch:
            if len(texts) == 1:
                raise
            half = len(texts) // 2
            # The endpoint refused this size, so no later request is that large.
            self._batch = half
            return np.concatenate([self._asked(texts[:half], kind), self._asked(texts[half:], kind)])
        self.used.texts += len(texts)
        self.used.tokens += endpoint.protocol.tokens_used(answer.value, answer.headers)
        return self._checked(answer, len(texts))

    def _checked(self, answer: Answer, number: int) -> Vectors:
        """Unit vectors from an answer.

        Raises:
            EncoderError: there is not one vector per text, of one length and of finite numbers.
        """
        try:
            rows = self._endpoint.protocol.rows(answer.value, number)
        except Unexpected as error:
            raise self._lied(f"gave no vectors: {error}", "Check that the address serves this protocol.") from None
        if len(rows) != number:
            raise self._lied(f"gave {len(rows):,} vectors for {number:,} texts")
        wide = _matrix(rows)
        if wide is None:
            raise self._lied("returned vectors of different lengths, or values that are not numbers")
        if self.dimension and wide.shape[1] != self.dimension:
            asked = " as asked for" if self._endpoint.dimensions == self.dimension else " as before"
            raise self._lied(
                f"gave vectors of {wide.shape[1]:,} numbers, not of {self.dimension:,}{asked}",
                "Leave #dimensions out, or name another model." if self._endpoint.dimensions else "",
            )
        if not np.isfinite(wide).all():
            raise self._lied("returned vectors with NaN or infinite numbers")
        # Scaled first, so that no square overflows or underflows.
        largest = np.abs(wide).max(axis=1, keepdims=True)
        if not largest.all():
            raise self._lied("returned a vector of zeros")
        wide = wide / largest
        unit: Vectors = (wide / np.linalg.norm(wide, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def _lied(self, what: str, hint: str = "") -> EncoderError:
        return EncoderError(f"The endpoint {self._endpoint.address} {what} ({self.name}).", hint=hint)

    def _fingerprint(self, revision: str) -> str:
        """A digest of protocol, model, revision, prompts and dimensions; it does not depend on the address."""
        endpoint = self._endpoint
        described = [
            endpoint.protocol.prefix,
            # Without a model's name, the address identifies it.
            endpoint.model or endpoint.address,
            revision,
            endpoint.query,
            endpoint.document,
            self.dimension,
        ]
        digest = hashlib.sha256(json.dumps(described, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()
        return f"{digest[:16]}-{endpoint.protocol.prefix}"


def _matrix(rows: Sequence[Any]) -> Any:
    """Rows of an answer as a two-dimensional float64 array; None if they do not form one."""
    if not all(isinstance(row, list) and row for row in rows):
        return None
    # numpy would convert true, false and texts such as "1" to numbers.
    if not all(type(number) in (int, float) for row in rows for number in row):
        return None
    try:
        found = np.array(rows, dtype=np.float64)
    except (ValueError, OverflowError):
        return None
    return found if found.ndim == 2 else None


def _batches(texts: Sequence[str], most: int) -> Iterator[list[str]]:
    """The texts in order, in batches of bounded texts and characters; a text that is too long alone is a batch."""
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and (len(batch) == most or size + len(text) > _MOST_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch
