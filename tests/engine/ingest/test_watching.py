"""Folders are followed from before the first look on, whatever happens to them, and nothing else is looked at."""

from __future__ import annotations

import os
import queue
import threading
from pathlib import Path

import pytest
from hybrid_search.engine.errors import HybridSearchError
from hybrid_search.engine.ingest import watching
from hybrid_search.engine.ingest.watching import Watcher, follow

PATIENCE = 120


class Following:
    """A watcher at work in a thread; a test waits for the looks that it asks for and for what it says."""

    def __init__(self, *folders: Path, look=None, **options) -> None:
        self.looks: queue.Queue[list[Path]] = queue.Queue()
        self.said: queue.Queue[str] = queue.Queue()
        self.failure: BaseException | None = None
        self._look = look or (lambda _folders: None)
        self._stop = threading.Event()
        self.watcher = Watcher(folders, **{"own": folders[0].parent / "library", "say": self.said.put, **options})
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Following:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)
        self.watcher.close()
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            follow(self.watcher, self._seen, self._stop.is_set)
        except BaseException as error:
            self.failure = error

    def _seen(self, folders: list[Path]) -> None:
        self._look(folders)
        self.looks.put(folders)

    def look(self) -> list[Path]:
        return self.looks.get(timeout=PATIENCE)

    def sentence(self) -> str:
        return self.said.get(timeout=PATIENCE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/bread.md").write_text("Bread", "utf-8")
    return tmp_path / "texts"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    (tmp_path / "other").mkdir()
    return tmp_path / "other"


def saved(path: Path, text: str) -> None:
    """Save as careful editors do: a new file that takes the old one's name."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, "utf-8")
    new.replace(path)


def test_what_changes_before_the_first_wait_is_not_missed(folder):
    following = Following(folder)
    (folder / "water.md").write_text("Water", "utf-8")
    with following:
        assert following.look() == [folder]


def test_a_change_while_one_looks_leads_to_another_look(folder):
    looked = []

    def look(_folders):
        if not looked:
            (folder / "late.md").write_text("Late", "utf-8")
        looked.append(sorted(path.name for path in folder.iterdir()))

    with Following(folder, look=look) as following:
        (folder / "water.md").write_text("Water", "utf-8")
        following.look()
        following.look()
    assert "late.md" in looked[-1]


def test_a_single_file_is_followed_through_saves_by_renaming(folder):
    note = folder / "bread.md"
    with Following(note) as following:
        for text in ("one", "two", "three"):
            saved(note, text)
            assert following.look() == [note]


def test_other_files_beside_a_single_one_are_nobodys_business(folder, other):
    note = folder / "bread.md"
    with Following(note, other) as following:
        saved(folder / "water.md", "Water")
        (other / "water.md").write_text("Water", "utf-8")
        assert following.look() == [other]


def test_only_the_folder_that_changed_is_looked_at(folder, other):
    with Following(folder, other) as following:
        (other / "water.md").write_text("Water", "utf-8")
        assert following.look() == [other]


@pytest.mark.parametrize(
    "name",
    [".git/index", ".bread.md.swp", "~$bread.docx", "photo.png", "build/out.md", "../library/library.db"],
)
def test_what_no_look_would_notice_costs_none(folder, other, name):
    (folder / name).parent.mkdir(exist_ok=True)
    with Following(folder, other, exclude=["build/"]) as following:
        (folder / name).write_text("nothing", "utf-8")
        (other / "water.md").write_text("Water", "utf-8")
        assert following.look() == [other]


def test_the_library_may_lie_in_the_folder_that_it_indexes(folder, other):
    (folder / "library").mkdir()
    with Following(folder, other, own=folder / "library") as following:
        (folder / "library/library.db").write_text("rows", "utf-8")
        (other / "water.md").write_text("Water", "utf-8")
        assert following.look() == [other]


def test_a_file_that_changes_all_the_time_is_looked_at_within_seconds(folder):
    with Following(folder) as following:
        seen = threading.Event()

        def storm() -> None:
            number = 0
            while not seen.wait(0.02):
                number += 1
                saved(folder / "log.md", str(number))

        writer = threading.Thread(target=storm)
        writer.start()
        try:
            assert following.look() == [folder]
            assert following.look() == [folder]
        finally:
            seen.set()
            writer.join()


def test_a_folder_that_goes_and_comes_back_is_told_of_once_and_looked_at_again(folder, other, tmp_path):
    with Following(folder, other) as following:
        folder.rename(tmp_path / "away")
        assert following.sentence().startswith(f"{folder} is gone")
        (other / "water.md").write_text("Water", "utf-8")
        assert following.look() == [other]
        (tmp_path / "away").rename(folder)
        assert following.sentence() == f"{folder} is back."
        while folder not in following.look():
            pass
        assert following.said.empty()


def test_another_folder_in_the_place_of_the_old_one_is_followed(folder, tmp_path):
    with Following(folder) as following:
        folder.rename(tmp_path / "old")
        folder.mkdir()
        (folder / "new.md").write_text("New", "utf-8")
        following.look()
        while not following.looks.empty():
            following.looks.get()
        (folder / "newer.md").write_text("Newer", "utf-8")
        assert following.look() == [folder]


def test_a_file_whose_folder_is_made_anew_is_followed(folder, tmp_path):
    note = folder / "bread.md"
    with Following(note) as following:
        folder.rename(tmp_path / "old")
        folder.mkdir()
        note.write_text("New", "utf-8")
        following.look()
        saved(note, "Newer")
        assert following.look() == [note]


def test_a_link_that_is_turned_to_another_folder_is_followed(folder, tmp_path):
    (tmp_path / "second").mkdir()
    link = tmp_path / "current"
    link.symlink_to(folder)
    with Following(link) as following:
        (tmp_path / "next").symlink_to(tmp_path / "second")
        (tmp_path / "next").replace(link)
        assert following.look() == [link]


def test_a_folder_that_goes_while_it_is_looked_at_is_waited_for(folder, tmp_path):
    gone = []

    def look(_folders):
        if not gone:
            gone.append(folder.rename(tmp_path / "away"))
            raise HybridSearchError(f"{folder} does not exist.")

    with Following(folder, look=look) as following:
        (folder / "water.md").write_text("Water", "utf-8")
        assert "is gone" in following.sentence()
        (tmp_path / "away").rename(folder)
        assert following.look() == [folder]
    assert following.failure is None


def test_a_failure_that_is_not_the_folders_ends_it(folder):
    def look(_folders):
        raise HybridSearchError("The disk is full.")

    with Following(folder, look=look) as following:
        (folder / "water.md").write_text("Water", "utf-8")
        following._thread.join(PATIENCE)
        assert isinstance(following.failure, HybridSearchError)


def test_the_empty_place_of_what_was_unmounted_is_not_taken_for_an_empty_folder(folder, monkeypatch):
    root = watching._Root(folder)
    assert watching._meet(root)
    (folder / "bread.md").unlink()
    assert watching._meet(root), "an empty folder on the same disk is an empty folder"
    device, inode = root.watched_identity
    root.watched_identity = device + 1, inode
    assert not watching._meet(root)


def test_names_that_are_not_utf8_end_nothing(folder):
    with Following(folder) as following:
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.md")).write_text("Coffee", "utf-8")
        assert following.look() == [folder]
        while not following.looks.empty():
            following.looks.get()
        (folder / "water.md").write_text("Water", "utf-8")
        assert following.look() == [folder]
    assert following.failure is None


def test_where_the_system_tells_of_nothing_one_looks_every_so_often(folder):
    with Following(folder, every=0.1) as following:
        assert following.look() == [folder]
        assert following.look() == [folder]


def test_a_system_that_cannot_watch_is_said_and_polled(folder, monkeypatch):
    def refused(*_arguments):
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr(watching, "_notifier", refused)
    monkeypatch.setattr(watching, "_POLL", 0.1)
    with Following(folder) as following:
        assert "limit reached" in following.sentence()
        assert following.look() == [folder]
