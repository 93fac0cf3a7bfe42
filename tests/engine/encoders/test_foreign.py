"""Encoders of other kinds: random models in the formats of XLM-R and LaBSE, through sentence-transformers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders.prompts import chosen_prompts
from hybrid_search.engine.encoders.protocol import Encoder
from hybrid_search.engine.encoders.source import pooling_mode
from hybrid_search.engine.errors import EncoderError, UnknownEncoder
from tokenizers import Tokenizer, models, pre_tokenizers, processors

TEXTS = ["bread water", "moon", "", "water water water bread unheard"]


def write_model(folder: Path, kind: str) -> Path:
    """A plain transformers folder: random weights, a tokenizer of a few words."""
    import torch
    from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

    torch.manual_seed(0)
    size = {
        "vocab_size": 8,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 48,
        "max_position_embeddings": 40,
        "pad_token_id": 1,
    }
    model = BertModel(BertConfig(**size)) if kind == "bert" else XLMRobertaModel(XLMRobertaConfig(**size))
    model.save_pretrained(str(folder))
    vocabulary = {word: index for index, word in enumerate(["<s>", "<pad>", "</s>", "<unk>", "bread", "water", "moon"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 38, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder


@pytest.mark.slow
def test_a_labse_like_model_with_a_dense_head_runs_through_sentence_transformers(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    body = modules.Transformer(str(write_model(tmp_path / "plain", "bert")))
    pooling = modules.Pooling(32, pooling_mode="cls")
    dense = modules.Dense(32, 16)
    model = SentenceTransformer(modules=[body, pooling, dense, modules.Normalize()], device="cpu")
    model.prompts = {"query": "moon ", "document": ""}
    model.save_pretrained(str(tmp_path / "labse"), create_model_card=False)
    encoder = encoders.load(str(tmp_path / "labse"))
    assert isinstance(encoder, Encoder) and encoder.dimension == 16
    done: list[int] = []
    assert np.abs(encoder.encode_document(TEXTS, done.append) - model.encode_document(TEXTS)).max() < 1e-5
    assert np.abs(encoder.encode_query(TEXTS) - model.encode_query(TEXTS)).max() < 1e-5
    assert sum(done) == len(TEXTS)
    assert encoder.count_tokens(TEXTS) == [4, 3, 2, 7]
    assert encoder.encode_document([]).shape == (0, 16)
    assert encoder.fingerprint == encoders.load(str(tmp_path / "labse")).fingerprint
    with pytest.raises(EncoderError, match="int8"):
        encoders.load(str(tmp_path / "labse"), precision="int8")


@pytest.mark.slow
def test_what_sentence_transformers_saves_runs_light_and_equal(tmp_path: Path) -> None:
    from hybrid_search.engine.encoders.light import LightEncoder
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    for kind, pooling in (("xlm-roberta", "mean"), ("bert", "cls")):
        body = modules.Transformer(str(write_model(tmp_path / f"plain-{kind}", kind)))
        plain = SentenceTransformer(
            modules=[body, modules.Pooling(32, pooling_mode=pooling), modules.Normalize()],
            prompts={"query": "bread ", "document": "water "},
            device="cpu",
        )
        plain.save_pretrained(str(tmp_path / kind), create_model_card=False)
        light = encoders.load(str(tmp_path / kind))
        assert isinstance(light, LightEncoder)
        long = [*TEXTS, "moon " * 100]
        assert np.abs(light.encode_query(long) - plain.encode_query(long)).max() < 1e-5
        assert np.abs(light.encode_document(long) - plain.encode_document(long)).max() < 1e-5


@pytest.mark.slow
def test_a_plain_language_model_gets_mean_pooling_and_unit_vectors(tmp_path: Path) -> None:
    encoder = encoders.load(str(write_model(tmp_path / "xlm-r", "xlm-roberta")))
    vectors = encoder.encode_document(TEXTS)
    assert vectors.shape == (4, 32) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.slow
def test_a_hub_id_without_the_hub_is_a_clear_error() -> None:
    with pytest.raises(UnknownEncoder, match="nobody/nothing is not on this machine") as caught:
        encoders.load("nobody/nothing")
    assert "download it elsewhere" in caught.value.hint


@pytest.mark.slow
def test_a_device_that_is_not_there_is_named(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", "bert")
    with pytest.raises(EncoderError, match="no device cuda:99"):
        encoders.load(str(folder), device="cuda:99")
    with pytest.raises(EncoderError, match="no device toaster"):
        encoders.load(str(folder), device="toaster")


def test_prompts_come_from_the_folder_or_the_family() -> None:
    assert chosen_prompts({"query": "q: ", "passage": "p: "}, "x") == {"query": "q: ", "document": "p: "}
    assert chosen_prompts({}, "intfloat/multilingual-e5-base") == {"query": "query: ", "document": "passage: "}
    assert chosen_prompts({}, "BAAI/bge-m3") == {"query": "", "document": ""}
    asked = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
    assert chosen_prompts({}, "intfloat/multilingual-e5-large-instruct") == {"query": asked, "document": ""}


def test_pooling_is_read_in_both_spellings() -> None:
    assert pooling_mode({"pooling_mode": "mean"}) == "mean"
    assert pooling_mode({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}) == "cls"
    assert pooling_mode({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}) == "other"
    assert pooling_mode({"pooling_mode": "mean", "include_prompt": False}) == "other"
    assert pooling_mode({"pooling_mode": "lasttoken"}) == "lasttoken"
