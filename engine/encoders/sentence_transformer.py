"""Runs any encoder by sentence-transformers: other architectures, hub ids, other devices, several processes."""

from __future__ import annotations

import hashlib
import json
import os
import weakref
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import EncoderError
from .graphs import VERSION
from .guard import first_line, guarded, not_on_hub, sound
from .prompts import PrefixingEncoder, chosen_prompts, origins_of
from .protocol import TextsDone, Vectors, texts_of
from .source import Source
from .tokens import tokenizing
from .weights import damaged

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# How many texts are encoded between two reports of progress.
PART = 512
BATCH = 32


def load(
    name: str,
    folder: Path | None,
    source: Source | None,
    *,
    device: str,
    precision: str,
    threads: int | None,
    workers: int | None,
    stored: Collection[str] = (),
) -> SentenceTransformerEncoder:
    """Load an encoder by sentence-transformers, whose imports take seconds.

    Args:
        name: the name by which it was loaded; a Hugging Face id when there is no folder.
        folder: its folder.
        source: its parts, if the light path can run it, too: the fingerprint is then the same.
        device: a torch device.
        precision: all but `int8` are computed in fp32; `fp16` and `bf16` continue vectors that a graphics card made.
        threads: for a processor.
        workers: processes to encode documents with.
        stored: fingerprints of stored vectors: `auto` takes their precision.

    Raises:
        UnknownEncoder: the hub does not have it or cannot be reached. EncoderError: it cannot be loaded, or device or
            precision is not available.
    """
    if precision == "int8":
        raise EncoderError(
            f"{name} runs through sentence-transformers here, which has no int8.",
            hint="Use --precision fp32, or a bundled or exported encoder with --device cpu.",
        )
    import torch

    check_device(device)
    if threads:
        torch.set_num_threads(threads)
    model = opened(name, _loadable(folder, source), device)
    return SentenceTransformerEncoder(name, model, source, workers=workers, precision=precision, stored=stored)


