"""Long work of the child process: indexing, encoding, checking, evaluating, and a look at batches."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine import paths
from ..engine.errors import DataError, LibraryError
from .child import Operation, Request

if TYPE_CHECKING:
    from ..engine.indexing import IndexProgress
    from ..train.evaluate import Result
    from .desk import Desk

TRIO = ("mono", "cross", "hybrid")
BATCH_SIZE = 16


def operations(desk: Desk) -> Mapping[str, Operation]:
    """Operations on a desk, by name."""

    def bound(work: Operation) -> Operation:
        return lambda request, **parameters: work(desk, request, **parameters)

    return {
        "index": bound(index),
        "encode": bound(encode),
        "check": bound(check),
        "remove": bound(remove),
        "evaluate": bound(evaluate),
        "batches": bound(batches),
    }


class Pace:
    """Turns counts into words: how far, how fast, how long still."""

    def __init__(self) -> None:
        self._stage = ""
        self._began = time.monotonic()
        self._first = 0

    def words(self, stage: str, done: int, total: int, unit: str) -> str:
        """The state as "encoding · 1,204 of 3,020 passages · 31/s · 1 min left"; each stage has its own clock."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began, self._first = stage, now, done
        parts = [stage, f"{done:,} of {total:,} {unit}" if total else f"{done:,} {unit}"]
        seconds = now - self._began
        if seconds > 1 and done > self._first:
            rate = (done - self._first) / seconds
            parts.append(f"{rate:,.0f}/s" if rate >= 1 else f"{rate * 60:,.0f}/min")
            if total > done:
                parts.append(f"{left((total - done) / rate)} left")
        return " · ".join(parts)


def left(seconds: float) -> str:
    """A time to come, as roughly as one needs it: "40 s", "3 min", "2 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _index_progress(request: Request) -> Any:
    pace = Pace()

    def told(progress: IndexProgress) -> None:
        unit = "passages" if progress.stage.startswith(("encod", "vector", "build")) else "documents"
        words = pace.words(progress.stage, progress.done, progress.total, unit)
        request.count(words=words, stage=progress.stage, done=progress.done, total=progress.total, path=progress.path)

    return told


def index(
    desk: Desk, request: Request, folder: str, encoders: Sequence[str], library: str = "", exclude: Sequence[str] = ()
) -> dict[str, Any]:
    """Put a folder's documents into a library, with vectors of some encoders."""
    from ..engine.library import Library

    request.tell(words="loading the encoders…")
    loaded = [desk.encoder(name) for name in encoders]
    path = Path(library) if library else paths.default_library()
    with Library.open(path, create=True) as opened:
        report = opened.index(
            [Path(folder)],
            encoders=loaded,
            exclude=list(exclude),
            progress=_index_progress(request),
            cancelled=lambda: request.cancelled,
        )
    request.check()
    return {"library": str(path), "folder": folder, "report": report.as_dict()}


def encode(desk: Desk, request: Request, encoder: str, library: str = "") -> dict[str, Any]:
    """Encode what an encoder has not seen yet of a library's passages."""
    from ..engine.library import Library

    request.tell(words=f"loading the encoder {encoder}…")
    loaded = desk.encoder(encoder)
    with Library.open(Path(library) if library else paths.default_library()) as opened:
        opened.encode_missing(loaded, _index_progress(request), lambda: request.cancelled)
    request.check()
    return {"encoder": encoder}


def check(desk: Desk, request: Request, library: str = "", repair: bool = True) -> dict[str, Any]:
    """Verify a library and mend what can be mended."""
    from ..engine.library import Library

    request.tell(words="checking…")
    with Library.open(Path(library) if library else paths.default_library(), readonly=not repair) as opened:
        return {"report": opened.check(repair=repair).as_dict()}


def remove(desk: Desk, request: Request, folder: str, library: str = "") -> dict[str, Any]:
    """Take a folder's documents out of a library."""
    from ..engine.library import Library

    with Library.open(Path(library) if library else paths.default_library()) as opened:
        return {"removed": opened.remove(Path(folder)), "folder": folder}


