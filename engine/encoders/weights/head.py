"""Reads and writes the affine map after the pooling, a Dense: unit vector x to W x + b, scaled to unit length."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .arrays import Floats, SafeTensors, as_float32, damaged

FILE = "head.safetensors"
WEIGHT, BIAS = "head.weight", "head.bias"
# The names of sentence-transformers' Dense, and ours.
STORED = {"linear.weight": WEIGHT, "linear.bias": BIAS}
ACTIVATION = "torch.nn.modules.linear.Identity"


def read(path: Path) -> dict[str, Floats]:
    """The map's weights by our names, float32; their shapes are checked with the encoder's other weights.

    Raises:
        EncoderError: the file is missing or damaged.
    """
    file = SafeTensors(path)
    if set(file) != set(STORED):
        raise damaged(path, f"it holds {', '.join(sorted(file)) or 'nothing'} instead of {', '.join(STORED)}")
    return {ours: as_float32(file[theirs]) for theirs, ours in STORED.items()}


def write(path: Path, weight: Floats, bias: Floats, kind: type[np.floating[Any]] = np.float32) -> None:
    """Store a map.

    Args:
        path: the file to write.
        weight: shape (dimension, dimension), the output's rows first.
        bias: shape (dimension,).
        kind: the type of the stored numbers.
    """
    from safetensors.numpy import save_file

    arrays = {name: np.ascontiguousarray(value, dtype=kind) for name, value in zip(STORED, (weight, bias), strict=True)}
    save_file(arrays, str(path), metadata={"format": "pt"})


def described(hidden: int) -> dict[str, Any]:
    """The configuration of a Dense for a map of that width."""
    return {"in_features": hidden, "out_features": hidden, "bias": True, "activation_function": ACTIVATION}


def is_ours(config: Mapping[str, Any], hidden: int) -> bool:
    """Whether a Dense of this configuration is such a map."""
    plain = all(config.get(key) == value for key, value in described(hidden).items())
    names = {config.get(key, "sentence_embedding") for key in ("module_input_name", "module_output_name")}
    return plain and names == {"sentence_embedding"} and not config.get("use_residual")
