"""Vectors from files as an encoder: texts find their vectors, questions too, and what is missing is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders.prefixed import precomputed
from hybrid_search.engine.errors import EncoderError
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.stores import StoreError

from tests.conftest import KeywordEncoder
from tests.support import filled_stores
from tests.support.endpoints import running
from tests.support.filled_stores import FILES, TEXTS


def write(path: Path, texts: list[str], vectors: np.ndarray) -> Path:
    np.save(path, vectors)
    rows = (json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n" for number, text in enumerate(texts))
    path.with_suffix(".jsonl").write_text("".join(rows), "utf-8")
    return path


@pytest.mark.parametrize("kind", FILES)
def test_texts_find_their_vectors_in_every_kind_of_file(kind: str, tmp_path: Path):
    with filled_stores.ALL[kind](tmp_path, 3 * filled_stores.vectors()) as name:
        found = encoders.load(name)
        texts = list(TEXTS.values())[::-1]
        np.testing.assert_allclose(found.encode_document(texts), filled_stores.vectors()[::-1], atol=1e-5)
        np.testing.assert_allclose(found.encode_query([" " + texts[0]]), filled_stores.vectors()[-1:], atol=1e-5)
        with pytest.raises(EncoderError, match="no vector of 1 of 2 passages, such as 'elsewhere'"):
            found.encode_document([texts[0], "elsewhere"])
        with pytest.raises(EncoderError, match=r"no vector of the question 'elsewhere'.*#ask="):
            found.encode_query(["elsewhere"])


def test_questions_come_from_a_file_of_their_own_or_from_an_encoder(tmp_path: Path):
    encoder = KeywordEncoder()
    passages = write(tmp_path / "p.npy", ["Bread.", "The moon."], encoder.encode_document(["Bread.", "The moon."]))
    queries = write(tmp_path / "q.npy", ["what is bread"], encoder.encode_query(["what is bread"]))
    found = precomputed.load(f"vectors:{passages}#queries={queries}&ask=other", lambda _: encoder)
    np.testing.assert_allclose(
        found.encode_query(["what is bread", "луна", "луна"]),
        encoder.encode_query(["bread", "moon", "moon"]),
        atol=1e-6,
    )
    with running("openai") as server:
        name = f"vectors:{passages}#ask={server.name}%23price=1"
        with pytest.raises(EncoderError, match="not named yourself"):
            encoders.load(name)
        encoders.remember(name)
        assert encoders.load(name).encode_query(["луна"]).shape == (1, 13)


def test_a_library_is_indexed_with_vectors_made_elsewhere(tmp_path: Path):
    texts = {"a": "Bread and water.", "b": "The moon over the house."}
    (tmp_path / "texts").mkdir()
    for name, text in texts.items():
        (tmp_path / "texts" / f"{name}.txt").write_text(text, "utf-8")
    file = write(tmp_path / "v.npy", list(texts.values()), KeywordEncoder().encode_document(list(texts.values())))
    found = precomputed.load(f"vectors:{file}#ask=other", lambda _: KeywordEncoder())
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([tmp_path / "texts"], encoders=[found])
        assert library.search("луна", encoder=found, k=1).hits[0].passage.path.endswith("b.txt")


def test_files_that_contradict_or_say_no_texts_are_refused(tmp_path: Path):
    with pytest.raises(EncoderError, match="two different vectors of the text 'same'"):
        encoders.load(f"vectors:{write(tmp_path / 'a.npy', ['same', 'same'], np.eye(2))}")
    with pytest.raises(EncoderError, match="vector of zeros"):
        encoders.load(f"vectors:{write(tmp_path / 'b.npy', ['x', 'y'], np.zeros((2, 2)))}")
    with pytest.raises(EncoderError, match="does not contain the texts of its vectors"):
        encoders.load(f"vectors:{write(tmp_path / 'c.npy', ['', 'y'], np.eye(2))}")
    with pytest.raises(StoreError, match="no file"):
        encoders.load(f"vectors:{tmp_path / 'nowhere.npy'}")
    wide = write(tmp_path / "w.npy", ["x"], np.eye(1, 3))
    with pytest.raises(EncoderError, match=r"vectors of 2 numbers, .* has 3"):
        encoders.load(f"vectors:{write(tmp_path / 'd.npy', ['x', 'y'], np.eye(2))}#queries={wide}")
