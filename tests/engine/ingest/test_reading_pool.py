"""Whatever a file does to the process that reads it is that file's reason; all others are read."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from hybrid_search.engine.documents import Document, read
from hybrid_search.engine.documents.worker import Limits, Request
from hybrid_search.engine.errors import HybridSearchError, UnreadableDocument
from hybrid_search.engine.ingest import reading_pool, worker_process
from hybrid_search.engine.ingest.reading_pool import ReadingPool, Stopped
from hybrid_search.engine.library.library import Library

HOSTILE = str(Path(__file__).resolve().parents[2] / "support" / "hostile_kinds.py")
MB = 1024 * 1024
SMALL = Limits(memory=400 * MB)
BUSY = Limits(seconds=1, times_as_patient=300)
IDLE = Limits(seconds=1, times_as_patient=8)
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="limits and signals of POSIX")


def fill(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).write_text(f"The moon shines on {name} tonight.")
    return [folder / name for name in names]


def taken(pool: ReadingPool, paths: list[Path], column: str = "") -> dict[str, list[Document] | str]:
    """What the pool gives for each file: its documents, and the reason at the end where there is one."""
    found: dict[str, list] = {}
    for path, documents in pool.files((Request(path, path.stat().st_size, column), path) for path in paths):
        mine = found.setdefault(path.name, [])
        try:
            for each in documents:
                pieces = list(each.pieces)
                text = "".join(text for text, _ in pieces)
                mine.append(Document(path, each.part, each.title, text, tuple(h for _, hs in pieces for h in hs)))
        except UnreadableDocument as error:
            mine.append(error.message)
    return found


def in_this_process(path: Path) -> list[Document | str]:
    found: list[Document | str] = []
    try:
        for each in read(path):
            found.append(Document(path, each.part, each.title, each.text, each.headings))
    except UnreadableDocument as error:
        found.append(error.message)
    return found


@posix
@pytest.mark.parametrize(
    ("kind", "limits", "reason"),
    [
        ("crash", SMALL, "its reader was killed by SIGSEGV"),
        ("leave", SMALL, "its reader ended (exit code 7)"),
        ("compute", BUSY, "reading it took more than 1 seconds"),
        ("wait", IDLE, "reading it took more than 1 seconds"),
        ("swell", SMALL, "reading it took more than 400 MB of memory"),
    ],
)
def test_what_a_reader_dies_of_is_the_reason_of_its_file_and_of_no_other(tmp_path, kind, limits, reason):
    paths = fill(tmp_path, *(f"{n}.txt" for n in range(5)), f"bad.{kind}", *(f"{n}.txt" for n in range(5, 90)))
    with ReadingPool(limits=limits, kinds=[HOSTILE]) as pool:
        found = taken(pool, paths)
    assert found.pop(f"bad.{kind}") == [reason]
    assert list(found) == [f"{n}.txt" for n in range(90)]
    assert all(len(documents) == 1 and isinstance(documents[0], Document) for documents in found.values())


@posix
def test_many_bad_files_in_one_hand_over_are_each_told_by_themselves(tmp_path):
    names = [name for n in range(6) for name in (f"a{n}.crash", f"b{n}.txt", f"c{n}.leave")]
    with ReadingPool(limits=SMALL, kinds=[HOSTILE]) as pool:
        found = taken(pool, fill(tmp_path, *names))
    assert list(found) == names
    for name, documents in found.items():
        assert isinstance(documents[0], Document) == name.endswith(".txt"), name


@posix
def test_a_file_that_dies_of_the_one_before_it_is_read_after_all(tmp_path):
    with ReadingPool(limits=SMALL, kinds=[HOSTILE]) as pool:
        found = taken(pool, fill(tmp_path, "a.txt", "b.damage", "c.txt", "d.txt"))
    assert all(isinstance(documents[0], Document) for documents in found.values()) and len(found) == 4


@posix
def test_rows_that_were_read_before_a_crash_are_kept_and_come_once(tmp_path):
    with ReadingPool(limits=SMALL, kinds=[HOSTILE]) as pool:
        found = taken(pool, fill(tmp_path, "a.txt", "b.half", "c.txt"))
    *rows, reason = found["b.half"]
    assert reason == "its reader was killed by SIGSEGV"
    assert [row.part for row in rows] == [f"row {n}" for n in range(len(rows))] and rows
    assert len(found["a.txt"]) == len(found["c.txt"]) == 1


@posix
def test_where_the_system_bounds_no_memory_it_is_measured(tmp_path, monkeypatch):
    # The worker is told of more than it may take; what is measured from outside is held to the budget.
    monkeypatch.setattr(
        worker_process, "Start", lambda parent, limits, *rest: start(parent, Limits(memory=1 << 40), *rest)
    )
    with ReadingPool(limits=SMALL, kinds=[HOSTILE], watched=True) as pool:
        found = taken(pool, fill(tmp_path, "a.txt", "b.swell", "c.txt"))
    assert found["b.swell"] == ["reading it took more than 400 MB of memory"]
    assert isinstance(found["c.txt"][0], Document)


start = worker_process.Start


def test_what_arrives_is_what_reading_in_this_process_gives(tmp_path, monkeypatch):
    monkeypatch.setattr(reading_pool, "_FILES", 3)
    long = "\n\n".join(f"## Part {n}\n\n" + "The moon shines. " * 400 for n in range(120))
    contents = {
        "a.md": "# Brot\n\nBrot aus Mehl.\n\n## Ofen\n\nFeuer im Ofen.",
        "b.txt": "Der Mond\fgeht auf.\r\nHinter dem Baum.",
        "c.csv": "title,text\nMoon,The moon rises over the old house.\nTree,A tree stands beside the house.\n",
        "d.jsonl": '{"text": "The moon rises."}\nnot a row\n{"text": "The tree \\ud83c\\udf33 stands."}\n',
        "e.html": "<title>Haus</title><h1>Haus</h1><p>Das alte Haus.</p>",
        "f.docx": b"PK nothing",
        "g.pdf": b"%PDF-1.4 nothing",
        "h.txt.gz": gzip.compress("Вода и хлеб".encode("cp1251") * 20),
        "i.txt": b"",
        "j.txt": b"   \n",
        "k.md": long,
        "l.doc": b"\x00\x01",
        "m.txt": "é".encode("latin-1") * 3 + b" caf\xe9 au lait et du pain",
        "n.mbox": "From a\nFrom: a@b.c\nSubject: Moon\n\nThe moon.\n\nFrom b\nFrom: b@b.c\nSubject: Tree\n\nA tree.\n",
        "o \udce9.txt": "A name that is not UTF-8.",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    paths = sorted(tmp_path.iterdir())
    with ReadingPool() as pool:
        found = taken(pool, paths)
    assert found == {path.name: in_this_process(path) for path in paths}
    assert sum(isinstance(each, str) for documents in found.values() for each in documents) == 4


def test_a_worker_is_replaced_after_many_files(tmp_path, monkeypatch):
    monkeypatch.setattr(reading_pool, "_LIFE", 5)
    monkeypatch.setattr(reading_pool, "_FILES", 3)
    begun = []
    monkeypatch.setattr(
        reading_pool, "WorkerProcess", lambda *a, **k: begun.append(1) or worker_process.WorkerProcess(*a, **k)
    )
    with ReadingPool(workers=1) as pool:
        assert len(taken(pool, fill(tmp_path, *(f"{n}.txt" for n in range(18))))) == 18
    assert len(begun) == 3


def test_no_worker_is_started_where_nothing_is_to_be_read():
    with ReadingPool() as pool:
        assert list(pool.files([])) == [] and all(place.worker is None for place in pool._places)


def test_files_are_asked_for_only_a_little_before_they_are_needed(tmp_path, monkeypatch):
    monkeypatch.setattr(reading_pool, "_FILES", 4)
    paths = fill(tmp_path, *(f"{n}.txt" for n in range(60)))
    asked = []

    def wanted():
        for path in paths:
            asked.append(path)
            yield Request(path, 10), path

    with ReadingPool(workers=2) as pool:
        for done, (_, documents) in enumerate(pool.files(wanted())):
            assert len(asked) <= done + 8
            assert len([list(each.pieces) for each in documents]) == 1


@posix
def test_cancelling_ends_workers_in_the_middle_of_a_file(tmp_path):
    seen = []
    with ReadingPool(lambda: bool(seen), kinds=[HOSTILE]) as pool:
        (place, *_) = pool._places
        (path,) = fill(tmp_path, "a.wait")
        files = pool.files([(Request(path, 1), path)])
        _, documents = next(files)
        process = place.worker._process
        seen.append(1)
        with pytest.raises(Stopped):
            next(documents)
    assert process.returncode is not None and place.worker is None


PARENT = """
import sys
from pathlib import Path
from hybrid_search.engine.documents.worker import Request
from hybrid_search.engine.ingest.reading_pool import ReadingPool

