"""Encoding on a device: the same vectors as elsewhere, whatever the lengths, the batches and the order of texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders import registry, source
from hybrid_search.engine.encoders.devices import attention, bert, load, pipeline
from hybrid_search.engine.encoders.devices.layout import batches, laid_out
from hybrid_search.engine.encoders.light import LightEncoder
from hybrid_search.engine.encoders.tokens.counting import counting
from hybrid_search.engine.errors import EncoderError

from tests.support.transformers_folders import write_model

WORDS = ("bread", "water", "moon", "unheard")
TEXTS = ["", *(" ".join(WORDS[(start + step) % 4] for step in range(1 + start * 7 % 50)) for start in range(23))]


def saved(folder: Path, kind: str, pooling: str, *, dense: bool = False) -> Path:
    """A SentenceTransformer folder of a random model."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    body = modules.Transformer(str(write_model(folder / "plain", kind)))
    after = [modules.Dense(32, 16)] if dense else []
    parts = [body, modules.Pooling(32, pooling_mode=pooling), *after, modules.Normalize()]
    model = SentenceTransformer(modules=parts, device="cpu")
    model.prompts = {"query": "moon ", "document": "water "}
    model.save_pretrained(str(folder / "saved"), create_model_card=False)
    return folder / "saved"


def read(folder: Path) -> Any:
    found = source.read(folder, registry._base_folder)
    assert found is not None
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "pooling"), [("xlm-roberta", "mean"), ("bert", "cls")])
def test_texts_laid_end_to_end_have_the_vectors_of_the_plain_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, pooling: str
) -> None:
    from sentence_transformers import SentenceTransformer

    folder = saved(tmp_path, kind, pooling)
    plain = SentenceTransformer(str(folder), device="cpu")
    monkeypatch.setattr(bert, "PROCESSOR_BUDGET", 90)
    monkeypatch.setattr(pipeline, "PART", 5)
    encoder = load("tiny", folder, read(folder), device="cpu", precision="fp32")
    done: list[int] = []
    assert np.abs(encoder.encode_document(TEXTS, done.append) - plain.encode_document(TEXTS)).max() < 1e-5
    assert np.abs(encoder.encode_query(TEXTS) - plain.encode_query(TEXTS)).max() < 1e-5
    assert sum(done) == len(TEXTS) and len(done) > 5
    assert encoder.fingerprint == encoders.load(str(folder), precision="fp32").fingerprint
    assert encoder.counter is not None
    assert (
        encoder.count_tokens(TEXTS)
        == encoders.load(str(folder)).count_tokens(TEXTS)
        == counting(encoder.counter)(TEXTS)
    )
    assert encoder.encode_document([]).shape == (0, 32)


@pytest.mark.slow
def test_sixteen_bits_stay_close_to_float32_and_have_a_fingerprint_of_their_own(tmp_path: Path) -> None:
    found = read(saved(tmp_path, "xlm-roberta", "mean"))
    whole = load("tiny", None, found, device="cpu", precision="fp32").encode_document(TEXTS)
    for precision, least in (("fp16", 0.99999), ("bf16", 0.999)):
        encoder = load("tiny", None, found, device="cpu", precision=precision)
        assert ((encoder.encode_document(TEXTS) * whole).sum(1)).min() > least
        assert encoder.fingerprint == found.fingerprint(precision)


@pytest.mark.slow
def test_any_other_model_runs_through_its_own_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hybrid_search.engine.encoders.devices import foreign
    from sentence_transformers import SentenceTransformer

    folder = saved(tmp_path, "bert", "cls", dense=True)
    monkeypatch.setattr(foreign, "BUDGET", 90)
    monkeypatch.setattr(pipeline, "PART", 7)
    plain = SentenceTransformer(str(folder), device="cpu")
    encoder = load(str(folder), folder, None, device="cpu", precision="fp32")
    assert np.abs(encoder.encode_document(TEXTS) - plain.encode_document(TEXTS)).max() < 1e-5
    assert np.abs(encoder.encode_query(TEXTS) - plain.encode_query(TEXTS)).max() < 1e-5
    assert encoder.dimension == 16 and encoder.fingerprint == encoders.load(str(folder)).fingerprint
    assert encoder.counter is None
    narrow = load(str(folder), folder, None, device="cpu")
    assert "-bf16." in narrow.fingerprint
    assert (narrow.encode_document(TEXTS) * plain.encode_document(TEXTS)).sum(1).min() > 0.999


