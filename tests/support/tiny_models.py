"""Encoders of two layers with random weights, in the formats of XLM-R and LaBSE, for tests of training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hybrid_search.train.settings.config import RunConfig, SourceConfig

CONCEPTS = [
    ("brot", "bread", "pan"),
    ("wasser", "water", "agua"),
    ("mond", "moon", "luna"),
    ("baum", "tree", "árbol"),
    ("feuer", "fire", "fuego"),
    ("haus", "house", "casa"),
    ("salz", "salt", "sal"),
    ("sonne", "sun", "sol"),
    ("schnee", "snow", "nieve"),
    ("berg", "mountain", "monte"),
    ("fluss", "river", "río"),
    ("vogel", "bird", "pájaro"),
]
WORDS = [word for concept in CONCEPTS for word in concept]
LANGUAGES = ("de", "en", "es")


def tokenizer(folder: Path):
    """A word-level tokenizer over a few words, saved as a fast one."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    pieces = [
        "<s>",
        "<pad>",
        "</s>",
        "<unk>",
        "query",
        "passage",
        ":",
        "wo",
        "where",
        "dónde",
        *map(str, range(60)),
        *WORDS,
    ]
    inner = Tokenizer(models.WordLevel({piece: place for place, piece in enumerate(pieces)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    made = PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>",
        unk_token="<unk>", pad_token="<pad>", model_max_length=64,
    )  # fmt: skip
    made.save_pretrained(str(folder))
    return len(pieces)


def xlm_r(folder: Path, *, dropout: float = 0.1) -> Path:
    """A plain XLM-R language model, as `xlm-roberta-base` is published: no pooling, no prompts."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaModel

    size = tokenizer(folder)
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=size, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=80, type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2,
        hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout,
    )  # fmt: skip
    XLMRobertaModel(config).save_pretrained(str(folder))
    return folder


def labse(folder: Path) -> Path:
    """BERT with LaBSE's head: the first token, a dense layer with tanh, unit length."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel

    inner = folder.parent / f"{folder.name}-bert"
    size = tokenizer(inner)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=size, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=80, pad_token_id=1,
    )  # fmt: skip
    BertModel(config).save_pretrained(str(inner))
    modules = [
        Transformer(str(inner)),
        Pooling(32, pooling_mode="cls"),
        Dense(in_features=32, out_features=32, activation_function=torch.nn.Tanh()),
        Normalize(),
    ]
    model = SentenceTransformer(modules=modules, device="cpu")
    model.model_card_data.generate_widget_examples = False
    model.save_pretrained(str(folder), create_model_card=False)
    return folder


def pairs(path: Path, count: int = 60) -> Path:
    """Rows with a question and a passage in three languages; a number and a word make each row unique."""
    ask = dict(zip(LANGUAGES, ("wo", "where", "dónde"), strict=True))
    with path.open("w", encoding="utf-8") as file:
        for row in range(count):
            concept = CONCEPTS[row % len(CONCEPTS)]
            words = dict(zip(LANGUAGES, concept, strict=True))
            values = {
                "id": f"row-{row}",
                "source": "tiny",
                "question": {code: f"{ask[code]} {words[code]} {row}" for code in LANGUAGES},
                "passage": {code: f"{words[code]} {row} {words[code]} {row}" for code in LANGUAGES},
            }
            file.write(json.dumps(values, ensure_ascii=False) + "\n")
    return path


def words(path: Path) -> Path:
    """Bitext of single words in three languages."""
    rows = [
        {"id": f"w{place}", "text": dict(zip(LANGUAGES, concept, strict=True))}
        for place, concept in enumerate(CONCEPTS)
    ]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


def run(name: str, base: Path, *sources: SourceConfig, **settings: Any) -> RunConfig:
    """The settings of a training run that takes a second or two on a processor."""
    short = {"steps": 4, "batch_size": 6, "lora_rank": 4, "learning_rate": 1e-2, "warmup_steps": 1}
    here = {"precision": "fp32", "device": "cpu", "checkpoint_every": 2}
    return RunConfig(name=name, base=str(base), sources=sources, **{**short, **here, **settings})


def cross_encoder(folder: Path, *, labels: int = 1) -> Path:
    """A cross-encoder of one layer with random weights."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    config = _one_layer(tokenizer(folder), num_labels=labels)
    BertForSequenceClassification(BertConfig(**config)).save_pretrained(str(folder))
    return folder


def sparse_encoder(folder: Path) -> Path:
    """A sparse encoder: a random weight for each token."""
    import torch
    from sentence_transformers import SparseEncoder
    from sentence_transformers.sparse_encoder.modules import SparseStaticEmbedding
    from transformers import AutoTokenizer

    torch.manual_seed(0)
    size = tokenizer(folder / "words")
    made = SparseStaticEmbedding(AutoTokenizer.from_pretrained(str(folder / "words")), weight=torch.rand(size))
    SparseEncoder(modules=[made]).save(str(folder / "encoder"))
    return folder / "encoder"


def multi_vector_encoder(folder: Path) -> Path:
    """A multi-vector encoder of one layer with random weights."""
    import torch
    from sentence_transformers import MultiVectorEncoder, models
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    config = _one_layer(tokenizer(folder / "bert"))
    BertModel(BertConfig(**config)).save_pretrained(str(folder / "bert"))
    MultiVectorEncoder(modules=[models.Transformer(str(folder / "bert"))]).save(str(folder / "encoder"))
    return folder / "encoder"


def _one_layer(size: int, **more: int) -> dict[str, int]:
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    return {"vocab_size": size, "max_position_embeddings": 64, **shape, **more}
