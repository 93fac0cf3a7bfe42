"""Hits and comparisons as JSON, each with its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .shapes import many, number, record, table, text, whole

if TYPE_CHECKING:
    from ...engine.search import Comparison, Hit, Ranking

LANGUAGE = text('code of a language, "und" if there are too few letters to detect it')
SHARE = number("a share, 0 to 1", low=0, high=1)

HIT = record(
    {
        "rank": whole("place in its ranking, from 1", low=1),
        "score": number("comparable only within the same ranking: a cosine, BM25, or a sum of 1/(60+rank)"),
        "encoder": text("whose ranking it is; bm25 for search by words"),
        "language": LANGUAGE,
        "confidence": number("how sure that language is, 0 to 1", low=0, high=1),
        "path": text("file that the passage is in"),
        "title": text("of the document"),
        "heading": text("above the passage"),
        "part": text('"row 12" in a table, else empty'),
        "start": whole("first character of the passage in its document's text, from 0", low=0),
        "end": whole("one past its last character", low=0),
        "text": text("of the passage"),
        "passage_id": whole("names the passage in this library until its document changes", low=0),
    },
    "a passage that was found",
)

COMPARISON = {
    "query": text(),
    "query_language": LANGUAGE,
    "query_language_confidence": number("0 to 1", low=0, high=1),
    "rankings": table(many(HIT), "passages by encoder, best first"),
    "languages": table(table(whole(low=0)), "how many of each encoder's passages each language has"),
    "same_language_share": table(SHARE, "share of the question's language among each encoder's passages"),
    "library_share": number("share of the question's language in the searched passages", low=0, high=1),
    "bias": table(number(low=-1, high=1), "the former less the latter: 0 for no preference"),
    "overlap": table(
        record(
            {
                "shared": whole("passages in both rankings", low=0),
                "jaccard": SHARE,
                "rbo": number("rank-biased overlap at p = .9, 0 to 1", low=0, high=1),
            }
        ),
        'similarity of two rankings, by "first,second"',
    ),
}


def hit_form(ranking: Ranking, hit: Hit) -> dict[str, Any]:
    """A hit in the form of `HIT`; offsets count characters of the document's text."""
    passage = hit.passage
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "encoder": ranking.encoder,
        "language": passage.language,
        "confidence": round(passage.confidence, 4),
        "path": passage.path,
        "title": passage.title,
        "heading": passage.heading,
        "part": passage.part,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "passage_id": passage.id,
    }


def comparison_form(comparison: Comparison) -> dict[str, Any]:
    """A comparison in the form of `COMPARISON`."""
    return {
        "query": comparison.query,
        "query_language": comparison.query_language.code,
        "query_language_confidence": comparison.query_language.confidence,
        "rankings": {
            name: [hit_form(ranking, hit) for hit in ranking.hits] for name, ranking in comparison.rankings.items()
        },
        "languages": comparison.languages,
        "same_language_share": {name: round(share, 4) for name, share in comparison.same_language_share.items()},
        "library_share": round(comparison.library_share, 4),
        "bias": {name: round(bias, 4) for name, bias in comparison.bias.items()},
        "overlap": {
            ",".join(pair): {
                "shared": overlap.shared,
                "jaccard": round(overlap.jaccard, 4),
                "rbo": round(overlap.rbo, 4),
            }
            for pair, overlap in comparison.overlap.items()
        },
    }


def sentences(comparison: Comparison) -> list[str]:
    """The figures in sentences, one for the library and one for each encoder."""
    from ...engine.languages import UNDETERMINED, name

    code = comparison.query_language.code
    if code == UNDETERMINED:
        return ["The language of the question is not clear, so nothing is said about bias."]
    if comparison.only and code not in comparison.only:
        return [f"{name(code)}, the language of the question, is not searched, so nothing is said about bias."]
    where = f"what is searched ({', '.join(comparison.only)})" if comparison.only else "the library"
    lines = [f"{_percent(comparison.library_share)} of {where} is in {name(code)}."]
    for each, ranking in comparison.rankings.items():
        total = len(ranking.hits)
        own = comparison.languages.get(each, {}).get(code, 0)
        if total:
            others = len([other for other in comparison.languages.get(each, {}) if other != code])
            lines.append(
                f"{each} answers {own} of {total} in {name(code)}"
                + (f" and the rest in {others} other language{'s' if others > 1 else ''}." if others else ".")
            )
    return lines


def _percent(share: float) -> str:
    """Whole percent; a share above 0 is never shown as 0 %, nor one below 1 as 100 %."""
    whole = f"{100 * share:.0f} %"
    return {"0 %": "Less than 1 %", "100 %": "More than 99 %"}.get(whole, whole) if 0 < share < 1 else whole
