"""Reads Belebele's files: questions on parallel passages; relevant is the whole passage of each question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from ...engine.errors import DataError
from ...engine.json_lines import BadLine, json_lines, unpacked_name
from ...engine.languages import code_of
from ..data import language_in
from .model import Benchmark, Candidate, Query, wanted

_PASSAGE, _QUESTION, _LINK, _NUMBER, _DIALECT = "flores_passage", "question", "link", "question_number", "dialect"


def is_belebele(row: Any) -> bool:
    """Whether a JSON value is a row of Belebele."""
    return isinstance(row, Mapping) and _PASSAGE in row and _QUESTION in row


def files_in(folder: Path) -> list[Path]:
    """The folder's files that begin with a row of Belebele, such as `eng_Latn.jsonl`."""
    found = []
    for path in sorted(folder.iterdir()):
        name = unpacked_name(path).lower()
        if path.is_file() and not name.startswith(".") and name.endswith((".jsonl", ".ndjson")):
            first = next((value for _, value in json_lines(path)), None)
            found += [path] if is_belebele(first) else []
    return found


def read_belebele(files: Sequence[Path], title: str, languages: Sequence[str]) -> Benchmark:
    """Questions of all files with a pool of their distinct passages; link and number join parallel questions.

    A row's `dialect`, or else its file's name, gives its language (`zho_Hant` is zh-tw). If a language has two scripts,
    the second keeps its tag (`hi` and `hi-latn`).

    Args:
        files: JSON lines.
        title: the benchmark's name.
        languages: take only these; all when empty.

    Raises:
        DataError: a row is damaged or of no known language, or a wanted language has no rows.
    """
    codes: dict[str, str] = {}
    queries: list[Query] = []
    pool: list[Candidate] = []
    places: dict[tuple[str, str], int] = {}
    answers: dict[str, list[int]] = {}
    rows = [[_told(path, number, row) for number, row in json_lines(path)] for path in files]
    for told in chain.from_iterable(rows):
        _code(told[_DIALECT], codes)
    languages = wanted(languages, codes.values())
    for of_file in rows:
        seen: Counter[tuple[str, str, str]] = Counter()
        for told in of_file:
            code = codes[told[_DIALECT]]
            if languages and code not in languages:
                continue
            same = (code, told[_LINK], told[_NUMBER])
            seen[same] += 1
            key = f"{told[_LINK]}#{told[_NUMBER]}" + (f"#{seen[same]}" if seen[same] > 1 else "")
            place = places.setdefault((code, told[_PASSAGE]), len(pool))
            if place == len(pool):
                pool.append(Candidate(f"{key}-{code}", code, told[_PASSAGE]))
            queries.append(Query(key, code, told[_QUESTION]))
            answers.setdefault(key, []).append(place)
    _refuse_missing(languages, {query.language for query in queries}, files)
    if languages and set(languages) != set(codes.values()):
        title += f" ({', '.join(sorted(languages))})"
    relevant = tuple(tuple(dict.fromkeys(answers[query.id])) for query in queries)
    return Benchmark(title, tuple(queries), tuple(pool), relevant)


def _told(path: Path, number: int, row: Any) -> dict[str, str]:
    """The fields of a row as texts."""
    if isinstance(row, BadLine):
        raise DataError(f"{path}, line {number}: {row}.", hint=row.hint)
    if not is_belebele(row):
        raise DataError(
            f"{path}, line {number}: it has no `{_PASSAGE}` and `{_QUESTION}`.", hint="Is it a Belebele file?"
        )
    dialect = row.get(_DIALECT) or unpacked_name(path).removesuffix(".jsonl").removesuffix(".ndjson")
    told = {_DIALECT: str(dialect), _LINK: str(row.get(_LINK, "")), _NUMBER: str(row.get(_NUMBER, number))}
    for name in (_PASSAGE, _QUESTION):
        if not isinstance(row[name], str) or not row[name].strip():
            raise DataError(f"{path}, line {number}: `{name}` is not text.", hint="Fetch the file again.")
        told[name] = row[name].strip()
    return told


def _code(dialect: str, codes: dict[str, str]) -> None:
    """Enter the language code of a dialect such as `eng_Latn` in `codes`."""
    if dialect not in codes:
        tag = code_of(dialect)
        code = language_in(dialect) or tag.partition("-")[0]
        if not code:
            raise DataError(
                f"{dialect} names no language.", hint="Belebele's files are called eng_Latn.jsonl and so on."
            )
        codes[dialect] = tag if code in codes.values() else code


def _refuse_missing(wanted: Sequence[str], there: Iterable[str], files: Sequence[Path]) -> None:
    missing = [code for code in wanted if code not in there]
    if missing:
        raise DataError(
            f"{files[0].parent} has no questions in {', '.join(missing)}.",
            hint="Check that their files exist and are named like this.",
        )