with ReadingPool(kinds=[sys.argv[1]]) as pool:
    for path, documents in pool.files((Request(Path(name), 1), name) for name in sys.argv[2:]):
        print(pool._places[0].worker._process.pid, flush=True)
        list(documents)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the pipes or the limits end it")
def test_a_worker_in_the_middle_of_a_file_dies_with_its_parent(tmp_path):
    import psutil

    (path,) = fill(tmp_path, "a.wait")
    parent = subprocess.Popen([sys.executable, "-c", PARENT, HOSTILE, path], stdout=subprocess.PIPE, text=True)
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    worker.wait(timeout=30)


def test_a_worker_that_cannot_start_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(worker_process, "_RUN", "raise ImportError('no module named documents')")
    with ReadingPool() as pool, pytest.raises(HybridSearchError, match=r"does not start: .*no module named documents"):
        taken(pool, fill(tmp_path, "a.txt"))


def test_an_answer_that_is_no_message_is_the_files_reason(tmp_path, monkeypatch):
    lie = "child._read = lambda request, answer, part: answer.say(['piece', 7]) or True; child.main()"
    monkeypatch.setattr(worker_process, "_RUN", f"from hybrid_search.engine.documents.worker import child; {lie}")
    with ReadingPool(workers=1) as pool:
        found = taken(pool, fill(tmp_path, "a.txt"))
    assert found == {"a.txt": ["its reader failed: it answered with something else"]}


