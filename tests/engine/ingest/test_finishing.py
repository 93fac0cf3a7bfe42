"""Passages are finished by other processes as they are here, whatever becomes of these processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hybrid_search.engine.ingest import finishing_pool, indexing, storing
from hybrid_search.engine.ingest.finishing import finish, finished
from hybrid_search.engine.ingest.finishing_pool import FinishingPool
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.store import NewPassage, Store

TEXTS = (
    "The bread rests overnight before it is baked.",
    "Das Brot ruht über Nacht, bevor es gebacken wird.",
    "焼くときはふたをした鍋を使うとよい。",
    "",
    "12 — 34",
    "a lone \ud800 surrogate and a \x00 byte",
)


def passages(count: int) -> list[NewPassage]:
    return [
        NewPassage(0, 9, f"Heading {number}", f"{TEXTS[number % len(TEXTS)]} {number}", "", 0.0)
        for number in range(count)
    ]


def here(given: list[NewPassage]) -> list[NewPassage]:
    return [finished(each, finish(each.heading, each.text)) for each in given]


@pytest.fixture
def awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is finished here that a process will finish once it is prepared."""
    made = FinishingPool.made

    def by_processes(pool: FinishingPool, chunk: Any) -> Any:
        assert not pool.running or chunk.over.wait(60)
        return made(pool, chunk)

    monkeypatch.setattr(FinishingPool, "made", by_processes)


@pytest.fixture
def pool() -> Iterator[FinishingPool]:
    with FinishingPool(2) as made:
        yield made


@pytest.mark.usefixtures("awaited")
def test_what_processes_make_is_what_is_made_here(pool: FinishingPool, monkeypatch: pytest.MonkeyPatch) -> None:
    given = passages(150)
    expected = here(given)
    monkeypatch.setattr(finishing_pool, "finish", None)
    first, second = pool.start(given[:100]), pool.start(given[100:])
    assert pool.running
    assert first.passages() + second.passages() == expected


def test_a_process_that_is_not_prepared_yet_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finishing_pool, "_RUN", "import sys; sys.stdin.read()")
    with FinishingPool(2) as pool:
        pool.prepare()
        assert pool.running and pool.start(passages(40)).passages() == here(passages(40))


def test_passages_that_have_a_language_keep_it(pool: FinishingPool) -> None:
    told = NewPassage(0, 9, "", "bread", "fr", 0.5)
    assert pool.start([told, *passages(1)]).passages() == [told, *here(passages(1))]


def test_few_passages_start_no_process() -> None:
    with FinishingPool() as pool:
        assert pool.start(passages(3)).passages() == here(passages(3))
        assert not pool.running


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")
def test_processes_that_are_killed_leave_nothing_undone(pool: FinishingPool) -> None:
    given = passages(200)
    promised = pool.start(given)
    for child in pool._children:
        os.kill(child.pid, signal.SIGKILL)
    assert promised.passages() == here(given)
    assert pool.start(given).passages() == here(given)


@pytest.mark.usefixtures("awaited")
def test_a_process_that_answers_something_else_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    says = "sys.stdout.buffer.write(b'\\0\\0\\0"
    answer = f"import sys\n{says}\\2[]')\nsys.stdout.flush()\nwhile sys.stdin.buffer.read(1): {says}\\5[[1]]')"
    monkeypatch.setattr(finishing_pool, "_RUN", answer)
    with FinishingPool(1) as pool:
        assert pool.start(passages(20)).passages() == here(passages(20))


def test_a_system_that_starts_no_process_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(finishing_pool.subprocess, "Popen", refused)
    with FinishingPool(2) as pool:
        assert pool.start(passages(40)).passages() == here(passages(40))


@pytest.mark.usefixtures("awaited")
@pytest.mark.parametrize("rows", [3, 2500])
def test_a_library_is_the_same_whoever_finishes_its_passages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number, text in enumerate(TEXTS[:3]):
        (folder / f"{number}.md").write_text(f"# Title {number}\n\n{text}\n", "utf-8")
    (folder / "table.csv").write_text("text\n" + "".join(f"{TEXTS[row % 3]} {row}\n" for row in range(rows)), "utf-8")

    def held(name: str, processes: int) -> list[Any]:
        monkeypatch.setattr("hybrid_search.engine.ingest.indexing.FinishingPool", lambda: FinishingPool(processes))
        with Library.open(tmp_path / name, create=True) as library:
            library.index([folder], encoders=[])
            connection = library._connection
            found = connection.rows(
                "SELECT ordinal, start, heading, language, confidence, sum FROM passages ORDER BY id"
            )
            words = [hit.passage.text for hit in library.search("Brot Nacht 2", encoder="bm25", k=20).hits]
            return [found, connection.rows("SELECT text FROM texts ORDER BY id"), words]

    assert held("alone", 0) == held("together", 2)


def test_the_first_files_are_stored_at_once_and_not_when_processes_are_prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        (tmp_path / f"{number}.md").write_text(TEXTS[number % 3])
    monkeypatch.setattr(finishing_pool, "_RUN", "import sys; sys.stdin.read()")
    monkeypatch.setattr(indexing, "_MANY", 0)
    monkeypatch.setattr(storing, "_SECONDS_HELD", -1)
    events: list[str] = []
    take, put_files = storing.Storing.take, Store.put_files
    monkeypatch.setattr(storing.Storing, "take", lambda *given: events.append("taken") or take(*given))
    monkeypatch.setattr(Store, "put_files", lambda *given: events.append("stored") or put_files(*given))
    with Library.open(tmp_path / "library", create=True) as library:
        assert library.index([tmp_path], encoders=[]).passages == 4
    assert events[:3] == ["taken", "stored", "taken"] and len(events) == 8
