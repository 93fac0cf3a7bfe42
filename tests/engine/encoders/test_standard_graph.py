"""`encoders export --onnx`: the file that fastembed, Optimum and Transformers.js load, used as they use it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders.graphs import standard
from hybrid_search.engine.encoders.weights import head
from hybrid_search.engine.errors import EncoderError
from tokenizers import Tokenizer

from tests.support.small_encoders import HIDDEN, TEXTS, write_folder

KINDS = [("xlm-roberta", "mean"), ("bert", "cls")]


def with_map(folder: Path) -> Path:
    """The same with an affine map behind the pooling, as calibrated encoders are exported."""
    rng = np.random.default_rng(9)
    weight = (np.eye(HIDDEN) + 0.3 * rng.standard_normal((HIDDEN, HIDDEN))).astype(np.float32)
    modules = json.loads((folder / "modules.json").read_text())
    for name in ("3_Dense", "4_Normalize"):
        kind = f"sentence_transformers.models.{name[2:]}"
        modules.append({"idx": len(modules), "name": str(len(modules)), "path": name, "type": kind})
        (folder / name).mkdir()
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "3_Dense/config.json").write_text(json.dumps(head.described(HIDDEN)))
    head.write(folder / "3_Dense/model.safetensors", weight, rng.standard_normal(HIDDEN).astype(np.float32))
    return folder


def as_fastembed_does(folder: Path, texts: list[str]) -> list[np.ndarray]:
    """All outputs: its tokenizer cut and padded as tokenizer_config.json says, then one run."""
    import onnxruntime

    told = json.loads((folder / "tokenizer_config.json").read_text())
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(told["model_max_length"])
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id(told["pad_token"]), pad_token=told["pad_token"])
    encoded = tokenizer.encode_batch(texts)
    session = onnxruntime.InferenceSession(str(folder / "onnx/model.onnx"), providers=["CPUExecutionProvider"])
    assert [each.name for each in session.get_outputs()] == ["last_hidden_state", "sentence_embedding"]
    given = {
        "input_ids": np.array([each.ids for each in encoded], dtype=np.int64),
        "attention_mask": np.array([each.attention_mask for each in encoded], dtype=np.int64),
    }
    return list(session.run(None, given))


@pytest.mark.parametrize(("kind", "pooling"), KINDS)
@pytest.mark.parametrize("mapped", [False, True])
def test_the_graph_gives_the_encoder_s_vectors(tmp_path, kind, pooling, mapped):
    folder = write_folder(tmp_path / "model", kind=kind, pooling=pooling)
    folder = with_map(folder) if mapped else folder
    out = encoders.export(str(folder), tmp_path / "out", onnx=True)
    here = encoders.load(str(folder), precision="fp32").encode_query(TEXTS)
    tokens, vectors = as_fastembed_does(out, [f"query : {text}" for text in TEXTS])
    assert tokens.shape == (len(TEXTS), 38, HIDDEN)
    assert np.abs(vectors - here).max() < 1e-5
    alone = as_fastembed_does(out, [f"query : {TEXTS[1]}"])[1]
    assert np.abs(alone - here[1]).max() < 1e-5, "nothing is padded"


def test_weights_that_one_file_cannot_hold_lie_beside_it(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "model")
    monkeypatch.setattr(standard, "LARGEST", 1000)
    out = encoders.export(str(folder), tmp_path / "out", onnx=True)
    assert (out / "onnx/model.onnx_data").stat().st_size > (out / "onnx/model.onnx").stat().st_size
    here = encoders.load(str(folder), precision="fp32").encode_query(["brot"])
    assert np.abs(as_fastembed_does(out, ["query : brot"])[1] - here).max() < 1e-5


def test_the_card_says_how_fastembed_loads_it(tmp_path):
    out = encoders.export(str(write_folder(tmp_path / "model")), tmp_path / "out", onnx=True)
    card = (out / "README.md").read_text("utf-8")
    assert "PoolingType.DISABLED" in card
    assert "query 'query : '" in card
    assert json.loads((out / "tokenizer_config.json").read_text())["model_max_length"] == 38


def test_a_network_that_is_not_ours_is_refused_with_the_next_step(tmp_path):
    folder = write_folder(tmp_path / "model")
    modules = json.loads((folder / "modules.json").read_text())
    modules[2]["type"] = "sentence_transformers.models.LSTM"
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(EncoderError, match="cannot be written as ONNX here") as caught:
        encoders.export(str(folder), tmp_path / "out", onnx=True)
    assert "--onnx" in caught.value.hint
    assert not (tmp_path / "out").exists()
