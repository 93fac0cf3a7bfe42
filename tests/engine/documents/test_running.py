"""Heads and feet that run through the pages of a document are found, and only they."""

from __future__ import annotations

from pathlib import Path

from hybrid_search.engine.documents import Document
from hybrid_search.engine.documents.running import running

WORDS = ("bread", "oven", "moon", "water", "baker", "bridge", "flour", "fire", "night", "table", "stone", "river")


def body(page: int) -> str:
    """Lines that no other page has."""
    word = WORDS[page % 12] + "s" * (page // 12)
    return f"The {word} rests over night.\nThe {word} is old.\nNobody knows.\nSo the {word} waits.\nAll {word} does."


def found(*pages: str) -> list[str]:
    """The lines that run through pages."""
    text, starts = "", []
    for page in pages:
        starts.append(len(text))
        text += page + "\n\f"
    document = Document(Path("book.pdf"), "", "", text, (), tuple(starts))
    return [text[start:end] for start, end in running(document)]


def book(count: int, head: str = "", foot: str = "", first: int = 0) -> list[str]:
    return [
        "\n".join(filter(None, (head.format(page), body(page), foot.format(page))))
        for page in range(first + 1, first + count + 1)
    ]


def test_heads_and_feet_with_the_pages_number_run_through() -> None:
    lines = found(*book(6, head="The Baker's Year   |   {}", foot="— {} —"))
    assert [line for line in lines if "Year" in line] == [f"The Baker's Year   |   {page}" for page in range(2, 7)]
    assert [line for line in lines if "—" in line] == [f"— {page} —" for page in range(2, 7)]
    assert len(lines) == 10


def test_left_and_right_pages_have_their_own() -> None:
    pages = [f"{'The Baker' if number % 2 else 'Second chapter'}\n{body(number)}" for number in range(12)]
    assert found(*pages).count("The Baker") == 5
    assert found(*pages).count("Second chapter") == 5


def test_a_chapters_head_ends_with_the_chapter() -> None:
    pages = [*book(6, head="First chapter"), *book(6, head="Second chapter", first=6)]
    assert found(*pages) == ["First chapter"] * 5 + ["Second chapter"] * 5


def test_what_stands_on_few_pages_or_far_apart_is_the_pages_own() -> None:
    assert found(*book(4, head="The Baker's Year")) == []
    far = [f"Summary\n{body(page)}" if page % 10 == 0 else body(page) for page in range(50)]
    assert "Summary" not in found(*far)
    assert found(*book(8)) == []


def test_what_stands_within_pages_and_what_is_long_is_text() -> None:
    assert "Nobody knows." not in found(*book(9))
    long = "The same long line. " * 9
    assert found(*book(9, head=long)) == []


def test_pages_of_a_line_or_two_keep_them() -> None:
    assert found(*(f"Slide\nStep {page}" for page in range(9))) == []
