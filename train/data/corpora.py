"""Reads training data once, row by row, into flat files that later runs map into memory."""

from __future__ import annotations

import contextlib
import hashlib
import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from ...engine import paths
from ...engine.errors import DataError
from ...engine.files import prepared, remove_folder, replacing_folder
from ..settings import SourceConfig, fixed
from . import formats
from .pairs import Corpus, Digests, Example, Integers, digest

# Changes with the files of a corpus, and with what the readers take from a row.
LAYOUT = 3
ROWS = 'A row is, for instance, {"question": {"en": "…", "de": "…"}, "passage": {"en": "…", "de": "…"}}.'


def open_corpus(source: SourceConfig) -> Corpus:
    """The pairs of a source, from the cache if its files have not changed, else prepared now.

    Broken rows are skipped, up to `fixed.BROKEN_ROWS` or the share `fixed.BROKEN_SHARE` of all.

    Raises:
        DataError: the data cannot be read, or have no usable row or too many broken ones.
    """
    choice = json.dumps([LAYOUT, source.language, _plain(source.include)], sort_keys=True)
    key = f"{digest(formats.content_key(source.path) + choice):016x}"
    folder = paths.cache_folder() / "training" / key
    corpus = _kept(folder)
    if corpus is None:
        _prepare(source, folder)
        corpus = Corpus(folder)
    if _too_many(len(corpus.broken), len(corpus), fixed.BROKEN_SHARE):
        raise _too_broken(source.path, corpus.broken)
    return corpus


def store(name: str, examples: Callable[[Callable[[str], None]], Iterator[Example]]) -> Corpus:
    """The pairs of examples in memory, stored in the cache by their content.

    Args:
        name: the name of the data, for messages.
        examples: returns all examples on each call; calls its argument with the fault of each broken row.

    Raises:
        DataError: there is no usable row, or too many are broken.
    """
    hashed = hashlib.blake2b(f"{LAYOUT} {name}".encode("utf-8", "surrogatepass"), digest_size=8)
    broken: list[str] = []
    sound = 0
    for example in examples(broken.append):
        sound += 1
        hashed.update(json.dumps(vars(example), default=dict).encode())
    if not sound:
        raise DataError(f"{name} holds no usable row{f': {broken[0]}' if broken else ''}.", hint=ROWS)
    if _too_many(len(broken), sound, fixed.BROKEN_SHARE):
        raise _too_broken(name, broken)
    folder = paths.cache_folder() / "training" / hashed.hexdigest()
    corpus = _kept(folder)
    if corpus is None:
        with prepared(folder), replacing_folder(folder, keep=True) as partial:
            _Writer(partial, name).write(examples(lambda line: None), lambda: tuple(broken))
        corpus = Corpus(folder)
    return corpus


def _kept(folder: Path) -> Corpus | None:
    """The corpus in a folder; None, and the folder removed, if it is missing or incomplete, as after a crash."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, RecursionError):
        sizes = json.loads((folder / "corpus.json").read_text("utf-8"))["sizes"]
        if all((folder / name).stat().st_size == size for name, size in sizes.items()):
            return Corpus(folder)
    remove_folder(folder)
    return None


def _prepare(source: SourceConfig, folder: Path) -> None:
    broken: list[str] = []
    sound = 0

    def report(line: str) -> None:
        broken.append(line)
        # The final check is in `open_corpus`; here, reading stops early if most rows so far are broken.
        if _too_many(len(broken), sound, 0.5):
            raise _too_broken(source.path, broken)

    def wanted() -> Iterator[Example]:
        nonlocal sound
        for example in formats.read(source.path, report, language=source.language):
            sound += 1
            if _matches(example, source.include):
                yield example

    # Another process may prepare the same data meanwhile; either result is valid.
    with prepared(folder), replacing_folder(folder, keep=True) as partial:
        _Writer(partial, source.path).write(wanted(), lambda: tuple(broken))


def _too_many(broken: int, sound: int, share: float) -> bool:
    return broken > fixed.BROKEN_ROWS and broken > share * (broken + sound)


def _too_broken(path: str, broken: Sequence[str]) -> DataError:
    return DataError(
        f"{len(broken):,} rows of {path} are broken, too many to be left out; the first is {broken[0]}.",
        hint="Repair the data, or name another file.",
    )


def _plain(fields: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in fields.items()}


def _matches(example: Example, fields: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether every field has one of its values."""
    return all(str(getattr(example, name, "")) in values for name, values in fields.items())


