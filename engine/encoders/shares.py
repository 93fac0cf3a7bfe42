"""Represents what each token of a text adds to the text's vector, for encoders that can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class TokenShares:
    """The products of a text's vector with some targets, split by token; they sum to the products.

    Args:
        spans: (start, end) in the text of each token.
        shares: of each token in each product, shape (tokens, targets).
        rest: the sum of prompt, special tokens and constants, shape (targets,).
    """

    spans: tuple[tuple[int, int], ...]
    shares: NDArray[np.float64]
    rest: NDArray[np.float64]


@runtime_checkable
class TellsTokens(Protocol):
    """An encoder whose vectors are means over tokens."""

    def token_shares(self, text: str, targets: NDArray[Any]) -> TokenShares | None:
        """The products of a passage's vector with targets of shape (m, dimension); None if it cannot tell."""


def told_apart(
    spans: Sequence[tuple[int, int]], prompt: int, parts: NDArray[np.float64], fixed: NDArray[np.float64]
) -> TokenShares:
    """Separate the shares of the text's own tokens; those of the prompt and of special tokens are the rest.

    Args:
        spans: (start, end) of each token in prompt plus text; empty for special tokens.
        prompt: the length of the prompt in characters.
        parts: shape (tokens, targets).
        fixed: the part that no token adds, shape (targets,).
    """
    own = [place for place, (start, end) in enumerate(spans) if end > start and end > prompt]
    kept = tuple((max(0, spans[place][0] - prompt), spans[place][1] - prompt) for place in own)
    others = np.ones(len(spans), dtype=bool)
    others[own] = False
    return TokenShares(kept, parts[own], fixed + parts[others].sum(axis=0))
