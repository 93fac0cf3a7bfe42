"""Finds the layout of a file or folder and reads it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ...engine.errors import DataError, reason
from ...engine.json_lines import BadLine, json_document, json_lines, unpacked_name
from ...engine.paths import data_folder, typed
from ..data import squad
from . import belebele
from .collections import is_collection, read_collection
from .demo import DEMO, KIT, read_demo, text_folders
from .model import Benchmark
from .parallel import read_parallel
from .squad import files_in, read_squad_file, read_squad_folder

TITLES = {
    "xquad-r": "XQuAD-R",
    "mlqa-r": "MLQA-R",
    "miracl": "MIRACL",
    "belebele": "Belebele",
    "demo": "demo questions",
}


def read(
    name: str | Path,
    data: str | Path | None,
    *,
    languages: Sequence[str] = (),
    questions: int | None = None,
    seed: int = 0,
) -> Benchmark:
    """The benchmark at a place, whatever its layout; see `benchmarks.load`."""
    if str(name) in ("demo", "kit"):
        title = DEMO if str(name) == "demo" else KIT
        return _some(read_demo(text_folders(str(name)), languages, title), questions, seed)
    place = find(name, data)
    title = TITLES.get(str(name), unpacked_name(place).removesuffix(".jsonl"))
    try:
        if place.is_file():
            return _read_file(place, title, languages, questions, seed)
        # Checked first: a collection often includes a .json file that describes it.
        if is_collection(place):
            return _some(read_collection(place, title, languages), questions, seed)
        if (place / "kit.json").is_file() and (place / "questions.jsonl").is_file():
            raise DataError(
                f"{place} is a kit for audits, not a benchmark.",
                hint=f"`hybrid-search audit encoder:NAME --kit {place}` has the same figures of it.",
            )
        if parallel := belebele.files_in(place):
            return _some(belebele.read_belebele(parallel, title, languages), questions, seed)
        if files_in(place):
            return _some(read_squad_folder(place, title, languages), questions, seed)
        parquet = [*place.glob("*.parquet"), *place.glob("*/*.parquet")]
    except OSError as error:
        raise DataError(
            f"{place} cannot be read ({reason(error)}).", hint="Check that it exists and that you may read it."
        ) from error
    if parquet:
        raise DataError(f"{parquet[0]} is a Parquet file.", hint="Export its rows as JSON lines.")
    raise DataError(
        f"{place} has no known layout.",
        hint="Known: SQuAD-like .json files, one per language; topics/qrels/corpus (MIRACL, BEIR); Belebele; parallel "
        ".jsonl.",
    )


def _read_file(path: Path, title: str, languages: Sequence[str], questions: int | None, seed: int) -> Benchmark:
    """One file: SQuAD-format JSON, or rows with several languages, as JSON lines or in one list."""
    if belebele.is_belebele(next((value for _, value in json_lines(path)), None)):
        return _some(belebele.read_belebele([path], title, languages), questions, seed)
    if unpacked_name(path).lower().endswith(".json") or not _begins_with_a_row(path):
        value = json_document(path)
        if not isinstance(value, list) or squad.is_squad(value):
            if isinstance(value, BadLine) and not unpacked_name(path).lower().endswith(".json"):
                raise DataError(f"{path}, {value}.", hint="It should be JSON lines, one object a line.")
            return _some(read_squad_file(path, value, title, languages), questions, seed)
        return read_parallel(path, enumerate(value, 1), title, languages, questions, seed)
    return read_parallel(path, json_lines(path), title, languages, questions, seed)


def _begins_with_a_row(path: Path) -> bool:
    """Whether a file is empty, or its first line is an object that is not part of SQuAD-format JSON."""
    value: object = next((value for _, value in json_lines(path)), {})
    return isinstance(value, dict) and not squad.is_squad([value]) and not squad.is_squad(value)


def _some(whole: Benchmark, questions: int | None, seed: int) -> Benchmark:
    """The benchmark with a sample of its questions, all their translations, and the whole pool."""
    ids = sorted({query.id for query in whole.queries})
    if questions is None or questions >= len(ids):
        return whole
    kept = set(random.Random(seed).sample(ids, questions))
    rows = [row for row, query in enumerate(whole.queries) if query.id in kept]
    return replace(
        whole,
        name=f"{whole.name} ({questions} of {len(ids)} questions)",
        queries=tuple(whole.queries[row] for row in rows),
        relevant=tuple(whole.relevant[row] for row in rows),
        grades=tuple(whole.grades[row] for row in rows) if whole.grades else (),
    )


class NoBenchmark(DataError):
    """A benchmark that is not where it was looked for."""


def find(name: str | Path, data: str | Path | None) -> Path:
    """The path of a named or given benchmark.

    Raises:
        NoBenchmark: there is none.
        DataError: its place cannot be looked at.
    """
    folder = Path(data) if data is not None else data_folder() / "benchmarks"
    try:
        for place in (folder / str(name), typed(name)):
            if name and place.exists():
                return place
        if data is not None and (folder.is_file() or is_collection(folder) or (folder.is_dir() and files_in(folder))):
            return folder
    except (OSError, ValueError) as error:
        raise DataError(
            f"There is no benchmark {name!s:.200} ({reason(error)}).", hint="Name a file or folder."
        ) from error
    raise NoBenchmark(
        f"No benchmark {name or repr(name)} was found" + (f" in {data}." if data is not None else "."),
        hint="Give its folder with --data, or download it with --fetch.",
    )
