"""Converts rows in memory to examples: data sets of `datasets`, data frames and lists."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...engine.errors import DataError, several
from .formats import BrokenRow, example_of, known_code
from .pairs import Example

Report = Callable[[str], None]
Columns = Mapping[str, str | Mapping[str, str]]

_ASKED = ("question", "query", "anchor", "title_question")
_READ = ("passage", "positive", "document", "context", "answer_passage", "positive_passages")
_FIELDS = frozenset((*_ASKED, *_READ, "text", "translation"))


def rows_to_examples(
    rows: Iterable[Mapping[str, Any]], name: str, report: Report, *, language: str = "", columns: Columns | None = None
) -> Iterator[Example]:
    """Examples of rows in any layout of training files, or with other column names.

    Rows with a `language` (`id`, `language`, `question`, `passage`) are joined by id. Columns that are all named by
    languages are bitext.

    Args:
        rows: mappings; None and NaN count as missing.
        name: the name of the data in reports.
        report: called with `name:row: reason` for each row that is left out.
        language: the language of rows that name none.
        columns: for a field (`question`, `passage`, `answer`, `negative`, `text`, `id`, …), its column, or its column
            in each language: `{"text": {"en": "english", "de": "german"}}`.
    """
    joined: dict[str, Example] = {}
    for number, row in enumerate(rows, 1):
        where = f"{name}:{number}"
        try:
            if not isinstance(row, Mapping):
                raise BrokenRow("a row must be an object")
            told = _renamed(row, columns) if columns else _bitext(_there(row))
            example = example_of(told, where, language)
        except BrokenRow as error:
            report(f"{where}: {error}")
            continue
        if ("language" in told or "lang" in told) and example.id != where:
            known = joined.get(example.id)
            joined[example.id] = example if known is None else _together(known, example)
        else:
            yield example
    yield from joined.values()


def by_language(
    sets: Mapping[str, Iterable[Mapping[str, Any]]], name: str, report: Report, columns: Columns | None = None
) -> Iterator[Example]:
    """Examples of one data set per language, joined by the ids of their rows.

    Args:
        sets: rows by language, as in SQuAD's translations on the hub.
        name: the name of the data in reports.
        report: called with the fault of each row that is left out.
        columns: as in `rows_to_examples`.

    Raises:
        DataError: a key is not a language, such as the name of a split.
    """
    wrong = [code for code in sets if not known_code(str(code))]
    if wrong:
        raise DataError(f"{wrong[0]!r} is not a language.", hint=f"Give one part of it, such as dataset[{wrong[0]!r}].")
    joined: dict[str, Example] = {}
    for code, rows in sets.items():
        for example in rows_to_examples(rows, f"{name}.{code}", report, language=code, columns=columns):
            known = joined.get(example.id)
            joined[example.id] = example if known is None else _together(known, example)
    yield from joined.values()


def sentences_to_examples(texts: Mapping[str, Sequence[str]], name: str, report: Report) -> Iterator[Example]:
    """Bitext from one list of sentences per language, aligned by position.

    Args:
        texts: sentences by language; "" and None count as missing.
        name: the name of the data in reports.
        report: called with the fault of each row that is left out.

    Raises:
        DataError: the lists differ in length.
    """
    texts = {code: several(sentences, f"The {code} sentences") for code, sentences in texts.items()}
    lengths = {code: len(sentences) for code, sentences in texts.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{code} {length:,}" for code, length in lengths.items())
        raise DataError(f"The sentences of {name} are not translations of each other: {told}.", hint="Align them.")
    rows = ({"text": dict(zip(texts, row, strict=True))} for row in zip(*texts.values(), strict=True))
    return rows_to_examples(map(_there, rows), name, report)


def _there(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without None and NaN; Arrow fills languages that a row lacks with None."""
    found = {}
    for field, value in row.items():
        if isinstance(value, Mapping):
            value = {key: inner for key, inner in value.items() if not _nothing(inner)}
        if not _nothing(value):
            found[str(field)] = value
    return found


def _nothing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)


def _bitext(row: dict[str, Any]) -> dict[str, Any]:
    """The row; if all its columns are named by languages, with these as `text`."""
    identity = None if isinstance(row.get("id"), str) else row.get("id")
    names = [field for field in row if field != "id" or identity is None]
    if _FIELDS & set(row) or len(names) < 2 or not all(map(known_code, names)):
        return row
    return {"id": identity, "text": {field: row[field] for field in names}}


def _renamed(row: Mapping[str, Any], columns: Columns) -> dict[str, Any]:
    def of(source: str | Mapping[str, str]) -> Any:
        if isinstance(source, str):
            if source not in row:
                raise BrokenRow(f"it has no column {source!r}, but {', '.join(map(str, row))}")
            return row[source]
        return {code: of(column) for code, column in source.items()}

    return _there({**row, **{field: of(source) for field, source in columns.items()}})


def _together(one: Example, other: Example) -> Example:
    """Two rows with the same id in different languages joined; where both have a value, the first one's counts."""
    return dataclasses.replace(
        one,
        question={**other.question, **one.question},
        passage={**other.passage, **one.passage},
        answer={**other.answer, **one.answer},
        negative={**other.negative, **one.negative},
        title=one.title or other.title,
    )
