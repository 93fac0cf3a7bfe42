"""Schemas of the JSON files in an encoder's folder: types and bounds of values, checked before any is used."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...files import read_regular
from .arrays import damaged

# The largest settings file in public encoders has 20 kB; a tokenizer's vocabulary is not read by this module.
MOST_BYTES = 4 * 1024 * 1024

Check = Callable[[Any], bool]


def text(most: int = 10_000) -> Check:
    """A text of at most `most` characters."""
    return lambda value: isinstance(value, str) and len(value) <= most


def whole(least: int, most: int) -> Check:
    """A whole number in a range."""
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def number(least: float, most: float) -> Check:
    """A finite number in a range."""
    return lambda value: (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and least <= value <= most
    )


def flag(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def either(*checks: Check) -> Check:
    """A value that one of several checks accepts."""
    return lambda value: any(check(value) for check in checks)


def listed(check: Check, most: int) -> Check:
    """A list of at most `most` values."""
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(check, value))


def named(check: Check, most: int = 1000) -> Check:
    """An object of at most `most` values."""
    return lambda value: isinstance(value, dict) and len(value) <= most and all(map(check, value.values()))


def nothing(value: Any) -> bool:
    """Null."""
    return value is None


_PROMPTS = named(either(text(), nothing))
_WIDTH, _LAYERS = whole(1, 65_536), whole(1, 1024)
# The bounds are far above those of any encoder, and far below values that would take hours of computing.
SCHEMAS: dict[str, dict[str, Check]] = {
    "base.json": {
        "name": text(200),
        "description": text(),
        "digest": text(200),
        "prompts": _PROMPTS,
        "pooling": text(100),
        "max_tokens": whole(3, 1_000_000),
        "precision": text(20),
    },
    "encoder.json": {
        "base": text(4096),
        "base_fingerprint": either(text(200), nothing),
        "description": text(),
        "precision": text(20),
        "prompts": _PROMPTS,
        "layer_weights": listed(number(-1e6, 1e6), 1025),
    },
    "config.json": {
        "model_type": text(100),
        "hidden_size": _WIDTH,
        "num_hidden_layers": _LAYERS,
        "num_attention_heads": whole(1, 1024),
        "intermediate_size": whole(1, 1_000_000),
        "max_position_embeddings": whole(1, 10_000_000),
        "layer_norm_eps": number(0.0, 1.0),
        "vocab_size": whole(1, 100_000_000),
        "pad_token_id": either(whole(-1, 100_000_000), nothing),
    },
    "adapter_config.json": {
        "r": whole(1, 65_536),
        "lora_alpha": number(0.0, 1e6),
        "rank_pattern": either(named(whole(1, 65_536)), nothing),
        "alpha_pattern": either(named(number(0.0, 1e6)), nothing),
        "peft_type": text(100),
    },
    "sentence_bert_config.json": {"max_seq_length": either(whole(1, 10_000_000), nothing)},
    "config_sentence_transformers.json": {"prompts": either(_PROMPTS, nothing)},
    "tokenizer_config.json": {"model_max_length": either(number(1, float("inf")), nothing)},
}
# The folder of a module (pooling, a map) has another kind of config.json than the network.
_MODULE: dict[str, Check] = {
    "in_features": _WIDTH,
    "out_features": _WIDTH,
    "num_hidden_layers": _LAYERS,
    "layer_start": whole(0, 1024),
    "word_embedding_dimension": _WIDTH,
}


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object of an encoder's folder; values with a known schema are checked.

    Raises:
        EncoderError: the file is missing, not a regular file, too large, or not a JSON object, or a value is not valid.
    """
    found = read_any_json(path)
    if not isinstance(found, dict):
        raise damaged(path, "it holds no JSON object")
    schema = SCHEMAS.get(path.name, {})
    if path.name == "config.json" and "model_type" not in found:
        schema = _MODULE
    check(path, found, schema)
    return found


def read_any_json(path: Path) -> Any:
    """Any JSON value of an encoder's folder.

    Raises:
        EncoderError: the file is missing, not a regular file, too large, or not JSON.
    """
    try:
        return json.loads(read_regular(path, MOST_BYTES).decode("utf-8"))
    except RecursionError as error:
        raise damaged(path, "it is nested too deeply") from error
    except (OSError, ValueError) as error:
        raise damaged(path, error) from error


def check(path: Path, values: Mapping[str, Any], schema: Mapping[str, Check]) -> None:
    """Check values against a schema; keys that are not in it are not checked.

    Raises:
        EncoderError: a value is of another kind or outside its range, with its key.
    """
    for key, takes in schema.items():
        if key in values and not takes(values[key]):
            shown = json.dumps(values[key], ensure_ascii=True)[:60]
            raise damaged(path, f"{key} cannot be {shown}")
