"""Computes how much each sentence and each token of a passage adds to the parts of its score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..encoders import Encoder, TellsTokens
from ..passages import sentences

Span = tuple[int, int]
Targets = NDArray[Any]
# How many first sentences of a very long passage are left out one by one.
_MOST_SENTENCES = 24


@dataclass(frozen=True)
class Shares:
    """The shares of a text's sentences and tokens in products of its vector.

    Args:
        sentences: (start, end) of each.
        by_sentence: shape (sentences, targets).
        tokens: (start, end) of each; empty if the encoder cannot tell them apart.
        by_token: shape (tokens, targets).
        rest: the part that no sentence adds, shape (targets,).
        exact: whether the shares are exact; otherwise a sentence's share is the loss when it is left out.
    """

    sentences: tuple[Span, ...]
    by_sentence: NDArray[np.float64]
    tokens: tuple[Span, ...]
    by_token: NDArray[np.float64]
    rest: NDArray[np.float64]
    exact: bool


def shares(encoder: Encoder, text: str, language: str, targets: Targets) -> Shares:
    """Split the products of a text's vector with targets, shape (m, dimension), by sentence and token.

    Raises:
        EncoderError: the encoder cannot be used.
    """
    spans = tuple(sentences(text, language)) or ((0, len(text)),)
    told = encoder.token_shares(text, targets) if isinstance(encoder, TellsTokens) else None
    if told is None:
        return _left_out(encoder, text, spans, targets)
    by_sentence = np.zeros((len(spans), len(targets)))
    rest = told.rest.copy()
    for (start, end), share in zip(told.spans, told.shares, strict=True):
        place = sentence_at(spans, start, end)
        if place is None:
            rest += share
        else:
            by_sentence[place] += share
    return Shares(spans, by_sentence, told.spans, told.shares, rest, exact=True)


def sentence_at(spans: Sequence[Span], start: int, end: int) -> int | None:
    """The sentence of a token's last character, since tokens begin with the space before them."""
    last = max(start, end - 1)
    return next((place for place, (first, after) in enumerate(spans) if first <= last < after), None)


def _left_out(encoder: Encoder, text: str, spans: tuple[Span, ...], targets: Targets) -> Shares:
    """The loss when each sentence is left out, for encoders that cannot tell tokens apart."""
    tried = spans[:_MOST_SENTENCES] if len(spans) > 1 else ()
    texts = [text, *(text[:start] + text[end:] for start, end in tried)]
    products = encoder.encode_document(texts).astype(np.float64) @ targets.astype(np.float64).T
    by_sentence = np.zeros((len(spans), len(targets)))
    by_sentence[: len(tried)] = products[0] - products[1:]
    if not tried:
        by_sentence[0] = products[0]
    rest = products[0] - by_sentence.sum(axis=0)
    return Shares(spans, by_sentence, (), np.zeros((0, len(targets))), rest, exact=not tried)
