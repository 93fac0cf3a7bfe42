"""Passages and scores as agents get them: bounded, with language, offsets and addresses."""

from __future__ import annotations

from typing import Any

from ...engine.encoders import BM25
from ...engine.languages import name as language_name
from ...engine.search import Passage
from ..contract import LANGUAGE
from ..contract.shapes import Shape, maybe, number, record, text, truth, whole

SCHEME = "hybrid-search"
COSINE = "cosine"
# Most characters of a passage's text in a result, and in the answer of `read`.
SHOWN = 1_500
MOST_SHOWN = 20_000

PASSAGE: dict[str, Shape] = {
    "passage_id": whole("argument of `read`; valid until the passage's document changes"),
    "language": LANGUAGE,
    "language_name": text("in English"),
    "confidence": number("confidence of the language, 0 to 1"),
    "title": text("of the document"),
    "heading": text("above the passage"),
    "path": text("file that the passage is in"),
    "part": text('"row 12" in a table, else empty'),
    "start": whole("index of the passage's first character in its document's text; cite it with `end` and `path`"),
    "end": whole("index after its last character"),
    "text": text("of the passage; `text == document[start:end]` unless it is cut"),
    "cut": truth("the text is cut short here"),
    "document": text("address of the document, for resources/read"),
}

SCORE = record(
    {
        "kind": text(one_of=(COSINE, BM25)),
        "meaning": text("meaning of the score, and what it is comparable with"),
    }
)
ASKED = record({"code": LANGUAGE, "name": text(), "confidence": number("0 to 1; 1 where it was told")})
ALSO = record(
    {
        "language": LANGUAGE,
        "language_name": text(),
        "passage_id": whole(),
        "rank": maybe(whole("in the same ranking; null if it ranks below the passages examined")),
    }
)

_MEANINGS = {
    COSINE: "Cosine of question and passage vectors, -1 to 1. It only orders this ranking: it is not a probability, "
    "has no fixed threshold, and is not comparable with scores of another encoder or another question.",
    BM25: "BM25 of the question's words, 0 or more. It only orders this ranking, and matches words rather than "
    "meaning: passages in other languages than the question's are found only by names and loan words.",
}


def score_of(encoder: str) -> dict[str, str]:
    """What an encoder's scores mean, in the form of `SCORE`."""
    kind = BM25 if encoder == BM25 else COSINE
    return {"kind": kind, "meaning": _MEANINGS[kind]}


def passage_row(passage: Passage, most: int = SHOWN) -> dict[str, Any]:
    """A passage in the form of `PASSAGE`, with at most `most` characters of its text."""
    return {
        "passage_id": passage.id,
        "language": passage.language,
        "language_name": language_name(passage.language),
        "confidence": round(passage.confidence, 4),
        "title": passage.title[:300],
        "heading": passage.heading[:300],
        "path": passage.path,
        "part": passage.part,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text[:most],
        "cut": len(passage.text) > most,
        "document": address(passage.document_id),
    }


def address(document: int, first: int = 0) -> str:
    """The address of a document, from one of its passages on."""
    return f"{SCHEME}://document/{document}" + (f"?from={first}" if first else "")
