"""Finds training rows that overlap a benchmark: the same id, the same question, or a long run of the same words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ...engine import paths
from ...engine.errors import DataError
from ...engine.files import replacing_file
from . import readers
from .pairs import Column, Corpus, Digests, digest

if TYPE_CHECKING:
    from .overlaps import Overlaps

SHINGLE_WORDS = 8
SHINGLE_IDEOGRAMS = 16
SHINGLE_LETTERS = 40
# A word is what stands between spaces and punctuation: `\w` would break words at the vowel signs of Indic scripts.
_BETWEEN = r"\s!-/:-@\[-`{-~\u00a1-\u00bf\u060c\u061b\u061f\u06d4\u0964\u0965\u2000-\u206f\u3000-\u303f\uff00-\uff20"
_DENSE = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_DENSE}]|[^{_BETWEEN}{_DENSE}]+")
_IDEOGRAM = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_CHUNK = 2000
_WIDTHS = (SHINGLE_WORDS, SHINGLE_IDEOGRAMS, SHINGLE_LETTERS)
# What the cached files of guards hold; another number makes them anew.
_LAYOUT = 2


def normalised(text: str) -> str:
    """A text without case, punctuation and spacing, for comparison."""
    return " ".join(_TOKEN.findall(text.casefold()))


@lru_cache(maxsize=1 << 18)
def _word(token: str) -> int:
    return digest(token)


def shingles(texts: Sequence[str]) -> tuple[Digests, np.ndarray]:
    """Digests of all runs of eight words; in scripts without spaces, of sixteen ideograms or forty letters.

    Args:
        texts: any number of texts.

    Returns:
        The digests, and for each the index of its text, both of shape (runs,).
    """
    words: list[int] = []
    owners: list[int] = []
    kinds: list[int] = []
    for index, text in enumerate(texts):
        tokens = _TOKEN.findall(text.casefold())
        words += map(_word, tokens)
        owners += [index] * len(tokens)
        kinds += map(_kind, tokens)
    values, owner, kind = np.asarray(words, np.uint64), np.asarray(owners, np.int64), np.asarray(kinds, np.int8)
    found = [_runs(values, owner, kind == number, width) for number, width in enumerate(_WIDTHS)]
    return np.concatenate([runs for runs, _ in found]), np.concatenate([owner[at] for _, at in found])


def shared_run(text: str, known: Digests) -> str:
    """The first run of words of a text whose digest is among sorted ones; "" where none is."""
    tokens = _TOKEN.findall(text.casefold())
    values = np.array([_word(token) for token in tokens], np.uint64)
    kinds = np.array([_kind(token) for token in tokens], np.int8)
    for number, width in enumerate(_WIDTHS):
        runs, places = _runs(values, np.zeros(len(tokens), np.int64), kinds == number, width)
        hits = places[within(runs, known)]
        if len(hits):
            return ("" if number else " ").join(tokens[hits[0] : hits[0] + width])
    return ""


@lru_cache(maxsize=1 << 18)
def _kind(token: str) -> int:
    """0 for a word, 1 for an ideogram or kana, 2 for a letter of a script without spaces."""
    return 1 if _IDEOGRAM.match(token) else 2 if _LETTER.match(token) else 0


def _runs(values: Digests, owner: np.ndarray, of_kind: np.ndarray, width: int) -> tuple[Digests, np.ndarray]:
    """Polynomial digests of each window of `width` tokens within one text that holds tokens of one kind mostly.

    Returns:
        The digests, and where each window begins, both of shape (runs,).
    """
    count = len(values) - width + 1
    if count < 1:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    combined = np.zeros(count, np.uint64)
    for place in range(width):
        combined = combined * np.uint64(0x9E3779B97F4A7C15) + values[place : place + count]
    within = owner[:count] == owner[width - 1 :]
    # A window that begins and ends in a script belongs to it; numbers and foreign words inside do not break it.
    mine = within & of_kind[:count] & of_kind[width - 1 :]
    return combined[mine] ^ np.uint64(width), np.flatnonzero(mine)


@dataclass(frozen=True)
class Guard:
    """What must not be trained on: the ids, questions and passages of benchmarks, as digests.

    `Guard.of(benchmarks).overlaps(dataset)` says which rows of anybody's data overlap them, and with what.

    Attributes:
        ids: digests of the benchmarks' ids, sorted.
        questions: digests of their questions in every language, sorted.
        runs: shingles of their passages in every language, sorted.
        languages: of those passages.
        key: stands for the content.
        benchmarks: their names.
        owners: by `ids`, `questions`, `runs`, the index in `benchmarks` of the one that each digest is of; shorter
            than the digests, or absent, where only benchmarks that are known without their files have the rest.
    """

    ids: Digests
    questions: Digests
    runs: Digests
    languages: frozenset[str]
    key: str
    benchmarks: tuple[str, ...] = ()
    owners: Mapping[str, tuple[Digests, np.ndarray]] = field(default_factory=dict)

    @classmethod
    def of(cls, protected: Iterable[str]) -> Guard:
        """A guard for some benchmarks, and for the ids and questions of those that are known without their files.

        Args:
            protected: files or folders in any format of `train.data.readers`, LAReQA's `-R` files among them.

        Raises:
            DataError: a benchmark that cannot be read.
        """
        names = tuple(protected)
        content = "\n".join([f"{_LAYOUT} {_WIDTHS}", *(readers.content_key(name) for name in names)])
        key = hashlib.blake2b(content.encode(), digest_size=8).hexdigest()
        cached = paths.cache_folder() / "training" / f"guard-{key}.npz"
        if not cached.is_file():
            _write_guard(names, cached)
        with np.load(cached) as kept:
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
        """Which rows overlap a benchmark, and with what; see `Overlaps`.

        Args:
            dataset: a path or name as `of` takes it; a `datasets.Dataset`, a data frame, or an iterable of mappings
                or texts; or a `Corpus`. Every text of a row is compared, in whatever column, nested or not; a column
                called id, _id, query_id or qid is compared with the benchmarks' ids.

        Raises:
            DataError: data that cannot be read, or are none of these.
        """
        from .overlaps import found_in

        return found_in(self, dataset)

    def benchmark_of(self, kind: Literal["ids", "questions", "runs"], value: int) -> str:
        """The name of a benchmark that has a digest; that of one known without its files is not told."""
        digests, owner = self.owners.get(kind, (np.zeros(0, np.uint64), np.zeros(0, np.int64)))
        place = int(np.searchsorted(digests, np.uint64(value)))
        known = place < len(digests) and int(digests[place]) == value
        return self.benchmarks[int(owner[place])] if known else "a published benchmark"

    def clean(self, corpus: Corpus) -> np.ndarray:
        """Shape (rows,), True for rows that overlap no protected benchmark; kept in the cache beside the corpus."""
        cached = corpus.folder / f"clean-{self.key}.npy"
        if cached.is_file():
            kept: np.ndarray = np.load(cached)
            return kept
        found = self.marked(corpus)
        with replacing_file(cached, durable=False) as partial, partial.open("wb") as file:
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


def within(values: Digests, known: Digests) -> np.ndarray:
    """Which values are among sorted ones."""
    if not len(known) or not len(values):
        return np.zeros(len(values), np.bool_)
    place = np.searchsorted(known, values).clip(max=len(known) - 1)
    hit: np.ndarray = known[place] == values
    return hit


def _chunks(column: Column, languages: Sequence[int]) -> Iterator[tuple[np.ndarray, list[str]]]:
    """Texts of a column in some languages, in parts, with the rows they belong to."""
    entries = np.flatnonzero(np.isin(column.languages, languages))
    for start in range(0, len(entries), _CHUNK):
        indices = entries[start : start + _CHUNK]
        rows = np.searchsorted(column.starts, indices, side="right") - 1
        yield rows, [column.entry(int(index)) for index in indices]


def _spoken(code: str) -> str:
    """A language without its script: the same words may be written in either."""
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
        for example in readers.read(name, refuse):
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
