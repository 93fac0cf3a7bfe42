"""Long operations of the child process: indexing, encoding, checking, evaluating, and drawing batches to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...engine import paths
from ...engine.errors import DataError
from .pace import Pace, stages
from .reports import in_file_name, new_folder
from .requests import Operation, Request

if TYPE_CHECKING:
    from ...engine.encoders import Encoder
    from ...engine.library import IndexProgress, Searchable

LoadEncoder = Callable[[str], "Encoder"]

BATCH_SIZE = 16
# In so many batches the coin of hybrid batches shows both sides, except in one run of thousands.
_TOSSES = 15


def operations(load_encoder: LoadEncoder) -> Mapping[str, Operation]:
    """The long operations by name; `load_encoder` loads an encoder by its name."""

    def bound(work: Operation) -> Operation:
        return lambda request, **parameters: work(load_encoder, request, **parameters)

    return {
        "index": bound(index),
        "encode": bound(encode),
        "check": check,
        "remove": remove,
        "evaluate": bound(evaluate),
        "batches": batches,
    }


def _index_progress(request: Request, counted: str = "documents") -> Any:
    pace = Pace()

    def told(progress: IndexProgress) -> None:
        unit = "passages" if progress.stage.startswith(("encod", "vector", "build")) else counted
        words = pace.words(progress.stage, progress.done, progress.total, unit)
        request.count(words=words, stage=progress.stage, done=progress.done, total=progress.total, path=progress.path)

    return told


def _place(library: str) -> Path:
    """The folder of a library; "" is the default one."""
    return Path(library) if library else paths.default_library()


def index(
    load_encoder: LoadEncoder,
    request: Request,
    folder: str,
    encoders: Sequence[str],
    library: str = "",
    exclude: Sequence[str] = (),
) -> dict[str, Any]:
    """Put a folder's documents into a library, with vectors of some encoders."""
    from ...engine.library import Library
    from ..state import read_history

    request.tell(words="loading the encoders…")
    loaded = [load_encoder(name) for name in encoders]
    path = _place(library)
    with Library.open(path, create=True) as opened:
        report = opened.index(
            [Path(folder)],
            encoders=loaded,
            exclude=list(exclude),
            progress=_index_progress(request),
            cancelled=lambda: request.cancelled,
            asked=read_history(),
        )
    request.check()
    return {"library": str(path), "folder": folder, "report": report.as_dict()}


def encode(load_encoder: LoadEncoder, request: Request, encoder: str, library: str = "") -> dict[str, Any]:
    """Encode the passages of a library that an encoder has not encoded yet."""
    from ...engine.library import Library
    from ..state import read_history

    request.tell(words=f"loading the encoder {encoder}…")
    loaded = load_encoder(encoder)
    with Library.open(_place(library)) as opened:
        opened.encode_missing(loaded, _index_progress(request), lambda: request.cancelled, read_history())
    request.check()
    return {"encoder": encoder}


def check(request: Request, library: str = "", repair: bool = True) -> dict[str, Any]:
    """Verify a library and repair what can be repaired."""
    from ...engine.library import Library

    request.tell(words="checking…")
    with Library.open(_place(library), readonly=not repair) as opened:
        report = opened.check(repair, _index_progress(request, "passages"), lambda: request.cancelled)
    request.check()
    return {"report": report.as_dict()}


def remove(request: Request, folder: str, library: str = "") -> dict[str, Any]:
    """Remove a folder's documents from a library."""
    from ...engine.library import Library

    with Library.open(_place(library)) as opened:
        return {"removed": opened.remove(Path(folder)), "folder": folder}


def evaluate(
    load_encoder: LoadEncoder,
    request: Request,
    encoders: Sequence[str],
    benchmark: str,
    data: str = "",
    questions: int = 0,
) -> dict[str, Any]:
    """Measure encoders on a benchmark and write the report; the vectors are kept for the next evaluation."""
    from ...engine.files import write_text
    from ...engine.shown import as_json
    from ...train.benchmarks import load
    from ...train.measure import evaluate
    from ...train.reports import write_report
    from ..display import colour
    from ..state import SOURCE

    request.tell(words=f"reading {benchmark}…")
    loaded = load(benchmark, data or None, questions=questions or None)
    found = evaluate(loaded, encoders, load_encoder, progress=stages(request))
    request.tell(words="writing the report…")
    folder = new_folder(in_file_name(loaded.name) or "benchmark")
    colours = {code: colour(code) for code in loaded.languages}
    report = write_report(found, folder, colours)[0]
    source = {"benchmark": benchmark, "data": data, "questions": questions}
    write_text(folder / SOURCE, as_json(source) + "\n")
    return {**found.as_dict(), "report": str(report), "source": source}


def batches(request: Request, data: Sequence[str], size: int = BATCH_SIZE, seed: int = 0) -> dict[str, Any]:
    """The languages and texts of three real batches of each sampling, with the same batch numbers.

    They are the first three in which the coin of hybrid batches shows both sides.
    """
    from ...train.batches import toss
    from ...train.data import prepare
    from ...train.settings import SAMPLINGS, RunConfig, SourceConfig, bundled_pairs

    sources = tuple(SourceConfig(path=path) for path in data) or (bundled_pairs(),)
    shared = RunConfig(sources=sources, batch_size=size, seed=seed)
    kinds = [toss(seed, number, shared.alpha) for number in range(_TOSSES)]
    first = next((at for at in range(_TOSSES - 3) if len(set(kinds[at : at + 3])) > 1), 0)
    answer: dict[str, Any] = {}
    for sampling in SAMPLINGS:
        request.check()
        try:
            run = prepare(shared.replace(batches=sampling))
            answer[sampling] = [_batch(run, number) for number in range(first, first + 3)]
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


def status_of(library: Searchable, path: Path) -> dict[str, Any]:
    """A library's contents and the available encoders, as plain data."""
    from ...engine.encoders import available
    from ...engine.library import library_folder

    status = library.status()
    demo = path == library_folder()
    return {
        "path": status.path,
        "demo": demo,
        "name": "demo library" if demo else path.name,
        "documents": status.documents,
        "passages": status.passages,
        "size": status.size,
        "languages": library.languages(),
        "encoders": {each.name: {"encoded": each.vectors, "pending": each.missing} for each in status.encoders},
        "folders": list(status.folders),
        "unreadable": [{"path": each.path, "reason": each.reason} for each in status.failed],
        "notices": list(status.notices),
        "available": [{"name": each.name, "kind": each.kind, "description": each.description} for each in available()],
    }
