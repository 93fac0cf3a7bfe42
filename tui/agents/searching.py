"""The tools `search` and `compare`: rankings for a question in any language, each answer with its translations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...engine.encoders import BM25
from ...engine.languages import code_of
from ...engine.languages import name as language_name
from ..contract import COMPARISON, HIT, comparison_form, sentences
from ..contract.shapes import Shape, many, maybe, record, table, text, whole
from .paging import cursor_after, offset_of
from .refusals import Refused
from .rows import ALSO, ASKED, PASSAGE, SCORE, passage_row, score_of

if TYPE_CHECKING:
    from ...engine.library import Searchable
    from ...engine.search import Hit, Ranking
    from .shelf import Shelf

MOST_RESULTS = 50
# The largest offset at which a page may begin, and the most passages of a ranking that are examined.
DEEPEST = 500
_LOOKED_AT = 4_000
_MOST_OF_ONE = 16
_COMPARED_TEXT = 300
MOST_COMPARED = 20
MOST_ENCODERS = 5

FOUND = record(
    {
        "query": text(),
        "query_language": ASKED,
        "encoder": text("encoder of the ranking; bm25 for search by words"),
        "score": SCORE,
        "results": many(
            record(
                {
                    "rank": whole("place in the whole ranking, from 1"),
                    "score": {"type": "number", "description": "see `score`"},
                    **PASSAGE,
                    "also_answered_in": many(
                        ALSO, "translations of this passage, by parallel files; they are not separate results"
                    ),
                }
            ),
            "best first",
        ),
        "other_languages": many(
            ALSO, "the best passage of each language without a result above, among the passages examined"
        ),
        "searched": whole("ALL passages that were ranked"),
        "library_languages": table(whole(), "passages by language, in all of the library"),
        "next_cursor": maybe(text("`cursor` of the next page; null if there is none")),
        "notices": many(text()),
    }
)

COMPARED = record(
    {
        **{name: shape for name, shape in COMPARISON.items() if name != "rankings"},
        "rankings": table(many(HIT), "passages by encoder, best first; texts are cut"),
        "scores": table(SCORE, "what the scores of each encoder are"),
        "reading": many(text(), "the figures in sentences"),
        "notices": many(text()),
    }
)


def search(shelf: Shelf, given: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a question; see `FOUND`."""
    library = shelf.library()
    offset = offset_of(given["cursor"], given, DEEPEST)
    name = shelf.known_encoder(given["encoder"]) if given["encoder"] else shelf.first_encoder()
    wanted = _Wanted(shelf, library, given, name)
    limit = int(given["limit"])
    ranking, groups = wanted.groups(offset + limit + 1)
    page = groups[offset : offset + limit]
    ranks = {hit.passage.id: hit.rank for hit in ranking.hits}
    results = []
    for hit, family in page:
        also = [_also(code, passage.id, ranks) for code, passage in family.items()]
        also.sort(key=lambda each: (each["rank"] or _LOOKED_AT, each["language"]))
        row = {"rank": hit.rank, "score": round(hit.score, 6), **passage_row(hit.passage)}
        results.append({**row, "also_answered_in": also})
    more = len(groups) > offset + limit and offset + limit <= DEEPEST
    return {
        "query": ranking.query,
        "query_language": _asked(ranking),
        "encoder": name,
        "score": score_of(name),
        "results": results,
        "other_languages": _others(ranking, groups[: offset + limit]),
        "searched": ranking.searched,
        "library_languages": library.languages(),
        "next_cursor": cursor_after(offset + limit, given) if more else None,
        "notices": wanted.notices(results),
    }


