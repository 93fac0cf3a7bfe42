"""Prompts: which family an encoder is of, what it leaves out, and how it is asked with others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders import Encoder, Prompted, Reworded, family_of_encoder, lacking
from hybrid_search.engine.encoders.endpoints import consent
from hybrid_search.engine.errors import DataError

from tests.support import small_encoders
from tests.support.endpoints import running

TEXTS = ["bread water", "moon", "wasser a b"]
E5 = "intfloat/multilingual-e5-small"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An encoder that is saved without prompts, under a name that tells nothing."""
    made = small_encoders.write_folder(tmp_path / "model-7")
    (made / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {}}), "utf-8")
    return made


def test_an_encoder_is_asked_with_other_prompts_as_if_they_stood_in_its_texts(folder: Path):
    plain = encoders.load(str(folder))
    assert isinstance(plain, Prompted) and plain.prompts == {"query": "", "document": ""}
    worded = Reworded(plain, "query: ", "passage: ")
    assert isinstance(worded, Encoder)
    np.testing.assert_allclose(
        worded.encode_query(TEXTS), plain.encode_query([f"query: {text}" for text in TEXTS]), atol=1e-5
    )
    told: list[int] = []
    np.testing.assert_allclose(
        worded.encode_document(TEXTS, told.append),
        plain.encode_document([f"passage: {text}" for text in TEXTS]),
        atol=1e-5,
    )
    assert sum(told) == len(TEXTS)
    # Vectors are kept by fingerprint: those of other prompts are others.
    other = Reworded(plain, "query: ", "")
    assert len({plain.fingerprint, worded.fingerprint, other.fingerprint}) == 3


@pytest.mark.slow
def test_sentence_transformers_asks_alike(folder: Path):
    from hybrid_search.engine.encoders.sentence_transformer import SentenceTransformerEncoder
    from sentence_transformers import SentenceTransformer

    light = encoders.load(str(folder))
    heavy = SentenceTransformerEncoder(str(folder), SentenceTransformer(str(folder), device="cpu"))
    assert isinstance(light, Prompted) and isinstance(heavy, Prompted)
    for kind in ("query", "document"):
        np.testing.assert_allclose(
            heavy.encode_after("query: ", TEXTS, kind), light.encode_after("query: ", TEXTS, kind), atol=1e-4
        )


def test_what_an_encoder_was_made_from_tells_what_it_leaves_out(folder: Path):
    nothing = encoders.load(str(folder))
    assert isinstance(nothing, Prompted)
    assert family_of_encoder(nothing) is None and lacking(nothing) is None
    (folder / "README.md").write_text(f"---\ntags:\n- x\nbase_model: {E5}\n---\n# A model\n", "utf-8")
    found = lacking(nothing)
    assert found is not None and found.name == "e5"
    (folder / "README.md").write_text(f"---\nbase_model:\n  - '{E5}'\n---\n", "utf-8")
    assert lacking(nothing) is found
    (folder / "README.md").write_text(f"base_model: {E5}", "utf-8")
    assert lacking(nothing) is None
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "_name_or_path": E5}), "utf-8")
    assert lacking(nothing) is found
    # A configuration that was damaged since says nothing.
    (folder / "config.json").write_text("{", "utf-8")
    assert lacking(nothing) is None


@pytest.mark.parametrize(
    ("saved", "left_out"),
    [
        ({}, True),
        ({"query": "query: "}, True),
        ({"query": "query: ", "document": "passage: "}, False),
        ({"query": "ask: ", "document": "text: "}, False),
    ],
)
def test_prompts_of_ones_own_are_none_that_are_left_out(folder: Path, saved: dict[str, str], left_out: bool):
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": saved}), "utf-8")
    (folder / "README.md").write_text(f"---\nbase_model: {E5}\n---\n", "utf-8")
    found = encoders.load(str(folder))
    assert isinstance(found, Prompted) and (lacking(found) is not None) is left_out


def test_an_endpoint_gets_other_prompts_in_its_texts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(consent, "_named", set())
    with running("openai") as server:
        found = encoders.load(f"openai:multilingual-e5-small@{server.address}#prompts=none", named=True)
        assert isinstance(found, Prompted)
        family = lacking(found)
        assert family is not None
        Reworded(found, family.query, family.document).encode_query(["bread"])
        assert server.asked[-1].body["input"] == ["query: bread"]
        found.encode_query(["bread"])
        assert server.asked[-1].body["input"] == ["bread"]


@pytest.mark.parametrize("protocol", ["cohere", "voyage", "gemini"])
def test_endpoints_that_tell_queries_apart_themselves_leave_none_out(protocol: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(consent, "_named", set())
    with running(protocol) as server:
        found = encoders.load(server.name, named=True)
        assert isinstance(found, Prompted) and found.origins == () and lacking(found) is None


def test_what_is_no_text_is_not_taken_for_damage_of_the_encoder(folder: Path):
    plain = encoders.load(str(folder))
    with running("openai") as server:
        for found in (plain, Reworded(plain, "query: ", ""), encoders.load(server.name, named=True)):
            for given in ("bread", None, ["bread", None], [b"bread"], [5], [["bread"]]):
                for encode in (found.encode_query, found.encode_document):
                    with pytest.raises(DataError, match=r"texts (is|has)"):
                        encode(given)
            for given in ((text for text in TEXTS), np.array(TEXTS)):
                np.testing.assert_allclose(found.encode_query(given), found.encode_query(TEXTS), atol=1e-6)
