"""Rankings with judgements and languages: the input of every public measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ....engine.errors import DataError, several, whole
from ..registry import Counts, Ranked, Values
from .forms import LanguageOf, QrelsLike, RunLike, language_function, read_qrels, read_run
from .held import Held, Lists, Matrix, Ties, order_of_ids

Average = Literal["macro", "micro", "median"]
Judged = Mapping[int, int]
Given = TypeVar("Given")


@dataclass(frozen=True, eq=False)
class Rankings:
    """Rankings of queries over one pool of documents; made by `from_scores` or `from_run`.

    Attributes:
        queries: their ids, in the order of every array below and of every measure's values.
        languages: codes, in the order of all indices of languages.
        query_languages: index of each query's language, -1 if unknown, shape (queries,).
        documents: ids of the pool, or of its known part.
        document_languages: index of each document's language, -1 if unknown, shape (documents,).
        judged: for each query, the grades of its judged documents by row in `documents`.
        relevant_from: the lowest grade that is relevant.
        pool: the total number of documents, 0 if unknown.
    """

    queries: tuple[str, ...]
    languages: tuple[str, ...]
    query_languages: Counts
    documents: tuple[str, ...]
    document_languages: Counts
    judged: tuple[Judged, ...]
    relevant_from: int
    pool: int
    _held: Held = field(repr=False, compare=False)

    @classmethod
    def from_scores(
        cls,
        scores: ArrayLike,
        relevance: ArrayLike | None = None,
        *,
        relevant: Sequence[Iterable[int]] | None = None,
        languages: Sequence[str] = (),
        query_languages: Sequence[str] = (),
        queries: Sequence[str] = (),
        documents: Sequence[str] = (),
        ties: Ties = "last",
    ) -> Rankings:
        """Rankings of a whole pool by a matrix of scores.

        Args:
            scores: shape (queries, pool), higher is better; -inf for documents that are not retrieved.
            relevance: grades, shape (queries, pool), 0 for documents that are not relevant.
            relevant: instead, the relevant columns of each query. Without either, only measures that need no
                judgements are defined.
            languages: a code for each column; not needed by measures without languages.
            query_languages: a code for each row; likewise.
            queries: ids of the rows; their numbers by default.
            documents: ids of the columns; their numbers by default.
            ties: how equal scores are ranked; `last`: all get the last rank of the tie, so that a tie never helps;
                `descending`: by id, the greater first, as trec_eval does; `ascending`: by id, the smaller first, as
                peer_measure does.

        Raises:
            DataError: a shape does not fit, there is NaN among the scores, a grade is not a whole number, or an id
                occurs twice.

        """
        matrix = _numbers(scores, "Scores")
        if matrix.ndim != 2:
            raise DataError(f"Scores have shape {matrix.shape}; expected: (queries, pool).")
        if np.isnan(matrix).any():
            raise DataError("There are NaN among the scores.", hint="Use -inf for what was not retrieved.")
        rows, columns = matrix.shape
        languages = _entries("languages", several(languages, "languages", str), columns)
        query_languages = _entries("query_languages", several(query_languages, "query_languages", str), rows)
        names = _ids("documents", documents, columns)
        codes = tuple(sorted({*languages, *query_languages}))
        return cls(
            _ids("queries", queries, rows),
            codes,
            _indices(query_languages, codes, rows),
            names,
            _indices(languages, codes, columns),
            _judged(relevance, relevant, rows, columns),
            1,
            columns,
            Matrix(matrix, order_of_ids(names), _known(ties, Ties, "ties")),
        )

    @classmethod
    def from_run(
        cls,
        run: RunLike,
        qrels: QrelsLike | None = None,
        *,
        language_of: LanguageOf | None = None,
        query_language_of: LanguageOf | None = None,
        ties: Ties = "descending",
        relevant_from: int = 1,
        pool: int = 0,
    ) -> Rankings:
        """Rankings of a run, which may be truncated.

        Args:
            run: in any form that `read_run` accepts.
            qrels: in any form that `read_qrels` accepts; without them, only measures that need no judgements are
                defined. Queries of the run without judgements are left out; judged queries missing from the run count
                as having no answers, as in ir_measures.
            language_of: the language of each document, of the run and of the judgements: {id: code}, or a function.
            query_language_of: the language of each query, likewise.
            ties: as in `from_scores`; `descending` compares scores in single precision, as trec_eval does.
            relevant_from: the lowest grade that is relevant; lower grades count only in PEER's weights.
            pool: the total number of documents. A measure that needs the rank of a missing document uses this rank if
                `pool` is given, else the rank after the ranking's last document, which is the least possible.

        Raises:
            DataError: the form is unknown, or a document or query has no language.

        """
        scores = read_run(run)
        grades = read_qrels(qrels) if qrels is not None else {query: {} for query in scores}
        names = tuple(dict.fromkeys(name for query in grades for name in (*scores.get(query, {}), *grades[query])))
        row_of = {name: row for row, name in enumerate(names)}
        spoken = language_function(language_of, "documents")(names) if language_of is not None else {}
        asked = language_function(query_language_of, "queries")(grades) if query_language_of is not None else {}
        codes = tuple(sorted({*spoken.values(), *asked.values()}))
        return cls(
            tuple(grades),
            codes,
            _indices(list(asked.values()), codes, len(grades)),
            names,
            _indices(list(spoken.values()), codes, len(names)),
            tuple({row_of[name]: grade for name, grade in each.items()} for each in grades.values()),
            relevant_from,
            max(pool, len(names)) if pool else 0,
            Lists.of(
                [{row_of[name]: score for name, score in scores.get(query, {}).items()} for query in grades],
                order_of_ids(names),
                _known(ties, Ties, "ties"),
            ),
        )

    def only(self, language: str) -> Rankings:
        """Rankings of the documents in one language, as if there were no others.

        Raises:
            DataError: the languages of the documents are unknown.
        """
        self.need(of_documents=True)
        kept = self.document_languages == (self.languages.index(language) if language in self.languages else -1)
        anew = np.cumsum(kept) - 1
        return Rankings(
            self.queries,
            self.languages,
            self.query_languages,
            tuple(name for name, stays in zip(self.documents, kept, strict=True) if stays),
            self.document_languages[kept],
            tuple({int(anew[row]): grade for row, grade in each.items() if kept[row]} for each in self.judged),
            self.relevant_from,
            int(kept.sum()) if self.pool == len(self.documents) else 0,
            self._held.only(kept),
        )

    @cached_property
    def relevant(self) -> Counts:
        """Rows in `documents` of each query's relevant documents, padded with -1, shape (queries, most per query)."""
        wanted = [sorted(row for row, grade in each.items() if grade >= self.relevant_from) for each in self.judged]
        padded = np.full((len(wanted), max((len(rows) for rows in wanted), default=0) or 1), -1, dtype=np.int64)
        for row, rows in enumerate(wanted):
            padded[row, : len(rows)] = rows
        return padded

    @cached_property
    def ranks(self) -> Counts:
        """Ranks of `relevant`, from 1; UNRETRIEVED (the largest int64) if the ranking lacks the document, -1 padded."""
        found = np.full(self.relevant.shape, -1, dtype=np.int64)
        for row, rows in enumerate(self.relevant):
            known = rows >= 0
            found[row, known] = self._held.ranks(row, rows[known])
        return found

    @cached_property
    def relevant_languages(self) -> Counts:
        """Indices of the languages of `relevant`, -1 where padded."""
        return self._spoken(self.relevant)

    @property
    def lengths(self) -> Counts:
        """How many documents each query's ranking has, shape (queries,)."""
        return self._held.lengths

    def first(self, k: int) -> Counts:
        """Rows in `documents` of each query's first k, best first, padded with -1, shape (queries, at most k)."""
        return self._held.first(cut_off(k))

    def _spoken(self, rows: Counts) -> Counts:
        if not len(self.documents):
            return np.full(rows.shape, -1, dtype=np.int64)
        return np.where(rows >= 0, self.document_languages[rows], -1)

    def ranked(self, k: int = 0) -> Ranked:
        """The input of the registry's measures, with the languages of the first k documents."""
        known = self.document_languages[self.document_languages >= 0]
        gains = np.zeros(self.relevant.shape)
        for row, rows in enumerate(self.relevant):
            gains[row] = [self.judged[row].get(int(document), 0) for document in rows]
        return Ranked(
            self.ranks,
            self.relevant_languages,
            self.query_languages,
            np.bincount(known, minlength=len(self.languages)).astype(np.int64),
            self._spoken(self.first(k)) if k else np.zeros((len(self.queries), 0), dtype=np.int64),
            gains,
            np.full(len(self.queries), self.pool, dtype=np.int64) if self.pool else self.lengths + 1,
        )

    def need(self, *, of_documents: bool = False, of_queries: bool = False) -> None:
        """Raise a DataError unless the languages of documents or queries are known."""
        if of_documents and (self.document_languages < 0).any():
            raise DataError(
                "The languages of the documents were not given.", hint="Give `language_of` (a run) or `languages`."
            )
        if of_queries and (self.query_languages < 0).any():
            raise DataError(
                "The languages of the queries were not given.",
                hint="Give `query_language_of` (a run) or `query_languages`.",
            )

    def figure(self, values: Values, average: Average = "macro") -> float:
        """Average per-query values to one figure, ignoring NaN.

        Args:
            values: shape (queries,).
            average: `macro`: the mean over query languages of their means, as in the paper (the plain mean if the
                queries' languages are unknown); `micro`: the mean over queries; `median`: their median.
        """
        values = self._values(values)
        known = ~np.isnan(values)
        _known(average, Average, "average")
        if not known.any():
            return float("nan")
        if average == "median":
            return float(np.median(values[known]))
        if average == "micro":
            return float(values[known].mean())
        asked = self.query_languages[known]
        return float(np.mean([values[known][asked == code].mean() for code in np.unique(asked)]))

    def _values(self, given: ArrayLike) -> Values:
        values = _numbers(given, "The values")
        if values.shape != (len(self.queries),):
            raise DataError(f"The values have shape {values.shape}; expected: ({len(self.queries)},), one a query.")
        return values

    def by_language(self, values: Values) -> dict[str, float]:
        """Means of per-query values by query language, ignoring NaN; languages without values are absent.

        Raises:
            DataError: the languages of the queries are unknown.
        """
        self.need(of_queries=True)
        values = self._values(values)
        known = ~np.isnan(values)
        asked = self.query_languages[known]
        return {self.languages[code]: float(values[known][asked == code].mean()) for code in np.unique(asked)}


