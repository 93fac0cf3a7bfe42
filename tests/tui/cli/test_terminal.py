"""What a terminal gets and a pipe does not: colours, links, progress in the tab."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest
from hybrid_search.engine.library.library import Library
from hybrid_search.tui.cli.telling.terminal import TabProgress

LINK, COLOUR, TAB = "\x1b]8;", "\x1b[3", "\x1b]9;4;"
# Search by words needs no encoder, and a check shows progress.
CODE = "import sys; from hybrid_search.tui.cli.main import main; sys.exit(main({}))"


@pytest.fixture
def library(tmp_path, keyword_encoder) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.md").write_text("# Bread\n\nBread and water.", "utf-8")
    with Library.open(tmp_path / "library", create=True) as made:
        made.index([tmp_path / "texts"], encoders=[keyword_encoder])
    return tmp_path / "library"


@pytest.fixture
def run(library):
    """What a command writes to a terminal, or to pipes."""

    def run(*arguments: str, terminal: bool = True, **variables: str) -> str:
        command = [sys.executable, "-c", CODE.format([*arguments, "--library", str(library)])]
        environment = {**os.environ, "TERM": "xterm-256color", **variables}
        if not terminal:
            done = subprocess.run(command, env=environment, capture_output=True, timeout=900, encoding="utf-8")
            return done.stdout + done.stderr
        ours, theirs = pty.openpty()
        with subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            written = b""
            while True:
                ready, _, _ = select.select([ours], [], [], 60)
                try:
                    block = os.read(ours, 65536) if ready else b""
                except OSError:  # Linux says so where the other end is closed
                    block = b""
                if not block:
                    break
                written += block
            assert process.wait(300) == 0
        os.close(ours)
        return written.decode("utf-8", "replace")

    return run


def test_links_and_colours_are_for_terminals_and_no_color_takes_colours_alone(run):
    shown = run("search", "bread", "--encoder", "bm25")
    assert LINK in shown and "file://" in shown and COLOUR in shown
    plain = run("search", "bread", "--encoder", "bm25", NO_COLOR="1")
    assert LINK in plain and COLOUR not in plain
    piped = run("search", "bread", "--encoder", "bm25", terminal=False)
    assert "\x1b" not in piped and "Bread" in piped


def test_progress_is_shown_in_the_tab_of_a_terminal_and_taken_away_at_the_end(run):
    shown = run("check")
    assert TAB + "1;" in shown
    assert shown.rindex(TAB + "0;0") > shown.rindex(TAB + "1;")
    assert "\x1b" not in run("check", terminal=False)
    assert TAB not in run("check", TERM="dumb")


class Terminal:
    """A terminal that keeps what is written to it."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.written.append(text)
        return len(text)

    def flush(self) -> None:
        pass


@pytest.mark.parametrize(
    ("variables", "able"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": ""}, False),
        ({"TERM": "xterm", "TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.5.11"}, False),
        ({"TERM": "xterm", "TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.6.6"}, True),
        ({"TERM": "xterm", "TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": ""}, False),
    ],
)
def test_terminals_that_take_it_for_a_message_get_none(monkeypatch, variables, able):
    for name in ("TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    tab = TabProgress(terminal)
    for done in (0, 50, 50, 100):
        tab.show(done, 100)
    tab.show(3, 0)
    tab.clear()
    tab.clear()
    states = [f"\x1b]9;4;{state}\x1b\\" for state in ("1;0", "1;50", "1;100", "3;0", "0;0")]
    assert terminal.written == (states if able else [])