class SentenceTransformerEncoder(PrefixingEncoder):
    """A SentenceTransformer with the prompts and unit vectors of an `Encoder`.

    Args:
        name: the name by which it was loaded.
        model: the loaded model.
        source: its parts, if they are known.
        workers: processes to encode documents with; 1 for this process only.
        precision: of its fingerprint; it computes in fp32.
        stored: fingerprints of stored vectors.
    """

    def __init__(
        self,
        name: str,
        model: SentenceTransformer,
        source: Source | None = None,
        *,
        workers: int | None = None,
        precision: str = "auto",
        stored: Collection[str] = (),
    ) -> None:
        self.name = name
        self._model = model
        self.prompts = dict(source.prompts) if source else chosen_prompts(model.prompts, name)
        self._workers = workers or 1
        self._pool: Any = None
        self._place = source.path if source else Path(name)
        with guarded(self._place):
            self.dimension = dimension_of(model)
            self.max_tokens = int(model.max_seq_length or 512)
            identity = source.identity if source else identity_of(model, self.prompts)
            _, self.fingerprint = chosen(identity, precision, "fp32", stored)

    def encode_document(self, texts: Sequence[str], progress: TextsDone | None = None) -> Vectors:
        """Unit vectors of passages, float32, shape (len(texts), dimension); `progress` gets counts of texts done."""
        given = texts_of(texts)
        pool = self._started_pool() if self._workers > 1 and len(given) >= PART else None
        return self._encode(given, self.prompts["document"], progress, pool)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has as a document, with prompt and special tokens, without truncation."""
        given = texts_of(texts)
        if not given:
            return []
        prompt = self.prompts["document"]
        with guarded(self._place):
            encoded = self._model.tokenizer([prompt + text for text in given], truncation=False, verbose=False)
            return [len(ids) for ids in encoded["input_ids"]]

    @property
    def origins(self) -> tuple[str, ...]:
        """Its name, and the names of the models it was made from."""
        return origins_of(self.name, self._place)

    def _encode(self, texts: Sequence[str], prompt: str, progress: TextsDone | None, pool: Any = None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # Sorted once over all texts, so that each part holds texts of similar length.
        order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        size = PART * self._workers if pool is not None else PART
        for start in range(0, len(order), size):
            part = order[start : start + size]
            with guarded(self._place):
                found = self._model.encode(
                    [texts[index] for index in part],
                    prompt=prompt,
                    batch_size=BATCH,
                    show_progress_bar=False,
                    normalize_embeddings=True,
                    convert_to_numpy=True,
                    **({"pool": pool} if pool is not None else {}),
                )
                vectors[part] = sound(found, self._place)
            if progress is not None:
                progress(len(part))
        return vectors

    def _started_pool(self) -> Any:
        """The encoding processes, started at first use and stopped with this object."""
        if self._pool is None:
            devices = _devices(str(self._model.device), self._workers)
            self._pool = self._model.start_multi_process_pool(devices)
            weakref.finalize(self, self._model.stop_multi_process_pool, self._pool)
        return self._pool


def _devices(device: str, workers: int) -> list[str]:
    """One device per worker: the graphics cards in turn, or the processor several times."""
    if not device.startswith("cuda"):
        return [device] * workers
    import torch

    return [f"cuda:{index % torch.cuda.device_count()}" for index in range(workers)]


def check_device(device: str) -> None:
    """Make sure that torch has a device.

    Raises:
        EncoderError: torch does not have it.
    """
    import torch

    kind = device.split(":", maxsplit=1)[0]
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    try:
        index = torch.device(device).index or 0
    except RuntimeError as error:
        raise EncoderError(f"There is no device {device}.", hint="Use cpu, cuda, cuda:1 or mps.") from error
    if not there.get(kind, True) or (kind == "cuda" and index >= torch.cuda.device_count()):
        raise EncoderError(f"There is no device {device} on this machine.", hint="Use --device cpu.")


def _loadable(folder: Path | None, source: Source | None) -> Path | None:
    """A folder that sentence-transformers can read: adapters and packed bases are exported into the cache first."""
    if source is None or not (source.packed or source.adapters):
        return folder
    from .exporting import export_cached

    return export_cached(source, source.path.name)


def _refuse_long_pieces(folder: Path) -> None:
    """Refuse a tokenizer that would crash the process when it is freed.

    Raises:
        EncoderError: it has too long a piece.
    """
    for path in sorted(folder.glob("**/tokenizer.json")):
        try:
            tokenizing.refuse_long_pieces(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise damaged(path, error) from error


def opened(name: str, folder: Path | None, device: str) -> SentenceTransformer:
    """The model, from its folder or the hub's cache if possible, else from the hub.

    Raises:
        UnknownEncoder: the hub does not know it or cannot be reached.
        EncoderError: it cannot be loaded.
    """
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    if folder is not None:
        _refuse_long_pieces(folder)
        try:
            return SentenceTransformer(str(folder), device=device, local_files_only=True)
        except Exception as error:
            raise EncoderError(
                f"The encoder in {folder} cannot be loaded: {first_line(error)}.",
                hint="Make the encoder again or copy its folder again.",
            ) from error
    try:
        return SentenceTransformer(name, device=device, local_files_only=True)
    except Exception:
        # Not downloaded yet; the next attempt reports any other problem.
        pass
    try:
        return SentenceTransformer(name, device=device)
    except Exception as error:
        raise not_on_hub(name, error) from error


def dimension_of(model: SentenceTransformer) -> int:
    """The length of a model's vectors, measured, since its folder's claim is not trusted."""
    return int(model.encode(["a"], show_progress_bar=False).shape[1])


def identity_of(model: SentenceTransformer, prompts: dict[str, str]) -> str:
    """A digest of all loaded weights, the kinds of modules, prompts and length: 16 hexadecimal digits."""
    import torch

    running = hashlib.sha256()
    described = [[type(module).__name__ for module in model], prompts, model.max_seq_length]
    running.update(json.dumps(described, sort_keys=True).encode())
    for key, value in sorted(model.state_dict().items()):
        running.update(key.encode() + value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return running.hexdigest()[:16]


def chosen(identity: str, precision: str, own: str, stored: Collection[str]) -> tuple[str, str]:
    """The precision of an encoder's vectors and their fingerprint: `auto` is that of stored ones, else its own."""
    fingerprints = {kind: f"{identity}-{kind}.{VERSION[kind]}" for kind in (own, "fp32", "fp16", "bf16")}
    if precision == "auto":
        precision = next((kind for kind, found in fingerprints.items() if found in stored), own)
    return precision, fingerprints[precision]