class _ColumnWriter:
    """Appends texts to a flat file and records where each begins and its language."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._file = (folder / f"{name}.text").open("wb")
        self._starts = array("q", [0])
        self._languages = array("H")
        self._offsets = array("q", [0])

    def add(self, texts: Iterable[tuple[int, str]]) -> None:
        for language, text in texts:
            content = text.encode("utf-8", "surrogatepass")
            self._file.write(content)
            self._languages.append(language)
            self._offsets.append(self._offsets[-1] + len(content))
        self._starts.append(len(self._languages))

    def close(self) -> None:
        self._file.close()
        for part, values in (("starts", self._starts), ("languages", self._languages), ("offsets", self._offsets)):
            np.save(self._folder / f"{self._name}.{part}.npy", np.asarray(values))


class _Writer:
    """Writes examples in one pass, keeping only integers in memory."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._languages: dict[str, int] = {}

    def write(self, examples: Iterable[Example], broken: object) -> None:
        columns = {
            name: _ColumnWriter(self._folder, name) for name in ("question", "passage", "answer", "negative", "meta")
        }
        ids, texts, owners, documents = array("Q"), array("Q"), array("q"), array("Q")
        kinds: set[bool] = set()
        for row, example in enumerate(examples):
            kinds.add(example.bitext)
            columns["question"].add(self._coded(example.question))
            columns["passage"].add(self._coded({} if example.bitext else example.passage))
            columns["answer"].add(self._coded(example.answer))
            columns["negative"].add(self._coded(example.negative))
            meta = {"id": example.id, "source": example.source, "title": example.title, "document": example.document}
            columns["meta"].add(
                [(0, json.dumps({key: value for key, value in meta.items() if value}, ensure_ascii=False))]
            )
            ids.append(digest(example.id))
            document = example.document or example.title
            documents.append(digest(f"{example.source}/{document}") if document else 0)
            # Two rows have the same passage if they share a passage or a question in any language.
            shared = list(example.passage.values())
            shared += [] if example.bitext else [f"?{text}" for text in example.question.values()]
            for text in shared:
                texts.append(digest(text))
                owners.append(row)
        for column in columns.values():
            column.close()
        if not ids:
            raise DataError(f"{self._name} holds no usable row.")
        if len(kinds) > 1:
            raise DataError(f"{self._name} mixes bitext with questions and passages.", hint="Give them as two sources.")
        groups = groups_of(np.asarray(owners), np.asarray(texts), len(ids))
        previous, following = neighbours_of(np.asarray(documents))
        for name, values in (
            ("groups", groups),
            ("ids", np.asarray(ids)),
            ("previous", previous),
            ("following", following),
        ):
            np.save(self._folder / f"{name}.npy", values)
        described = {
            "layout": LAYOUT,
            "name": self._name,
            "rows": len(ids),
            "bitext": kinds.pop(),
            "languages": list(self._languages),
            "broken": list(broken() if callable(broken) else ()),
            "digest": hashlib.blake2b(ids.tobytes() + texts.tobytes(), digest_size=8).hexdigest(),
        }
        described["sizes"] = {path.name: path.stat().st_size for path in self._folder.iterdir()}
        (self._folder / "corpus.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")

    def _coded(self, texts: Mapping[str, str]) -> list[tuple[int, str]]:
        return [(self._languages.setdefault(code, len(self._languages)), text) for code, text in texts.items()]


def groups_of(owners: Integers, texts: Digests, rows: int) -> Digests:
    """The group of each row: rows that share a text, directly or through other rows, have the same group.

    Args:
        owners: shape (n,), the row of each text.
        texts: shape (n,), the digest of each text.
        rows: how many rows there are.

    Returns:
        Shape (rows,), the smallest digest among the texts of the row's group, so that a passage usually has the same
        group in other corpora.
    """
    labels = np.full(rows, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(labels, owners, texts)
    order = np.argsort(texts, kind="stable")
    bounds = np.flatnonzero(np.r_[True, texts[order][1:] != texts[order][:-1]]) if len(texts) else np.zeros(0, np.int64)
    while len(texts):
        smallest = np.minimum.reduceat(labels[owners[order]], bounds)
        spread = np.repeat(smallest, np.diff(np.r_[bounds, len(order)]))
        updated = labels.copy()
        np.minimum.at(updated, owners[order], spread)
        if np.array_equal(updated, labels):
            break
        labels = updated
    return labels


def neighbours_of(documents: Digests) -> tuple[Integers, Integers]:
    """The rows before and after each row in its document, or -1; documents are consecutive rows, 0 is no document."""
    rows = np.arange(len(documents))
    same = (documents[1:] == documents[:-1]) & (documents[1:] != 0)
    previous, following = np.full(len(documents), -1), np.full(len(documents), -1)
    previous[1:][same] = rows[:-1][same]
    following[:-1][same] = rows[1:][same]
    return previous, following
