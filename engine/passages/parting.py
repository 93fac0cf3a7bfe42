"""Lets the process that reads a document find its sentences and, where it can count tokens, its passages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..documents.worker import Place
from ..languages import prepare
from .repeating import Repeating
from .splitting import CountTokens, Parted, cut, parted
from .stretches import Piece


@dataclass(frozen=True)
class Parting:
    """The settings for finding sentences and passages.

    Attributes:
        limit: the most tokens of a passage.
        left_out: paragraphs that are left out of passages.
        boilerplate: whether running headers and footers of pages are kept in passages.
        counter: how another process counts tokens, in a form of the caller's; None if none can.
    """

    limit: int
    left_out: Repeating
    boilerplate: bool
    counter: Sequence[str] | None = None

    def packed(self) -> str:
        """The settings as a line of text."""
        return json.dumps([self.limit, self.left_out.stored(), self.boilerplate, self.counter])

    @classmethod
    def unpacked(cls, line: str) -> Parting:
        """The settings in a line from `packed`."""
        limit, left_out, boilerplate, counter = json.loads(line)
        return cls(limit, Repeating.read(left_out), boilerplate, counter)

    def parted(self, pieces: Iterable[Piece], running: Iterable[Place], part: str) -> Iterator[Parted]:
        """The stretches, with their sentences, of a document, which is the part `part` of its file."""
        # Nothing is left out of rows of tables.
        left_out = () if part else self.left_out
        return parted(pieces, self.limit, left_out, () if self.boilerplate else tuple(running))


def parter(
    line: str, counting: Callable[[Sequence[str]], CountTokens]
) -> Callable[[Iterable[Piece], Iterable[Place], str], Iterator[Parted]]:
    """The function by which a worker divides documents, from a line of `Parting.packed`.

    `counting` returns the function that counts tokens, from the `counter` of the settings.
    """
    prepare()
    parting = Parting.unpacked(line)
    if parting.counter is None:
        return parting.parted
    count = counting(parting.counter)
    return lambda *document: cut(parting.parted(*document), count, limit=parting.limit)
