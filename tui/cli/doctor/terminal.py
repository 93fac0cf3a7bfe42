"""Checks the terminal: its size, its colours, and whether it shows every script."""

from __future__ import annotations

import locale
import os
import shutil
import sys
from collections.abc import Iterator

from .finding import Finding

TOPIC = "terminal"
# The smallest terminal that the app is made for.
_WIDE, _HIGH = 80, 24


def examine() -> Iterator[Finding]:
    """Whether there is a terminal, and what it can do."""
    yield _encoding()
    if not sys.stderr.isatty() and not sys.stdout.isatty():
        yield Finding(TOPIC, "terminal", "note", "There is no terminal: commands work, but the app needs one.")
        return
    yield _size()
    yield _colours()


def _encoding() -> Finding:
    wanted = (locale.getpreferredencoding(False) or "").lower().replace("-", "")
    if wanted == "utf8":
        return Finding(TOPIC, "letters", "ok", "UTF-8: every script can be shown.")
    told = f"The locale's encoding is {wanted or 'no encoding'}: most scripts cannot be shown."
    return Finding(TOPIC, "letters", "wrong", told, "export LC_ALL=C.UTF-8")


def _size() -> Finding:
    size = shutil.get_terminal_size()
    told = f"{size.columns} columns, {size.lines} lines."
    if size.columns < _WIDE or size.lines < _HIGH:
        return Finding(
            TOPIC, "size", "note", f"{told} The app is made for {_WIDE} by {_HIGH} or more.", "Widen the window."
        )
    return Finding(TOPIC, "size", "ok", told)


def _colours() -> Finding:
    from ..telling import consoles

    if os.environ.get("NO_COLOR"):
        return Finding(TOPIC, "colours", "note", "NO_COLOR is set: no colours.", "unset NO_COLOR")
    system = consoles.err().color_system
    if system == "truecolor":
        return Finding(TOPIC, "colours", "ok", "16 million colours.")
    if system == "256":
        return Finding(
            TOPIC, "colours", "ok", "256 colours; with COLORTERM=truecolor, languages are told apart better if the "
            "terminal can show it."
        )  # fmt: skip
    return Finding(
        TOPIC, "colours", "note", f"Few colours or none ({system or 'no terminal type'}).", "export TERM=xterm-256color"
    )
