"""Opens a passage's document at the passage in the user's own editor or pager; suspends the app meanwhile."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from textual.app import SuspendNotSupported
from textual.screen import Screen

from ....engine.documents.decoding import Undecodable, decode
from ...display import flat

Program = Literal["editor", "pager"]
# Without a variable, the first of these that is installed is run.
USUAL: dict[str, tuple[str, ...]] = {"editor": ("vi", "nano"), "pager": ("less", "more")}
VARIABLES = {"editor": "EDITOR", "pager": "PAGER"}
# Programs that go to line 7 for `+7`.
_TAKE_LINES = frozenset(
    (
        "vi",
        "vim",
        "nvim",
        "view",
        "nano",
        "pico",
        "emacs",
        "emacsclient",
        "joe",
        "jed",
        "kak",
        "micro",
        "mcedit",
        "less",
    )
)
# Bytes of a file that are searched for the passage.
_SEARCHED = 16_000_000


class _Refused(Exception):
    """Nothing can be opened; the message says why."""


def open_outside(
    screen: Screen[Any], program: Program, passage: Mapping[str, Any], span: tuple[int, int] | None
) -> None:
    """Open the document of a passage at its marked sentence, or say why it cannot be opened.

    Args:
        screen: the current one.
        program: which kind of program to run.
        passage: as the child describes it.
        span: the marked sentence in its text.
    """
    path = Path(str(passage["path"]))
    text = str(passage["text"])
    app = screen.app
    try:
        line = _line(path, text[slice(*span)] if span else text)
        command = _command(program, path, line)
        before = path.stat().st_mtime_ns
        with app.suspend(), _ours_no_more():
            code = subprocess.run(command, check=False).returncode
    except SuspendNotSupported:
        refused = f"An {program} needs" if program == "editor" else f"A {program} needs"
        screen.notify(f"{refused} a terminal; in a browser there is none. ⏎ reads the passage here.", markup=False)
        return
    except (_Refused, OSError) as error:
        words = str(error) if isinstance(error, _Refused) else f"{flat(path.name)}: {error.strerror or error}."
        screen.notify(words, title="Not opened", severity="warning", markup=False)
        return
    if code:
        screen.notify(f"{flat(command[0])} ended with exit code {code}.", severity="warning", markup=False)
    with contextlib.suppress(OSError):
        if path.stat().st_mtime_ns != before:
            screen.notify(f"{flat(path.name)} has changed; i on Library (F3) indexes its folder anew.", markup=False)


def _line(path: Path, sought: str) -> int:
    """The line of a file on which a part of its text begins; 1 if the text is not found as it is.

    Raises:
        _Refused: the file is gone, or is not text.
    """
    name = flat(path.name)
    try:
        with path.open("rb") as file:
            text = decode(file.read(_SEARCHED))
    except FileNotFoundError:
        raise _Refused(f"{name} is no longer there; i on Library (F3) brings the library up to date.") from None
    except Undecodable:
        raise _Refused(f"{name} is not a text file, which editors and pagers need. ⏎ reads the passage here.") from None
    at = text.find(sought.strip().partition("\n")[0])
    return text.count("\n", 0, max(at, 0)) + 1


def _command(program: Program, path: Path, line: int) -> list[str]:
    """The command line that opens a file.

    Raises:
        _Refused: the program is not installed.
    """
    named = (
        os.environ.get("PAGER", "") if program == "pager" else os.environ.get("VISUAL") or os.environ.get("EDITOR", "")
    )
    try:
        words = shlex.split(named)
    except ValueError:
        words = [named]
    if not words:
        words = [next((each for each in USUAL[program] if shutil.which(each)), USUAL[program][0])]
    if shutil.which(words[0]) is None:
        raise _Refused(f"There is no program {flat(words[0])} here; {VARIABLES[program]} names the {program} to use.")
    goes_to = [f"+{line}"] if Path(words[0]).name in _TAKE_LINES else []
    return [*words, *goes_to, str(path)]


@contextlib.contextmanager
def _ours_no_more() -> Iterator[None]:
    """Ignore Ctrl-C while the program is open: it reaches every process of the terminal."""
    # A handler instead of SIG_IGN, which the program would inherit.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
