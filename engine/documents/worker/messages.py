"""Defines the messages between the indexing process and a worker, as JSON, since a worker is not trusted.

A frame is four bytes of length and a JSON list of messages: `["document", part, title, running, headings, text, more]`
begins a document, where `running` lists the places of running lines; `["piece", headings, text, more]` continues it
while `more` was true; `["done", reason]` ends a file. A document whose sentences or passages the worker found begins
with `["stretches", part, title, running, cut, headings, sentences, text, more]` and continues with `["stretch", cut,
headings, sentences, text, more]`, the fields of `passages.Parted`, with the four numbers of all sentences in one list.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..model import Heading
from .limits import Limits

# Characters of text in one message, and bytes of the largest frame that is accepted.
PIECE = 1 << 18
LARGEST_FRAME = 64 * 1024 * 1024
READY = "ready"
DOCUMENT = "document"
PIECE_OF = "piece"
DONE = "done"
STRETCHES = "stretches"
STRETCH = "stretch"

# Start and end of something in a document's text.
Place = tuple[int, int]


class BadMessage(Exception):
    """The data from the pipe is not a message."""


@dataclass(frozen=True)
class Request:
    """A file to be read: its path, its size in bytes when it was found, the column of a table that holds the text."""

    path: Path
    size: int
    text_column: str = ""


@dataclass(frozen=True)
class Start:
    """A worker's argument: its parent process, its limits, Python files to run that add kinds.

    `many`: it will be asked for many files, and finds sentences from its second batch on.
    """

    parent: int
    limits: Limits
    kinds: tuple[str, ...] = ()
    many: bool = False

    def packed(self) -> str:
        """This as a command-line argument."""
        return json.dumps(asdict(self))

    @classmethod
    def from_packed(cls, argument: str) -> Start:
        """The `Start` that `packed` wrote."""
        found = json.loads(argument)
        return cls(found["parent"], Limits(**found["limits"]), tuple(found["kinds"]), found["many"])


def packed_requests(requests: Iterable[Request]) -> bytes:
    """Requests as one line."""
    return json.dumps([[str(each.path), each.size, each.text_column] for each in requests]).encode() + b"\n"


def unpacked_requests(line: bytes) -> list[Request]:
    """The requests in a line from `packed_requests`."""
    return [Request(Path(path), size, column) for path, size, column in json.loads(line)]


def packed(messages: list[list[Any]]) -> bytes:
    """Messages as a frame."""
    body = json.dumps(messages, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return len(body).to_bytes(4, "big") + body


def packed_headings(headings: Iterable[Heading]) -> list[list[Any]]:
    """Headings in the form of messages."""
    return [[each.start, each.level, each.title] for each in headings]


def unpacked(body: bytes) -> list[list[Any]]:
    """The messages of a frame, with headings as `Heading` objects.

    Raises:
        BadMessage: the frame holds anything else.

    """
    try:
        messages = json.loads(body.decode("utf-8", "surrogatepass"))
        return [_checked(message) for message in messages]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise BadMessage(str(error)) from error


_SHAPES: dict[str, tuple[type, ...]] = {
    READY: (),
    DOCUMENT: (str, str, list, list, str, bool),
    PIECE_OF: (list, str, bool),
    DONE: (str,),
    STRETCHES: (str, str, list, bool, list, list, str, bool),
    STRETCH: (bool, list, list, str, bool),
}


def _checked(message: list[Any]) -> list[Any]:
    name, *values = message
    if tuple(map(type, values)) != _SHAPES[name]:
        raise ValueError(f"a message {name!r} of another shape")
    if name in (DOCUMENT, STRETCHES):
        values[2] = _places(values[2])
    if name in (STRETCHES, STRETCH):
        cut, headings, sentences, text, _ = values[-5:]
        values[-4:-2] = _titles(headings), _sentences(sentences, len(text), len(headings), overlapping=cut)
    return [name, *(_headings(value) if type(value) is list else value for value in values)]


def _titles(headings: list[Any]) -> tuple[str, ...]:
    if not {type(each) for each in headings} <= {str}:
        raise ValueError("a heading of another shape")
    return tuple(headings)


def _sentences(
    numbers: list[Any], length: int, blocks: int, *, overlapping: bool
) -> tuple[tuple[int, int, int, int], ...]:
    """Sentences or passages, checked to be in order and within a text of `length` characters and `blocks` blocks."""
    if len(numbers) % 4 or not {type(each) for each in numbers} <= {int}:
        raise ValueError("a sentence of another shape")
    found = tuple(zip(*[iter(numbers)] * 4, strict=True))
    before = (0, 0, 0, 0)
    for sentence in found:
        if not (0 if overlapping else before[1]) <= sentence[0] < sentence[1] <= length:
            raise ValueError("a sentence that is not in its place")
        if sentence[2] < before[2] or sentence[3] < before[3]:
            raise ValueError("sentences in another order")
        before = sentence
    if found and before[3] >= blocks:
        raise ValueError("a sentence of no block")
    return found


def _places(rows: list[Any]) -> tuple[Place, ...]:
    found = []
    for start, end in rows:
        if type(start) is not int or type(end) is not int:
            raise ValueError("a place of another shape")
        found.append((start, end))
    return tuple(found)


def _headings(rows: list[Any]) -> tuple[Heading, ...]:
    found = []
    for start, level, title in rows:
        if type(start) is not int or type(level) is not int or type(title) is not str:
            raise ValueError("a heading of another shape")
        found.append(Heading(start, level, title))
    return tuple(found)
