"""The program of a worker: takes requests from a pipe, reads each file within its limits, writes answers."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, BinaryIO, Protocol

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
    STRETCH,
    STRETCHES,
    Place,
    Request,
    Start,
    packed,
    packed_headings,
    unpacked_requests,
)

# Answers are held back until they have so many characters, or the oldest is so many seconds old.
_HELD = 1 << 17
_SECONDS_HELD = 0.05
# Loading what finds sentences takes half a second, which pays off after files of so many bytes.
_WORTH_IT = 1 << 19
_PDEATHSIG = 1
_NO_NEW_PRIVILEGES = 38


class Stretch(Protocol):
    """A stretch of a document with its sentences or passages, in the form of messages."""

    @property
    def text(self) -> str:
        """Its text."""

    @property
    def headings(self) -> Sequence[str]:
        """The heading above each of its blocks."""

    @property
    def sentences(self) -> Iterable[tuple[int, int, int, int]]:
        """(start, end, paragraph, block) of each sentence, or passage."""

    @property
    def cut(self) -> bool:
        """Whether these are passages."""


# From a document's pieces with headings, the places of its running lines, and its part, to its stretches.
Parter = Callable[[Iterable[tuple[str, Sequence[Heading]]], Sequence[Place], str], Iterable[Stretch]]


def main(parter: Callable[[str], Parter] | None = None) -> None:
    """Read files until the pipe of requests is closed; the only command-line argument is a `Start`.

    `parter` turns the first line of the pipe, the settings for sentences, into the function that finds them.
    """
    start = Start.from_packed(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with(start.parent)
    requests, answers, lamp = _pipes()
    for path in start.kinds:
        _run(path)
    bounds = Bounds()
    bounds.close_doors()
    answer = _Answers(answers, lambda: bounds.add(start.limits.seconds_per_stretch))
    answer.say([READY])
    answer.flush()
    settings = requests.readline().decode().strip()
    part: Parter | None = None
    size = 0
    for number, line in enumerate(requests):
        for request in unpacked_requests(line):
            # One byte for each file that is begun: if this process dies, they tell on which file.
            os.write(lamp, b".")
            budget = start.limits.budget(request.size)
            bounds.set(budget)
            size += request.size
            # Of many files, the first ones are sent as they are, so that something can be found within a second.
            worth_it = size > _WORTH_IT or (start.many and number > 0)
            if part is None and parter is not None and settings and worth_it:
                with bounds.writing():
                    part = parter(settings)
            if not _read(request, answer, part):
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


def _read(request: Request, answer: _Answers, part: Parter | None) -> bool:
    """Read a file and answer; False if memory ran out, after which this process cannot be trusted."""
    try:
        with guarded():
            for document in read_in_pieces(request.path, text_column=request.text_column or None):
                if part is None:
                    answer.document(document)
                else:
                    answer.stretches(document, part)
    except UnreadableDocument as error:
        if isinstance(error.__cause__, MemoryError):
            return False
        answer.done(error.message)
    else:
        answer.done("")
    return True


class _Answers:
    """Collects messages into frames.

    If the process dies, another one reads the held files again. A file that was sent in part is therefore sent to its
    end before the next one begins.
    """

    def __init__(self, pipe: BinaryIO, on_stretch: Callable[[], None]) -> None:
        self._pipe = pipe
        self._on_stretch = on_stretch
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

    def stretches(self, document: Document | LongDocument, part: Parter) -> None:
        """Send a document as stretches with their sentences."""
        if isinstance(document, LongDocument):
            places: tuple[Place, ...] = ()
            found = part(((piece, ()) for piece in document.pieces), places, document.part)
        else:
            places = running(document)
            found = part([(document.text, document.headings)], places, document.part)
        message: list[Any] = [STRETCHES, document.part, document.title, places]
        text: str | None = None
        self._on_stretch()
        for stretch in found:
            self._on_stretch()
            if text is not None:
                self._text(message, text, more=True)
                message = [STRETCH]
            text = stretch.text
            message += stretch.cut, stretch.headings, list(chain.from_iterable(stretch.sentences))
        self._text(message, text or "", more=False)

    def _text(self, message: list[Any], text: str, *, more: bool) -> None:
        self.say([*message, text, more], len(text))

    def done(self, reason: str) -> None:
        self.say([DONE, reason], len(reason))
        if self._begun or time.monotonic() - self._since > _SECONDS_HELD:
            self.flush()
        self._begun = False


def _pipes() -> tuple[BinaryIO, BinaryIO, int]:
    """(requests, answers, pipe of begun files); the output of libraries is discarded."""
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
    """On Linux, die with the parent and gain no more rights; elsewhere the closed pipes end this process."""
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
