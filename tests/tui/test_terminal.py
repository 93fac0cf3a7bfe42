"""The cells of this terminal: asked by cursor reports, counted with, kept, and never waited for."""

from __future__ import annotations

import os
import re
import threading
import time
import unicodedata
from collections.abc import Callable

import pytest
import rich.cells
from hybrid_search.tui.display import terminal
from hybrid_search.tui.display.cells import cut, fit, flat
from rich.cells import cell_len

pty = pytest.importorskip("pty", reason="a terminal of POSIX is needed")
HINDI, THAI = "हिमनद", "กำแพง"


def like_tmux(text: str) -> int:
    """Every spacing mark takes a cell, nothing is joined or widened."""
    return sum(
        0 if unicodedata.category(each) in ("Mn", "Cf") else 2 if unicodedata.east_asian_width(each) == "W" else 1
        for each in text
    )


class Screen:
    """The other end of a terminal, which answers as a function of text counts cells."""

    def __init__(self, count: Callable[[str], int] | None) -> None:
        self.near, self.far = pty.openpty()
        self._count, self.seen = count, b""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        waiting = b""
        while True:
            try:
                got = os.read(self.near, 4096)
            except OSError:
                return
            self.seen += got
            waiting += got
            while self._count is not None and (found := re.search(rb"\r+([^\r]*?)\x1b\[6n", waiting)):
                waiting = waiting[found.end() :]
                os.write(self.near, b"\x1b[1;%dR" % (self._count(found[1].decode()) + 1))

    def close(self) -> None:
        os.close(self.far)
        self._thread.join(5)
        os.close(self.near)


@pytest.fixture
def screen():
    made: list[Screen] = []

    def make(count: Callable[[str], int] | None) -> Screen:
        made.append(Screen(count))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def undone():
    """Whatever a test made of the counting is taken back."""
    usual = rich.cells.load_cell_table
    yield
    rich.cells.load_cell_table = usual
    rich.cells.get_character_cell_size.cache_clear()
    rich.cells.cached_cell_len.cache_clear()
    terminal.cells.set_joins(True)


def test_a_terminal_that_gives_spacing_marks_a_cell_is_counted_with(screen, undone):
    assert cell_len(HINDI) == 4
    at = screen(like_tmux)
    found = terminal.learn(at.far, at.far)
    assert found is not None and found.marks["0900:Mc"] == 1 and found.marks["0900:Mn"] == 0
    assert cell_len(HINDI) == 5 == like_tmux(HINDI) and cell_len(THAI) == like_tmux(THAI)
    assert [cell_len(fit(HINDI, width)) for width in range(1, 9)] == list(range(1, 9))
    assert all(like_tmux(cut(HINDI, width)) <= width for width in range(1, 9))
    family = flat("👩‍👩‍👧")
    assert cell_len(family) == like_tmux(family) == 6
    assert at.seen.endswith(b"\r\x1b[K"), "nothing of the questions stays on the screen"


def test_a_terminal_that_counts_as_rich_does_changes_nothing(screen, undone):
    samples = [HINDI, THAI, "👩‍👩‍👧", "❤️", "שָׁלוֹם", "خُبْز"]
    before = [cell_len(each) for each in samples]
    at = screen(cell_len)
    found = terminal.learn(at.far, at.far)
    assert found is not None and found.joins and found.widens
    assert [cell_len(each) for each in samples] == before and flat("👩‍👩‍👧") == "👩‍👩‍👧"


def test_a_terminal_that_gives_skin_tones_cells_of_their_own_is_counted_with(screen, undone):
    def tones_apart(text: str) -> int:
        return cell_len(text) + 2 * ("\U0001f3fd" in text)

    at = screen(tones_apart)
    found = terminal.learn(at.far, at.far)
    assert found is not None and not found.joins
    assert flat("👍🏽 👩🏽‍🍳") == "👍 👩🍳"


def test_a_terminal_that_never_answers_is_not_waited_for(screen, undone):
    at = screen(None)
    began = time.monotonic()
    assert terminal.measure(at.far, at.far) is None
    assert time.monotonic() - began < 100 * terminal.FIRST
    assert terminal.learn(at.far, at.far) is None and cell_len(HINDI) == 4


def test_what_a_terminal_did_is_kept_for_a_start_at_which_it_does_not_answer(screen, undone, monkeypatch):
    monkeypatch.setenv("TERM_PROGRAM", "tmux")
    at, deaf = screen(like_tmux), screen(None)
    found = terminal.learn(at.far, at.far)
    assert terminal.learn(deaf.far, deaf.far) == found
    monkeypatch.setenv("TERM_PROGRAM", "another")
    assert terminal.learn(deaf.far, deaf.far) is None


@pytest.mark.parametrize("text", ["", "[]", '{"a": 3}', '{"a": {"marks": {"0900:Mc": "x"}}}', "\x00"])
def test_a_damaged_table_is_as_if_there_were_none(text, screen):
    terminal._file().parent.mkdir(parents=True, exist_ok=True)
    terminal._file().write_text(text, "utf-8")
    assert terminal._kept() == {}


def test_the_modes_of_the_terminal_are_as_before_and_a_file_is_no_terminal(screen, tmp_path):
    import termios

    at = screen(like_tmux)
    before = termios.tcgetattr(at.far)
    terminal.measure(at.far, at.far)
    assert termios.tcgetattr(at.far) == before
    with (tmp_path / "file").open("w+") as file:
        assert terminal.measure(file.fileno(), file.fileno()) is None


def test_counting_is_taken_back():
    back = terminal.adopt(terminal.Widths({"0900:Mc": 1}, widens=False, joins=False))
    assert cell_len(HINDI) == 5 and cell_len("❤️") == 1
    back()
    assert cell_len(HINDI) == 4 and cell_len("❤️") == 2


def test_a_browser_which_cannot_be_asked_is_counted_with_as_its_page_counts(undone):
    assert terminal.learn(-1, -1, browser=True) == terminal.of_browsers()
    for text in (HINDI, THAI, "❤️", "शीतनिद्रा", "👍🏽"):
        assert cell_len(flat(text)) == like_tmux(flat(text)), text
    assert cell_len(flat("👩‍👩‍👧")) == 6