def cut_off(k: int) -> int:
    """The number of first documents that a measure looks at; raises DataError for what is none."""
    return whole(k, "k", 1)


def _numbers(given: ArrayLike, what: str) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.asarray(given)
        return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{what} are not numbers: {error}.") from error


def _entries(name: str, values: tuple[str, ...], size: int) -> tuple[str, ...]:
    if len(values) not in (0, size):
        raise DataError(f"{name} has {len(values)} entries; expected: {size}, one for each.")
    return values


def _ids(name: str, given: Iterable[Any], size: int) -> tuple[str, ...]:
    """Ids as texts, which may be numbers where they come from; numbers from 0 if none are given."""
    found = _entries(name, tuple(str(each) for each in several(given, name)), size) or tuple(map(str, range(size)))
    if len(set(found)) < len(found):
        twice = next(each for place, each in enumerate(found) if each in found[:place])
        raise DataError(f"Two of the {name} have the id {twice!r}.", hint="Give each an id of its own.")
    return found


def _known(given: Given, of: Any, what: str) -> Given:
    """What is given, if it is one of the values of a `Literal`."""
    if given not in get_args(of):
        raise DataError(f"There is no {what} {given!r}.", hint=f"There are: {', '.join(get_args(of))}.")
    return given


def _indices(spoken: Sequence[str], codes: Sequence[str], size: int) -> Counts:
    index = {code: place for place, code in enumerate(codes)}
    return np.array([index[code] for code in spoken] if len(spoken) else [-1] * size, dtype=np.int64)


