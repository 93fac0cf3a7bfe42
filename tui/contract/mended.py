"""The schema of what `neutralise` prints: the bias of vectors and answers before and after, and the copy."""

from __future__ import annotations

from .audited import ESTIMATES_OF_ANSWERS
from .forms import SHARE
from .shapes import Shape, maybe, record, table, text, whole

_NEIGHBOURS = record(
    {"own": SHARE, "chance": SHARE, "kept": SHARE},
    "among the ten nearest: share of the own language, what it would be without influence of language, and share of "
    "nearest in the own language that stay nearest",
)
NEUTRALISED: Shape = record(
    {
        "collection": text(),
        "method": text(),
        "vectors": whole(low=1),
        "languages": table(whole(low=1), "vectors by language"),
        "neighbours": record({"before": _NEIGHBOURS, "after": _NEIGHBOURS}),
        "answers": maybe(
            record(
                {"before": ESTIMATES_OF_ANSWERS, "after": ESTIMATES_OF_ANSWERS},
                "to the questions of a kit; null without --encoder",
            )
        ),
        "kept": whole("vectors that were written; 0 for none", low=0),
        "to": text("name of the copy"),
        "file": text("of the correction"),
        "encoder": text("encoder that applies the same correction to queries"),
    },
    optional=("to", "file", "encoder"),
)
