"""The tool `audit`: how far an encoder of the library prefers the language of the question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...engine.languages import UNDETERMINED, code_of, detect_question
from ...engine.languages import name as language_name
from ..contract import AUDIT, ESTIMATE, LANGUAGE
from ..contract.shapes import many, maybe, record, table, text, whole
from .refusals import Refused

if TYPE_CHECKING:
    from ...engine.progress import OnStage
    from ...train.audit.kits import Kit
    from ...train.audit.targets import Answer, Question
    from .shelf import Shelf

MOST_QUESTIONS = 200
MOST_DEPTH = 200
_LONGEST = 2_000

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
    "Objects of one question in several languages, by code, whose rankings are compared; or texts. Default: the demo "
    "library's questions, or headings of the library's own documents.",
    most=MOST_QUESTIONS,
)

AUDITED = record(
    {
        "encoder": text(),
        "asked": text("where the questions come from"),
        "questions": whole("translations counted once"),
        "depth": whole("number of passages per question"),
        "verdict": AUDIT["properties"]["verdict"],
        "figures": table(
            ESTIMATE,
            "pull: by how much asking in a language raises its share of the first answers; own_language_share; rbo: "
            "similarity of the answers to translations, 0 to 1; if right answers are known, also measures by their "
            "keys",
        ),
        "languages": many(
            record(
                {
                    "language": LANGUAGE,
                    "name": text(),
                    "collection": maybe(
                        {"type": "number", "description": "its share of the library; null where unknown"}
                    ),
                    "pull": maybe(ESTIMATE),
                    "exposure": maybe(ESTIMATE),
                }
            ),
            "exposure: its share among answers to questions in other languages, by its share in the library",
        ),
        "notes": many(text(), "notes on odd results and missing figures"),
    }
)


def audit(
    shelf: Shelf, given: Mapping[str, Any], stopped: Callable[[], bool], progress: OnStage | None
) -> dict[str, Any]:
    """Ask an encoder every question; other requests are answered in between. See `AUDITED`."""
    from ...train.audit import of_target

    name = shelf.ask(lambda: shelf.known_encoder(given["encoder"]) if given["encoder"] else shelf.first_encoder())
    kit = _own(given["questions"]) if given["questions"] else shelf.ask(lambda: _of_the_library(shelf, given["number"]))
    found = of_target(_InShelf(shelf, name, stopped), kit, k=given["limit"], progress=progress)
    told = found.unjudged
    figures = {"pull": told.pull, "own_language_share": told.own, "rbo": told.rbo}
    return {
        "encoder": name,
        "asked": kit.name,
        "questions": len(kit.groups),
        "depth": given["limit"],
        "verdict": found.verdict.as_dict(),
        "figures": {
            **{key: each.as_dict() for key, each in figures.items()},
            **(found.judged.as_dict()["intervals"] if found.judged is not None else {}),
        },
        "languages": _languages(kit, told.as_dict()),
        "notes": list(found.notes),
    }


class _InShelf:
    """The library as the target of an audit: each question waits its turn in the shelf's `answers` lane."""

    depth: int | None = None

    def __init__(self, shelf: Shelf, encoder: str, stopped: Callable[[], bool]) -> None:
        self.name = encoder
        self._shelf = shelf
        self._stopped = stopped

    def prepare(self, _questions: Sequence[Question]) -> None:
        """Does nothing: the library needs no preparation."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The first k passages."""
        from ...train.audit.targets import Answer

        if self._stopped():
            raise Refused("busy", "The audit was stopped.", hint="Ask again.")
        found = self._shelf.ask(
            lambda: self._shelf.library().search(
                question.text, encoder=self._shelf.encoder(self.name), k=k, query_language=question.language
            )
        )
        return [
            Answer(f"#{hit.passage.id}", hit.passage.text, hit.passage.path, hit.passage.language, hit.score)
            for hit in found.hits
        ]

    def languages(self) -> Mapping[str, int]:
        """How many passages each language has."""
        return self._shelf.ask(lambda: self._shelf.library().languages())

    def close(self) -> None:
        """The shelf stays open."""


def _own(questions: list[Any]) -> Kit:
    from ...train.audit.kits import Kit
    from ...train.audit.targets import Question

    found: list[Question] = []
    unclear = 0
    for number, each in enumerate(questions):
        named = {detect_question(each, {}).code: each} if isinstance(each, str) else each
        for tag, words in named.items():
            code = code_of(tag)
            if not code:
                raise Refused(
                    "invalid_arguments", f"{tag[:40]!r} is not a language.", hint="Name languages by code, such as de."
                )
            if code == UNDETERMINED:
                unclear += 1
            else:
                found.append(Question(f"q{number}-{code}", code, words, f"q{number}"))
    if len(found) > MOST_QUESTIONS:
        raise Refused(
            "invalid_arguments", f"{len(found):,} questions are too many; {MOST_QUESTIONS} are asked at once."
        )
    notes = (f"{unclear:,} questions are not asked: their language is not clear.",) if unclear else ()
    return Kit("the questions that were given", tuple(found), notes=notes)


def _of_the_library(shelf: Shelf, number: int) -> Kit:
    from ...engine.library import Library, demo
    from ...train.audit.kits import bundled_kit, own_kit

    library = shelf.library()
    if isinstance(library, demo.DemoLibrary):
        return bundled_kit().some(questions=number)
    if not isinstance(library, Library):
        raise Refused(
            "invalid_arguments", "A library on an engine has no questions of its own.", hint="Give `questions`."
        )
    return own_kit(library, most=number)


def _languages(kit: Kit, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    codes = sorted({*kit.languages, *found["exposure"]})
    return [
        {
            "language": code,
            "name": language_name(code),
            "collection": found["collection"].get(code),
            "pull": found["pull_by_language"].get(code),
            "exposure": found["exposure"].get(code),
        }
        for code in codes
    ]
