"""Saves the result of a run: chooses weights on validation, writes an adapter or a whole model, and registers it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ...engine import paths
from ...engine.errors import TrainingError, reason
from ...engine.files import replacing_file, replacing_folder
from ..settings import RunConfig
from . import card, checkpoints
from .events import selected
from .model import load_base, load_weights, pool_over, save_weights, trainable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from ..data import RunData
    from .result import RunResult

AVERAGES = (1.0, 1.2, 0.9, 0.8, 0.7, 0.6)


def keep_best(model: SentenceTransformer, folder: Path, step: int, scores: Mapping[str, float]) -> str:
    """Store the weights of the best validation; returns why they could not be stored, or ""."""
    try:
        with replacing_file(folder / "best.safetensors") as partial:
            save_weights(model, partial)
        checkpoints.write_json(folder / "best.json", {"step": step, "scores": dict(scores)})
    except (OSError, RuntimeError, TrainingError) as error:
        return f"The best weights so far (step {step}) could not be kept: {reason(error)}."
    return ""


def restore_best(model: SentenceTransformer, folder: Path) -> None:
    """Load the weights of the best validation."""
    load_weights(model, folder / "best.safetensors")


def choose_average(
    model: SentenceTransformer,
    config: RunConfig,
    validate: Callable[[], Mapping[str, float]] | None,
    scores: Mapping[str, float],
) -> tuple[float, dict[str, float]]:
    """Interpolate between the base's and the trained weights, by a given share or the best share on validation.

    With an adapter, the share scales its update; if all weights are trained, it weights them against the base's.

    Returns:
        The share, and the scores with it.
    """
    if config.average == 1.0:
        return 1.0, dict(scores)
    tuned = {name: weight.detach().clone() for name, weight in trainable(model).items()}
    origin = _origin(model, config)
    if config.average > 0 or validate is None:
        share = config.average or 1.0
        _interpolate(model, tuned, origin, share)
        return share, dict(validate()) if validate is not None else {}
    best_share, best = 1.0, dict(scores)
    for share in AVERAGES[1:]:
        _interpolate(model, tuned, origin, share)
        found = dict(validate())
        if selected(found, config.select) > selected(best, config.select):
            best_share, best = share, found
    _interpolate(model, tuned, origin, best_share)
    return best_share, best


def _origin(model: SentenceTransformer, config: RunConfig) -> dict[str, torch.Tensor]:
    """The base's weights if all are trained; empty for an adapter, whose update starts at zero."""
    if not config.full:
        return {}
    base, _ = load_base(config.base)
    weights = dict(base.named_parameters())
    return {name: weights[name].detach().to(weight.device) for name, weight in trainable(model).items()}


def _interpolate(
    model: SentenceTransformer, tuned: Mapping[str, torch.Tensor], origin: Mapping[str, torch.Tensor], share: float
) -> None:
    with torch.no_grad():
        for name, weight in trainable(model).items():
            if origin:
                weight.copy_(torch.lerp(origin[name], tuned[name], share))
            elif "lora_B" in name:
                weight.copy_(tuned[name] * share)


def save(model: SentenceTransformer, config: RunConfig, data: RunData, result: RunResult, fingerprint: str) -> Path:
    """Write the encoder atomically and register it under its name.

    An adapter on a base that is known by name is saved as an adapter of a few megabytes that shares the base's token
    table; anything else is saved as a whole SentenceTransformer folder.

    Raises:
        TrainingError: it cannot be written; the newest checkpoint is kept.
    """
    from ...engine import encoders

    target = paths.encoders_folder() / config.name
    try:
        with replacing_folder(target) as partial:
            if fingerprint and not config.full:
                write_adapter(model, partial, config, fingerprint)
            else:
                write_merged(model, partial, config)
            text = card.write(config, data, result)
            (partial / "README.md").write_text(text, encoding="utf-8")
            checkpoints.write_json(partial / "run.json", card.facts(config, data, result))
            readable(partial)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise TrainingError(
            f"The trained encoder cannot be written to {target}: {reason}.",
            hint=f"Free some space and run again with --resume --out {config.name}: its newest checkpoint is kept.",
        ) from error
    encoders.register(target, config.name)
    return target


def readable(folder: Path) -> None:
    """Give files the usual permissions of new files (umask), so that other users can load the encoder."""
    mask = os.umask(0)
    os.umask(mask)
    for path in [folder, *folder.rglob("*")]:
        path.chmod((0o777 if path.is_dir() else 0o666) & ~mask)


def write_adapter(model: SentenceTransformer, folder: Path, config: RunConfig, fingerprint: str) -> None:
    """Write an adapter with peft's names in float16, and a description of its base."""
    from ...engine.encoders.weights import adapter

    weights = {f"base_model.model.{name}": weight.numpy() for name, weight in _factors(model).items()}
    adapter.save(folder, weights, rank=config.lora_rank, alpha=float(config.lora_rank), base=config.base)
    described: dict[str, Any] = {
        "schema": 1,
        "base": config.base,
        "base_fingerprint": fingerprint,
        "batches": config.batches,
        "description": card.one_line(config),
    }
    described |= {"layer_weights": list(config.layer_weights)} if config.layer_weights else {}
    checkpoints.write_json(folder / "encoder.json", described)


def _factors(model: SentenceTransformer) -> dict[str, torch.Tensor]:
    """The adapter's factors by peft's names within the transformer, float32 on the CPU."""
    prefix = next(name for name, module in model.named_modules() if module is model.transformers_model)
    return {
        name.removeprefix(f"{prefix}.").replace(".default.", "."): weight.detach().float().cpu().contiguous()
        for name, weight in trainable(model).items()
    }


def write_merged(model: SentenceTransformer, folder: Path, config: RunConfig) -> None:
    """Write a folder that plain `SentenceTransformer(folder)` loads, with the adapter merged into the layers.

    The layers are loaded from the base in fp32, since those in training may have been rounded.
    """
    base, _ = load_base(config.base)
    pool_over(base, config.layer_weights)
    with torch.no_grad():
        if config.full:
            own = dict(base.named_parameters())
            for name, weight in trainable(model).items():
                own[name].copy_(weight.detach().cpu())
        else:
            factors = _factors(model)
            layers = dict(base.transformers_model.named_modules())
            for name in [name for name in factors if name.endswith(".lora_A.weight")]:
                module = name.removesuffix(".lora_A.weight")
                product = factors[f"{module}.lora_B.weight"] @ factors[name]
                layers[module].weight.add_(product)
    base.save_pretrained(str(folder), create_model_card=False)
