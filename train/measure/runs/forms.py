"""Reads runs and relevance judgements in common forms: dictionaries, data frames, TREC files, ir_measures' objects."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from ....engine.errors import DataError
from ....engine.json_lines import text_lines

Run: TypeAlias = Mapping[str, Mapping[str, float]]
Qrels: TypeAlias = Mapping[str, Mapping[str, int]]
RunLike: TypeAlias = "Run | str | Path | Iterable[Any] | Any"
QrelsLike: TypeAlias = "Qrels | str | Path | Iterable[Any] | Any"
LanguageOf: TypeAlias = Mapping[str, str] | Callable[[str], str]

_QUERY = ("query_id", "qid", "query", "query-id")
_DOCUMENT = ("doc_id", "docno", "docid", "document", "corpus-id")
_SCORE = ("score",)
_RELEVANCE = ("relevance", "label", "rel", "score")
_RUN_LINE = "query Q0 document rank score tag"
# The tag may be missing.
_FEWEST_OF_RUN = 5


def read_run(run: RunLike) -> dict[str, dict[str, float]]:
    """A run in any form, as scores by query and document.

    Args:
        run: {query: {document: score}}; a data frame with the columns query_id, doc_id and score (or PyTerrier's qid,
            docno and score); the path of a TREC run (six columns, also compressed); or an iterable of ir_measures'
            `ScoredDoc`.

    Raises:
        DataError: it has none of these forms, a line is damaged, a document occurs twice, or a score is not a number.

    """
    found: dict[str, dict[str, float]] = {}
    for place, query, document, score in _lines(Path(run)) if isinstance(run, str | Path) else _rows(run, _SCORE):
        value = _number(score, place)
        documents = found.setdefault(query, {})
        if document in documents:
            raise DataError(f"{place}: {document} is ranked twice for query {query}.", hint="Keep one of the two.")
        documents[document] = value
    if isinstance(run, Mapping):
        for query in run:
            found.setdefault(str(query), {})
    return found


def read_qrels(qrels: QrelsLike) -> dict[str, dict[str, int]]:
    """Relevance judgements in any form, as grades by query and document.

    Args:
        qrels: {query: {document: grade}} or {query: relevant documents}; a data frame with the columns query_id, doc_id
            and relevance (or PyTerrier's qid, docno and label); the path of a file of judgements (TREC's, BEIR's or MS
            MARCO's columns, with a header or none, also compressed); or an iterable of ir_measures' `Qrel`.

    Raises:
        DataError: it has none of these forms, a line is damaged, or a grade is not an integer.

    """
    if isinstance(qrels, Mapping):
        qrels = {query: _grades(query, given) for query, given in qrels.items()}
    found: dict[str, dict[str, int]] = {}
    rows = _judgements(Path(qrels)) if isinstance(qrels, str | Path) else _rows(qrels, _RELEVANCE)
    for place, query, document, grade in rows:
        value = _number(grade, place)
        if value != int(value):
            raise DataError(f"{place}: the relevance {grade!r} is not a whole number.")
        found.setdefault(query, {})[document] = int(value)
    return found


def _grades(query: Any, given: Any) -> Mapping[Any, Any]:
    if isinstance(given, Mapping):
        return given
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise DataError(
            f"Query {query}: {{document: grade}} or a list of documents is expected, not {type(given).__name__}."
        )
    return dict.fromkeys(given, 1)


def require_map(given: object, what: str) -> None:
    """Raise a DataError for what is neither a mapping nor a function."""
    if not isinstance(given, Mapping) and not callable(given):
        raise DataError(f"{what} is {reprlib.repr(given)}; expected: a dictionary or a function.")


def language_function(language_of: LanguageOf, what: str) -> Callable[[Iterable[str]], dict[str, str]]:
    """A function from ids to their languages.

    Raises:
        DataError: when called with ids that have no language; names some of them.
    """
    require_map(language_of, f"The languages of {what}")

    def languages(ids: Iterable[str]) -> dict[str, str]:
        # Ids are texts here, but may be numbers in the mapping.
        known = {str(key): code for key, code in language_of.items()} if isinstance(language_of, Mapping) else {}
        found: dict[str, str] = {}
        missing: list[str] = []
        for each in ids:
            code = known.get(each) if isinstance(language_of, Mapping) else language_of(each)
            if isinstance(code, str) and code:
                found[each] = code
            else:
                missing.append(each)
        if missing:
            shown = ", ".join(missing[:3]) + (", …" if len(missing) > 3 else "")
            raise DataError(
                f"{len(missing)} {what} have no language ({shown}).", hint="The mapping must name every one of them."
            )
        return found

    return languages


def _number(text: Any, place: str) -> float:
    try:
        value = float(text)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{place}: {text!r} is not a number.")
    return value


def _rows(given: Any, value_names: tuple[str, ...]) -> Iterator[tuple[str, str, str, Any]]:
    """(place, query, document, value) of each entry; `place` is for messages."""
    if isinstance(given, Mapping):
        for query, documents in given.items():
            if not isinstance(documents, Mapping):
                raise DataError(f"Query {query}: {{document: score}} is expected, not {type(documents).__name__}.")
            for document, value in documents.items():
                yield f"Query {query}, document {document}", str(query), str(document), value
    elif hasattr(given, "columns") and hasattr(given, "itertuples"):
        yield from _frame(given, value_names)
    elif isinstance(given, Iterable):
        for number, each in enumerate(given, 1):
            try:
                value = each.score if hasattr(each, "score") else each.relevance
                yield f"Entry {number}", str(each.query_id), str(each.doc_id), value
            except AttributeError as error:
                raise DataError(f"Entry {number} has no query_id, doc_id and {value_names[0]}.") from error
    else:
        raise DataError(
            f"A {type(given).__name__} is neither a run nor qrels.",
            hint="Give a dictionary, a data frame, the path of a TREC file, or ir_measures' objects.",
        )


def _frame(frame: Any, value_names: tuple[str, ...]) -> Iterator[tuple[str, str, str, Any]]:
    known = [str(name) for name in frame.columns]
    chosen = []
    for names in (_QUERY, _DOCUMENT, value_names):
        column = next((name for name in names if name in known), None)
        if column is None:
            raise DataError(f"The data frame has no column {names[0]}; it has {', '.join(known)}.")
        chosen.append(frame[column])
    for number, (query, document, value) in enumerate(zip(*chosen, strict=True), 1):
        yield f"Row {number}", str(query), str(document), value


def _lines(path: Path) -> Iterator[tuple[str, str, str, Any]]:
    """The entries of a TREC run."""
    for number, text in text_lines(path):
        # Between tabs, ids may hold spaces.
        fields = [field.strip() for field in text.split("\t")]
        if len(fields) < _FEWEST_OF_RUN:
            fields = text.split()
        place = f"{path}, line {number}"
        if len(fields) < _FEWEST_OF_RUN:
            raise DataError(f"{place}: {len(fields)} columns; expected: {_RUN_LINE}.")
        yield place, fields[0], fields[2], fields[4]


def _judgements(path: Path) -> Iterator[tuple[str, str, str, Any]]:
    """The entries of a file of judgements."""
    from ...benchmarks.collections import read_judgements

    notes: list[str] = []
    found = False
    for number, query, document, grade in read_judgements(path, notes):
        found = True
        yield f"{path}, line {number}", query, document, grade
    if notes and not found:
        raise DataError(f"{path}: no line is a judgement.", hint="A line is query, passage and grade.")
