"""The tool `audit`: how far an encoder prefers the language of the question, over many questions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ...engine.languages import UNDETERMINED, code_of
from ...engine.languages import name as language_name
from ...engine.search import LanguageShares, Ranking, overlap
from ..contract import LANGUAGE, SHARE
from ..contract.shapes import many, maybe, number, record, text, whole
from .refusals import Refused

if TYPE_CHECKING:
    from ...engine.library import Library, Searchable
    from .shelf import Shelf

MOST_QUESTIONS = 200
_LONGEST = 2_000
_LANGUAGES_ASKED = 20
_OF_A_TITLE = 120

QUESTIONS = many(
    {
        "anyOf": [
            {"type": "string", "maxLength": _LONGEST, "minLength": 1},
            {
                "type": "object",
                "maxProperties": 50,
                "additionalProperties": {"type": "string", "maxLength": _LONGEST, "minLength": 1},
            },
        ]
    },
    "Texts in any languages; or objects of one question in several languages, by code, whose rankings are then held "
    "against each other. Without it the demo library's own questions, or titles of the library's documents.",
    most=MOST_QUESTIONS,
)

AUDITED = record(
    {
        "encoder": text(),
        "depth": whole("passages of each ranking that are counted"),
        "questions": whole("rankings that were counted"),
        "asked": text("where the questions come from"),
        "languages": many(
            record(
                {
                    "language": LANGUAGE,
                    "name": text(),
                    "questions": whole("in this language"),
                    "share": SHARE,
                    "library_share": SHARE,
                    "bias": number("the former less the latter, -1 to 1"),
                }
            ),
            "by language of the question: its share among the first passages, and in the library",
        ),
        "bias": maybe(number("mean over the languages; near 0 without language bias where the library is parallel")),
        "consistency": maybe(
            record(
                {
                    "pairs": whole("of rankings of one question in two languages"),
                    "rbo": number("mean rank-biased overlap: 1 where the language of the question changes nothing"),
                }
            )
        ),
        "reading": text("what the figures say"),
        "notices": many(text()),
    }
)


@dataclass(frozen=True)
class Asked:
    """One question in one language; `group` is shared by its translations, `own` is a document that does not count."""

    text: str
    language: str
    group: int
    own: int = -1


async def audit(
    shelf: Shelf, given: Mapping[str, Any], progress: Callable[[int, int], Awaitable[None]]
) -> dict[str, Any]:
    """Ask every question, in turns with what others ask; see `AUDITED`."""
    name, asked, origin = await shelf.run(lambda _stop: _begin(shelf, given))
    counts = await shelf.run(lambda _stop: shelf.library().languages())
    depth = given["limit"]
    rankings: list[Ranking] = []
    for place, one in enumerate(asked):

        def ask(_stop: Callable[[], bool], one: Asked = one) -> Ranking:
            return _counted(shelf, name, one, depth)

        rankings.append(await shelf.run(ask))
        await progress(place + 1, len(asked))
    return _told(name, depth, origin, asked, rankings, counts)


def _begin(shelf: Shelf, given: Mapping[str, Any]) -> tuple[str, list[Asked], str]:
    library = shelf.library()
    name = shelf.known_encoder(given["encoder"]) if given["encoder"] else shelf.first_encoder()
    if given["questions"]:
        return name, _own(given["questions"]), "the questions that were given"
    return name, *_of_the_library(library, given["per_language"])


def _own(questions: list[Any]) -> list[Asked]:
    found = []
    for group, each in enumerate(questions):
        if isinstance(each, str):
            found.append(Asked(each, "", group))
            continue
        for tag, words in each.items():
            code = code_of(tag)
            if not code:
                raise Refused("invalid_arguments", f"{tag[:40]!r} is no language.", hint="Name languages by code: de.")
            found.append(Asked(words, code, group))
    if len(found) > MOST_QUESTIONS:
        raise Refused(
            "invalid_arguments", f"{len(found):,} questions are too many; {MOST_QUESTIONS} are asked at once."
        )
    return found


def _of_the_library(library: Searchable, per_language: int) -> tuple[list[Asked], str]:
    from ...engine.library import Library, demo
    from ..state import Questions

    if isinstance(library, demo.DemoLibrary):
        questions = Questions.load().rows[:per_language]
        found = [
            Asked(words, code, group) for group, each in enumerate(questions) for code, words in sorted(each.items())
        ]
        return found, "questions that ship with the demo library, each in all its languages"
    if not isinstance(library, Library):
        raise Refused(
            "invalid_arguments", "A library on an engine has no questions of its own.", hint="Give `questions`."
        )
    return _titles(library, per_language), (
        "titles of the library's own documents, whose own passages are not counted; questions of yours tell more"
    )


def _titles(library: Library, per_language: int) -> list[Asked]:
    found: list[Asked] = []
    codes = [code for code in library.languages() if code != UNDETERMINED][:_LANGUAGES_ASKED]
    for code in codes:
        for passage in library.openings(code, per_language):
            words = (passage.title or passage.text)[:_OF_A_TITLE]
            if any(letter.isalpha() for letter in words):
                found.append(Asked(words, code, len(found), passage.document_id))
    if not found:
        raise Refused("invalid_arguments", "The library has no titles to ask for.", hint="Give `questions`.")
    return found


def _counted(shelf: Shelf, name: str, one: Asked, depth: int) -> Ranking:
    ranking = shelf.library().search(one.text, encoder=shelf.encoder(name), k=depth + 20, query_language=one.language)
    hits = [hit for hit in ranking.hits if hit.passage.document_id != one.own][:depth]
    return Ranking(
        ranking.encoder, ranking.query, ranking.query_language, tuple(hits), ranking.searched, ranking.exact, 0.0
    )


def _told(
    name: str, depth: int, origin: str, asked: list[Asked], rankings: list[Ranking], counts: Mapping[str, int]
) -> dict[str, Any]:
    by_language: dict[str, list[LanguageShares]] = {}
    unclear = 0
    for ranking in rankings:
        code = ranking.query_language.code
        if code == UNDETERMINED or not ranking.hits:
            unclear += 1
            continue
        there: dict[str, int] = {}
        for hit in ranking.hits:
            there[hit.passage.language] = there.get(hit.passage.language, 0) + 1
        share, in_library = there.get(code, 0) / len(ranking.hits), counts.get(code, 0) / max(1, sum(counts.values()))
        by_language.setdefault(code, []).append(LanguageShares(there, share, in_library))
    rows: list[dict[str, Any]] = []
    for code, each in sorted(by_language.items()):
        share = sum(one.share for one in each) / len(each)
        rows.append(
            {
                "language": code,
                "name": language_name(code),
                "questions": len(each),
                "share": round(share, 4),
                "library_share": round(each[0].library_share, 4),
                "bias": round(share - each[0].library_share, 4),
            }
        )
    bias = round(sum(row["bias"] for row in rows) / len(rows), 4) if rows else None
    return {
        "encoder": name,
        "depth": depth,
        "questions": len(rankings) - unclear,
        "asked": origin,
        "languages": rows,
        "bias": bias,
        "consistency": _consistency(asked, rankings),
        "reading": _reading(name, rows, bias),
        "notices": [f"{unclear:,} questions are not counted: their language is not clear, or nothing was found."]
        if unclear
        else [],
    }


def _consistency(asked: list[Asked], rankings: list[Ranking]) -> dict[str, Any] | None:
    groups: dict[int, list[Ranking]] = {}
    for one, ranking in zip(asked, rankings, strict=True):
        groups.setdefault(one.group, []).append(ranking)
    values = [overlap(one, other).rbo for group in groups.values() for one, other in combinations(group, 2)]
    return {"pairs": len(values), "rbo": round(sum(values) / len(values), 4)} if values else None


def _reading(name: str, rows: list[dict[str, Any]], bias: float | None) -> str:
    if bias is None:
        return "Nothing can be said: no question has a clear language."
    worst = max(rows, key=lambda row: float(row["bias"]))
    return (
        f"{name} gives the language of the question {100 * bias:+.0f} percentage points more room than the library "
        f"does; most for {worst['name']}: {100 * worst['share']:.0f} % of its first passages, "
        f"{100 * worst['library_share']:.0f} % of the library."
    )