def test_a_worker_imports_only_what_reading_takes():
    code = (
        "import hybrid_search.engine.documents.worker.child, sys;"
        "print(*{name.split('.')[0] for name in sys.modules}, sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {
        "numpy",
        "torch",
        "onnxruntime",
        "tokenizers",
        "sqlite3",
        "py3langid",
        "sentencex",
        "psutil",
        "pypdf",
        "lxml",
    }
    assert not heavy & set(done.stdout.split())


@pytest.fixture
def library(tmp_path, monkeypatch):
    pool = partial(ReadingPool, kinds=[HOSTILE], limits=SMALL)
    monkeypatch.setattr("hybrid_search.engine.ingest.indexing.ReadingPool", pool)
    with Library.open(tmp_path / "library", create=True) as library:
        yield library


@posix
def test_a_folder_with_hostile_files_is_indexed_but_for_them(tmp_path, library):
    folder = tmp_path / "texts"
    folder.mkdir()
    fill(folder, "a.txt", "b.crash", "c.txt", "d.swell", "e.half", "f.leave", "g.txt")
    report = library.index([folder], encoders=[])
    assert {Path(each.path).name: each.reason for each in report.unreadable} == {
        "b.crash": "its reader was killed by SIGSEGV",
        "d.swell": "reading it took more than 400 MB of memory",
        "e.half": "its reader was killed by SIGSEGV",
        "f.leave": "its reader ended (exit code 7)",
    }
    found = {Path(hit.passage.path).name for hit in library.search("moon", encoder="bm25", k=500).hits}
    assert found == {"a.txt", "c.txt", "g.txt", "e.half"}
    again = library.index([folder], encoders=[])
    assert again.unchanged == report.new and library.check(repair=False).findings == ()


def test_a_worker_gets_what_an_interpreter_needs_and_no_secret():
    ours = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "PYTHONPATH": "x",
        "HYBRID_SEARCH_TOKEN": "s",
        "HF_TOKEN": "s",
        "AWS_KEY": "s",
    }
    passed_on = worker_process.environment(ours)
    assert passed_on.keys() - {"OMP_NUM_THREADS", "TOKENIZERS_PARALLELISM"} == {"PATH", "LC_ALL", "PYTHONPATH"}


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="/proc tells what a process was given")
def test_the_secret_is_not_in_a_running_workers_environment(monkeypatch):
    monkeypatch.setenv("HYBRID_SEARCH_TOKEN", "do-not-pass-on")
    worker = worker_process.WorkerProcess(Limits())
    try:
        assert b"do-not-pass-on" not in Path(f"/proc/{worker._process.pid}/environ").read_bytes()
    finally:
        worker.close()
