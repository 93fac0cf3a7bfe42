"""Compares the full-text index of a library with its texts, term by term and place by place."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import LibraryError
from ...lexical import tokens
from ..connection import Connection
from ..sums import Value

# Called with the number checked and the total; an exception that it raises ends the work.
GoingOn = Callable[[int, int], None]

_LONGEST_TERM = 32_768
# The number of the first position in a passage; and how many terms' weights are cached.
_FIRST = 7
_MOST_WEIGHTS = 200_000


class Words:
    """Checks the full-text index, and changes nothing.

    Args:
        connection: to the database.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def problem(self, going_on: GoingOn) -> str:
        """Why the full-text index does not match the texts, term by term and place by place; "" if it does.

        Each place of a term becomes a number made of its passage and its position. The sums of these numbers, weighted
        by hashes of the terms, are compared: this needs no memory, and a single different place changes the sum.
        """
        passages = int(self.connection.value("SELECT COUNT(*) FROM passages"))
        expected, lengths, total = self._given(going_on, passages)
        try:
            entered = int(self.connection.value("SELECT COUNT(*) FROM words_docsize"))
            if entered != passages:
                return f"{entered:,} entries for {passages:,} passages"
            found = self._lengths()
            if found[0] != lengths or (found[1] != [passages, total] and any(found[1] or [passages])):
                return "it counts other words than the texts have"
            for kind in ("row", "instance"):
                self.connection.execute(
                    f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.words_{kind} USING fts5vocab('main', 'words', '{kind}')"
                )
            done = 0
            for block in self.connection.raw_blocks(
                f"""
                SELECT term, (SELECT SUM(doc * (offset + {_FIRST})) FROM temp.words_instance i WHERE i.term = r.term)
                FROM temp.words_row r
                """
            ):
                expected -= sum(hash(bytes(term)) * places for term, places in block)
                done += len(block)
                going_on(passages + done, 0)
        except LibraryError as error:
            return f"it cannot be read: {error.message}"
        return "its terms are not those of the texts" if expected else ""

    def _lengths(self) -> tuple[int, list[int]]:
        """The weighted sum of each passage's number of terms, and the total numbers of passages and terms."""
        lengths = 0
        for block in self.connection.raw_blocks("SELECT id, sz FROM words_docsize"):
            lengths += sum(number * (_FIRST + sum(_numbers(size))) for number, size in block)
        return lengths, _numbers(self.connection.value("SELECT block FROM words_data WHERE id = 1"))

    def _given(self, going_on: GoingOn, passages: int) -> tuple[int, int, int]:
        """For the terms of the passages: the weighted sums of their places and of their numbers, and the total."""
        expected, lengths, total, done = 0, 0, 0, 0
        weights: dict[str, int] = {}
        for block in self.connection.raw_blocks(
            "SELECT p.id, p.heading, t.text FROM passages p JOIN texts t ON t.id = p.text_id"
        ):
            if len(weights) > _MOST_WEIGHTS:
                weights.clear()
            for number, heading, text in block:
                of_passage = 0
                given = [*tokens(decoded(heading)), *tokens(decoded(text))]
                lengths += number * (_FIRST + len(given))
                total += len(given)
                for place, term in enumerate(given, _FIRST):
                    weight = weights.get(term)
                    if weight is None:
                        weight = weights[term] = hash(_stored(term))
                    of_passage += place * weight
                expected += number * of_passage
            done += len(block)
            going_on(done, passages)
        return expected, lengths, total


def _numbers(block: bytes) -> list[int]:
    """The numbers in a sequence of SQLite's varints: seven bits per byte, most significant first."""
    found, number = [], 0
    for byte in block:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            found.append(number)
            number = 0
    return found


def decoded(value: Value) -> str:
    """A stored value as text, whatever its type."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _stored(term: str) -> bytes:
    """A term as FTS5 stores it."""
    return term.encode("utf-8", "surrogatepass")[:_LONGEST_TERM]
