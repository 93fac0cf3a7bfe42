"""A long text is cut in stretches: the same passages whatever pieces it comes in, and little of it held."""

from __future__ import annotations

from pathlib import Path

import pytest
from hybrid_search.engine.documents import Document, Heading
from hybrid_search.engine.passages import split, splitting, stretches
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(stretches, "LENGTH", 60)


def count(texts):
    return [2 + len(text.split()) for text in texts]


def document(text: str) -> Document:
    """A document whose lines that begin with # are headings."""
    headings, start = [], 0
    for line in text.split("\n"):
        if line.startswith("#"):
            headings.append(Heading(start, line.count("#"), line.strip("# ") or "untitled"))
        start += len(line) + 1
    return Document(Path("a"), "", "a", text, tuple(headings))


def in_pieces(whole: Document, size: int):
    text = whole.text
    for start in range(0, max(1, len(text)), size):
        end = start + size if start + size < len(text) else len(text) + 1
        yield text[start:end], [each for each in whole.headings if start <= each.start < end]


TEXTS = st.lists(
    st.sampled_from(
        ["The moon. ", "A tree stands here. ", "\n", "\n\n", "# One\n", "## Two\n", "x" * 90, "月は", " ", "\f"]
    ),
    max_size=40,
).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(TEXTS, st.integers(1, 80))
def test_the_pieces_a_text_comes_in_change_nothing_and_no_word_is_lost(text, size):
    whole = document(text)
    spans = split(whole, count, limit=12)
    arrived = list(splitting.split_pieces(in_pieces(whole, size), count, limit=12))
    assert [span for span, _ in arrived] == spans
    assert all(words == text[span.start : span.end] for span, words in arrived)
    covered = {place for span in spans for place in range(span.start, span.end)}
    titles = {place for each in whole.headings for place in range(each.start, (text + "\n").index("\n", each.start))}
    assert all(place in covered or place in titles or text[place].isspace() for place in range(len(text)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(TEXTS)
def test_passages_stand_under_the_same_headings_as_in_a_text_cut_whole(text):
    whole = document(text)

    def headings_at() -> dict[int, str]:
        return {place: span.heading for span in split(whole, count, limit=12) for place in range(span.start, span.end)}

    parted = headings_at()
    stretches.LENGTH = 1 << 18
    together = headings_at()
    stretches.LENGTH = 60
    assert {place: parted[place] for place in parted if place in together} == {
        place: together[place] for place in together if place in parted
    }


def test_no_more_is_held_than_a_stretch_and_a_piece():
    held = []

    def pieces():
        for number in range(200):
            yield f"Sentence {number} of the moon.\n\n", []

    for stretch in stretches.stretches(pieces()):
        held.append(len(stretch.text))
    assert max(held) <= 60 and len(held) > 80


def test_sentences_are_counted_a_stretch_at_a_time():
    sizes = []

    def counting(texts):
        sizes.append(sum(map(len, texts)))
        return count(texts)

    assert split(document("The moon shines on the tree. " * 400), counting, limit=12)
    assert max(sizes) <= 2 * 60
