"""Finds the files of a collection: BEIR's (queries, corpus, qrels/), MIRACL's (topics, qrels, corpus)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ....engine.json_lines import unpacked_name
from ...data import language_in

# The first of these splits is read: MIRACL's test sets have no judgements, BEIR's test sets are its standard.
SPLITS_OF_TOPICS = ("dev", "test")
SPLITS_OF_QUERIES = ("test", "dev")
_ROWS, _TABLES = (".jsonl", ".ndjson"), (".tsv", ".txt", ".csv")
_JUDGED = (*_TABLES, *_ROWS, ".qrels", ".qrel", ".trec")
_TOPICS = ("topics", "topic")
Folders = tuple[Path, ...]


def is_collection(folder: Path) -> bool:
    """Whether a folder, or a sub-folder named by language, contains a corpus and judgements."""
    return bool(parts(folder))


def parts(folder: Path) -> dict[str, Folders]:
    """The folders of each language's files: `sw`, or `miracl-v1.0-sw` beside `miracl-corpus-v1.0-sw`.

    A folder whose sub-folders name no language has the language at the end of its own name, or "und". If it contains
    only one sub-folder, as after unpacking an archive, that one is searched.
    """
    if not folder.is_dir():
        return {}
    inside = _folders(folder)
    grouped: dict[str, list[Path]] = defaultdict(list)
    for part in inside:
        if code := language_in(part.name):
            grouped[code].append(part)
    found = {code: tuple(folders) for code, folders in grouped.items() if _holds(tuple(folders))}
    if found:
        return found
    if _holds((folder,)):
        code = language_in(folder.name)
        return {code if len(code) == 2 else "und": (folder,)}
    return parts(inside[0]) if len(inside) == 1 else {}


def left_out(folder: Path) -> list[Path]:
    """Sub-folders with a collection whose names contain no language, if others' names do."""
    inside = _folders(folder)
    if not any(language_in(part.name) and _holds((part,)) for part in inside):
        return []
    return [part for part in inside if not language_in(part.name) and _holds((part,))]


def corpus(folders: Folders) -> list[Path]:
    """The files of the passages: JSON lines, else tables as MS MARCO has them."""
    words = ("corpus", "docs", "collection")
    return _files(folders, words, _ROWS) or _files(folders, words, (".tsv",))


def queries(folders: Folders) -> list[Path]:
    """The files of the questions in JSON lines."""
    return _files(folders, ("queries",), _ROWS)


def topics(folders: Folders) -> list[Path]:
    """The files of the questions in tables, of one split."""
    return split(_files(folders, _TOPICS, _TABLES), SPLITS_OF_TOPICS) or split(
        _files(folders, ("queries",), _TABLES), SPLITS_OF_QUERIES
    )


def qrels(folders: Folders) -> list[Path]:
    """The files of the judgements, of one split."""
    order = SPLITS_OF_TOPICS if _files(folders, _TOPICS, _TABLES) else SPLITS_OF_QUERIES
    return split(_files(folders, ("qrels", "qrel"), _JUDGED), order)


def split(files: list[Path], order: Sequence[str]) -> list[Path]:
    """The files of the first split that exists; all files if no name contains a split."""
    for name in order:
        chosen = [path for path in files if _has_word(path.name, name)]
        if chosen:
            return chosen
    return files


def _folders(folder: Path) -> list[Path]:
    return sorted(part for part in folder.iterdir() if part.is_dir() and not part.name.startswith((".", "__")))


def _holds(folders: Folders) -> bool:
    return bool(corpus(folders)) and bool(qrels(folders))


def _files(folders: Folders, words: Sequence[str], suffixes: tuple[str, ...]) -> list[Path]:
    """The files for the first word that has any: named by it, or in a folder named by it."""
    for word in words:
        called = [path for folder in folders for path in _inside(folder, suffixes) if _has_word(path.name, word)]
        exact = [path for path in called if Path(unpacked_name(path)).stem.lower() == word]
        deeper = [path for folder in folders for path in _inside(folder / word, suffixes)]
        if found := exact or deeper or called:
            return found
    return []


def _inside(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The files of a folder with these suffixes; of a file that is there packed and unpacked, the unpacked one."""
    if not folder.is_dir():
        return []
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir(), key=lambda each: (unpacked_name(each), each.name)):
        name = unpacked_name(path)
        if path.is_file() and not name.startswith((".", "README")) and name.lower().endswith(suffixes):
            found.setdefault(name, path)
    return list(found.values())


def _has_word(name: str, word: str) -> bool:
    return bool(re.search(rf"(?:^|[-_.]){word}(?:[-_.]|$)", name, re.IGNORECASE))
