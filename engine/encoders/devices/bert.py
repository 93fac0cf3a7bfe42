"""Runs the light path's networks on a device: tokenizes without transformers, and batches have no padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..guard import guarded
from ..source import Source
from ..tokens import Tokens
from ..weights import damaged
from .layout import Layout, batches, laid_out
from .packed import PackedNetwork
from .pipeline import moved, pinned

if TYPE_CHECKING:
    import torch

# Tokens in a batch: enough that a card computes far longer than it takes to launch the kernels.
CARD_BUDGET = 65_536
# On a processor a batch should fit its caches.
PROCESSOR_BUDGET = 4_096


class BertRunner:
    """A BERT-style encoder on a device.

    Args:
        source: what it is made of.
        device: a torch device.
        kind: float32, or a 16-bit type for matrix products.

    Raises:
        EncoderError: a file of it is missing or damaged, or its tokenizer does not belong to its table.
    """

    def __init__(self, source: Source, device: torch.device, kind: torch.dtype) -> None:
        self.device = device
        self.tokenizer = source.weights
        self._source = source
        self._budget = PROCESSOR_BUDGET if device.type == "cpu" else CARD_BUDGET
        with guarded(source.path):
            table = source.table()
            self._rows = table.shape[0]
            self._tokens = Tokens(source.tokenizer, source.max_tokens)
            self._network = PackedNetwork(source.architecture, source.layers(), table, device, kind)
        if self._tokens.size > self._rows:
            raise damaged(
                source.weights,
                f"its tokenizer knows {self._tokens.size:,} tokens, its token table has {self._rows:,} rows",
            )

    def prepare(self, texts: Sequence[str], prompt: str) -> list[tuple[list[int], Layout]]:
        """Batches of bounded token counts, each as (indices of texts, their layout)."""
        ids = self._tokens.encode(texts, prompt)
        every = np.concatenate(ids)
        if not (all(map(len, ids)) and every.min() >= 0 and every.max() < self._rows):
            raise damaged(self._source.weights, f"its tokenizer gives token numbers beyond its {self._rows:,} rows")
        return [
            (batch, laid_out([ids[index] for index in batch]).moved(lambda part: pinned(part, self.device)))
            for batch in batches([len(row) for row in ids], self._budget)
        ]

    def run(self, inputs: Layout) -> torch.Tensor:
        """Unit vectors of a batch, float32, on the device."""
        return self._network(inputs.moved(lambda part: moved(part, self.device)))

    def count(self, texts: Sequence[str], prompt: str) -> list[int]:
        """How many tokens each text has with the prompt, without truncation."""
        return self._tokens.count(texts, prompt)
