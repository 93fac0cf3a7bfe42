"""Looks up the passages of a library on an engine: by id, by document, by path."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..languages import UNDETERMINED
from ..search import Passage
from ..store import Ids
from .conditions import Between, Where, among
from .protocol import RemoteEngine
from .pushing import FIELDS, PASSAGES

# The most ids of one request.
_AT_ONCE = 1_000


class Passages:
    """Look-ups in the collection of passages, each by as few requests as possible."""

    def __init__(self, engine: RemoteEngine) -> None:
        self._engine = engine

    def of(self, ids: Sequence[int]) -> list[Passage]:
        """Passages in the order of `ids`; missing ones are left out."""
        wanted = [int(each) for each in ids]
        distinct = list(dict.fromkeys(wanted))
        found: dict[int, Passage] = {}
        for first in range(0, len(distinct), _AT_ONCE):
            found.update((each.id, each) for each in self._where(among("id", distinct[first : first + _AT_ONCE])))
        return [found[number] for number in wanted if number in found]

    def passages_of_document(self, document: int, first: int, last: int) -> list[Passage]:
        """The passages of a document with ordinals from `first` to `last`, in order."""
        found = self._where((*among("document_id", [document]), Between("ordinal", first, last)))
        return sorted(found, key=lambda each: each.ordinal)

    def documents_at(self, paths: Collection[str], part: str) -> dict[str, tuple[int, int, int]]:
        """For each existing path: document id, number of passages and length covered."""
        if not paths:
            return {}
        found: dict[str, tuple[int, int, int]] = {}
        # A table has a document for each row; only the given part is requested.
        where = (*among("path", list(paths)), *among("part", [part]))
        for row in self._engine.rows(PASSAGES, where, ("path", "document_id", "end")):
            _, count, length = found.get(row["path"], (0, 0, 0))
            found[row["path"]] = row["document_id"], count + 1, max(length, row["end"])
        return found

    def languages_of(self, ids: Sequence[int] | Ids) -> list[str]:
        """The language of each passage; "und" for one that does not exist."""
        blocks = self._engine.blocks(PASSAGES, ("id", "language"))
        known = {row["id"]: row["language"] for block in blocks for row in block}
        return [known.get(int(number), UNDETERMINED) for number in ids]

    def _where(self, condition: Where) -> list[Passage]:
        rows = self._engine.rows(PASSAGES, condition, FIELDS)
        return [Passage(**{name: row[name] for name in FIELDS}) for row in rows]
