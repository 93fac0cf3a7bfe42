"""Loads the encoder of a name onto a device, in the requested precision or that of stored vectors."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import EncoderError
from ..guard import guarded
from ..prompts import chosen_prompts
from ..sentence_transformer import check_device, chosen, dimension_of, identity_of, opened
from ..source import Source
from .encoder import DeviceEncoder

if TYPE_CHECKING:
    import torch


def load(
    name: str,
    folder: Path | None,
    source: Source | None,
    *,
    device: str,
    precision: str = "auto",
    stored: Collection[str] = (),
) -> DeviceEncoder:
    """An encoder on a device.

    Args:
        name: the name by which it was loaded; a Hugging Face id when there is no folder.
        folder: its folder.
        source: its parts, if the light path can run it, too.
        device: a torch device.
        precision: `auto` is fp16 for BERT-style networks, whose running sums stay fp32 here, and bf16 for others, whose
            numbers may exceed the range of fp16.
        stored: fingerprints of stored vectors: `auto` takes their precision.

    Raises:
        UnknownEncoder: the hub does not have it or cannot be reached.
        EncoderError: it cannot be loaded, or device or precision is not available.
    """
    if precision == "int8":
        raise EncoderError("int8 is not supported on a graphics card.", hint="Use --precision auto, or --device cpu.")
    check_device(device)
    if source is not None:
        return _ours(name, source, device, precision, stored)
    return _foreign(name, folder, device, precision, stored)


def _ours(name: str, source: Source, device: str, precision: str, stored: Collection[str]) -> DeviceEncoder:
    import torch

    from .bert import BertRunner

    kind, fingerprint = chosen(source.identity, precision, "fp16", stored)
    runner = BertRunner(source, torch.device(device), _type(kind))
    prompts = dict(source.prompts)
    return DeviceEncoder(name, runner, prompts, fingerprint, source.architecture.hidden, source.max_tokens, source.path)


def _foreign(name: str, folder: Path | None, device: str, precision: str, stored: Collection[str]) -> DeviceEncoder:
    from .foreign import ForeignRunner

    model = opened(name, folder, device)
    prompts = chosen_prompts(model.prompts, name)
    place = folder or Path(name)
    with guarded(place):
        kind, fingerprint = chosen(identity_of(model, prompts), precision, "bf16", stored)
        runner = ForeignRunner(model, _type(kind))
        return DeviceEncoder(
            name, runner, prompts, fingerprint, dimension_of(model), int(model.max_seq_length or 512), place
        )


def _type(precision: str) -> torch.dtype:
    import torch

    return {"fp16": torch.float16, "bf16": torch.bfloat16}.get(precision, torch.float32)
