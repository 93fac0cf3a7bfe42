"""Changes that other programs make to the open library's files are told once, and when they are over."""

from __future__ import annotations

import pytest
from hybrid_search.tui.app.library_files import LOG, LibraryFiles


@pytest.fixture
def file(tmp_path):
    (tmp_path / "library.db").write_bytes(b"1")
    return tmp_path / "library.db"


def test_each_library_is_news_once_and_then_only_if_it_changes(file, tmp_path):
    files = LibraryFiles()
    (tmp_path / "other.db").write_bytes(b"22")
    for each in (str(file), str(tmp_path / "other.db")):
        assert [files.look(each) for _ in range(4)] == [(True, False), (True, True), (True, False), (True, False)]


@pytest.mark.parametrize("ending", ["", LOG])
def test_a_change_is_told_once_nobody_writes_any_more(file, ending):
    files = LibraryFiles()
    assert [files.look(str(file))[1] for _ in range(2)] == [False, True]
    for number in range(2, 5):
        file.with_name(file.name + ending).write_bytes(b"x" * number)
        assert files.look(str(file)) == (True, False), "it is still being written"
    assert files.look(str(file)) == (True, True)
    assert files.look(str(file)) == (True, False), "once"


def test_a_library_that_goes_is_not_there(file):
    files = LibraryFiles()
    files.look(str(file))
    file.unlink()
    assert files.look(str(file)) == (False, False)
