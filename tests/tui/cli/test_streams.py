"""Output that cannot be written is a line and an exit code; a terminal that is missing is told at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hybrid_search.tui.cli import streams
from hybrid_search.tui.cli.main import main

COMMAND = "import sys; from hybrid_search.tui.cli.main import main; sys.argv[0] = 'hybrid-search'; main()"
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")


def run(arguments: str, *, redirected: str = "", unbuffered: bool = False) -> subprocess.CompletedProcess[str]:
    """The command in a shell of its own, with its streams as the shell redirects them."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1" if unbuffered else ""}
    line = f'set -o pipefail; "{sys.executable}" -c "{COMMAND}" {arguments} {redirected}'
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=900, env=environment)


@FULL
@pytest.mark.parametrize("unbuffered", [False, True])
@pytest.mark.parametrize("arguments", ["encoders list --json", "encoders list", "--help"])
def test_a_full_disk_under_the_output_is_one_line(arguments, unbuffered):
    done = run(arguments, redirected=">/dev/full", unbuffered=unbuffered)
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if not line.startswith("Any SentenceTransformer")]
    assert said == ["hybrid-search: The output cannot be written: no space left on device."]


@pytest.mark.parametrize("arguments", ["encoders list --json", "encoders list", "--help"])
def test_an_output_that_was_closed_is_one_line(arguments):
    done = run(arguments, redirected=">&-")
    assert done.returncode == 2
    assert "hybrid-search: The output cannot be written: it is closed." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("unbuffered", [False, True])
@pytest.mark.parametrize("arguments", ["encoders list --json", "encoders list", "--help"])
def test_a_reader_that_has_seen_enough_is_no_news(arguments, unbuffered):
    done = run(arguments, redirected="| exec 0<&-", unbuffered=unbuffered)
    assert done.returncode == 141
    assert "Broken pipe" not in done.stderr and "Traceback" not in done.stderr


@FULL
@pytest.mark.parametrize("redirected", ["2>/dev/full", "2>&-", "<&- 2>&-"])
def test_narration_that_cannot_be_written_stops_nothing(redirected):
    done = run("encoders list --json", redirected=redirected)
    assert done.returncode == 0 and '"encoders"' in done.stdout
    assert run("status --library nowhere", redirected=redirected).returncode == 2


def test_no_file_gets_the_number_of_a_closed_stream(tmp_path):
    """What a library prints would be written into it."""
    code = (
        "import os; from hybrid_search.tui.cli import streams; streams.prepare(); "
        f"number = os.open({str(tmp_path / 'library.db')!r}, os.O_RDWR | os.O_CREAT); raise SystemExit(number < 3)"
    )
    line = f'"{sys.executable}" -c "{code}" <&- >&- 2>&-'
    assert subprocess.run(["bash", "-c", line], timeout=300).returncode == 0


def test_what_is_not_to_be_buffered_is_not():
    """The app reads a training run line by line while it goes on."""
    code = (
        "import os, sys; from hybrid_search.tui.cli import streams; streams.prepare(); "
        "sys.stdout.write('step 1'); os._exit(0)"
    )
    done = subprocess.run([sys.executable, "-uc", code], capture_output=True, text=True, timeout=300)
    assert done.stdout == "step 1"


def test_an_error_of_the_system_names_the_file(capsys):
    error = FileNotFoundError(2, "No such file or directory", "bread/\x1b[2Jcrumbs")
    assert streams.code_of(error) == 2
    said = capsys.readouterr().err
    assert said.startswith("hybrid-search: bread/") and said.endswith("crumbs: no such file or directory.\n")
    assert "\x1b" not in said


@pytest.mark.parametrize("which", ["stdin", "stdout", "stderr"])
def test_the_app_without_a_terminal_is_an_error_at_once(monkeypatch, capsys, which):
    for each in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{each}.isatty", lambda each=each: which != each, raising=False)

    def started(*_arguments, **_options):
        raise AssertionError("the app was started")

    monkeypatch.setattr("hybrid_search.tui.app.HybridSearchApp", started)
    assert main(["tui"]) == 2
    assert "needs a terminal" in capsys.readouterr().err
