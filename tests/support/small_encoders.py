"""Writes small encoders with random weights, in every layout that users may have on disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from hybrid_search.engine.encoders.weights import adapter
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from tests.making import pack_base

HIDDEN, INNER, LAYERS, HEADS, POSITIONS = 64, 96, 2, 4, 40
WORDS = ["bread", "water", "moon", "brot", "wasser", "query", "passage", "хлеб", "水", "ขนมปัง", ":", "a", "b", "c", "d"]
TEXTS = ["bread water", "brot", "", "moon moon moon moon wasser", "水 a b c d a b c", "unheard of", "a " * 200]


def tokenizer_json(kind: str = "xlm-roberta") -> str:
    """A word-level (BERT) or Unigram (XLM-R) tokenizer of a few words."""
    pieces = ["<s>", "<pad>", "</s>", "<unk>"]
    if kind == "bert":
        tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate([*pieces, *WORDS])}, unk_token="<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    else:
        letters = sorted({letter for word in WORDS for letter in word})
        scored = [(p, 0.0) for p in pieces] + [("▁" + w, -2.125 - i / 7) for i, w in enumerate(WORDS)]
        scored += [(letter, -9.3) for letter in ["▁", *letters] if ("▁" + letter) != "▁▁"]
        tokenizer = Tokenizer(models.Unigram(scored, 3, False))
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(pieces)
    return tokenizer.to_str()


def random_weights(vocabulary: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Weights of a small BERT, in Hugging Face's names."""
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> np.ndarray:
        return (rng.standard_normal(shape) * 0.3).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": normal(vocabulary, HIDDEN),
        "embeddings.position_embeddings.weight": normal(POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": normal(1, HIDDEN),
        "embeddings.LayerNorm.weight": 1 + normal(HIDDEN),
        "embeddings.LayerNorm.bias": normal(HIDDEN),
    }
    for layer in range(LAYERS):
        start = f"encoder.layer.{layer}."
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            weights[f"{start}{part}.weight"], weights[f"{start}{part}.bias"] = normal(HIDDEN, HIDDEN), normal(HIDDEN)
        weights[f"{start}intermediate.dense.weight"] = normal(INNER, HIDDEN)
        weights[f"{start}intermediate.dense.bias"] = normal(INNER)
        weights[f"{start}output.dense.weight"] = normal(HIDDEN, INNER)
        weights[f"{start}output.dense.bias"] = normal(HIDDEN)
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            weights[f"{start}{part}.weight"], weights[f"{start}{part}.bias"] = 1 + normal(HIDDEN), normal(HIDDEN)
    return weights


def config_of(kind: str, vocabulary: int) -> dict[str, object]:
    return {
        "model_type": kind,
        "architectures": ["XLMRobertaModel" if kind == "xlm-roberta" else "BertModel"],
        "hidden_size": HIDDEN,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "max_position_embeddings": POSITIONS,
        "vocab_size": vocabulary,
        "type_vocab_size": 1,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-5,
        "pad_token_id": 1,
    }


def write_folder(
    folder: Path, *, kind: str = "xlm-roberta", pooling: str = "mean", seed: int = 0, dtype: str = "<f4"
) -> Path:
    """A SentenceTransformer folder of a small random model."""
    text = tokenizer_json(kind)
    vocabulary = Tokenizer.from_str(text).get_vocab_size()
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "2_Normalize").mkdir()
    (folder / "tokenizer.json").write_text(text)
    (folder / "config.json").write_text(json.dumps(config_of(kind, vocabulary)))
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 38, "pad_token": "<pad>"}))
    weights = {name: value.astype(dtype) for name, value in random_weights(vocabulary, seed).items()}
    save_file(weights, str(folder / "model.safetensors"), metadata={"format": "pt"})
    modules = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
    listed = [
        {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{name}"}
        for index, (name, path) in enumerate(modules)
    ]
    (folder / "modules.json").write_text(json.dumps(listed))
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"embedding_dimension": HIDDEN, "pooling_mode": pooling, "include_prompt": True})
    )
    saved = {"prompts": {"query": "query : ", "document": "passage : "}, "similarity_fn_name": "cosine"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(saved))
    return folder


def write_base(folder: Path) -> Path:
    """A packed base like the bundled one, of a small random model in 4 bits."""
    text = tokenizer_json()
    vocabulary = Tokenizer.from_str(text).get_vocab_size()
    arrays: dict[str, np.ndarray] = {}
    for name, value in random_weights(vocabulary, seed=5).items():
        if value.ndim == 2 and "_embeddings.weight" not in name.replace("word_embeddings", ""):
            blocks = value.reshape(len(value), -1, 32)
            scales = (np.abs(blocks).max(-1) / 7).astype(np.float16)
            nibbles = np.clip(np.rint(blocks / scales[..., None].astype(np.float32)) + 8, 0, 15).astype(np.uint8)
            arrays[f"{name}.q"], arrays[f"{name}.d"] = nibbles[..., :16] | nibbles[..., 16:] << 4, scales
        else:
            arrays[name] = value
    files = {
        "tokenizer.json": text,
        "config.json": json.dumps(config_of("xlm-roberta", vocabulary)),
        "tokenizer_config.json": json.dumps({"model_max_length": 38}),
        "1_Pooling/config.json": json.dumps({"pooling_mode": "mean"}),
        "config_sentence_transformers.json": json.dumps({"prompts": {"query": "query : ", "document": "passage : "}}),
    }
    arrays |= {f"file:{name}": np.frombuffer(content.encode(), np.uint8) for name, content in files.items()}
    archive = folder.with_suffix(".npz")
    archive.parent.mkdir(parents=True, exist_ok=True)
    np.savez(archive, **arrays)
    pack_base.pack(archive, folder)
    archive.unlink()
    return folder


def write_adapter(folder: Path, *, rank: int = 4, hidden: int = HIDDEN, seed: int = 1, **described: object) -> Path:
    """An adapter on two of the base's weights."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for layer, part in ((0, "attention.self.query"), (1, "attention.output.dense")):
        start = f"base_model.model.encoder.layer.{layer}.{part}"
        tensors[f"{start}.lora_A.weight"] = rng.standard_normal((rank, hidden)).astype(np.float32) * 0.3
        tensors[f"{start}.lora_B.weight"] = rng.standard_normal((hidden, rank)).astype(np.float32) * 0.3
    adapter.save(folder, tensors, rank=rank, alpha=2 * rank)
    (folder / "encoder.json").write_text(
        json.dumps({"schema": 1, "base": "base", "description": "a test", **described})
    )
    (folder / "README.md").write_text("# The card\n")
    return folder
