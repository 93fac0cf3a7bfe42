"""`index` beside other writers, and for as long as folders change."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hybrid_search.engine.documents import SIZE_LIMIT
from hybrid_search.engine.store.lock import WriterLock
from hybrid_search.tui.cli import common
from hybrid_search.tui.cli.main import main

PATIENCE = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/bread.md").write_text("Bread is baked from flour and water.", "utf-8")
    return tmp_path / "texts"


@pytest.fixture(autouse=True)
def encoder(monkeypatch, keyword_encoder):
    monkeypatch.setattr("hybrid_search.engine.encoders.load", lambda *_, **__: keyword_encoder, raising=False)
    return keyword_encoder


@pytest.fixture
def said(monkeypatch) -> queue.Queue[str]:
    """What is said on stderr, as it is said."""
    sentences: queue.Queue[str] = queue.Queue()
    real = common.say

    def say(message: str) -> None:
        real(message)
        sentences.put(message)

    monkeypatch.setattr(common, "say", say)
    return sentences


def heard(said: queue.Queue[str], words: str) -> str:
    """The first sentence with these words."""
    while words not in (sentence := said.get(timeout=PATIENCE)):
        pass
    return sentence


def beside(steps: Callable[[], None], *arguments: str | Path, end: int | None = signal.SIGINT) -> int:
    """Run the command; `steps` go on beside it, and then a signal ends it."""
    failures: list[BaseException] = []

    def go() -> None:
        try:
            steps()
        except BaseException as error:
            failures.append(error)
        finally:
            if end is not None:
                os.kill(os.getpid(), end)

    thread = threading.Thread(target=go)
    thread.start()
    code = main([str(each) for each in arguments])
    thread.join(PATIENCE)
    assert not failures, failures
    return code


@pytest.fixture
def other_writer(home, folder, said):
    """Another writer's right to write to the default library, which holds the folder as it is."""
    assert main(["index", str(folder), "--encoder", "keyword"]) == 0
    return WriterLock(home / "library/writer.lock")


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_watching_follows_changes_until_it_is_told_to_end(folder, said, capsys, end):
    def steps() -> None:
        heard(said, "Watching")
        (folder / "es").mkdir()
        (folder / "es/pan.md").write_text("El pan se hornea con harina y agua sobre el fuego.", "utf-8")
        heard(said, "1 new")

    assert beside(steps, "index", folder, "--encoder", "keyword", "--watch", "--json", end=end) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [report["documents"]["new"] for report in reports] == [1, 1]


def test_what_comes_while_the_first_pass_encodes_is_indexed_too(folder, said, encoder):
    encoder.before = lambda: (folder / "late.md").write_text("Late bread needs water, too.", "utf-8")

    def steps() -> None:
        heard(said, "1 new")
        heard(said, "1 new, 1 unchanged")

    assert beside(steps, "index", folder, "--encoder", "keyword", "--watch") == 0


def test_one_file_is_followed_through_its_saves(folder, said):
    note = folder / "bread.md"

    def steps() -> None:
        heard(said, "Watching")
        for text in ("Bread needs salt.", "Bread needs time."):
            (folder / ".bread.new").write_text(text, "utf-8")
            (folder / ".bread.new").replace(note)
            heard(said, "1 changed")

    assert beside(steps, "index", note, "--encoder", "keyword", "--watch") == 0


def test_watching_waits_for_another_writer(folder, said, home):
    def steps() -> None:
        heard(said, "Watching")
        with WriterLock(home / "library/writer.lock").held():
            (folder / "water.md").write_text("Water boils in a pot.", "utf-8")
            assert "Waiting until it has finished." in heard(said, "Another process")
        heard(said, "1 new, 1 unchanged")

    assert beside(steps, "index", folder, "--encoder", "keyword", "--watch") == 0


def test_a_watch_that_starts_beside_a_writer_waits_for_it(folder, said, other_writer):
    released = threading.Event()

    def hold() -> None:
        with other_writer.held():
            held.set()
            released.wait(PATIENCE)

    def steps() -> None:
        heard(said, "Another process")
        released.set()
        heard(said, "Watching")

    held = threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(PATIENCE)
    assert beside(steps, "index", folder, "--encoder", "keyword", "--watch") == 0
    holder.join(PATIENCE)


def test_watching_goes_on_without_a_folder_that_is_gone(folder, said, tmp_path):
    other = tmp_path / "other"
    other.mkdir()

    def steps() -> None:
        heard(said, "Watching")
        folder.rename(tmp_path / "away")
        heard(said, "is gone")
        (other / "water.md").write_text("Water boils in a pot.", "utf-8")
        heard(said, "1 new")
        (tmp_path / "away/salt.md").write_text("Salt comes from the sea.", "utf-8")
        (tmp_path / "away").rename(folder)
        heard(said, "is back")
        heard(said, "1 new")

    assert beside(steps, "index", folder, other, "--encoder", "keyword", "--watch") == 0


def test_indexing_waits_for_another_writer(folder, other_writer, said, monkeypatch):
    holding = other_writer.held()
    holding.__enter__()

    def paused(_: float) -> None:
        # The other writer finishes in the first pause between two tries after it was said that there is one.
        if any("Waiting" in sentence for sentence in said.queue):
            holding.__exit__(None, None, None)

    monkeypatch.setattr("hybrid_search.engine.store.lock.time", SimpleNamespace(monotonic=time.monotonic, sleep=paused))
    assert main(["index", str(folder), "--encoder", "keyword"]) == 0
    assert "Waiting until it has finished, at most 60 s." in heard(said, "Another process")


def test_indexing_waits_no_longer_than_it_was_told(folder, other_writer, capsys):
    with other_writer.held():
        assert main(["index", str(folder), "--encoder", "keyword", "--wait", "0"]) == 2
        assert main(["index", str(folder), "--encoder", "keyword", "--wait", "0.2"]) == 2
    said = capsys.readouterr().err
    assert said.count("Waiting until it has finished") == 1
    assert said.count("Run the same command again when it has finished") == 2


def test_waiting_for_another_writer_can_be_stopped(folder, other_writer, said):
    with other_writer.held():
        code = beside(lambda: heard(said, "Another process"), "index", folder, "--encoder", "keyword")
    assert code == common.STOPPED


def test_a_folder_that_is_not_there_is_told_before_anything_is_loaded(tmp_path, monkeypatch, capsys):
    def loaded(*_arguments, **_options):
        raise AssertionError("an encoder was loaded")

    monkeypatch.setattr("hybrid_search.engine.encoders.load", loaded, raising=False)
    assert main(["index", str(tmp_path / "nowhere")]) == 2
    assert main(["index", str(tmp_path / "nowhere"), "--watch"]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_how_often_to_look_is_said_of_watching_only(folder, capsys):
    assert main(["index", str(folder), "--poll", "5"]) == 2
    assert "--watch" in capsys.readouterr().err


def test_folders_whose_system_tells_of_nothing_are_looked_at_every_so_often(folder, said):
    def steps() -> None:
        heard(said, "Watching")
        (folder / "water.md").write_text("Water boils in a pot.", "utf-8")
        heard(said, "1 new, 1 unchanged")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hybrid_search.engine.ingest.watching._notifier", None)
        assert beside(steps, "index", folder, "--encoder", "keyword", "--watch", "--poll", "0.2") == 0


def test_the_help_says_how_large_a_file_may_be(capsys):
    main(["index", "--help"])
    found = re.search(r"texts\s+and\s+tables\s+above\s+(\d+)\s+MB", capsys.readouterr().out)
    assert found is not None and int(found[1]) * 1024 * 1024 == SIZE_LIMIT
