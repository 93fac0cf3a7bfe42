"""The tools: names, schemas of their arguments and answers, and the functions that answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..contract.shapes import Shape, either, many, text, truth, whole
from . import auditing, indexing, reading, searching
from .refusals import ERROR

if TYPE_CHECKING:
    from ...engine.library import IndexProgress
    from .shelf import Shelf

# Reports the progress of a request: done, total, stage.
Progress = Callable[[float, float, str], Coroutine[Any, Any, None]]
Call = Callable[["Shelf", Mapping[str, Any], Progress], Awaitable[dict[str, Any]]]

LONGEST_QUERY = 4_000
_TOLD = 20
_ENCODER = "An encoder of the library, or bm25 for search by words; `status` lists them."


@dataclass(frozen=True)
class Tool:
    """A tool.

    Attributes:
        name: what agents call it.
        title: its name for people.
        about: what it does, for agents.
        takes: makes the schema of its arguments from the passages by language.
        gives: the schema of its answer.
        call: answers a request.
        writes: whether it changes the library.
    """

    name: str
    title: str
    about: str
    takes: Callable[[Mapping[str, int]], Shape]
    gives: Shape
    call: Call
    writes: bool = False

    def answer_schema(self) -> Shape:
        """The schema of its answers, including refusals."""
        return either(self.gives, ERROR)


def _query() -> Shape:
    return {**text("A question or words, in any language; it is not translated.", most=LONGEST_QUERY), "minLength": 1}


def _takes(properties: dict[str, Shape], *required: str) -> Shape:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _neutral() -> Shape:
    return truth("First subtract what each language adds to the vectors: less language bias, slightly less precision.",
                 default=False)  # fmt: skip


def _search(languages: Mapping[str, int]) -> Shape:
    return _takes(
        {
            "query": _query(),
            "languages": searching.languages_shape(languages, "Answer only in these; all without it."),
            "query_language": text("Code of the query's language, if you know it; else it is detected.", most=40),
            "encoder": text(f"{_ENCODER} Default: the least biased one.", most=200),
            "limit": whole("How many results.", low=1, high=searching.MOST_RESULTS, default=10),
            "group_translations": truth(
                "Return a passage and its translations as one result, with the others under `also_answered_in`.",
                default=True,
            ),
            "neutral": _neutral(),
            "cursor": text("`next_cursor` of the page before.", most=300),
        },
        "query",
    )


def _compare(languages: Mapping[str, int]) -> Shape:
    return _takes(
        {
            "query": _query(),
            "encoders": many(text(most=200), f"{_ENCODER} All without it.", most=searching.MOST_ENCODERS),
            "languages": searching.languages_shape(languages, "Answer only in these; all without it."),
            "limit": whole("How many passages of each.", low=1, high=searching.MOST_COMPARED, default=10),
            "neutral": _neutral(),
        },
        "query",
    )


def _audit(_languages: Mapping[str, int]) -> Shape:
    return _takes(
        {
            "encoder": text(_ENCODER, most=200),
            "questions": auditing.QUESTIONS,
            "number": whole(
                "How many questions if none are given, counting translations once.", low=1, high=50, default=10
            ),
            "limit": whole("Number of answers to each.", low=10, high=auditing.MOST_DEPTH, default=100),
        }
    )


def _read(_languages: Mapping[str, int]) -> Shape:
    most = reading.MOST_NEIGHBOURS
    return _takes(
        {
            "passage_id": whole("Of a result.", low=0, high=(1 << 62)),
            "before": whole("How many passages before it.", low=0, high=most, default=1),
            "after": whole("How many passages after it.", low=0, high=most, default=1),
            "translations": truth("With its translations.", default=True),
        },
        "passage_id",
    )


def _index(_languages: Mapping[str, int]) -> Shape:
    return _takes(
        {
            "folders": many(text(most=4_000), "Whole paths of folders or files.", most=indexing.MOST_FOLDERS, least=1),
            "encoders": many(text(most=200), "Encoders; those of the library without it.", most=5),
            "exclude": many(text(most=1_000), "Files to leave out, as in .gitignore.", most=100),
        },
        "folders",
    )


async def _call_search(shelf: Shelf, given: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    return await shelf.run(lambda _stop: searching.search(shelf, given))


async def _call_compare(shelf: Shelf, given: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    return await shelf.run(lambda _stop: searching.compare(shelf, given))


async def _call_read(shelf: Shelf, given: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    return await shelf.run(lambda _stop: reading.read(shelf, given))


async def _call_status(shelf: Shelf, given: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    return await shelf.run(lambda _stop: reading.status(shelf, given))


async def _call_audit(shelf: Shelf, given: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    tell = _from_another_thread(progress)

    def follow(stage: str, done: int, total: int) -> None:
        # Some twenty notifications instead of one for each question.
        if done == total or done % max(1, total // _TOLD) == 0:
            tell(done, total, stage)

    return await shelf.run(lambda stop: auditing.audit(shelf, given, stop, follow), lane="auditing")


async def _call_index(shelf: Shelf, given: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    tell = _from_another_thread(progress)

    def follow(event: IndexProgress) -> None:
        tell(event.done, event.total, event.stage)

    return await shelf.run(lambda stop: indexing.index(shelf, given, stop, follow), lane="indexing")


def _from_another_thread(progress: Progress) -> Callable[[float, float, str], None]:
    """`progress` as a function that work in another thread may call."""
    loop = asyncio.get_running_loop()

    def tell(done: float, total: float, words: str) -> None:
        asyncio.run_coroutine_threadsafe(progress(done, total, words), loop)

    return tell


TOOLS: tuple[Tool, ...] = (
    Tool(
        "search",
        "Search in all languages",
        "Find passages that answer a question, whatever language they are in. The question may be in any language. "
        "Each result has its language, its place (path, start, end) and the other languages in which the same passage "
        "exists. Cite path and offsets.",
        _search,
        searching.FOUND,
        _call_search,
    ),
    Tool(
        "compare",
        "Compare encoders",
        "Answer one question by several encoders side by side: their languages, what they share, and how far each "
        "prefers the language of the question.",
        _compare,
        searching.COMPARED,
        _call_compare,
    ),
    Tool(
        "audit",
        "Audit language bias",
        "Ask the same questions in many languages and report how far an encoder prefers the language of the question, "
        "which languages lose, and whether translations get the same answers. Takes seconds; other requests are "
        "answered meanwhile.",
        _audit,
        auditing.AUDITED,
        _call_audit,
    ),
    Tool(
        "read",
        "Read a passage",
        "A passage in full, with its neighbours in the document and its translations.",
        _read,
        reading.READ,
        _call_read,
    ),
    Tool(
        "status",
        "What the library holds",
        "Documents, passages, languages and encoders of the library, and files that could not be read.",
        lambda _languages: _takes({}),
        reading.STATUS,
        _call_status,
    ),
    Tool(
        "index",
        "Index folders",
        "Update the library from folders: new, changed and removed documents. May take minutes; reports progress.",
        _index,
        indexing.INDEXED,
        _call_index,
        writes=True,
    ),
)


def offered(shelf: Shelf) -> dict[str, Tool]:
    """The tools of a server, by name."""
    return {each.name: each for each in TOOLS if shelf.allow_index or not each.writes}
