"""Runs the modules of any SentenceTransformer on a device, in batches that are prepared ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .pipeline import moved, pinned

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

# Tokens in a batch, padding included, and characters counted as one token: some scripts have fewer.
BUDGET = 65_536
_CHARACTERS = 2


class ForeignRunner:
    """A SentenceTransformer on the device that it was loaded to.

    Args:
        model: the loaded model.
        kind: float32, or a 16-bit type for matrix products; sums and norms stay float32, as in torch's autocast.
    """

    tokenizer = None

    def __init__(self, model: SentenceTransformer, kind: torch.dtype) -> None:
        import torch

        self.device = torch.device(str(model.device))
        self._model = model.eval()
        self._kind = kind
        self._longest = int(model.max_seq_length or 512)

    def prepare(self, texts: Sequence[str], prompt: str) -> list[tuple[list[int], dict[str, Any]]]:
        """Batches as (indices of texts, features); the texts come sorted by length."""
        prepared = []
        for batch in self._batches([len(prompt) + len(text) for text in texts]):
            found = self._model.preprocess([texts[index] for index in batch], prompt=prompt or None)
            prepared.append((batch, {name: self._pinned(value) for name, value in found.items()}))
        return prepared

    def run(self, inputs: dict[str, Any]) -> torch.Tensor:
        """Unit vectors of a batch, float32, on the device."""
        import torch

        narrow = self._kind != torch.float32
        with torch.inference_mode(), torch.autocast(self.device.type, self._kind, enabled=narrow):
            here = {
                name: moved(value, self.device) if isinstance(value, torch.Tensor) else value
                for name, value in inputs.items()
            }
            vectors: torch.Tensor = self._model(here)["sentence_embedding"]
            return torch.nn.functional.normalize(vectors.float(), dim=-1)

    def count(self, texts: Sequence[str], prompt: str) -> list[int]:
        """How many tokens each text has with the prompt, without truncation."""
        encoded = self._model.tokenizer([prompt + text for text in texts], truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def _batches(self, lengths: Sequence[int]) -> list[list[int]]:
        found: list[list[int]] = []
        room = 0
        for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
            if room <= 0:
                found.append([])
                room = max(1, BUDGET // min(self._longest, 2 + lengths[index] // _CHARACTERS))
            found[-1].append(index)
            room -= 1
        return found

    def _pinned(self, value: Any) -> Any:
        import torch

        return pinned(value, self.device) if isinstance(value, torch.Tensor) else value
