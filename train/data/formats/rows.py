"""Converts one row of training data, in any of the known layouts, to an example."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..pairs import Example, language_code
from .squad import NotSquad, first_answer

Row = Mapping[str, Any]
_CODE = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*")


class BrokenRow(Exception):
    """A row that cannot be converted to an example; the message is the reason."""


def example_of(row: Any, where: str, language: str = "") -> Example:
    """One example from a row in any of the known layouts.

    Known are `question{lang}`/`passage{lang}` (also `query`, `positive`, `pos`, `document`, `context`), one string each
    with `language`, bitext as `text{lang}` or `translation{lang}`, and lists of `positive_passages` with `text`.

    Args:
        row: the parsed row.
        where: file and line; replaces a missing id.
        language: the language of rows that name none.

    Raises:
        BrokenRow: something is missing or of the wrong type.
    """
    if not isinstance(row, Mapping):
        raise BrokenRow("a row must be an object")
    identity = next((str(row[name]) for name in ("id", "query_id") if row.get(name) not in (None, "")), where)
    source = str(row.get("source") or where.rpartition(":")[0] or "data")
    bitext = row.get("text", row.get("translation"))
    if isinstance(bitext, Mapping):
        texts = _texts(bitext, "text", "")
        document = str(row.get("document") or "")
        return Example(identity, source, "", texts, texts, document=document, bitext=True)
    own = language_code(str(row.get("language") or row.get("lang") or language or ""))
    question = _texts(_first(row, "question", "query", "anchor", "title_question"), "question", own)
    passage = _texts(_passage(row), "passage", own)
    answer = _first(row, "answer") or _of_answers(row.get("answers"))
    negative = _first(row, "negative", "neg")
    if isinstance(negative, list):
        negative = negative[0] if negative else None
    listed = row.get("negative_passages")
    if negative is None and isinstance(listed, list) and listed:
        negative = _listed(listed[0])
    return Example(
        identity,
        source,
        "",
        question,
        passage,
        answer=_texts(answer, "answer", own, required=False) if answer else {},
        title=str(row.get("title") or ""),
        document=str(row.get("document_id") or ""),
        negative=_texts(negative, "negative", own, required=False) if negative else {},
    )


def _of_answers(answers: Any) -> str:
    """The first answer's text in SQuAD's layout; else ""."""
    try:
        return first_answer(answers)[1]
    except NotSquad:
        return ""


def _first(row: Row, *names: str) -> Any:
    """The value of the first field that is not empty; None if all are."""
    return next((row[name] for name in names if row.get(name)), None)


def _passage(row: Row) -> Any:
    listed = row.get("positive_passages")
    if isinstance(listed, list) and listed:
        return _listed(listed[0])
    return _first(row, "passage", "positive", "document", "context", "answer_passage", "pos")


def _listed(item: Any) -> str:
    """The title and text of a listed passage."""
    if isinstance(item, str):
        return item
    if not isinstance(item, Mapping):
        raise BrokenRow("a listed passage has to be a text or an object")
    return "\n".join(str(item[name]) for name in ("title", "text") if item.get(name))


def _texts(value: Any, name: str, language: str, *, required: bool = True) -> dict[str, str]:
    """Texts by language; empty ones are left out."""
    if isinstance(value, list) and value and isinstance(value[0], str):
        value = value[0]
    if isinstance(value, str):
        if not language:
            raise BrokenRow(f"{name} is one text and no language is named")
        value = {language: value}
    if not isinstance(value, Mapping):
        if not required:
            return {}
        raise BrokenRow(f"no {name}" if value is None else f"{name} is neither text nor text by language")
    texts: dict[str, str] = {}
    for code, text in value.items():
        if not isinstance(text, str):
            raise BrokenRow(f"{name} in {code!r} is not text")
        if not _CODE.fullmatch(language_code(str(code))):
            raise BrokenRow(f"{name}: {code!r} is not a language code" if code else f"{name}: no language is named")
        if text.strip():
            texts[language_code(str(code))] = text.strip()
    if required and not texts:
        raise BrokenRow(f"{name} is empty")
    return texts