@pytest.mark.slow
def test_a_processor_continues_what_a_card_began(tmp_path: Path) -> None:
    folder = saved(tmp_path, "xlm-roberta", "mean")
    on_card = read(folder).fingerprint("fp16")
    here = encoders.load(str(folder), stored=[on_card])
    assert here.fingerprint == on_card
    assert np.array_equal(here.encode_query(TEXTS), encoders.load(str(folder), precision="fp32").encode_query(TEXTS))
    other = saved(tmp_path / "other", "bert", "cls", dense=True)
    on_card = load(str(other), other, None, device="cpu").fingerprint
    assert encoders.load(str(other), stored=[on_card]).fingerprint == on_card


@pytest.mark.slow
def test_layers_that_are_weighed_and_maps_behind_them_are_kept_on_a_device(tmp_path: Path) -> None:
    found = read(saved(tmp_path, "xlm-roberta", "mean"))
    for weights in ((0.5, 2.0), (1.0, 0.0, 3.0)):
        weighed = replace(found, architecture=found.architecture.pooled_over(weights))
        light = LightEncoder("tiny", weighed, precision="fp32")
        there = load("tiny", None, weighed, device="cpu", precision="fp32")
        assert np.abs(there.encode_document(TEXTS) - light.encode_document(TEXTS)).max() < 1e-5


def test_batches_hold_every_text_once_and_no_more_tokens_than_they_may() -> None:
    lengths = [3, 50, 7, 7, 120, 1, 20, 20]
    made = list(batches(lengths, 60))
    assert sorted(index for batch in made for index in batch) == list(range(8))
    assert all(sum(lengths[index] for index in batch) <= 60 for batch in made if len(batch) > 1)
    layout = laid_out([np.full(length, length, np.int32) for length in (5, 5, 2)])
    assert layout.runs == ((2, 5), (1, 2)) and layout.longest == 5
    assert layout.positions.tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]
    assert layout.starts.tolist() == [0, 5, 10, 12]


def test_a_kernel_that_gives_something_else_is_not_used() -> None:
    import torch

    def wrong(query: Any, *_: Any) -> Any:
        return query * 3

    drawn = torch.randn(114, 2, 8)
    layout = laid_out([np.zeros(length, np.int32) for length in (60, 30, 24)])
    alone = torch.cat(
        [
            torch.nn.functional.scaled_dot_product_attention(*[drawn[a:b].transpose(0, 1)] * 3).transpose(0, 1)
            for a, b in ((0, 60), (60, 90), (90, 114))
        ]
    )
    assert (attention.by_runs(drawn, drawn, drawn, layout) - alone).abs().max() < 1e-5
    assert attention.right(torch.device("cpu"), torch.bfloat16, 2, 8, wrong) is False
    assert attention.right(torch.device("cpu"), torch.bfloat16, 2, 8, attention.by_runs) is True


@pytest.mark.slow
def test_numbers_beyond_sixteen_bits_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    encoder = load("tiny", None, read(saved(tmp_path, "bert", "mean")), device="cpu", precision="fp16")
    monkeypatch.setattr(encoder._runner, "run", lambda inputs: torch.full((len(inputs.starts) - 1, 32), torch.nan))
    with pytest.raises(EncoderError, match="16 bits") as raised:
        encoder.encode_document(TEXTS)
    assert "fp32" in raised.value.hint
