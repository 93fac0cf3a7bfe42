"""The schema of what every command prints with `--json`, by the command's words; tests check real output against it.

Within a `VERSION`, names are only added. A command with `--json` must be in `ANSWERS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from .audited import AUDIT, KIT
from .events import KEY
from .forms import COMPARISON, HIT, LANGUAGE
from .measured import EVALUATION, QUESTIONS
from .mended import NEUTRALISED
from .shapes import Shape, either, many, maybe, number, record, table, text, truth, whole

VERSION = 1

_UNREADABLE = many(record({"path": text(), "reason": text()}), "files that could not be read")
_ENCODED = table(whole(low=0), "texts encoded this time, by encoder")
_LANGUAGES = table(whole(low=0), "passages by language")
_PLACE = text("folder that it is in")


def _answer(properties: dict[str, Shape], about: str = "", *, optional: tuple[str, ...] = ()) -> Shape:
    version: Shape = {"const": VERSION, "description": "version of this schema"}
    return record({"schema": version, **properties}, about, optional=optional)


def _with_version(shape: Shape) -> Shape:
    optional = tuple(name for name in shape["properties"] if name not in shape["required"])
    return {
        **_answer(shape["properties"], optional=optional),
        **{key: shape[key] for key in shape if key not in ("properties", "required")},
    }


_SHARES = many(
    record(
        {"encoder": text(), "rank": whole(low=1), "score": number("in that ranking"), "share": number("1/(60+rank)")}
    ),
    "what each ranking adds to the joined score",
)
_INDEXED = _answer(
    {
        "documents": record(
            {
                **{name: whole(low=0) for name in ("new", "changed", "unchanged", "removed")},
                "renamed": whole("counted among the unchanged", low=0),
                "unreadable": _UNREADABLE,
            }
        ),
        "passages": whole("in the folders now", low=0),
        "languages": _LANGUAGES,
        "encoded": _ENCODED,
        "seconds": number(low=0),
        "passages_per_second": number(low=0),
        "cancelled": truth("it was stopped; the work done is kept"),
        "notices": many(text()),
    },
    "folders were indexed; with --watch one such object a line for each change",
)
_SETTING = record(
    {
        "name": text(),
        "option": maybe(text()),
        "value": {"description": "of the setting's own type"},
        "from": text("option, recipe, bundled pairs or default"),
    }
)
_PAIR = record(
    {
        **{name: text() for name in ("source", "question", "passage")},
        "question_language": LANGUAGE,
        "passage_language": LANGUAGE,
    }
)
_DRAWN = record(
    {
        "number": whole(low=0),
        "kind": text(one_of=("mono", "cross")),
        "pairs": many(_PAIR),
        "negatives": whole("number of mined negatives", low=0),
    }
)
_EVENT: Shape = {
    "type": "object",
    "required": [KEY],
    "properties": {KEY: text("its kind; see `events` for the schema of each")},
    "additionalProperties": True,
}
_ENCODERS = _answer(
    {
        "encoders": many(
            record(
                {
                    "name": text(),
                    "kind": text(
                        one_of=(
                            "trained",
                            "bundled",
                            "folder",
                            "hub",
                            "endpoint",
                            "vectors",
                            "static",
                            "neutral",
                            "column",
                        )
                    ),
                    "dimension": maybe(whole(low=1)),
                    "fingerprint": maybe(text("two encoders with the same one give the same vectors")),
                    "path": maybe(text()),
                    "description": text(),
                }
            )
        )
    }
)
_FIGURES = table(number(), "figures by the measures' keys")
_RUN = record(
    {
        "name": text(),
        "kind": text(one_of=("trained", "averaged", "calibrated")),
        "state": text(one_of=("running", "stopped", "done")),
        "settings": {"type": "object", "description": "settings of the run, named as in recipes"},
        "made_of": many(text(), "encoders that it was averaged or calibrated from"),
        "step": whole("last finished step", low=0),
        "steps": whole("of the whole run", low=0),
        "checkpoint": whole("step to continue from; 0 for none", low=0),
        "curve": table(many(many(number())), "[step, loss] by kind of batch"),
        "validations": many(record({"step": whole(low=0), "scores": _FIGURES})),
        "scores_before": _FIGURES,
        "scores_after": _FIGURES,
        "seconds": number("of training", low=0),
        "changed": number("seconds of the epoch"),
        "path": maybe(text("folder of its encoder")),
    }
)
_SWEEP = record(
    {
        "name": text(),
        "path": _PLACE,
        "over": truth("every run of it was done"),
        "runs": whole("done so far", low=0),
        "curves": table(many(many(number())), "[alpha, mean over its runs] by the measure's key"),
    }
)
_JUDGEMENTS = _answer(
    {
        "judgements": many(
            record(
                {
                    "id": whole(),
                    "query": text("the question as it was asked"),
                    "language": LANGUAGE,
                    "path": text(),
                    "part": text(),
                    "start": whole("character", low=0),
                    "end": whole("character", low=0),
                    "text": text("text of the judged place"),
                    "grade": whole("0 wrong, 1 partly, 2 right", low=0, high=2),
                    "made": text("UTC, ISO 8601"),
                    "passage_id": maybe(whole("id of the passage now at that place")),
                }
            )
        ),
        "progress": text("a sentence"),
    }
)

ANSWERS: Mapping[str, Shape] = {
    "index": either(
        _INDEXED, _answer({"encoded": _ENCODED, "cancelled": truth()}, "encoders were named and no folder")
    ),
    "search": _answer(
        {
            "query": text(),
            "query_language": LANGUAGE,
            "query_language_confidence": number("0 to 1", low=0, high=1),
            "rows": many(
                {**HIT, "properties": {**HIT["properties"], "trace": _SHARES}}, "one ranking after another, best first"
            ),
        }
    ),
    "compare": _answer(COMPARISON),
    "status": _answer(
        {
            "path": text(),
            "folders": many(text()),
            "files": whole(low=0),
            "documents": whole("a row of a table is a document", low=0),
            "passages": whole(low=0),
            "languages": _LANGUAGES,
            "encoders": many(
                record(
                    {
                        "name": text(),
                        "fingerprint": text(),
                        "dimension": whole(low=1),
                        "vectors": whole("passages that it can find", low=0),
                        "missing": whole("passages that have no vector of it yet", low=0),
                        "indexed": truth("searched through an approximate index"),
                    }
                )
            ),
            "failed": _UNREADABLE,
            "size": whole("bytes on disk", low=0),
        }
    ),
    "check": _answer(
        {
            "ok": truth("everything was checked, and nothing is wrong any more"),
            "stopped": truth(),
            "checked": table(whole(low=0), "number of checked items by kind"),
            "findings": many(record({"problem": text(), "repaired": truth()})),
        }
    ),
    "remove": _answer({"removed": whole("documents", low=1)}),
    "push": _answer(
        {
            "place": text(),
            "passages": whole("on the engine now", low=0),
            "vectors": table(whole(low=0), "by encoder"),
            "sent": whole("records", low=0),
            "deleted": whole("records", low=0),
            "seconds": number(low=0),
            "cancelled": truth(),
        }
    ),
    "neutralise": _with_version(NEUTRALISED),
    "encoders": _ENCODERS,
    "encoders list": _ENCODERS,
    "encoders export": _answer({"name": text(), "path": _PLACE}),
    "encoders push": _answer(
        {
            "name": text(),
            "repository": text("OWNER/NAME on the hub"),
            "sent": truth("false with --dry-run"),
            "url": text("of the repository"),
            "path": text("folder that would be sent"),
            "files": table(whole(low=0), "bytes by name"),
        },
        optional=("url", "path"),
    ),
    "encoders average": _answer({"name": text(), "path": _PLACE, "rank": whole(low=1), "kept": number(low=0, high=1)}),
    "encoders calibrate": _answer(
        {
            "name": text(),
            "path": _PLACE,
            "fragment_rank": record({"before": number(), "after": number(), "passages": whole(low=0)}),
        }
    ),
    "train": either(
        _EVENT,
        _answer(
            {"samplings": many(record({"batches": text(), "alpha": number(), "seed": whole(), "drawn": many(_DRAWN)}))},
            "--show-batches",
        ),
        _answer({"settings": many(_SETTING), "sources": many({"type": "object"})}, "--show-settings"),
        about="events, one a line; with --show-batches and --show-settings one object",
    ),
    "judgements": _JUDGEMENTS,
    "judgements list": _JUDGEMENTS,
    "judgements export": _answer({"form": text(), "path": text(), "questions": whole(low=0)}),
    "runs": _answer({"runs": many(_RUN, "most recently changed first"), "sweeps": many(_SWEEP)}),
    "runs delete": _answer({"deleted": many(text())}),
    "study": {**_EVENT, "description": "events, one a line"},
    "evaluate": either(_with_version(EVALUATION), _with_version(QUESTIONS), about="a benchmark, or --queries"),
    "audit": either(_with_version(AUDIT), _with_version(KIT), about="an audit, or the kit that was written"),
    "validate": _answer(
        {
            "seed": whole(),
            "parts": table(record({"queries": whole(low=0), "pool": whole(low=0)}), "sizes by part of the suite"),
            "encoders": many(
                record(
                    {
                        "encoder": text(),
                        "number": number("mean over the parts of the scores that count"),
                        "parts": table(table(number()), "by part, then by measure"),
                        "cross_by_language": table(table(number()), "by part, then by language of the question"),
                    }
                ),
                "best first",
            ),
        }
    ),
    "mcp": _answer(
        {"url": text("where clients connect"), "token": text("to be sent as `Authorization: Bearer TOKEN`")},
        "with --http, as soon as it listens",
    ),
    "serve": _answer({"url": text("what to open in a browser, with its key")}, "as soon as it listens"),
    "doctor": _answer(
        {
            "ok": truth("nothing needs fixing"),
            "checks": many(
                record(
                    {
                        "topic": text("installation, models, caches, library, terminal or machine"),
                        "name": text(),
                        "state": text("note: needs no action", one_of=("ok", "note", "wrong")),
                        "found": text("a sentence"),
                        "mend": text("a command or a sentence; empty if nothing needs fixing"),
                    }
                )
            ),
        }
    ),
    "locate": either(
        _answer(
            {
                "roots": table(text(), "folders by what is in them: data, cache, config, shipped"),
                "libraries": many(text(), "the default one, then those that were open in the app"),
                "places": many(
                    record(
                        {
                            "root": text(one_of=("data", "cache", "config")),
                            **{n: text() for n in ("name", "path", "holds")},
                        }
                    )
                ),
            }
        ),
        _answer({"found": many(text(), "paths of what WORD names")}, "with WORD"),
    ),
    "completion": _answer({"shell": text(one_of=("bash", "zsh", "fish")), "script": text()}),
}
