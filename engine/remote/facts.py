"""Stores facts about a library as a whole on the engine, in one or more records."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from ..encoders import Encoder
from ..errors import LibraryError
from .conditions import among
from .errors import no_library
from .protocol import MOST_BYTES, RemoteEngine

FACTS = "facts"
_KEY = "library"


@dataclass(frozen=True)
class Facts:
    """The facts about a library on an engine; `whole` is false during a push and after an interrupted one.

    They are one record of the collection of facts if they fit. For a library of many folders, that record names other
    records that hold them in pieces. It is written last, so that pieces of two states never mix.
    """

    source: str
    whole: bool
    passages: int
    documents: int
    files: int
    folders: list[str]
    languages: dict[str, int]
    encoders: list[dict[str, Any]]

    @property
    def state(self) -> str:
        """A text that differs if the pushed content differs."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, engine: RemoteEngine) -> Facts | None:
        """The facts on the engine, or None."""
        if not engine.has(FACTS):
            return None
        try:
            told = _told(engine)
            return None if told is None else cls(**told)
        except (KeyError, TypeError, ValueError) as error:
            raise LibraryError(
                f"The library at {engine.place} was pushed by another version of the program.",
                hint="Push it again with --replace.",
            ) from error

    def write(self, engine: RemoteEngine) -> None:
        """Store the facts on the engine."""
        engine.make_table(FACTS, "name", (), {"name": 64, "value": MOST_BYTES})
        text = json.dumps(asdict(self), ensure_ascii=False)
        pieces: dict[str, str] = {}
        if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            # As ASCII, so that a piece has as many bytes as characters.
            text = json.dumps(asdict(self))
            digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
            starts = range(0, len(text), MOST_BYTES)
            pieces = {f"{_KEY}-{digest}-{start // MOST_BYTES}": text[start : start + MOST_BYTES] for start in starts}
            for name, piece in pieces.items():
                engine.put_table(FACTS, [{"name": name, "value": piece}])
            text = json.dumps({"pieces": list(pieces)})
        engine.put_table(FACTS, [{"name": _KEY, "value": text}])
        engine.delete_where(FACTS, among("name", [_KEY, *pieces], negated=True))


def _told(engine: RemoteEngine) -> dict[str, Any] | None:
    for last in (False, False, True):
        value = _values(engine, [_KEY]).get(_KEY)
        if value is None:
            return None
        told: dict[str, Any] = dict(json.loads(value))
        names = told.get("pieces")
        if names is None:
            return told
        values = _values(engine, names)
        # A push may have replaced the pieces between the two requests.
        if last or len(values) == len(names):
            whole: dict[str, Any] = json.loads("".join(values[name] for name in names))
            return whole
    raise AssertionError("unreachable")


def _values(engine: RemoteEngine, names: list[str]) -> dict[str, str]:
    return {row["name"]: row["value"] for row in engine.rows(FACTS, among("name", names), ("name", "value"))}


def known_facts(engine: RemoteEngine) -> Facts:
    """The facts on the engine; raises LibraryError if there are none."""
    facts = Facts.read(engine)
    if facts is None:
        raise no_library(engine.place)
    return facts


def row_of(facts: Facts, encoder: Encoder) -> dict[str, Any]:
    """The entry of an encoder in the facts.

    Raises:
        LibraryError: the engine has no vectors of it.

    """
    for each in facts.encoders:
        if each["fingerprint"] == encoder.fingerprint:
            return each
    names = [each["name"] for each in facts.encoders]
    if encoder.name in names:
        raise LibraryError(
            f"The encoder {encoder.name} has changed since this library was pushed.",
            hint="Index the folders again with it, then push again.",
        )
    raise LibraryError(
        f"This library holds no vectors of {encoder.name}" + (f"; it has {', '.join(names)}." if names else "."),
        hint=f"`hybrid-search index --encoder {encoder.name}` makes them on disk, `push` sends them there.",
    )
