"""Reads SQuAD's layout and its variants as paragraphs with questions: articles, one row per question, JSON lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ....engine.json_lines import BadLine


class NotSquad(ValueError):
    """A file, paragraph or question that is not in SQuAD's format; the message is the reason."""


@dataclass(frozen=True)
class Asked:
    """A question; `start` is where its first answer begins in the context, None without an answer."""

    id: str
    text: str
    start: int | None
    answer: str


@dataclass(frozen=True)
class Paragraph:
    """A context with its questions as read.

    Attributes:
        where: `paragraph 3`, or `row 3` if the file has one row per question; such rows repeat their context.
        title: the article's title.
        context: the text.
        rows: the questions as read; `asked` parses them.
        sentences: the context's sentences, if the file has them.
        breaks: the (start, end) of each sentence.
    """

    where: str
    title: str
    context: str
    rows: tuple[Any, ...]
    sentences: tuple[str, ...] | None = None
    breaks: tuple[tuple[int, int], ...] | None = None

    @property
    def repeats(self) -> bool:
        """Whether other rows of the file may have the same context."""
        return self.where.startswith("row")


def is_squad(value: Any) -> bool:
    """Whether a JSON value has one of these layouts."""
    return _articles(value) is not None


def why_not(value: Any) -> str:
    """What is wrong with a JSON value that has none of these layouts."""
    return str(value) if isinstance(value, BadLine) else "no `data` with `paragraphs`, no rows with `context`"


def paragraphs(value: Any) -> Iterator[tuple[str, Any]]:
    """The place of each paragraph of a JSON value, and the paragraph as read; `parsed` parses it.

    Raises:
        NotSquad: the value has none of these layouts.
    """
    articles = _articles(value)
    if articles is None:
        raise NotSquad(why_not(value))
    number = 0
    for place, article in enumerate(articles, 1):
        if not isinstance(article, Mapping):
            yield f"article {place}", article
        elif "paragraphs" not in article:
            yield f"row {place}", {"title": article.get("title"), "context": article.get("context"), "qas": [article]}
        else:
            inside = article["paragraphs"]
            for paragraph in inside if isinstance(inside, list) else [inside]:
                number += 1
                title = article.get("title")
                yield (
                    f"paragraph {number}",
                    {"title": title, **paragraph} if isinstance(paragraph, Mapping) else paragraph,
                )


def parsed(where: str, paragraph: Any) -> Paragraph:
    """Parse a paragraph that `paragraphs` gave.

    Raises:
        NotSquad: something is missing or of the wrong type.
    """
    if not isinstance(paragraph, Mapping):
        raise NotSquad("no object")
    context, rows = paragraph.get("context"), paragraph.get("qas")
    if not isinstance(context, str):
        raise NotSquad("`context` is not text")
    if not isinstance(rows, list):
        raise NotSquad("`qas` is not a list")
    texts, breaks = paragraph.get("sentences"), paragraph.get("sentence_breaks")
    if texts and not (isinstance(texts, list) and all(isinstance(text, str) for text in texts)):
        raise NotSquad("`sentences` are not texts")
    return Paragraph(
        where,
        _text(paragraph.get("title")),
        context,
        tuple(rows),
        tuple(texts) if texts else None,
        None if breaks is None else tuple(map(_span, breaks if isinstance(breaks, list) else [breaks])),
    )


def asked(row: Any, context: str) -> Asked:
    """Parse a question's row; of several answers, the first counts.

    Raises:
        NotSquad: something is missing or of the wrong type.
    """
    if not isinstance(row, Mapping):
        raise NotSquad("a question is not an object")
    name, text = row.get("id"), row.get("question")
    if name is None or not isinstance(name, str | int):
        raise NotSquad("a question has no `id`")
    if not isinstance(text, str) or not text.strip():
        raise NotSquad(f"question {name} has no text")
    start, answer = (None, "") if row.get("is_impossible") is True else first_answer(row.get("answers"))
    if answer and (start is None or not 0 <= start < len(context)):
        start = context.find(answer)
    return Asked(str(name), text, start, answer)


def first_answer(answers: Any) -> tuple[int | None, str]:
    """Start and text of the first answer in a list of objects, or in an object of lists, as on the hub.

    Raises:
        NotSquad: the answers are of another type.
    """
    if isinstance(answers, list):
        answers = answers[0] if answers else None
    if not answers:
        return None, ""
    if not isinstance(answers, Mapping):
        raise NotSquad("an answer is not an object")
    start, text = _first(answers.get("answer_start")), _first(answers.get("text"))
    try:
        return (None if start is None else int(start)), _text(text)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotSquad("`answer_start` is not a number") from error


def _articles(value: Any) -> Sequence[Any] | None:
    if isinstance(value, Mapping):
        value = [value] if isinstance(value.get("paragraphs"), list) else value.get("data")
    elif not (isinstance(value, list) and any(map(_is_article, value))):
        return None
    return value if isinstance(value, list) else None


def _is_article(row: Any) -> bool:
    if not isinstance(row, Mapping):
        return False
    return isinstance(row.get("paragraphs"), list) or ({"context", "question", "answers"} <= row.keys())


def _first(value: Any) -> Any:
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _span(pair: Any) -> tuple[int, int]:
    try:
        start, end = pair
        return int(start), int(end)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotSquad("`sentence_breaks` are not pairs of numbers") from error


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
