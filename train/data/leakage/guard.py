"""Finds training rows that overlap a benchmark: the same id, the same question, or a long run of the same words."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ....engine import paths
from ....engine.errors import DataError, several
from ....engine.files import prepared, replacing_file
from ....engine.stores import arrays_of
from .. import formats
from ..pairs import Column, Corpus, Digests, digest
from .overlaps import Overlaps, found_in
from .shingles import WIDTHS, normalised, shingles, within

# Texts that are processed together.
_CHUNK = 2000
# Version of the cached guards; changing it rebuilds them.
_LAYOUT = 2


@dataclass(frozen=True, eq=False)
class Guard:
    """Digests of ids, questions and passages of benchmarks, which must not be trained on.

    It is made by `of`: `Guard.of(benchmarks).overlaps(dataset)` finds the rows of a data set that overlap them.

    Attributes:
        ids: digests of the benchmarks' ids, sorted.
        questions: digests of their questions in every language, sorted.
        runs: shingles of their passages in every language, sorted.
        languages: the languages of those passages.
        key: a digest of the content.
        benchmarks: their names.
        owners: for `ids`, `questions` and `runs`, digests and the index in `benchmarks` of each; lacks digests that
            come only with the program, not from the given benchmarks.
    """

    ids: Digests
    questions: Digests
    runs: Digests
    languages: frozenset[str]
    key: str
    benchmarks: tuple[str, ...] = ()
    owners: Mapping[str, tuple[Digests, np.ndarray]] = field(default_factory=dict)

    @classmethod
    def of(cls, protected: Iterable[str | Path] | str | Path) -> Guard:
        """A guard for some benchmarks, and for published ones whose ids and questions come with the program.

        Args:
            protected: one or several files or folders in any format of `train.data.formats.readers`, including
                LAReQA's `-R` files.

        Raises:
            DataError: a benchmark cannot be read.
        """
        given = (protected,) if isinstance(protected, str | Path) else several(protected, "protected")
        names = tuple(map(str, given))
        content = "\n".join([f"{_LAYOUT} {WIDTHS}", *(formats.content_key(name) for name in names)])
        key = hashlib.blake2b(content.encode(), digest_size=8).hexdigest()
        cached = paths.cache_folder() / "training" / f"guard-{key}.npz"
        try:
            kept = arrays_of(cached)
        except (OSError, ValueError):
            # The file is missing, or incomplete after a crash.
            with prepared(cached):
                _write_guard(names, cached)
                kept = arrays_of(cached)
        ids, questions, runs = kept["ids"], kept["questions"], kept["runs"]
        languages = frozenset(kept["languages"].tolist())
        owners = {name: (kept[name], kept[f"{name}_of"]) for name in ("ids", "questions", "runs")}
        known = paths.assets_folder() / "benchmarks" / "known.npz"
        if known.is_file():
            with np.load(known) as shipped:
                ids, questions = np.union1d(ids, shipped["ids"]), np.union1d(questions, shipped["questions"])
            key += f"-{known.stat().st_size}"
        return cls(ids, questions, runs, languages, key, names, owners)

    def overlaps(self, dataset: Any) -> Overlaps:
        """The rows that overlap a benchmark, and the shared texts; see `Overlaps`.

        Args:
            dataset: a path or name as in `of`; a `datasets.Dataset`, a data frame, or an iterable of mappings or
                texts; or `ParallelPairs`, whose rows are compared, not each pair of languages. Every text of a row is
                compared, in any column, nested or not; a column called id, _id, query_id or qid is compared with the
                benchmarks' ids.

        Raises:
            DataError: the data cannot be read, or are of another type.
        """
        return found_in(self, dataset)

    def benchmark_of(self, kind: Literal["ids", "questions", "runs"], value: int) -> str:
        """The name of the benchmark with a digest; "a published benchmark" if the digest comes with the program."""
        digests, owner = self.owners.get(kind, (np.zeros(0, np.uint64), np.zeros(0, np.int64)))
        place = int(np.searchsorted(digests, np.uint64(value)))
        known = place < len(digests) and int(digests[place]) == value
        return self.benchmarks[int(owner[place])] if known else "a published benchmark"

    def clean(self, corpus: Corpus) -> np.ndarray:
        """Shape (rows,), True for rows that overlap no protected benchmark; cached beside the corpus."""
        cached = corpus.folder / f"clean-{self.key}.npy"
        with contextlib.suppress(OSError, ValueError, EOFError):
            kept: np.ndarray = np.load(cached)
            if kept.shape == (len(corpus),) and kept.dtype == np.bool_:
                return kept
        found = self.marked(corpus)
        with prepared(cached), replacing_file(cached, durable=False) as partial, partial.open("wb") as file:
            np.save(file, ~found)
        return ~found

    def marked(self, corpus: Corpus) -> np.ndarray:
        """Shape (rows,), True for rows that share an id, a question, or a shingle of a passage with a benchmark."""
        found = within(np.asarray(corpus.ids), self.ids)
        spoken = [index for index, code in enumerate(corpus.languages) if _spoken(code) in self.languages]
        for rows, texts in _chunks(corpus.question, range(len(corpus.languages))):
            asked = np.array([digest(normalised(text)) for text in texts], np.uint64)
            found[rows[within(asked, self.questions)]] = True
        for rows, texts in _chunks(corpus.passage, spoken):
            runs, owners = shingles(texts)
            found[rows[owners[within(runs, self.runs)]]] = True
        return found


def _chunks(column: Column, languages: Sequence[int]) -> Iterator[tuple[np.ndarray, list[str]]]:
    """Blocks of a column's texts in some languages, with their rows."""
    entries = np.flatnonzero(np.isin(column.languages, languages))
    for start in range(0, len(entries), _CHUNK):
        indices = entries[start : start + _CHUNK]
        rows = np.searchsorted(column.starts, indices, side="right") - 1
        yield rows, [column.entry(int(index)) for index in indices]


def _spoken(code: str) -> str:
    """A language's code without its script."""
    return code.partition("-")[0]


def _write_guard(protected: Sequence[str], target: Path) -> None:
    ids: dict[int, int] = {}
    questions: dict[int, int] = {}
    runs: list[Digests] = []
    owners: list[np.ndarray] = []
    languages: set[str] = set()

    def refuse(line: str) -> None:
        raise DataError(f"A protected benchmark cannot be read: {line}.")

    for number, name in enumerate(protected):
        texts: list[str] = []
        seen: set[str] = set()
        for example in formats.read(name, refuse):
            ids.setdefault(digest(example.id), number)
            for text in example.question.values():
                questions.setdefault(digest(normalised(text)), number)
            languages |= {_spoken(code) for code in example.passage}
            for text in example.passage.values():
                if text not in seen:
                    seen.add(text)
                    texts.append(text)
        for start in range(0, len(texts), _CHUNK):
            runs.append(np.unique(shingles(texts[start : start + _CHUNK])[0]))
            owners.append(np.full(len(runs[-1]), number, np.int16))
    every, first = np.unique(np.concatenate(runs) if runs else np.zeros(0, np.uint64), return_index=True)
    with replacing_file(target, durable=False) as partial, partial.open("wb") as file:
        np.savez(
            file,
            ids=np.array(sorted(ids), np.uint64),
            ids_of=np.array([ids[each] for each in sorted(ids)], np.int16),
            questions=np.array(sorted(questions), np.uint64),
            questions_of=np.array([questions[each] for each in sorted(questions)], np.int16),
            runs=every,
            runs_of=np.concatenate(owners)[first] if owners else np.zeros(0, np.int16),
            languages=np.array(sorted(languages)),
        )
