"""Sentences are found by the process that reads a document: most of cutting, and it needs no encoder."""

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
    """What has to be known for it.

    Attributes:
        limit: the most tokens of a passage.
        left_out: paragraphs that are in no passage.
        boilerplate: whether lines that run through a document's pages are in passages.
    """

    limit: int
    left_out: Repeating
    boilerplate: bool

    def packed(self) -> str:
        """As a line of text."""
        return json.dumps([self.limit, self.left_out.stored(), self.boilerplate])

    @classmethod
    def unpacked(cls, line: str) -> Parting:
        """What `packed` made."""
        limit, left_out, boilerplate = json.loads(line)
        return cls(limit, Repeating.read(left_out), boilerplate)

    def parted(self, pieces: Iterable[Piece], running: Iterable[Place], part: str) -> Iterator[Parted]:
        """The stretches of a document, the part of its file that `part` says, with their sentences."""
        # A row of a table stands for itself.
        left_out = () if part else self.left_out
        return parted(pieces, self.limit, left_out, () if self.boilerplate else tuple(running))


def parter(line: str) -> Callable[[Iterable[Piece], Iterable[Place], str], Iterator[Parted]]:
    """What a worker parts documents with, from what `Parting.packed` made, ready to begin."""
    prepare()
    return Parting.unpacked(line).parted
