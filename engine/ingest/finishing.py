"""Finishes passages: finds their language and terms, in this process or in one that runs this module."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import IO, Any

from ..languages import detect, prepare
from ..lexical import terms_of
from ..store import NewPassage

# Headings and text of a passage; and its language, the confidence, and its terms.
Bare = tuple[str, str]
Finish = tuple[str, float, str]

_LARGEST_FRAME = 1 << 28


def finish(heading: str, text: str) -> Finish:
    """The language, confidence and terms of a passage with this heading and text."""
    told = detect(text)
    return told.code, told.confidence, terms_of(heading, text)


def finished(passage: NewPassage, made: Finish) -> NewPassage:
    """A passage completed by its `Finish`."""
    return NewPassage(passage.start, passage.end, passage.heading, passage.text, *made)


def write_frame(pipe: IO[bytes], rows: Sequence[Sequence[str | float]]) -> None:
    """Write four bytes of length, then the rows as JSON."""
    body = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    pipe.write(len(body).to_bytes(4, "big") + body)
    pipe.flush()


def read_bare(pipe: IO[bytes]) -> list[Bare] | None:
    """Passages to be finished; None at the end."""
    rows = _read(pipe)
    return None if rows is None else [(heading, text) for heading, text in rows]


def read_finishes(pipe: IO[bytes], count: int) -> list[Finish]:
    """The results for `count` passages.

    Raises:
        ValueError: the data is anything else.
    """
    rows = _read(pipe)
    if not isinstance(rows, list) or len(rows) != count:
        raise ValueError("another number of passages")
    for row in rows:
        if tuple(map(type, row)) != (str, float, str):
            raise ValueError("not what belongs to a passage")
    return [(code, confidence, terms) for code, confidence, terms in rows]


def _read(pipe: IO[bytes]) -> list[list[Any]] | None:
    head = pipe.read(4)
    if len(head) < 4:
        return None
    length = int.from_bytes(head, "big")
    if length > _LARGEST_FRAME:
        raise ValueError("a frame that is too long")
    found: list[list[Any]] = json.loads(pipe.read(length).decode("utf-8", "surrogatepass"))
    return found


def main() -> None:
    """Finish passages from standard input until it ends, onto standard output; an empty answer says it is prepared."""
    import signal

    # Ctrl-C reaches all processes of a terminal; this one ends when its parent's pipe is closed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    prepare()
    write_frame(answers, [])
    while (rows := read_bare(requests)) is not None:
        # The confidence may be an int, but readers require a float.
        write_frame(
            answers, [(code, float(confidence), terms) for code, confidence, terms in (finish(*row) for row in rows)]
        )
