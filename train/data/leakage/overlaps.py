"""Finds the overlaps of any data set with benchmarks: row by row, with the text that both share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ....engine.errors import DataError
from .. import formats
from ..pairs import Corpus, Digests, Example, digest
from .shingles import normalised, shared_run, shingles, within

Kind = Literal["id", "question", "passage"]
_IDS = ("id", "_id", "query_id", "qid")
_AT_ONCE = 1000
SHOWN = 80


class Known(Protocol):
    """The digests that texts are compared with, such as a `Guard`."""

    @property
    def ids(self) -> Digests:
        """Digests of ids, sorted."""

    @property
    def questions(self) -> Digests:
        """Digests of questions, sorted."""

    @property
    def runs(self) -> Digests:
        """Shingles of passages, sorted."""

    def benchmark_of(self, kind: Literal["ids", "questions", "runs"], value: int) -> str:
        """The name of the benchmark with a digest."""


@dataclass(frozen=True)
class Overlap:
    """One text that a data set and a benchmark share.

    Attributes:
        row: the row of the data set, from 0.
        kind: `id`: the same id; `question`: the same text, ignoring case, punctuation and spacing; `passage`: a long
            run of the same words (eight; in scripts without spaces, sixteen ideograms or forty letters).
        column: the column of the text, such as `anchor` or `passage.de`.
        text: the shared id, text, or first run of words.
        benchmark: the name of the benchmark.
    """

    row: int
    kind: Kind
    column: str
    text: str
    benchmark: str

    def __str__(self) -> str:
        """The overlap in a sentence."""
        text = self.text if len(self.text) <= SHOWN else self.text[: SHOWN - 1] + "…"
        return f"row {self.row}, {self.column}: the {self.kind} {text!r} is in {self.benchmark}"


@dataclass(frozen=True, eq=False)
class Overlaps:
    """The overlaps of a data set with benchmarks.

    Attributes:
        rows: True for each row that overlaps, shape (rows,).
        found: each shared text, in the order of the rows.
    """

    rows: NDArray[np.bool_]
    found: tuple[Overlap, ...]

    @property
    def clean(self) -> list[int]:
        """The rows without an overlap: `dataset.select(overlaps.clean)`."""
        return [int(row) for row in np.flatnonzero(~self.rows)]

    def __len__(self) -> int:
        """How many rows overlap."""
        return int(self.rows.sum())

    def __bool__(self) -> bool:
        """Whether any row overlaps."""
        return bool(self.rows.any())

    def __str__(self) -> str:
        """How many rows overlap, and the first overlaps."""
        if not self:
            return f"None of {len(self.rows)} rows overlaps."
        told = "; ".join(str(each) for each in self.found[:3])
        return f"{len(self)} of {len(self.rows)} rows overlap: {told}{'; …' if len(self.found) > 3 else ''}."


def found_in(guard: Known, dataset: Any) -> Overlaps:
    """The overlaps of a data set with the benchmarks of a guard; see `Guard.overlaps`."""
    rows = iter(_rows(dataset))
    marks: list[NDArray[np.bool_]] = []
    found: list[Overlap] = []
    while block := list(islice(rows, _AT_ONCE)):
        start = sum(map(len, marks))
        own = sorted(_in_block(guard, block, start), key=lambda each: each.row)
        found += own
        mark = np.zeros(len(block), dtype=np.bool_)
        mark[[each.row - start for each in own]] = True
        marks.append(mark)
    return Overlaps(np.concatenate(marks) if marks else np.zeros(0, np.bool_), tuple(found))


def _in_block(guard: Known, block: list[list[tuple[str, str]]], start: int) -> Iterator[Overlap]:
    places = [(row, column) for row, held in enumerate(block) for column, _ in held]
    texts = [text for row in block for _, text in row]
    whole = np.array([digest(normalised(text)) for text in texts], np.uint64)
    names = np.array([column in _IDS for _, column in places], dtype=np.bool_)
    ids = np.array([digest(text) if named else 0 for text, named in zip(texts, names, strict=True)], np.uint64)
    for at in np.flatnonzero(names & within(ids, guard.ids)):
        row, column = places[at]
        yield Overlap(start + row, "id", column, texts[at], guard.benchmark_of("ids", int(ids[at])))
    for at in np.flatnonzero(~names & within(whole, guard.questions)):
        row, column = places[at]
        yield Overlap(start + row, "question", column, texts[at], guard.benchmark_of("questions", int(whole[at])))
    runs, owners = shingles(texts)
    shared = within(runs, guard.runs)
    for place, run in {int(owner): int(run) for owner, run in zip(owners[shared], runs[shared], strict=True)}.items():
        row, column = places[place]
        text = shared_run(texts[place], guard.runs)
        yield Overlap(start + row, "passage", column, text, guard.benchmark_of("runs", run))


def _rows(dataset: Any) -> Iterator[list[tuple[str, str]]]:
    """(column, text) of each row."""
    if isinstance(dataset, str | Path):
        yield from map(_of_example, formats.read(str(dataset), _refuse))
    elif corpora := _corpora(dataset):
        for corpus in corpora:
            yield from (_of_example(corpus.example(row)) for row in range(len(corpus)))
    elif hasattr(dataset, "columns") and hasattr(dataset, "itertuples"):
        names = [str(name) for name in dataset.columns]
        for values in dataset.itertuples(index=False, name=None):
            yield [pair for name, value in zip(names, values, strict=True) for pair in _texts(name, value)]
    elif isinstance(dataset, Iterable) and not isinstance(dataset, Mapping | bytes):
        for number, row in enumerate(dataset):
            if not isinstance(row, Mapping | str):
                raise DataError(f"Row {number} is a {type(row).__name__}; a mapping of columns or a text is expected.")
            yield list(_texts("text", row)) if isinstance(row, str) else list(_texts("", row))
    else:
        raise DataError(
            f"A {type(dataset).__name__} cannot be compared.",
            hint="Give a path, a datasets.Dataset (one split), a data frame, or an iterable of mappings or texts.",
        )


def _corpora(dataset: Any) -> Sequence[Corpus]:
    """The corpora of a corpus or `ParallelPairs`; empty for other data."""
    if isinstance(dataset, Corpus):
        return (dataset,)
    return tuple(getattr(getattr(dataset, "sources", None), "corpora", ()))


def _of_example(each: Example) -> list[tuple[str, str]]:
    sides = (each.question,) if each.bitext else (each.question, each.passage)
    named = zip(("question", "passage"), sides, strict=False)
    return [("id", each.id), *(pair for name, side in named for pair in _texts(name, side))]


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """(column, text) of all texts of a value, including nested mappings and lists, sets and columns."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(f"{name}.{key}" if name else str(key), each)
    elif isinstance(value, Iterable) and not isinstance(value, bytes):
        for each in value:
            yield from _texts(name, each)
    elif name in _IDS and (
        isinstance(value, int | np.integer) or (isinstance(value, float | np.floating) and float(value).is_integer())
    ):
        # A data frame with a missing id makes numbers with a fraction of all others.
        yield name, str(int(value))


def _refuse(line: str) -> None:
    raise DataError(f"The data cannot be compared: {line}.")
