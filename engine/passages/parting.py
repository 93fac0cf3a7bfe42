"""Lets the process that reads a document find its sentences: most of the work of cutting, without an encoder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..documents.worker import Place
from ..languages import prepare
from .repeating import Repeating
from .splitting import Parted, parted
from .stretches import Piece


@dataclass(frozen=True)
class Parting:
    """The settings for finding sentences.

    Attributes:
        limit: the most tokens of a passage.
        left_out: paragraphs that are left out of passages.
        boilerplate: whether running headers and footers of pages are kept in passages.
    """

    limit: int
    left_out: Repeating
    boilerplate: bool

    def packed(self) -> str:
        """The settings as a line of text."""
        return json.dumps([self.limit, self.left_out.stored(), self.boilerplate])

    @classmethod
    def unpacked(cls, line: str) -> Parting:
        """The settings in a line from `packed`."""
        limit, left_out, boilerplate = json.loads(line)
        return cls(limit, Repeating.read(left_out), boilerplate)

    def parted(self, pieces: Iterable[Piece], running: Iterable[Place], part: str) -> Iterator[Parted]:
        """The stretches, with their sentences, of a document, which is the part `part` of its file."""
        # Nothing is left out of rows of tables.
        left_out = () if part else self.left_out
        return parted(pieces, self.limit, left_out, () if self.boilerplate else tuple(running))


def parter(line: str) -> Callable[[Iterable[Piece], Iterable[Place], str], Iterator[Parted]]:
    """The function by which a worker divides documents, from a line of `Parting.packed`."""
    prepare()
    return Parting.unpacked(line).parted
