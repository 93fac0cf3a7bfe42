"""The schema of what `audit` prints: an audit, with its gate, or the kit that was written."""

from __future__ import annotations

from .forms import LANGUAGE, SHARE
from .measured import TAIL
from .shapes import Shape, many, maybe, number, record, table, text, truth, whole

_FIGURE = maybe(number())
ESTIMATE = record(
    {
        "value": _FIGURE,
        "low": _FIGURE,
        "high": _FIGURE,
        "questions": whole("number of questions averaged over, counting translations once", low=0),
    },
    "a mean with its 95 % bootstrap interval over questions; null if unknown",
)
_ESTIMATES = table(ESTIMATE, "by language")
ESTIMATES_OF_ANSWERS = table(ESTIMATE, "pull, own, multi, mono and lost, if known")
_SHARES = table(table(_FIGURE, "by language of the answers"), "by language of the question")

_UNJUDGED = record(
    {
        "top": whole("number of first answers counted", low=1),
        "shares": _SHARES,
        "collection": table(_FIGURE, "share of each language in the collection; empty where unknown"),
        "pull": ESTIMATE,
        "pull_by_language": _ESTIMATES,
        "own_language_share": ESTIMATE,
        "exposure": _ESTIMATES,
        "consistency": record({"overlap": ESTIMATE, "rbo": ESTIMATE, "mrc": ESTIMATE, "rbo_by_pair": _SHARES}),
        "hubness": _FIGURE,
        "hubs": many(record({"id": text(), "language": LANGUAGE, "text": text(), "questions": whole(low=0)})),
        "hub_shares": table(_FIGURE, "by language"),
        "never_found": table(record({"passages": whole(low=0), "of": whole(low=0)}), "by language"),
        "nonsense": maybe(
            record(
                {
                    "questions": whole(low=0),
                    "answered": whole(low=0),
                    "own_language_share": _FIGURE,
                    "shares": _SHARES,
                    "told_apart": maybe(SHARE),
                }
            )
        ),
        "notes": many(text()),
    },
    "findings without judgements",
)

_LOST = record(
    {
        "question": text(),
        "language": LANGUAGE,
        "answer": text(),
        "answer_language": LANGUAGE,
        "rank": maybe(whole("null if it did not come back", low=1)),
        "wrong": text("first wrong passage in the question's language"),
        "wrong_rank": whole(low=1),
    }
)
_JUDGED = record(
    {
        "measures": record({"summary": table(_FIGURE), "bias": table(_FIGURE)}, "by the measures' keys"),
        "by_language": table(table(_FIGURE), "by measure, then by query language or query-pool pair"),
        "intervals": table(ESTIMATE, "by measure"),
        "map_by_pair": _SHARES,
        "losses": many(
            record({"asked": LANGUAGE, "answered": LANGUAGE, **ESTIMATE["properties"]}),
            "mAP lost by pair of languages, largest first",
        ),
        "outranked": ESTIMATE,
        "outranked_own": ESTIMATE,
        "lost_to_language": ESTIMATE,
        "lost_by_language": _ESTIMATES,
        "lost": many(_LOST),
        "worst": many(record({"id": text(), "language": LANGUAGE, "text": text(), "figure": number()})),
        "tail": maybe(TAIL),
    },
    "findings with judgements",
)

_REMEDY = record(
    {
        "key": text(),
        "title": text(),
        "words": text("what to do"),
        "figures": maybe(table(ESTIMATE, "pull, own, multi, mono and lost with it; null if it was not tried")),
        "without": maybe(
            table(ESTIMATE, "figures of the encoder alone, if that is what it is compared with; else null")
        ),
        "multi_difference": maybe(record({name: number() for name in ("mean", "low", "high", "p")})),
        "why_not": text("why it was not tried; empty if it was"),
    }
)

_FALL = record(
    {
        "measure": text(),
        "language": text("its code, or all"),
        "now": number(),
        "before": number(),
        "difference": number(),
        "low": number(),
        "high": number(),
        "p": number("corrected over all comparisons", low=0, high=1),
        "questions": whole(low=0),
        "worse": truth("it is significantly worse"),
    }
)

AUDIT: Shape = record(
    {
        "target": text(),
        "kit": record(
            {
                "name": text(),
                "digest": text("audits of one digest can be compared"),
                "languages": many(LANGUAGE),
                "questions": whole("translations counted once", low=1),
                "passages": whole(low=0),
            }
        ),
        "unit": text("what is ranked", one_of=("passages", "documents")),
        "depth": maybe(whole("answers that each question was asked for; null for whole rankings", low=1)),
        "verdict": record(
            {
                "level": text(one_of=("none", "slight", "clear", "strong", "unknown")),
                "headline": text(),
                "sentences": many(text()),
                "remedies": many(text()),
            }
        ),
        "without_judgements": _UNJUDGED,
        "with_judgements": maybe(_JUDGED),
        "remedies": many(_REMEDY),
        "notes": many(text()),
        "values": table(table(_FIGURE, "by id of the question"), "what a later audit is compared with, by key"),
        "gate": record(
            {
                "baseline": text(),
                "failed": truth(),
                "fallen": many(_FALL),
                "compared": many(_FALL),
                "missing": many(text(), "languages of which too few questions have the figure in both audits"),
            },
            "with --baseline",
        ),
    },
    optional=("gate",),
)

KIT: Shape = record(
    {
        "kit": text("folder that it is in"),
        "questions": whole("translations counted once", low=1),
        "languages": many(LANGUAGE),
        "passages": whole(low=0),
        "documents": whole(low=0),
        "judged": truth("it has judgements"),
        "files": whole(low=0),
        "notes": many(text()),
    },
    "without a TARGET",
)
