"""Writes an encoder as a folder that plain `SentenceTransformer(folder)` loads, without torch."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .. import paths
from ..errors import EncoderError
from ..files import remove_folder, replacing_folder
from .graphs import standard
from .source import ENCODER, TYPES, Source
from .weights import BIAS, TABLE, WEIGHT, Floats, head, read_json

CHUNK = 16384
# How many exports stay in the cache.
KEPT = 4
# The names that every version of sentence-transformers knows.
MODULES = ("Transformer", "Pooling", "Normalize")
WEIGHTING = "WeightedLayerPooling"
# The modules of an affine map after the pooling, if there is one.
MAP = ("Dense", "Normalize")
CARD = """---
library_name: sentence-transformers
pipeline_tag: sentence-similarity
---
# {name}

{description}

Exported by hybrid-search. Load it with `SentenceTransformer(folder)` and use `encode_query` and `encode_document`:
the prompts are saved inside. If you load it with ONNX Runtime (`backend="onnx"`), set `ORT_DISABLE_TELEMETRY=1` before
Python imports it: otherwise onnxruntime 1.32 and later collect usage events and look up where to send them.
"""

ONNX = """## With ONNX Runtime, fastembed and Transformers.js

`onnx/model.onnx` is the whole encoder, its pooling and any map behind it included: `input_ids` and `attention_mask` in,
unit vectors out as `sentence_embedding`. In fastembed:

```python
from fastembed import TextEmbedding
from fastembed.common.model_description import ModelSource, PoolingType

TextEmbedding.add_custom_model(
    model="here", sources=ModelSource(hf="here"), dim={dim}, pooling=PoolingType.DISABLED, normalization=False,
    model_file="onnx/model.onnx", output_name="sentence_embedding",
)
vectors = list(TextEmbedding("here", specific_model_path="FOLDER").embed(["…"]))
```

{prompts}"""


def export_source(source: Source, name: str, folder: Path, *, onnx: bool = False) -> Path:
    """Write weights in float32 with adapters merged, tokenizer, modules, prompts and model card; returns the folder.

    Args:
        source: the encoder.
        name: for the card.
        folder: a new or empty one.
        onnx: also write `onnx/model.onnx`, and its section of the card.

    Raises:
        EncoderError: the encoder is damaged, the folder is not empty, or it cannot be written.
    """

    def write(place: Path) -> None:
        _write_weights(source, place)
        (place / "tokenizer.json").write_text(source.tokenizer().to_str(), "utf-8")
        if (source.weights / "tokenizer_config.json").is_file():
            shutil.copyfile(source.weights / "tokenizer_config.json", place / "tokenizer_config.json")
        _write_config(source, place)
        _write_modules(source, place)
        described = {"schema": 1, "description": source.description, "precision": source.precision}
        _write_json(place / ENCODER, described)
        card = source.path / "README.md"
        text = card.read_bytes() if card.is_file() else _card(name, source.description)
        (place / "README.md").write_bytes(text)
        if onnx:
            _add_onnx(source, place)

    return _whole_or_not(folder, write)


def _card(name: str, description: str) -> bytes:
    return CARD.format(name=name, description=description).encode("utf-8", "replace")


def export_folder(path: Path, folder: Path, source: Source | None = None) -> Path:
    """Copy an encoder that already is a SentenceTransformer folder; returns the copy.

    Args:
        path: the encoder.
        folder: a new or empty one.
        source: also written as `onnx/model.onnx`, unless None.

    Raises:
        EncoderError: the folder is not empty or cannot be written.
    """

    def write(place: Path) -> None:
        shutil.copytree(path, place, dirs_exist_ok=True)
        if source is not None:
            _add_onnx(source, place)

    return _whole_or_not(folder, write)


def _add_onnx(source: Source, place: Path) -> None:
    """Write the encoder as one ONNX graph, and the tokenizer's length and padding, which fastembed reads."""
    standard.write(place, source.architecture, source.layers(), _whole_table(source))
    words = place / "tokenizer_config.json"
    told = read_json(words) if words.is_file() else {}
    tokenizer = source.tokenizer()
    padding = str(told.get("pad_token") or ("<pad>" if tokenizer.token_to_id("<pad>") is not None else "[PAD]"))
    _write_json(words, {**told, "model_max_length": source.max_tokens, "pad_token": padding})
    card = place / "README.md"
    text = card.read_text("utf-8", "replace") if card.is_file() else ""
    prompts = ", ".join(f"{kind} {prompt!r}" for kind, prompt in source.prompts.items() if prompt)
    added = ONNX.format(
        dim=source.architecture.hidden,
        prompts=f"fastembed adds no prompts: put them before your texts yourself ({prompts}).\n" if prompts else "",
    )
    card.write_text(f"{text.rstrip()}\n\n{added}", "utf-8")


def export_once(folder: Path, export: Callable[[Path], object]) -> Path:
    """A folder of the cache, exported if it is missing; two processes may ask for it at the same time.

    Raises:
        EncoderError: it cannot be exported.
    """
    there = folder / "modules.json"
    if not there.is_file():
        try:
            export(folder)
        except EncoderError:
            # Another process has written the same export.
            if not there.is_file():
                raise
    return folder


def export_cached(source: Source, name: str) -> Path:
    """The encoder as a folder in the cache, exported at first use; only the last used exports are kept.

    Raises:
        EncoderError: it cannot be exported.
    """
    folder = paths.cache_folder() / "exports" / source.identity
    export_once(folder, lambda place: export_source(source, name, place))
    with contextlib.suppress(OSError):
        os.utime(folder)
        _prune(folder.parent)
    return folder


