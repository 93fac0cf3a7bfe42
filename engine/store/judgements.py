"""Stores relevance judgements, anchored to a place in a document instead of a passage id.

Passages are cut again whenever their document is read again; a judgement then applies to the passage with the judged
text, else to the one that covers most of its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .connection import Connection
from .failing import in_words
from .records import typed
from .sums import sum_of

WRONG, PARTLY, RIGHT = 0, 1, 2
GRADES = {WRONG: "wrong", PARTLY: "partly", RIGHT: "right"}
COLUMNS = 'id, query, language, path, part, start, "end", text, grade, made'
KINDS = "itttt" + "iitit"
# A judgement applies only to a passage that covers at least this share of the judged place.
_COVERED = 0.5


@dataclass(frozen=True)
class Judgement:
    """One judgement.

    `query` is the question as it was asked and `language` its code; `path`, `part`, `start` and `end` are the place in
    a document, `text` its text then; `grade` is 0 wrong, 1 partly, 2 right; `made` is the UTC time, ISO 8601.
    """

    id: int
    query: str
    language: str
    path: str
    part: str
    start: int
    end: int
    text: str
    grade: int
    made: str


@dataclass(frozen=True)
class Place:
    """The place and text of a passage, to be compared with judgements."""

    id: int
    path: str
    part: str
    start: int
    end: int
    text: str


def key_of(query: str) -> str:
    """The key of a question's judgements: without differences of case and white space."""
    return " ".join(query.casefold().split())


@in_words
class Judgements:
    """The judgements of one library's database; a library of an older version has no table of them.

    Each change is a transaction that touches only judgements: it needs no writer's lock, so that one can judge while
    the library is indexed.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.path = connection.path

    def there(self) -> bool:
        """Whether the database has the table of judgements."""
        return has_judgements(self.connection)

    def all(self) -> list[Judgement]:
        """Every judgement, in the order in which they were made."""
        if not self.there():
            return []
        rows = self.connection.rows(f"SELECT {COLUMNS} FROM judgements ORDER BY id")
        return [Judgement(*typed(row, KINDS)) for row in rows]

    def of(self, query: str) -> list[Judgement]:
        """The judgements of one question."""
        if not self.there():
            return []
        rows = self.connection.rows(f"SELECT {COLUMNS} FROM judgements WHERE key = ? ORDER BY id", (key_of(query),))
        return [Judgement(*typed(row, KINDS)) for row in rows]

    def put(self, query: str, language: str, place: Place, grade: int | None, made: str) -> None:
        """Judge a place for a question, replacing its earlier judgement; None removes that."""
        before = [number for number, passage in self.places(self.of(query)).items() if passage == place.id]
        with self.connection.transaction():
            self.connection.execute(
                "DELETE FROM judgements WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(before),)
            )
            if grade is not None:
                values = (
                    query, language, place.path, place.part, place.start, place.end, place.text, grade, made,
                )  # fmt: skip
                self.connection.insert(
                    'INSERT INTO judgements (key, query, language, path, part, start, "end", text, grade, made, sum) '
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (key_of(query), *values, sum_of((key_of(query), *values))),
                )

    def places(self, judged: Sequence[Judgement]) -> dict[int, int]:
        """The id of the passage that each judgement applies to now, by the judgement's id; others are left out."""
        documents = list(dict.fromkeys((each.path, each.part) for each in judged))
        held: dict[tuple[str, str], list[Place]] = {}
        for row in self.connection.rows(
            """
            SELECT p.id, f.path, d.part, p.start, p."end", t.text FROM json_each(?) j
            JOIN files f ON f.path = json_extract(j.value, '$[0]')
            JOIN documents d ON d.file_id = f.id AND d.part = json_extract(j.value, '$[1]')
            JOIN passages p ON p.document_id = d.id JOIN texts t ON t.id = p.text_id ORDER BY p.id
            """,
            (json.dumps(documents),),
        ):
            place = Place(*typed(row, "ittiit"))
            held.setdefault((place.path, place.part), []).append(place)
        found = {each.id: passage_of(each, held.get((each.path, each.part), ())) for each in judged}
        return {number: passage for number, passage in found.items() if passage is not None}


def passage_of(judged: Judgement, places: Iterable[Place]) -> int | None:
    """The passage of its document that a judgement applies to: the nearest with its text, else by place."""
    there = list(places)
    same = [place for place in there if place.text == judged.text]
    if same:
        return min(same, key=lambda place: (abs(place.start - judged.start), place.id)).id
    best = max(there, key=lambda place: (_shared(judged, place), -place.id), default=None)
    return best.id if best is not None and _share(judged, best) >= _COVERED else None


def _shared(judged: Judgement, place: Place) -> int:
    return max(0, min(judged.end, place.end) - max(judged.start, place.start))


def _share(judged: Judgement, place: Place) -> float:
    shorter = min(judged.end - judged.start, place.end - place.start)
    return _shared(judged, place) / shorter if shorter > 0 else 0.0


def has_judgements(connection: Connection) -> bool:
    """Whether a database has the table of judgements."""
    return connection.value("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'judgements'") is not None


def moved(connection: Connection, old: str, new: str) -> None:
    """Change the path of a moved file's judgements, inside a transaction."""
    if old == new or not has_judgements(connection):
        return
    for row in connection.rows(f"SELECT key, {COLUMNS} FROM judgements WHERE path = ?", (old,)):
        values: list[Any] = [row[0], *row[2:]]
        values[3] = new
        connection.execute("UPDATE judgements SET path = ?, sum = ? WHERE id = ?", (new, sum_of(values), row[1]))