def evaluate(
    desk: Desk, request: Request, encoders: Sequence[str], benchmark: str, data: str = "", questions: int = 0
) -> dict[str, Any]:
    """Measure encoders on a benchmark, and how the others differ from the first; each result is sent when there."""
    from ..train.benchmarks import load
    from ..train.evaluate import evaluate as measure

    request.tell(words=f"reading {benchmark}…")
    loaded = load(benchmark, data or None, questions=questions or None)
    pace = Pace()
    results = {}
    for name in encoders:
        request.check()
        request.tell(words=f"loading the encoder {name}…")
        encoder = desk.encoder(name)

        def told(stage: str, done: int, total: int, name: str = name) -> None:
            request.check()
            words = pace.words(f"{name} · {stage}", done, total, "texts" if stage != "ranking" else "questions")
            request.count(words=words, done=done, total=total)

        results[name] = measure(encoder, loaded, progress=told)
        request.tell(words=f"{name} is measured", result=results[name].as_dict())
    verdicts = compare_words(list(results.values()), [query.id for query in loaded.queries]) if len(results) > 1 else []
    return {
        "benchmark": loaded.name,
        "queries": len(loaded.queries),
        "pool": len(loaded.pool),
        "results": [result.as_dict() for result in results.values()],
        "verdicts": verdicts,
        "notes": list(loaded.notes),
    }


def compare_words(results: Sequence[Result], questions: Sequence[str]) -> list[str]:
    """How encoders differ in each measure, one sentence a pair, or why that cannot be said."""
    import numpy as np

    from ..train.significance import compare

    said: list[str] = []
    measures: dict[str, tuple[dict[str, Any], bool]] = {}
    for result in results:
        rows, own = np.arange(len(result.query_languages)), result.query_languages
        cross = result.average_precision.copy()
        cross[rows, own] = np.nan
        counts = (~np.isnan(cross)).sum(axis=1)
        means = np.divide(np.nansum(cross, axis=1), counts, out=np.full(len(rows), np.nan), where=counts > 0)
        for name, values, higher in (
            ("mono mAP", result.average_precision[rows, own], True),
            ("cross mAP", means, True),
            ("multi mAP", result.multi_average_precision, True),
            ("rank distance", result.rank_distances(), False),
        ):
            measures.setdefault(name, ({}, higher))[0][result.encoder] = values
    for name, (values, higher) in measures.items():
        try:
            said += [each.verdict(name, higher_is_better=higher) for each in compare(values, questions)]
        except DataError as error:
            said.append(f"{name}: {error}")
    return said


def batches(desk: Desk, request: Request, data: Sequence[str], size: int = BATCH_SIZE, seed: int = 0) -> dict[str, Any]:
    """Three real batches of each sampling: the languages and texts of their pairs."""
    from ..train.config import RunConfig, SourceConfig
    from ..train.data import prepare

    sources = tuple(SourceConfig(path=path) for path in data or [str(paths.assets_folder() / "pairs")])
    answer: dict[str, Any] = {}
    for sampling in TRIO:
        request.check()
        try:
            run = prepare(RunConfig(sources=sources, batches=sampling, batch_size=size, seed=seed))
            answer[sampling] = [_batch(run, number) for number in range(3)]
        except DataError as error:
            answer[sampling] = {"error": str(error)}
    return {"samplings": answer, "size": size}


def _batch(run: Any, number: int) -> dict[str, Any]:
    batch = run.batches.batch(number)
    texts = run.assembler.texts(batch)
    pairs = [
        {"question": pick.question, "passage": pick.passage, "texts": [query, passage]}
        for pick, query, passage in zip(batch.picks, texts.queries, texts.passages, strict=True)
    ]
    return {"kind": batch.kind, "pairs": pairs}


# -- what a library holds


def demo_library(desk: Desk, request: Request) -> Path:
    """The demo library, made from what ships with the program where it is not there yet."""
    from ..engine.library import Library

    path = paths.data_folder() / "demo"
    passages = paths.assets_folder() / "demo" / "passages"
    if not passages.is_dir():
        raise LibraryError("There is no library yet.", hint="Index a folder on the Library screen (F3, then i).")
    if not path.exists():
        request.tell(words="making the demo library…")
        with Library.open(path, create=True) as library:
            library.index([passages], encoders=[], progress=_index_progress(request))
    return path


def status_of(library: Any, path: Path) -> dict[str, Any]:
    """A library's contents and the encoders there are, as plain data."""
    from ..engine.encoders import available

    data: dict[str, Any] = library.status().as_dict()
    demo = path == paths.data_folder() / "demo"
    return {
        **data,
        "path": str(path),
        "demo": demo,
        "name": "demo library" if demo else path.name,
        "languages": dict(sorted(library.languages().items(), key=lambda item: (-item[1], item[0]))),
        "available": [{"name": each.name, "kind": each.kind, "description": each.description} for each in available()],
    }


def neutral_search(library: Any, encoder: Any, query: str, k: int, languages: Sequence[str]) -> Any:
    """Rank without each language's mean."""
    raise NotImplementedError
