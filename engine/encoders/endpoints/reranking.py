"""Runs a reranker behind an endpoint: sends a query and passages, gets a score for each passage."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import EncoderError, UnknownEncoder
from ..protocol import Vectors
from .consent import remember, require
from .http import TooMuch
from .keys import client_of, key_of
from .named import Named, parse

# For each protocol: the path, and the keys of passages, of the list of results, and of a score.
_SHAPES: dict[str, tuple[str, str, str, str]] = {
    "tei": ("/rerank", "texts", "", "score"),
    "cohere": ("/rerank", "documents", "results", "relevance_score"),
    "voyage": ("/rerank", "documents", "data", "relevance_score"),
}


def reranker(name: str, *, named: bool = False) -> EndpointReranker:
    """The reranker behind `tei:URL`, `cohere:MODEL` or `voyage:MODEL`.

    Args:
        name: of the endpoint, as for an encoder.
        named: whether the user typed the name; otherwise it must have been typed before.

    Raises:
        UnknownEncoder: the name has the wrong form, or the protocol has no reranking.
        EncoderError: the user has not named the endpoint, or its key is missing.
    """
    endpoint = parse(name)
    if endpoint.protocol.prefix not in _SHAPES:
        raise UnknownEncoder(f"{endpoint.protocol.title} has no reranking.", hint=f"These have: {', '.join(_SHAPES)}.")
    if named:
        remember(name)
    require(endpoint)
    return EndpointReranker(endpoint)


class EndpointReranker:
    """An endpoint that scores passages; it is a `Scorer`.

    Args:
        endpoint: its parsed name.
    """

    def __init__(self, endpoint: Named) -> None:
        key = key_of(endpoint)
        self._endpoint = endpoint
        self._client = client_of(endpoint, key)
        self._texts = 0
        told = [endpoint.protocol.prefix, endpoint.model or endpoint.address]
        self.fingerprint = hashlib.sha256(repr(told).encode()).hexdigest()[:16]

    def told(self) -> str:
        """The usage so far in a sentence; empty if there was none."""
        if not self._client.requests:
            return ""
        return f"{self._endpoint.name}: {self._client.requests:,} requests, {self._texts:,} passages ranked."

    def scores(self, query: str, texts: Sequence[str]) -> Vectors:
        """A score for each text.

        Raises:
            EncoderError: the endpoint cannot be reached, or does not answer with a score for each text.
        """
        most = self._endpoint.batch or self._endpoint.protocol.batch
        parts = [self._asked(query, list(texts[first : first + most])) for first in range(0, len(texts), most)]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)

    def _asked(self, query: str, texts: list[str]) -> Vectors:
        path, passages, answers, score = _SHAPES[self._endpoint.protocol.prefix]
        body: dict[str, Any] = {"query": query or " ", passages: [text or " " for text in texts]}
        if self._endpoint.model:
            body["model"] = self._endpoint.model
        else:
            body["truncate"] = True
        try:
            answer = self._client.ask(path, body).value
        except TooMuch:
            if len(texts) == 1:
                raise
            half = len(texts) // 2
            return np.concatenate([self._asked(query, texts[:half]), self._asked(query, texts[half:])])
        self._texts += len(texts)
        inner = answer if not answers else answer.get(answers) if isinstance(answer, dict) else None
        rows: list[Any] = inner if isinstance(inner, list) else []
        found: dict[int, float] = {}
        for row in rows:
            place: Any = row.get("index") if isinstance(row, dict) else None
            value: Any = row.get(score) if isinstance(row, dict) else None
            if type(place) is int and type(value) in (int, float) and math.isfinite(value):
                found[place] = float(value)
        if found.keys() != set(range(len(texts))) or len(rows) != len(texts):
            raise EncoderError(
                f"The endpoint {self._endpoint.address} did not give a score for each of {len(texts):,} passages "
                f"({self._endpoint.name}).",
                hint="Check that it serves a reranker.",
            )
        return np.array([found[place] for place in range(len(texts))], dtype=np.float32)
