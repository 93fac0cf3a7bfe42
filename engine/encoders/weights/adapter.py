"""Reads, writes, checks and merges low-rank adapters in numpy: W + scale * B A (LoRA, arXiv 2106.09685)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import EncoderError
from ...files import read_regular
from .arrays import Floats, SafeTensors, as_float32, canonical, damaged
from .schema import read_json

# The project's name first; PEFT writes the second.
FILES = ("adapter.safetensors", "adapter_model.safetensors")
CONFIG = "adapter_config.json"
# Enough for an adapter of rank 1024 on the largest encoders.
_MOST_BYTES = 4 * 1024**3


@dataclass(frozen=True)
class Adapter:
    """One adapter: for each adapted weight the factors A (rank, in) and B (out, rank), and the scale of B A."""

    path: Path
    factors: Mapping[str, tuple[Floats, Floats, float]] = field(repr=False)
    digest: str

    def merge(self, weights: dict[str, Floats]) -> dict[str, Floats]:
        """New weights with the adapter added.

        Raises:
            EncoderError: the adapter was made for weights of other names or shapes.
        """
        merged = dict(weights)
        for name, (a, b, scale) in self.factors.items():
            if name not in merged or merged[name].shape != (b.shape[0], a.shape[1]):
                found = merged[name].shape if name in merged else "no such weight"
                raise EncoderError(
                    f"The adapter {self.path} does not fit its base: it changes {name} of shape "
                    f"{(b.shape[0], a.shape[1])}, the base has {found}.",
                    hint="Use it with the base that it was trained on, or train it again.",
                )
            merged[name] = merged[name] + np.float32(scale) * (b @ a)
        return merged


def adapter_file(folder: Path) -> Path:
    """The file of the factors in a folder; the project's own name if there is none."""
    for name in FILES:
        if (folder / name).is_file():
            return folder / name
    return folder / FILES[0]


def read(folder: Path) -> Adapter:
    """The adapter in a folder: `adapter.safetensors` (or PEFT's name for it) with `adapter_config.json`.

    Raises:
        EncoderError: a file is missing or damaged, or the adapter is of a kind other than plain LoRA.
    """
    path = adapter_file(folder)
    try:
        config = read_json(folder / CONFIG)
        rank, alpha = int(config["r"]), float(config["lora_alpha"])
    except KeyError as error:
        raise damaged(folder / CONFIG, error) from error
    check_kind(config, folder)
    tensors = SafeTensors(path)
    pairs: dict[str, dict[str, Floats]] = {}
    for key in tensors:
        module, side = split_name(key, path)
        pairs.setdefault(module, {})[side] = as_float32(tensors[key])
    factors: dict[str, tuple[Floats, Floats, float]] = {}
    for module, sides in pairs.items():
        if set(sides) != {"A", "B"} or sides["A"].shape[0] != sides["B"].shape[1]:
            raise damaged(path, f"the factors of {module} do not belong together")
        if not all(np.isfinite(side).all() for side in sides.values()):
            raise damaged(path, f"the factors of {module} hold NaN or infinite values")
        own_rank = sides["A"].shape[0]
        own_alpha = float(pattern(config.get("alpha_pattern"), module, alpha))
        scale = own_alpha / (own_rank**0.5 if config.get("use_rslora") else own_rank)
        if own_rank != int(pattern(config.get("rank_pattern"), module, rank)):
            raise damaged(path, f"{module} has rank {own_rank} where {CONFIG} says {rank}")
        factors[f"{module}.weight"] = (sides["A"], sides["B"], scale)
    digest = hashlib.sha256(
        read_regular(path, _MOST_BYTES) + json.dumps([rank, alpha, bool(config.get("use_rslora"))]).encode()
    )
    return Adapter(path, factors, digest.hexdigest())


def check_kind(config: Mapping[str, Any], folder: Path) -> None:
    """Refuse adapters that cannot be merged exactly."""
    unmergeable = [
        key for key in ("use_dora", "modules_to_save", "fan_in_fan_out", "trainable_token_indices") if config.get(key)
    ]
    if config.get("peft_type", "LORA") != "LORA" or unmergeable or config.get("bias", "none") != "none":
        what = ", ".join(unmergeable) or f"{config.get('peft_type')} with bias {config.get('bias')}"
        raise EncoderError(
            f"The adapter in {folder} is not plain LoRA ({what}).",
            hint="Merge it with peft (`merge_and_unload`) and save it as a SentenceTransformer folder.",
        )


def split_name(key: str, path: Path) -> tuple[str, str]:
    """The adapted module and the side (A or B) of a PEFT tensor name."""
    name = canonical(key)
    for side in ("A", "B"):
        for ending in (f".lora_{side}.weight", f".lora_{side}.default.weight"):
            if name.endswith(ending):
                return name[: -len(ending)], side
    raise damaged(path, f"{key} is not a factor of a linear layer")


def pattern(patterns: Mapping[str, Any] | None, module: str, default: Any) -> Any:
    """PEFT's per-module override: the value of the pattern that the module's name ends with."""
    for ending, value in (patterns or {}).items():
        if module == ending or module.endswith(f".{ending}"):
            return value
    return default


def card_head(base: str) -> list[str]:
    """The first lines of a model card: the hub's metadata of an encoder fine-tuned from a base."""
    return [
        "---",
        "library_name: sentence-transformers",
        "pipeline_tag: sentence-similarity",
        "tags: [multilingual, retrieval, hybrid-search]",
        f"base_model: {base}",
        "---",
    ]


def save(folder: Path, tensors: Mapping[str, Any], *, rank: int, alpha: float, base: str = "base") -> None:
    """Write an adapter folder's two files from PEFT-named arrays, in float16.

    Args:
        folder: made if missing.
        tensors: `base_model.model.<module>.lora_A.weight` (rank, in) and `...lora_B.weight` (out, rank), numpy arrays.
        rank: r of every factor.
        alpha: the product is scaled by alpha / rank.
        base: the name of the encoder that it adapts.
    """
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: np.ascontiguousarray(value, dtype=np.float16) for name, value in tensors.items()}
    save_file(halves, str(folder / FILES[0]), metadata={"format": "np"})
    modules = sorted({split_name(name, folder)[0].split(".layer.")[-1].split(".", 1)[-1] for name in tensors})
    config = {
        "peft_type": "LORA",
        "task_type": "FEATURE_EXTRACTION",
        "base_model_name_or_path": base,
        "r": rank,
        "lora_alpha": alpha,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": modules,
    }
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", "utf-8")
