"""Defines training pairs and their storage: texts in flat files, their languages and identities as integers."""

from __future__ import annotations

import hashlib
import mmap
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...engine.errors import DataError
from ...engine.languages import code_of

Integers = NDArray[np.int64]
Digests = NDArray[np.uint64]


@dataclass(frozen=True)
class Example:
    """One question with its passage, each in one or more languages; in bitext, both are the same sentence.

    Attributes:
        id: unique in its data set; the same question in another language has the same id.
        source: the data set it comes from.
        group: the identity of its passage; a batch has no two pairs of one group. Empty when read from a file; computed
            from shared texts when the pairs are stored.
        question, passage: text by language.
        answer: the exact words of the answer in the passage, by language, if known.
        title: the passage's title, if known.
        document: a name that neighbouring rows share; if empty, the title is used.
        bitext: whether question and passage are translations of each other.
        negative: passages known to be wrong, by language.
    """

    id: str
    source: str
    group: str
    question: Mapping[str, str]
    passage: Mapping[str, str]
    answer: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    document: str = ""
    bitext: bool = False
    negative: Mapping[str, str] = field(default_factory=dict)


def digest(text: str) -> int:
    """A 64-bit hash of a text, the same on every machine and in every run."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@lru_cache(maxsize=4096)
def language_code(code: str) -> str:
    """A language code for comparisons: the language without region, but `zh-tw` for traditional characters.

    Data sets name one language in several ways (`de`, `deu`, `deu_Latn`, `German`; `he`, `iw`): all give one code.
    """
    lowered = code_of(code) or code.strip().replace("_", "-").lower()
    if lowered in ("zh-tw", "zh-hk", "zh-mo") or lowered.startswith("zh-hant"):
        return "zh-tw"
    return lowered.split("-")[0]


def drawn_rows(mask: NDArray[np.bool_], limit: int = 0, seed: int = 0) -> list[int]:
    """The rows of a mask, ascending; if `limit` is not 0, at most `limit` of them, drawn by `seed`."""
    rows: list[int] = np.flatnonzero(mask).tolist()
    return sorted(random.Random(seed).sample(rows, limit)) if 0 < limit < len(rows) else rows


class Column:
    """One side of all rows: for each row its languages, and for each language a text in a flat file.

    Attributes:
        starts: shape (rows + 1,), where the entries of each row begin.
        languages: shape (entries,), indices into the corpus's languages.
        offsets: shape (entries + 1,), the byte at which each text begins in the file.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.starts: Integers = np.load(folder / f"{name}.starts.npy", mmap_mode="r")
        self.languages: NDArray[np.uint16] = np.load(folder / f"{name}.languages.npy", mmap_mode="r")
        self.offsets: Integers = np.load(folder / f"{name}.offsets.npy", mmap_mode="r")
        self._path = folder / f"{name}.text"

    @cached_property
    def _bytes(self) -> mmap.mmap | bytes:
        if self._path.stat().st_size == 0:
            return b""
        with self._path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def entry(self, index: int) -> str:
        """The text of one entry."""
        return self._bytes[int(self.offsets[index]) : int(self.offsets[index + 1])].decode("utf-8", "surrogatepass")

    def text(self, row: int, language: int) -> str | None:
        """The row's text in a language, or None."""
        for index in self._entries(row):
            if self.languages[index] == language:
                return self.entry(index)
        return None

    def texts(self, row: int) -> dict[int, str]:
        """All texts of a row by language."""
        return dict(zip(self.held(row), map(self.entry, self._entries(row)), strict=True))

    def held(self, row: int) -> list[int]:
        """The languages of a row's texts."""
        return [int(self.languages[index]) for index in self._entries(row)]

    def _entries(self, row: int) -> range:
        return range(int(self.starts[row]), int(self.starts[row + 1]))


class Corpus:
    """The pairs of one source on disk; texts are read on demand to save memory.

    Attributes:
        languages: codes by index.
        bitext: whether question and passage of every row are translations of one sentence.
        question, passage, answer, negative: the columns; in bitext, `passage` is `question`.
        groups: shape (rows,), the identity of each row's passage, comparable between corpora.
        ids: shape (rows,), digests of the rows' ids.
        previous, following: shape (rows,), the neighbouring row of the same document, or -1.
        broken: `file:line: reason` of each row that was skipped.
    """

    def __init__(self, folder: Path) -> None:
        import json

        self.folder = folder
        described = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))
        self.languages: tuple[str, ...] = tuple(described["languages"])
        self.bitext: bool = described["bitext"]
        self.digest: str = described["digest"]
        self.broken: tuple[str, ...] = tuple(described["broken"])
        self.name: str = described["name"]
        self.question = Column(folder, "question")
        self.passage = self.question if self.bitext else Column(folder, "passage")
        self.answer = Column(folder, "answer")
        self.negative = Column(folder, "negative")
        self.groups: Digests = np.load(folder / "groups.npy", mmap_mode="r")
        self.ids: Digests = np.load(folder / "ids.npy", mmap_mode="r")
        self.previous: Integers = np.load(folder / "previous.npy", mmap_mode="r")
        self.following: Integers = np.load(folder / "following.npy", mmap_mode="r")
        self._meta = Column(folder, "meta")

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.groups)

    def __reduce__(self) -> tuple[type[Corpus], tuple[Path]]:
        """Pickles the folder; another process opens the same files."""
        return Corpus, (self.folder,)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {code: index for index, code in enumerate(self.languages)}

    def language(self, code: str) -> int:
        """The index of a language.

        Raises:
            DataError: no row has the language.
        """
        if code not in self._index:
            raise DataError(f"{self.name} has no text in {code!r}.", hint=f"It has {', '.join(self.languages)}.")
        return self._index[code]

    def example(self, row: int) -> Example:
        """A row as it was read, and its group."""
        import json

        meta = json.loads(self._meta.entry(row))

        def by_code(column: Column) -> dict[str, str]:
            return {self.languages[index]: text for index, text in column.texts(row).items()}

        return Example(
            id=meta["id"],
            source=meta["source"],
            group=f"{int(self.groups[row]):016x}",
            question=by_code(self.question),
            passage=by_code(self.passage),
            answer=by_code(self.answer),
            title=meta.get("title", ""),
            document=meta.get("document", ""),
            bitext=self.bitext,
            negative=by_code(self.negative),
        )

    def held_out(self, one_in: int) -> NDArray[np.bool_]:
        """Shape (rows,), True for rows of every `one_in`-th group, chosen by the group's digest; none for 0."""
        if one_in < 1:
            return np.zeros(len(self), dtype=np.bool_)
        held: NDArray[np.bool_] = self.groups % np.uint64(one_in) == 0
        return held
