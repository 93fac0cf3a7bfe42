"""Vectors are stored in half the room, and scores are those of the encoder to five digits."""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.library import Library
from hybrid_search.engine.store.records import dimension_of, lengths_of, packed, unpacked


def unit(count: int, dimension: int, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((count, dimension)) * np.linspace(1, 9, dimension)
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("dimension", [17, 384, 1024])
def test_cosines_move_by_less_than_anybody_sees(dimension: int) -> None:
    vectors = unit(200, dimension)
    blobs = packed(vectors)
    assert {len(blob) for blob in blobs} == {5 + 2 * dimension}
    back = unpacked(blobs, dimension)
    assert back.dtype == np.float32
    asked = unit(50, dimension, 1)
    assert np.abs(back @ asked.T - vectors @ asked.T).max() < (1e-5 if dimension >= 384 else 4e-5)
    assert np.abs((back * vectors).sum(1) - 1).max() < 1e-6
    assert np.abs(unpacked(packed(back), dimension) - back).max() < 1e-7


def test_short_vectors_zeros_and_what_earlier_versions_stored_come_back_to_the_bit() -> None:
    short = unit(3, 16)
    assert np.array_equal(unpacked(packed(short), 16), short)
    assert np.array_equal(unpacked(packed(np.zeros((2, 40), np.float32)), 40), np.zeros((2, 40)))
    vectors = unit(4, 40)
    single = [row.tobytes() for row in vectors]
    mixed = [single[0], *packed(vectors[1:3]), single[3]]
    back = unpacked(mixed, 40)
    assert np.array_equal(back[[0, 3]], vectors[[0, 3]]) and np.abs(back - vectors).max() < 1e-4
    assert unpacked([], 40).shape == (0, 40)


def test_a_stored_vector_tells_its_length_in_either_form() -> None:
    for dimension in (1, 2, 16, 17, 193, 384, 766):
        vectors = unit(1, dimension)
        for blob in (*packed(vectors), vectors[0].tobytes()):
            assert dimension_of(blob) == dimension and len(blob) in lengths_of(dimension)


class Wide:
    """An encoder of 384 numbers; a text's vector follows from its letters."""

    name = fingerprint = "wide"
    dimension, max_tokens = 384, 512

    def encode_query(self, texts, progress=None):
        return np.concatenate([unit(1, 384, zlib.crc32(text.encode())) for text in texts])

    encode_document = encode_query

    def count_tokens(self, texts):
        return [5 for _ in texts]


def test_a_library_of_an_earlier_version_goes_on_with_both_and_a_check_finds_nothing_wrong(tmp_path: Path) -> None:
    from hybrid_search.engine.store.sums import vector_sum

    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("moon", "bread", "river"):
        (folder / f"{name}.txt").write_text(f"The {name} is quiet tonight.")
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([folder], encoders=[Wide()])
    with contextlib.closing(sqlite3.connect(tmp_path / "library" / "library.db")) as database, database:
        number, blob = database.execute("SELECT id, vector FROM vectors ORDER BY id LIMIT 1").fetchone()
        single = unpacked([blob], 384)[0].tobytes()
        update = "UPDATE vectors SET vector = ?, sum = ? WHERE id = ?"
        database.execute(update, (single, vector_sum(number, single), number))
    with Library.open(tmp_path / "library") as library:
        best = library.search("The bread is quiet tonight.", encoder=Wide(), k=3).hits
        assert len(best) == 3 and best[0].score == pytest.approx(1.0, abs=1e-6)
        assert "bread" in best[0].passage.text
        assert library.check(repair=False).ok
