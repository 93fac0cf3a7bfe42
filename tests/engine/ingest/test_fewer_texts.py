"""Fewer texts to encode: what is alike is encoded once, and what stands on every page is left out and said."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.ingest.alike import groups, plain
from hybrid_search.engine.library import Library
from hybrid_search.engine.passages.repeating import FEWEST, Repeating, repeating

RIGHTS = "All rights reserved by the bakers of the old bridge, page {}."
TOPICS = ("moon", "bread", "river", "tree", "house", "garden", "market")


def texts_of(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path / "library.db")) as database:
        return [text for (text,) in database.execute("SELECT text FROM texts ORDER BY id")]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    root.mkdir()
    for number in range(2 * FEWEST):
        own = f"The {TOPICS[number % 7]} of day {number} was {'very ' * (number % 5 + 1)}quiet beside the house. " * 3
        (root / f"{number}.txt").write_text(f"{RIGHTS.format(number)}\n\n{own}\n\nBack to the old bridge\n")
    return root


def test_texts_that_differ_in_typography_alone_are_encoded_once(tmp_path: Path, keyword_encoder) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    ways = ("The “moon” rises –\nslowly.", "The 'moon'  rises - slowly.", 'The "moon" rises \u2014 slow\u00adly.')
    for number, text in enumerate((*ways, "The moon rises - slowly.")):
        (folder / f"{number}.txt").write_text(text)
    asked: list[str] = []
    encode = keyword_encoder.encode_document
    keyword_encoder.encode_document = lambda texts, progress=None: asked.extend(texts) or encode(texts, progress)
    with Library.open(tmp_path / "library", create=True) as library:
        report = library.index([folder], encoders=[keyword_encoder])
        assert len(asked) == 2 and report.encoded == {keyword_encoder.name: 4}
        assert library.pending(keyword_encoder) == 0
        _, vectors = library.vectors(keyword_encoder)
        assert len({vector.tobytes() for vector in vectors}) <= 2
        assert {hit.passage.text for hit in library.search("moon", encoder=keyword_encoder, k=9).hits} >= set(ways[1:2])


def test_groups_keep_the_order_and_every_text() -> None:
    texts = ["a  b", "c", "a b", "C", "a\nb", "c\u200b"]
    assert list(groups([5, 6, 7, 8, 9, 10], [texts[:4], texts[4:]])) == [[5, 7, 9], [6, 10], [8]]
    assert list(groups([], [])) == []
    assert plain("ﬁne —\t“x”\u00ad") == "fine - 'x'"


def test_what_stands_in_most_documents_is_left_out_and_said(tmp_path: Path, site: Path, keyword_encoder) -> None:
    with Library.open(tmp_path / "library", create=True) as library:
        report = library.index([site], encoders=[keyword_encoder])
    texts = texts_of(tmp_path / "library")
    assert report.new == 2 * FEWEST == len(texts)
    assert not any("rights" in text or "Back to" in text for text in texts)
    said = next(notice for notice in report.notices if "left out" in notice)
    assert "2 paragraphs" in said and "All rights reserved" in said and "--boilerplate" in said


def test_it_is_put_into_passages_where_that_is_asked_for(tmp_path: Path, site: Path) -> None:
    with Library.open(tmp_path / "library", create=True) as library:
        report = library.index([site], encoders=[], boilerplate=True)
    assert all("rights" in text and "Back to" in text for text in texts_of(tmp_path / "library"))
    assert not any("left out" in notice for notice in report.notices)


def test_a_page_that_comes_later_loses_it_too_and_nothing_is_said_again(tmp_path: Path, site: Path) -> None:
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([site], encoders=[])
        (site / "later.txt").write_text(f"{RIGHTS.format(777)}\n\nThe bridge is closed on market days.\n")
        report = library.index([site], encoders=[])
    assert report.new == 1 and not report.notices
    assert texts_of(tmp_path / "library")[-1] == "The bridge is closed on market days."


def test_offsets_still_lead_into_the_documents_text(tmp_path: Path, site: Path) -> None:
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([site], encoders=[])
        for hit in library.search("moon", encoder="bm25", k=9).hits:
            passage = hit.passage
            assert Path(passage.path).read_text()[passage.start : passage.end] == passage.text


def test_copies_of_one_document_lose_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    for number in range(FEWEST + 5):
        (folder / f"{number}.txt").write_text("The moon rises.\n\nThe bread is baked in the morning.\n")
    with Library.open(tmp_path / "library", create=True) as library:
        report = library.index([folder], encoders=[])
    assert report.passages == FEWEST + 5 and not report.notices


def test_a_document_of_nothing_else_keeps_it(tmp_path: Path, site: Path) -> None:
    (site / "only.txt").write_text("Back to the old bridge\n")
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([site], encoders=[])
    assert "Back to the old bridge" in texts_of(tmp_path / "library")


def test_few_documents_or_what_half_of_them_lack_tell_nothing() -> None:
    pages = [
        ["the same words on every page", f"own words {'x' * number} and many more of them"] for number in range(50)
    ]
    assert list(repeating(pages).values()) == ["the same words on every page"]
    assert repeating(pages[: FEWEST - 1]) == {}
    assert repeating([page[number % 2 :] for number, page in enumerate(pages)]) == {}
    found = Repeating(frozenset(repeating(pages)))
    assert "the  same words\non every page" in found and "others" not in found
    assert Repeating.read(found.stored()) == found
    assert not Repeating.read("[[[") and not Repeating.read("[1, {}]") and not Repeating.read("")


def test_vectors_of_texts_that_are_alike_are_those_of_the_real_encoder() -> None:
    from hybrid_search.engine import encoders

    encoder = encoders.load("base", precision="fp32", threads=1)
    first, second = encoder.encode_document(["The moon  rises\nover the “river”.", "The moon rises over the river."])
    same = encoder.encode_document(["The moon rises over the “river”."])[0]
    assert np.abs(first - same).max() < 1e-6 < np.abs(first - second).max()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of six pages with a running head."""
    folder = tmp_path / "books"
    folder.mkdir()
    own = ("oven is hot", "dough is cold", "moon is full", "water is near", "bridge is closed", "baker is tired")
    pages = [
        f"The Baker's Year {number}\n\nOn this page the {words}.\nIt was so before.\nIt will be so again.\nThat is all."
        for number, words in enumerate(own, 1)
    ]
    (folder / "book.txt").write_text("\n\f".join(pages), "utf-8")
    return folder


def test_a_line_that_runs_through_pages_is_in_one_passage_and_that_is_said(tmp_path: Path, book: Path) -> None:
    with Library.open(tmp_path / "library", create=True) as library:
        report = library.index([book], encoders=[])
    texts = texts_of(tmp_path / "library")
    assert sum("Baker's Year" in text for text in texts) == 1
    assert "oven is hot" in " ".join(texts) and "baker is tired" in " ".join(texts)
    (said,) = report.notices
    assert "1 document, such as “The Baker's Year 2”," in said and "--boilerplate" in said
    whole = (book / "book.txt").read_text("utf-8")
    with Library.open(tmp_path / "library") as library:
        for hit in library.search("page", encoder="bm25", k=9).hits:
            assert whole[hit.passage.start : hit.passage.end] == hit.passage.text


def test_running_lines_are_in_passages_where_that_is_asked_for(tmp_path: Path, book: Path) -> None:
    with Library.open(tmp_path / "library", create=True) as library:
        report = library.index([book], encoders=[], boilerplate=True)
    whole = " ".join(texts_of(tmp_path / "library"))
    assert all(f"The Baker's Year {page}" in whole for page in range(1, 7))
    assert not report.notices
