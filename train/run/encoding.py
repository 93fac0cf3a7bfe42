"""Encodes with the model in training, for validation and for mining negatives, in batches that suit its device."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch

from ...engine.encoders import Vectors, encode_through
from .model import multiplying, prompt_of

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Tokens per batch, padding included: a CPU's caches hold few; a GPU needs many to outweigh its kernel launches.
_BUDGET = {"cpu": 6_000}
_BUDGET_OF_A_CARD = 65_536


class TrainingEncoder:
    """The model in training, as an encoder.

    Args:
        model: its weights may change between calls.
        autocast: the precision of matrix products, None for fp32.
        max_tokens: the most tokens of a text.
    """

    def __init__(
        self, model: SentenceTransformer, *, autocast: torch.dtype | None = None, max_tokens: int = 160
    ) -> None:
        self._model = model
        self._autocast = autocast
        self.name = "training"
        self.fingerprint = ""
        self.max_tokens = max_tokens
        self.dimension = int(model.get_embedding_dimension() or 0)

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, shape (len(texts), dimension)."""
        return self._encode(texts, prompt_of(self._model, "query"), None)

    def encode_document(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Unit vectors of passages, shape (len(texts), dimension)."""
        return self._encode(texts, prompt_of(self._model, "document"), progress)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as a passage."""
        prompt = prompt_of(self._model, "document")
        return [len(ids) for ids in self._model.tokenizer([prompt + text for text in texts])["input_ids"]]

    @property
    def device(self) -> torch.device:
        """The model's device."""
        device: torch.device = self._model.device
        return device

    def prepare(self, texts: Sequence[str], prompt: str) -> list[tuple[list[int], dict[str, torch.Tensor]]]:
        """Batches as (indices of texts, their tokens)."""
        tokenizer = self._model.tokenizer
        ids = tokenizer([prompt + text for text in texts], truncation=True, max_length=self.max_tokens)["input_ids"]
        batches = []
        for part in by_tokens([len(row) for row in ids], _BUDGET.get(self.device.type, _BUDGET_OF_A_CARD)):
            padded = tokenizer.pad({"input_ids": [ids[index] for index in part]}, return_tensors="pt")
            batches.append((part, {name: self._pinned(value) for name, value in padded.items()}))
        return batches

    def run(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        """Unit vectors of a batch, float32, on the device."""
        here = {name: value.to(self.device, non_blocking=True) for name, value in inputs.items()}
        return torch.nn.functional.normalize(self._model(here)["sentence_embedding"].float(), dim=-1)

    def _encode(self, texts: Sequence[str], prompt: str, progress: Callable[[int], None] | None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if texts:
            with _evaluating(self._model), multiplying(self.device.type, self._autocast):
                encode_through(self, texts, prompt, vectors, progress)
        return vectors

    def _pinned(self, value: torch.Tensor) -> torch.Tensor:
        return value.pin_memory() if self.device.type == "cuda" else value


@contextmanager
def _evaluating(model: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; restores the model's mode afterwards."""
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(training)


def by_tokens(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Indices in batches of similar length, each with at most `budget` tokens, padding included."""
    parts: list[list[int]] = []
    part: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        if part and (len(part) + 1) * lengths[index] > budget:
            parts.append(part)
            part = []
        part.append(index)
    return [*parts, part] if part else parts
