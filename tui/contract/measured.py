"""The schemas of what `evaluate` prints: encoders measured on a benchmark, or over the user's own questions."""

from __future__ import annotations

from .forms import LANGUAGE, SHARE
from .shapes import Shape, many, maybe, number, record, table, text, truth, whole

_FIGURE = maybe(number())
_FIGURES = table(_FIGURE, "figures by the measures' keys; null where a measure is not defined")

DIFFERENCE = record(
    {
        "measure": text("its key"),
        "first": text("encoder whose figures count positively"),
        "second": text("encoder that is subtracted"),
        "pairs": whole("questions with a value for both", low=0),
        "mean": number("of first - second"),
        "low": number("lower end of its 95 % bootstrap interval"),
        "high": number("upper end"),
        "p": number("two-sided, corrected over all comparisons made together", low=0, high=1),
        "wins": whole("questions on which first is better", low=0),
        "ties": whole(low=0),
        "losses": whole(low=0),
        "significant": truth("p below .05 and the interval without 0"),
        "verdict": text("the same in a sentence"),
    }
)

_RESULT: Shape = {
    **record(
        {
            "encoder": text(),
            "benchmark": text(),
            "languages": many(LANGUAGE),
            "queries": table(whole(low=0), "by language"),
            "pool_share": table(SHARE, "by language"),
            "settings": many(text(one_of=("mono", "cross", "multi"))),
            "summary": _FIGURES,
            "bias": _FIGURES,
            "skipped": table(whole(low=0), "queries without an answer in a pool language, by query-pool pair"),
            "notes": many(text()),
        },
        optional=("bias",),
    ),
    # A measure that is reported by language is here under its key.
    "additionalProperties": table(_FIGURE, "a measure's figures by query language, or by query-pool pair of languages"),
}

_HARD = record(
    {
        "id": text("of the question"),
        "share": SHARE,
        "query": text(),
        "best": whole("rank of its first answer", low=1),
        "worst": whole("rank of its last answer", low=1),
        "language": LANGUAGE,
        "text": text("of the answer that is found last"),
    }
)

TAIL = record(
    {
        "worst_tenth": number("share of the rank distance due to a tenth of the questions"),
        "last": table(SHARE, "share by the language of the answer that is found last"),
        "without": table(number(), "mean rank distance without a language"),
        "hardest": many(_HARD),
    }
)

EVALUATION = record(
    {
        "benchmark": text(),
        "digest": text("of its questions, pool and relevance"),
        "languages": many(LANGUAGE),
        "queries": whole(low=0),
        "questions": whole("queries with one id are one question in several languages", low=0),
        "pool": whole("candidates", low=0),
        "results": many(_RESULT, "one an encoder"),
        "alignment": table(
            {"type": "object", "description": "measures of how close translations are in an encoder's space"}
        ),
        "comparisons": many(DIFFERENCE),
        "tails": table(TAIL, "composition of the mean rank distance, by encoder"),
        "pairs": many(
            record(
                {
                    "first": text(),
                    "second": text(),
                    "wins_ties_losses": table(many(whole(low=0), most=3, least=3), "by query-pool pair of languages"),
                }
            )
        ),
        "paper": many(
            record({"name": text(), "summary": _FIGURES}), "figures of the paper's systems, where it has any"
        ),
        "notes": many(text()),
    }
)

QUESTIONS = record(
    {
        "encoders": many(text()),
        "questions": whole(low=0),
        "judged": whole("questions with relevant paths", low=0),
        "depth": whole("passages of each ranking", low=1),
        "rbo": many(record({"first": text(), "second": text(), "mean": number()})),
        "means": table(_FIGURES, "by encoder"),
        "comparisons": many(DIFFERENCE),
        "queries": many(
            {
                **record(
                    {
                        "query": text(),
                        "language": LANGUAGE,
                        "rbo": table(number(), 'by "first|second"'),
                        "scores": table(_FIGURES, "of measures that need judgements: by measure, then by encoder"),
                        "first": table(text(), "path of each encoder's first passage"),
                    }
                ),
                # A measure that needs no judgements is here under its key.
                "additionalProperties": _FIGURES,
            },
            "ordered by disagreement of the encoders, largest first",
        ),
        "notes": many(text()),
    }
)
