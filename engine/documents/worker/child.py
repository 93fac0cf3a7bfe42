"""What runs in a worker: requests are read from one pipe, each file is read within its limits, answers are written."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any, BinaryIO

from ...errors import UnreadableDocument
from ..model import Document, Heading, LongDocument
from ..reading import guarded, read_in_pieces
from ..running import running
from .limits import Bounds
from .messages import (
    DOCUMENT,
    DONE,
    PIECE,
    PIECE_OF,
    READY,
    Request,
    Start,
    packed,
    packed_headings,
    unpacked_requests,
)

# Answers wait until they are so many characters, or the oldest of them so old.
_HELD = 1 << 17
_SECONDS_HELD = 0.05
_PDEATHSIG = 1
_NO_NEW_PRIVILEGES = 38


def main() -> None:
    """Read files until the pipe of requests is closed; the one argument is a `Start`."""
    start = Start.from_packed(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with(start.parent)
    requests, answers, lamp = _pipes()
    for path in start.kinds:
        _run(path)
    bounds = Bounds()
    bounds.close_doors()
    answer = _Answers(answers)
    answer.say([READY])
    answer.flush()
    for line in requests:
        for request in unpacked_requests(line):
            # One byte for each file that is begun: should this process die, it is known over which.
            os.write(lamp, b".")
            budget = start.limits.budget(request.size)
            bounds.set(budget)
            if not _read(request, answer):
                answer.done(budget.too_much_memory())
                answer.flush()
                return
        answer.flush()


def _run(path: str) -> None:
    """Run a Python file that adds kinds."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("kinds_added", path)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


def _read(request: Request, answer: _Answers) -> bool:
    """Read a file and answer; False if there was not enough memory for it: then nobody knows what else is broken."""
    try:
        with guarded():
            for document in read_in_pieces(request.path, text_column=request.text_column or None):
                answer.document(document)
    except UnreadableDocument as error:
        if isinstance(error.__cause__, MemoryError):
            return False
        answer.done(error.message)
    else:
        answer.done("")
    return True


class _Answers:
    """Collects messages into frames.

    What is held when the process dies is read again by another one, so a file of which anything was sent is sent to its
    end before the next one is begun.
    """

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._messages: list[list[Any]] = []
        self._size = 0
        self._since = 0.0
        self._begun = False

    def say(self, message: list[Any], size: int = 0) -> None:
        if not self._messages:
            self._since = time.monotonic()
        self._messages.append(message)
        self._size += size + 200
        if self._size > _HELD:
            self._begun = True
            self.flush()

    def flush(self) -> None:
        if self._messages:
            messages, self._messages, self._size = self._messages, [], 0
            self._pipe.write(packed(messages))
            self._pipe.flush()

    def document(self, document: Document | LongDocument) -> None:
        if isinstance(document, LongDocument):
            self.say([DOCUMENT, document.part, document.title, [], [], "", True])
            for piece in document.pieces:
                for start in range(0, len(piece), PIECE):
                    self._text([PIECE_OF, []], piece[start : start + PIECE], more=True)
            self._text([PIECE_OF, []], "", more=False)
            return
        text = document.text
        message: list[Any] = [DOCUMENT, document.part, document.title, running(document)]
        headings = iter(document.headings)
        heading = next(headings, None)
        for start in range(0, max(1, len(text)), PIECE):
            end, within = start + PIECE, list[Heading]()
            while heading is not None and (heading.start < end or end >= len(text)):
                within.append(heading)
                heading = next(headings, None)
            self._text([*message, packed_headings(within)], text[start:end], more=end < len(text))
            message = [PIECE_OF]

    def _text(self, message: list[Any], text: str, *, more: bool) -> None:
        self.say([*message, text, more], len(text))

    def done(self, reason: str) -> None:
        self.say([DONE, reason], len(reason))
        if self._begun or time.monotonic() - self._since > _SECONDS_HELD:
            self.flush()
        self._begun = False


def _pipes() -> tuple[BinaryIO, BinaryIO, int]:
    """(requests, answers, lamp); what a library prints goes nowhere."""
    if sys.platform == "win32":
        import msvcrt

        for number in range(3):
            msvcrt.setmode(number, os.O_BINARY)
    kept = [os.dup(number) for number in range(3)]
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    os.close(nothing)
    return os.fdopen(kept[0], "rb"), os.fdopen(kept[1], "wb"), kept[2]


def _end_with(parent: int) -> None:
    """Die when the parent does, however that dies, and never get more rights; elsewhere than on Linux by the pipes."""
    if sys.platform != "linux":
        return
    try:
        import ctypes

        system = ctypes.CDLL(None)
        system.prctl(_PDEATHSIG, signal.SIGKILL)
        system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return
    if os.getppid() != parent:
        sys.exit(0)
