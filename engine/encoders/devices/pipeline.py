"""Keeps a device busy: threads prepare later texts and copy earlier vectors back while it runs a batch."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..protocol import TextsDone, Vectors

if TYPE_CHECKING:
    import torch

# Texts prepared by one call: enough for the tokenizer's own threads, few enough for an early first batch.
PART = 2048
# Parts prepared in advance, and results that are being copied back.
_AHEAD = 3
_BEHIND = 3
_THREADS = 2


class Runner(Protocol):
    """Turns texts into vectors on a device."""

    @property
    def device(self) -> torch.device:
        """Where it runs."""

    def prepare(self, texts: Sequence[str], prompt: str) -> list[tuple[list[int], Any]]:
        """Batches as (indices of texts, inputs), on the host; called in several threads at once."""

    def run(self, inputs: Any) -> torch.Tensor:
        """Unit vectors of a batch, float32, on the device, shape (texts, dimension)."""


def encode(runner: Runner, texts: Sequence[str], prompt: str, out: Vectors, progress: TextsDone | None = None) -> None:
    """Write the vector of each text into its row of `out`, shape (len(texts), dimension)."""
    # Texts of similar length together, the longest first: a batch that does not fit fails at once.
    order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
    parts = [order[start : start + PART] for start in range(0, len(order), PART)]
    results = _Results(out, progress)
    for part, prepared in _prepared(runner, texts, prompt, parts):
        for own, inputs in prepared:
            results.add([part[index] for index in own], runner.run(inputs))
    results.finish()


def _prepared(
    runner: Runner, texts: Sequence[str], prompt: str, parts: Sequence[list[int]]
) -> Iterator[tuple[list[int], list[tuple[list[int], Any]]]]:
    """Each part with its batches, prepared ahead if there is more than one part."""
    if len(parts) == 1:
        yield parts[0], runner.prepare([texts[index] for index in parts[0]], prompt)
        return
    waiting: deque[tuple[list[int], Future[list[tuple[list[int], Any]]]]] = deque()
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="prepare") as threads:
        try:
            for part in parts:
                own = [texts[index] for index in part]
                waiting.append((part, threads.submit(runner.prepare, own, prompt)))
                if len(waiting) > _AHEAD:
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        finally:
            for _, future in waiting:
                future.cancel()


class _Results:
    """Vectors that are copied back from the device."""

    def __init__(self, out: Vectors, progress: TextsDone | None) -> None:
        self._out = out
        self._progress = progress
        self._waiting: deque[tuple[list[int], torch.Tensor, Any]] = deque()

    def add(self, rows: list[int], vectors: torch.Tensor) -> None:
        """Start copying the vectors of these rows; earlier ones are written once they have arrived."""
        import torch

        arrived = None
        if vectors.device.type == "cuda":
            host = torch.empty(vectors.shape, dtype=vectors.dtype, pin_memory=True)
            host.copy_(vectors, non_blocking=True)
            arrived = torch.cuda.Event()
            arrived.record(torch.cuda.current_stream(vectors.device))
            vectors = host
        self._waiting.append((rows, vectors, arrived))
        if len(self._waiting) > _BEHIND:
            self._write()

    def finish(self) -> None:
        """Write the remaining vectors."""
        while self._waiting:
            self._write()

    def _write(self) -> None:
        rows, vectors, arrived = self._waiting.popleft()
        if arrived is not None:
            arrived.synchronize()
        self._out[np.array(rows)] = vectors.float().cpu().numpy()
        if self._progress is not None:
            self._progress(len(rows))


def moved(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """A tensor on a device; from pinned memory, the copy runs while the device computes."""
    return tensor.to(device, non_blocking=True)


def pinned(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """A tensor in pinned memory, which a card reads directly; unchanged for other devices."""
    return tensor.pin_memory() if device.type == "cuda" else tensor
