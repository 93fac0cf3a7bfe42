"""Static encoders: the vectors that model2vec and sentence-transformers give, and damaged folders told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders import Encoder
from hybrid_search.engine.errors import EncoderError, UnknownEncoder
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from tests.support.small_encoders import TEXTS, tokenizer_json


def write(folder: Path, kind: str = "xlm-roberta", *, key: str = "embeddings", **more: np.ndarray) -> Path:
    """A static encoder of random vectors."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(tokenizer_json(kind), "utf-8")
    size = Tokenizer.from_str(tokenizer_json(kind)).get_vocab_size()
    table = np.random.default_rng(0).standard_normal((size, 8)).astype(np.float32)
    save_file({key: table, **more}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"normalize": True, "model_type": "model2vec"}))
    return folder


def size_of(kind: str) -> int:
    return Tokenizer.from_str(tokenizer_json(kind)).get_vocab_size()


@pytest.mark.parametrize("kind", ["xlm-roberta", "bert"])
@pytest.mark.parametrize("form", ["plain", "weighted", "shared"])
def test_vectors_are_those_of_model2vec(kind: str, form: str, tmp_path: Path):
    model2vec = pytest.importorskip("model2vec", reason="needs model2vec to compare with")
    size = size_of(kind)
    more = {
        "plain": {},
        "weighted": {"weights": np.linspace(0.1, 2, size).astype(np.float32)},
        "shared": {"mapping": (np.arange(size) % 7).astype(np.int64), "weights": np.ones(size, dtype=np.float32)},
    }[form]
    folder = write(tmp_path / "model", kind, **more)
    found = encoders.load(f"static:{folder}")
    assert isinstance(found, Encoder) and found.dimension == 8
    told = [text for text in TEXTS if text]
    wanted = model2vec.StaticModel.from_pretrained(folder, force_download=False).encode(told)
    known = np.linalg.norm(wanted, axis=1) > 0
    np.testing.assert_allclose(found.encode_document(told)[known], wanted[known], atol=1e-5)
    np.testing.assert_array_equal(found.encode_query(told), found.encode_document(told))


def test_a_static_embedding_of_sentence_transformers_is_read_too(tmp_path: Path):
    folder = write(tmp_path / "model" / "0_StaticEmbedding", key="embedding.weight").parent
    modules = [
        {"idx": 0, "name": "0", "path": "0_StaticEmbedding", "type": "sentence_transformers.models.StaticEmbedding"}
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    found = encoders.load(f"static:{folder}")
    tokenizer = Tokenizer.from_file(str(folder / "0_StaticEmbedding" / "tokenizer.json"))
    table = np.random.default_rng(0).standard_normal((tokenizer.get_vocab_size(), 8)).astype(np.float32)
    mean = table[tokenizer.encode("bread water", add_special_tokens=False).ids].mean(axis=0)
    np.testing.assert_allclose(found.encode_query(["bread water"])[0], mean / np.linalg.norm(mean), atol=1e-6)


def test_every_text_has_a_unit_vector_also_one_of_no_token(tmp_path: Path):
    found = encoders.load(f"static:{write(tmp_path / 'model', 'bert')}")
    vectors = found.encode_document([*TEXTS, "", "☃"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert found.count_tokens(["bread water", ""]) == [2, 0] and found.max_tokens == 512


def test_int8_tables_are_read(tmp_path: Path):
    folder = write(tmp_path / "model")
    table = np.random.default_rng(1).integers(-100, 100, (size_of("xlm-roberta"), 8)).astype(np.int8)
    save_file({"embeddings": table}, folder / "model.safetensors")
    np.testing.assert_allclose(np.linalg.norm(encoders.load(f"static:{folder}").encode_query(["bread"])), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "model.safetensors").write_bytes(b"\x80\x04."), "cannot be used"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "cannot be used"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "holds no static encoder"),
        (lambda folder: (folder / "config.json").write_text('{"max_length": "many"}'), "cannot be used"),
        (lambda folder: save_file({"x": np.eye(2)}, folder / "model.safetensors"), "no token vectors"),
        (lambda folder: save_file({"embeddings": np.eye(2)}, folder / "model.safetensors"), "not each has a vector"),
        (lambda folder: write(folder, mapping=np.full(size_of("xlm-roberta"), 10**6)), "not each has a vector"),
        (lambda folder: write(folder, weights=np.ones(1, dtype=np.float32)), "not each has a vector"),
    ],
)
def test_a_damaged_folder_is_named(damage, words: str, tmp_path: Path):
    damage(write(tmp_path / "model"))
    with pytest.raises(EncoderError, match=words):
        encoders.load(f"static:{tmp_path / 'model'}")


def test_vectors_that_are_no_numbers_are_refused(tmp_path: Path):
    folder = write(tmp_path / "model")
    save_file(
        {"embeddings": np.full((size_of("xlm-roberta"), 4), np.nan, dtype=np.float32)}, folder / "model.safetensors"
    )
    with pytest.raises(EncoderError, match="damaged"):
        encoders.load(f"static:{folder}").encode_query(["bread"])


def test_what_is_nowhere_is_said(tmp_path: Path):
    with pytest.raises(UnknownEncoder, match="no folder"):
        encoders.load(f"static:{tmp_path / 'nowhere'}")
    with pytest.raises(UnknownEncoder, match="cannot be downloaded from the hub"):
        encoders.load("static:owner/unheard-of")
