"""In which order texts are encoded: what was asked for, a hundred of all lengths, then the newest."""

from __future__ import annotations

import os
from pathlib import Path

from hybrid_search.engine.ingest import encoding, order
from hybrid_search.engine.ingest.order import SAMPLE, in_turn
from hybrid_search.engine.library import Library


def test_every_text_comes_once_and_what_is_wanted_first() -> None:
    longest_first = [7, 3, 9, 1]
    assert in_turn(longest_first, [1, 8, 3, 1]) == [1, 3, 7, 9]
    assert in_turn([], [1]) == []


def test_a_sample_of_all_lengths_comes_before_the_newest_block() -> None:
    longest_first = [(number * 7919) % 20011 for number in range(20011)]
    order = in_turn(longest_first, [5, 6])
    assert sorted(order) == sorted(longest_first) and order[:2] == [5, 6]
    places = sorted(longest_first.index(text) for text in order[2 : 2 + SAMPLE])
    assert places[0] < 300 and places[-1] > 19_500
    newest = order[2 + SAMPLE :][:4096]
    assert min(newest) > 15_000
    assert [longest_first.index(text) for text in newest] == sorted(longest_first.index(text) for text in newest)


def test_passages_that_answer_earlier_questions_are_encoded_first(tmp_path: Path, keyword_encoder) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.txt").write_text(f"The tree of day {number} stands beside the house. " * (1 + number % 5))
    (folder / "bread.txt").write_text("Sourdough rests over night.")
    asked: list[str] = []
    encode = keyword_encoder.encode_document
    keyword_encoder.encode_document = lambda texts, progress=None: asked.extend(texts) or encode(texts, progress)
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([folder], encoders=[keyword_encoder], asked=["who knows?", "sourdough"])
    assert asked[0] == "Sourdough rests over night." and len(asked) == 41


def test_of_a_folder_that_is_new_the_files_changed_last_come_first(
    tmp_path: Path, keyword_encoder, monkeypatch
) -> None:
    monkeypatch.setattr(order, "BLOCK", 4)
    monkeypatch.setattr(encoding, "BLOCK", 4)
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(20):
        path = folder / f"{number:02}.txt"
        path.write_text(f"The tree number {number:02} stands beside the house.")
        # In another order than that of the names.
        day = 86_400 * (1 + number * 7 % 20)
        os.utime(path, (day, day))
    (folder / "gone.txt").write_text("What is no longer there comes last.")
    asked: list[str] = []
    encode = keyword_encoder.encode_document
    keyword_encoder.encode_document = lambda texts, progress=None: asked.extend(texts) or encode(texts, progress)
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([folder], encoders=[])
        (folder / "gone.txt").unlink()
        library.encode_missing(keyword_encoder)
    days = [int(text.split()[3]) * 7 % 20 for text in asked[:-1]]
    assert [sorted(days[place : place + 4]) for place in range(0, 20, 4)] == [
        list(range(first, first + 4)) for first in (16, 12, 8, 4, 0)
    ]
    assert asked[-1].startswith("What is no longer")


def test_words_find_what_is_stored_while_no_vector_is_there_yet(tmp_path: Path, keyword_encoder) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "bread.txt").write_text("Sourdough rests over night.")
    found: list[int] = []

    def looking(texts, progress=None):
        with Library.open(tmp_path / "library", readonly=True) as other:
            found.append(len(other.search("sourdough", encoder="bm25").hits))
            found.append(other.pending(keyword_encoder))
        return encode(texts, progress)

    encode, keyword_encoder.encode_document = keyword_encoder.encode_document, looking
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([folder], encoders=[keyword_encoder])
    assert found == [1, 1]