def _prune(exports: Path) -> None:
    # Each holds a base in float32, about 470 MB; `bases` is the same cache of earlier versions, for training.
    shutil.rmtree(exports.with_name("bases"), ignore_errors=True)
    found = sorted(exports.glob("[!.]*"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for unused in found[KEPT:]:
        remove_folder(unused)


def _whole_or_not(folder: Path, write: Callable[[Path], object]) -> Path:
    """Write a folder next to its place and move it there, so that it is never half-written."""
    _only_if_empty(folder)
    try:
        with replacing_folder(folder) as partial:
            write(partial)
            _only_if_empty(folder)
    except OSError as error:
        raise EncoderError(
            f"The encoder cannot be written to {folder}: {error.strerror or error}.",
            hint="Free some space or name another folder.",
        ) from error
    return folder


def _only_if_empty(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise EncoderError(f"{folder} is not empty.", hint="Name a folder that does not exist yet.")


def _write_weights(source: Source, place: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    hidden = source.architecture.hidden
    weights = {name: value for name, value in source.layers().items() if name not in (WEIGHT, BIAS)}
    weights[TABLE] = _whole_table(source)
    if TYPES not in weights:
        kinds = int(read_json(source.weights / "config.json").get("type_vocab_size", 1))
        weights[TYPES] = np.zeros((kinds, hidden), dtype=np.float32)
    # The pooler is never used; without it, loading reports missing weights.
    weights.setdefault("pooler.dense.weight", np.zeros((hidden, hidden), dtype=np.float32))
    weights.setdefault("pooler.dense.bias", np.zeros(hidden, dtype=np.float32))
    tensors = {name: np.ascontiguousarray(value) for name, value in weights.items()}
    try:
        save_file(tensors, str(place / "model.safetensors"), metadata={"format": "pt"})
    except SafetensorError as error:
        raise OSError(None, str(error)) from error


def _whole_table(source: Source) -> Floats:
    """All rows of the token table in float32, converted a part at a time."""
    table = source.table()
    rows, width = table.shape
    values = np.empty((rows, width), dtype=np.float32)
    for start in range(0, rows, CHUNK):
        ids = np.arange(start, min(start + CHUNK, rows))
        values[start : start + len(ids)] = table.rows(ids)
    return values


def _write_config(source: Source, place: Path) -> None:
    """Write the network's configuration; with weighted layers, it requests the outputs of all layers."""
    weighted = len(source.architecture.layer_weights) > 1
    config = read_json(source.weights / "config.json")
    if weighted == bool(config.get("output_hidden_states")):
        shutil.copyfile(source.weights / "config.json", place / "config.json")
    else:
        _write_json(place / "config.json", {**config, "output_hidden_states": weighted})


def _write_weighting(source: Source, place: Path) -> None:
    """Write the weights of the last layers' outputs as a WeightedLayerPooling of sentence-transformers."""
    from safetensors.numpy import save_file

    shape = source.architecture
    place.mkdir()
    start = shape.layers + 1 - len(shape.layer_weights)
    config = {"word_embedding_dimension": shape.hidden, "layer_start": start, "num_hidden_layers": shape.layers}
    _write_json(place / "config.json", config)
    weights = np.array(shape.layer_weights, dtype=np.float32)
    save_file({"layer_weights": weights}, str(place / "model.safetensors"), metadata={"format": "pt"})


def _write_map(source: Source, place: Path) -> None:
    """Write the affine map after the pooling as a Dense of sentence-transformers."""
    assert source.head is not None
    weights = head.read(source.head)
    place.mkdir()
    _write_json(place / "config.json", head.described(source.architecture.hidden))
    head.write(place / "model.safetensors", weights[WEIGHT], weights[BIAS])


def _write_modules(source: Source, place: Path) -> None:
    weighted = len(source.architecture.layer_weights) > 1
    weighting = (WEIGHTING,) if weighted else ()
    kinds = (MODULES[0], *weighting, *MODULES[1:], *(MAP if source.head is not None else ()))
    places = ["", *(f"{index}_{kind}" for index, kind in enumerate(kinds) if index)]
    of = dict(zip(kinds, places, strict=True))
    modules = [
        {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for index, (kind, path) in enumerate(zip(kinds, places, strict=True))
    ]
    _write_json(place / "modules.json", modules)
    if weighted:
        _write_weighting(source, place / of[WEIGHTING])
    (place / of["Pooling"]).mkdir()
    for kind, own in zip(kinds, places, strict=True):
        if kind == "Normalize":
            (place / own).mkdir()
            _write_json(place / own / "config.json", {})
    if source.head is not None:
        _write_map(source, place / of["Dense"])
    pooling = {
        "word_embedding_dimension": source.architecture.hidden,
        "pooling_mode_cls_token": source.architecture.pooling == "cls",
        "pooling_mode_mean_tokens": source.architecture.pooling == "mean",
    }
    _write_json(place / of["Pooling"] / "config.json", pooling)
    _write_json(place / "sentence_bert_config.json", {"max_seq_length": source.max_tokens, "do_lower_case": False})
    settings = {"prompts": dict(source.prompts), "default_prompt_name": None, "similarity_fn_name": "cosine"}
    _write_json(place / "config_sentence_transformers.json", settings)


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
