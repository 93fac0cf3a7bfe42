"""Files and folders are replaced whole; what kills leave is swept; a failure leaves what was there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hybrid_search.engine import files
from hybrid_search.engine.files import appending, remove_folder, replacing_file, replacing_folder, sweep, write_text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def dead_process() -> int:
    """The number of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def left_by(pid: int, folder: Path, name: str, role: str, host: str | None = None) -> Path:
    return folder / f".{name}.{host or files._host()}-{pid}-0123abcd.{role}"


def test_a_file_is_replaced_when_the_block_ends_and_nothing_is_left_beside_it(tmp_path):
    place = tmp_path / "new" / "a.txt"
    write_text(place, "one")
    with replacing_file(place) as partial:
        partial.write_text("two")
        assert place.read_text() == "one"
    assert place.read_text() == "two"
    assert names(place.parent) == ["a.txt"]


def test_a_file_stays_as_it_was_when_writing_fails(tmp_path):
    place = tmp_path / "a.txt"
    write_text(place, "one")
    with pytest.raises(OSError, match="full"), replacing_file(place) as partial:
        partial.write_text("half")
        raise OSError("the disk is full")
    assert place.read_text() == "one"
    assert names(tmp_path) == ["a.txt"]


def test_a_text_with_a_lone_surrogate_is_kept(tmp_path):
    write_text(tmp_path / "a.txt", "caf\udce9")
    assert (tmp_path / "a.txt").read_bytes() == b"caf\xed\xb3\xa9"


def test_a_folder_takes_the_place_of_the_previous_one(tmp_path):
    place = tmp_path / "encoder"
    for content in ("one", "two"):
        with replacing_folder(place) as partial:
            (partial / "deep").mkdir()
            (partial / "deep" / "weights").write_text(content)
    assert (place / "deep" / "weights").read_text() == "two"
    assert names(tmp_path) == ["encoder"]


def test_the_previous_folder_comes_back_when_the_second_move_fails(tmp_path, monkeypatch):
    place = tmp_path / "encoder"
    with replacing_folder(place) as partial:
        (partial / "weights").write_text("one")
    move = Path.replace

    def fails_for_the_new_one(self: Path, target: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError("no room for another name")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", fails_for_the_new_one)
    with pytest.raises(OSError, match="no room"), replacing_folder(place) as partial:
        (partial / "weights").write_text("two")
    assert (place / "weights").read_text() == "one"
    assert names(tmp_path) == ["encoder"]


def test_whoever_was_quicker_keeps_the_place_where_either_result_serves(tmp_path):
    place = tmp_path / "cache"
    with replacing_folder(place, keep=True) as partial:
        (partial / "made").write_text("ours")
        place.mkdir()
        (place / "made").write_text("theirs")
    assert (place / "made").read_text() == "theirs"
    assert names(tmp_path) == ["cache"]


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path):
    dead, alive = dead_process(), os.getppid()
    left_by(dead, tmp_path, "a.txt", "partial").write_text("half")
    left_by(dead, tmp_path, "encoder", "partial").mkdir()
    writing = left_by(alive, tmp_path, "b.txt", "partial")
    writing.write_text("half")
    (tmp_path / ".hidden.partial").write_text("somebody else's")
    sweep(tmp_path)
    assert names(tmp_path) == sorted([writing.name, ".hidden.partial"])


def test_a_kill_between_the_two_moves_is_mended(tmp_path):
    before = left_by(dead_process(), tmp_path, "encoder", "before")
    before.mkdir()
    (before / "weights").write_text("one")
    sweep(tmp_path)
    assert (tmp_path / "encoder" / "weights").read_text() == "one"
    assert names(tmp_path) == ["encoder"]


def test_what_another_machine_writes_on_a_shared_disk_is_left_alone_for_a_week(tmp_path):
    theirs = left_by(1, tmp_path, "a.txt", "partial", host="abcdef")
    theirs.write_text("half")
    sweep(tmp_path)
    assert theirs.exists()
    os.utime(theirs, (time.time() - 8 * 24 * 3600,) * 2)
    sweep(tmp_path)
    assert not theirs.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are killed by signal here")
def test_a_kill_at_any_line_leaves_the_old_folder_or_the_new_one(tmp_path):
    script = """
import os, signal, sys
from pathlib import Path
from hybrid_search.engine.files import replacing_folder
place, at = Path(sys.argv[1]), int(sys.argv[2])
left = [at]
def trace(frame, event, argument):
    if frame.f_code.co_filename.endswith("files.py"):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return trace
with replacing_folder(place) as partial:
    (partial / "weights").write_text("two")
    sys.settrace(trace)
    sys._getframe().f_trace = trace
"""
    killed = 0
    for at in (1, 4, 8, 11, 13, 15, 17, 20):
        place = tmp_path / str(at) / "encoder"
        with replacing_folder(place) as partial:
            (partial / "weights").write_text("one")
        done = subprocess.run([sys.executable, "-c", script, str(place), str(at)])
        killed += done.returncode == -9
        sweep(place.parent)
        assert (place / "weights").read_text() in ("one", "two")
        assert names(place.parent) == ["encoder"]
    assert killed >= 4


def test_a_removed_folder_is_gone_and_a_link_to_one_is_left(tmp_path):
    folder = tmp_path / "checkpoint-1"
    folder.mkdir()
    (tmp_path / "link").symlink_to(folder)
    remove_folder(tmp_path / "link")
    assert folder.is_dir()
    remove_folder(folder)
    assert names(tmp_path) == ["link"]


def test_lines_are_added_to_a_regular_file_and_to_nothing_else(tmp_path):
    log = tmp_path / "log.jsonl"
    for line in ("a\n", "é\n"):
        with appending(log) as file:
            file.write(line)
    assert log.read_bytes() == "a\né\n".encode()
    (tmp_path / "link").symlink_to(log)
    (tmp_path / "device").symlink_to("/dev/null")
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    (tmp_path / "folder").mkdir()
    for name in ("link", "device", "pipe", "folder"):
        with pytest.raises(OSError), appending(tmp_path / name) as file:
            file.write("never")
    os.close(reader)
    with pytest.raises(OSError), appending(tmp_path / "pipe"):
        pytest.fail("a pipe that nobody reads was waited for")
    assert log.read_bytes() == "a\né\n".encode()


def test_what_cannot_be_written_names_the_file_and_not_its_partial_copy(tmp_path, monkeypatch):
    def full(self, *_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left") as told:
        files.write_text(tmp_path / "page.html", "text")
    assert told.value.filename == str(tmp_path / "page.html")


def test_a_read_only_folder_is_told_by_the_name_of_the_file(tmp_path, monkeypatch):
    """Even removing what is not there fails on a read-only file system."""

    def refuse(self, *_, **__):
        raise OSError(30, "Read-only file system", str(self))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(OSError, match="Read-only") as told:
        files.write_text(tmp_path / "page.html", "text")
    assert told.value.filename == str(tmp_path / "page.html")