class _Wanted:
    """One question to one encoder; fetches as much of the ranking as a page needs."""

    def __init__(self, shelf: Shelf, library: Searchable, given: Mapping[str, Any], name: str) -> None:
        self._library = library
        self._encoder = shelf.encoder(name)
        self._query = str(given["query"])
        self._languages = codes_of(given["languages"])
        self._neutral = bool(given["neutral"])
        self._told = code_of(given["query_language"]) if given["query_language"] else ""
        if given["query_language"] and not self._told:
            raise Refused(
                "invalid_arguments",
                f"{given['query_language'][:40]!r} is not a language.",
                hint="Give a code, such as de.",
            )
        self._grouped = bool(given["group_translations"])

    def groups(self, number: int) -> tuple[Ranking, list[tuple[Hit, dict[str, Any]]]]:
        """The ranking, and its first `number` answers with their translations, or fewer if it has fewer."""
        # If every passage is translated, one result takes as many ranks as there are languages.
        depth = number * min(_MOST_OF_ONE, max(2, len(self._library.languages()))) if self._grouped else number
        while True:
            ranking = self._library.search(
                self._query,
                encoder=self._encoder,
                k=depth,
                languages=self._languages,
                neutral=self._neutral,
                query_language=self._told,
            )
            found = self._parted(ranking, number)
            if len(found) >= number or len(ranking.hits) < depth or depth >= _LOOKED_AT:
                return ranking, found
            depth = min(_LOOKED_AT, depth * 4)

    def _parted(self, ranking: Ranking, number: int) -> list[tuple[Hit, dict[str, Any]]]:
        found: list[tuple[Hit, dict[str, Any]]] = []
        claimed: set[int] = set()
        for hit in ranking.hits:
            if len(found) == number:
                break
            if self._grouped and hit.passage.id in claimed:
                continue
            family = self._library.translations(hit.passage.id)
            claimed.update(passage.id for passage in family.values())
            found.append((hit, family))
        return found

    def notices(self, results: list[dict[str, Any]]) -> list[str]:
        """What a reader of the answer should know."""
        told = []
        if not isinstance(self._encoder, str) and (missing := self._library.pending(self._encoder)):
            told.append(f"{missing:,} passages have no vector of {self._encoder.name} yet and cannot be found by it.")
        if not results:
            counts = self._library.languages()
            told.append(f"Nothing was found. The library has passages in {', '.join(counts) or 'no language at all'}.")
        return told


def _asked(ranking: Ranking) -> dict[str, Any]:
    asked = ranking.query_language
    return {"code": asked.code, "name": language_name(asked.code), "confidence": round(asked.confidence, 4)}


def _also(code: str, passage: int, ranks: Mapping[int, int]) -> dict[str, Any]:
    return {"language": code, "language_name": language_name(code), "passage_id": passage, "rank": ranks.get(passage)}


def _others(ranking: Ranking, shown: list[tuple[Hit, dict[str, Any]]]) -> list[dict[str, Any]]:
    there = {hit.passage.language for hit, _ in shown} | {code for _, family in shown for code in family}
    first: dict[str, dict[str, Any]] = {}
    for hit in ranking.hits:
        code = hit.passage.language
        if code not in there and code not in first:
            first[code] = _also(code, hit.passage.id, {hit.passage.id: hit.rank})
    return list(first.values())


def codes_of(tags: list[str] | None) -> tuple[str, ...]:
    """Language tags as codes of the engine.

    Raises:
        Refused: one is not a language.
    """
    found = []
    for tag in tags or ():
        code = code_of(tag)
        if not code:
            raise Refused(
                "invalid_arguments", f"{tag[:40]!r} is not a language.", hint="Give codes such as de, zh or pt-BR."
            )
        found.append(code)
    return tuple(dict.fromkeys(found))


def compare(shelf: Shelf, given: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a question with several encoders side by side; see `COMPARED`."""
    library = shelf.library()
    names = [shelf.known_encoder(name) for name in dict.fromkeys(given["encoders"] or shelf.names() or [BM25])]
    encoders = [shelf.encoder(name) for name in names[:MOST_ENCODERS]]
    found = library.compare(
        given["query"],
        encoders=encoders,
        k=given["limit"],
        languages=codes_of(given["languages"]),
        neutral=given["neutral"],
    )
    form = comparison_form(found)
    for rows in form["rankings"].values():
        for row in rows:
            row["text"] = row["text"][:_COMPARED_TEXT]
    told = []
    for each in encoders:
        if not isinstance(each, str) and (missing := library.pending(each)):
            told.append(f"{missing:,} passages have no vector of {each.name} yet and cannot be found by it.")
    if len(names) > MOST_ENCODERS:
        told.append(
            f"Only {MOST_ENCODERS} encoders are compared at once; {', '.join(names[MOST_ENCODERS:])} were left out."
        )
    scores = {name: score_of(name) for name in form["rankings"]}
    return {**form, "scores": scores, "reading": sentences(found), "notices": told}


def languages_shape(library: Mapping[str, int], about: str) -> Shape:
    """The schema of a list of languages, which names those of the library."""
    named = ", ".join(
        f"{code} ({language_name(code)}, {number:,})" for code, number in library.items() if code != "und"
    )
    told = f"{about} The library's, with passages: {named or 'not known'}. Tags such as zh-CN or pt-BR are understood."
    return many(text("Code of a language.", most=40), told, most=100)