def _judged(grades: Any, relevant: Sequence[Iterable[int]] | None, rows: int, columns: int) -> tuple[Judged, ...]:
    if grades is not None and relevant is not None:
        raise DataError("Give `relevance` (grades) or `relevant` (columns), not both.")
    if grades is not None:
        table = _numbers(grades, "The grades of relevance")
        if table.shape != (rows, columns):
            raise DataError(
                f"relevance has shape {table.shape}; expected: {(rows, columns)}, a grade for each score.",
                hint="Columns that are relevant are given as `relevant`.",
            )
        if not np.array_equal(table, np.floor(table)) or np.isinf(table).any():
            raise DataError("There is a grade among relevance that is not a whole number.")
        return tuple({int(column): int(each[column]) for column in np.flatnonzero(each)} for each in table)
    found = tuple(
        dict.fromkeys((_column(column) for column in several(each, "An entry of relevant")), 1)
        for each in ([()] * rows if relevant is None else several(relevant, "relevant"))
    )
    if len(found) != rows:
        raise DataError(f"relevant has {len(found)} entries; expected: {rows}, one for each query.")
    if any(not 0 <= column < columns for each in found for column in each):
        raise DataError(f"relevant names a column outside the pool of {columns}.")
    return found


def _column(given: Any) -> int:
    number = isinstance(given, int | float | np.number) and not isinstance(given, bool)
    if not number or not float(given).is_integer():
        raise DataError(f"relevant has {given!r}; expected: columns.", hint="Give marks of columns as `relevance`.")
    return int(given)
