"""Converts the answers of functions, commands and servers, which have many shapes, to `Answer`s."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .protocol import Answer, TargetError

# Names that libraries and servers use for each field; the first one present counts.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "_id", "docid", "doc_id", "document_id", "passage_id", "passage", "chunk_id", "corpus-id", "node_id"),
    "text": ("text", "content", "page_content", "passage_text", "chunk", "body", "document"),
    "source": ("source", "path", "filename", "file_name", "file_path", "file", "url", "document_name"),
    "language": ("language", "lang", "language_code"),
    "score": ("score", "_score", "similarity", "relevance_score", "relevance", "distance", "rank_score"),
}
# Names of nested objects that hold more fields of an answer.
_INSIDE = ("metadata", "meta", "payload", "_source", "fields", "attributes", "entity", "document", "node", "properties")
# Usual names of a reply's list of answers.
_LISTS = ("answers", "results", "hits", "data", "documents", "matches", "items", "passages", "points", "ids", "chunks")
_DEEPEST = 3


def answers_in(reply: Any, fields: Mapping[str, str], who: str) -> list[Answer]:
    """The answers of a reply that is a list of them, or contains one under a usual name.

    Args:
        reply: its items may be texts or integers (ids), pairs (an id or object, and a score), objects or mappings.
        fields: the names of fields that the caller gave; others are guessed.
        who: the target and question, for messages.

    Raises:
        TargetError: there is no such list, or an item is not an answer.
    """
    found = _list_in(reply, _DEEPEST, who)
    if found is None:
        raise TargetError(
            f"{who} did not return a list of answers but {_shown(reply)}.",
            hint='A list of ids is enough: ["a1", "b2"]; --results names its place in a reply of a server.',
        )
    return [_answer(value, fields, f"{who}, answer {number}") for number, value in enumerate(found, 1)]


def _list_in(value: Any, depth: int, who: str) -> list[Any] | None:
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, Mapping):
        if depth:
            for name in _LISTS:
                if name in value and (inner := _list_in(value[name], depth - 1, who)) is not None:
                    return inner
        return by_score(value, who) if value and all(map(_could_be_score, value.values())) else None
    if isinstance(value, str | bytes) or value is None:
        return None
    if hasattr(value, "tolist"):
        return _list_in(value.tolist(), depth, who)
    return list(value) if isinstance(value, Iterable) else None


def by_score(answers: Mapping[Any, Any], who: str) -> list[tuple[Any, float]]:
    """Ids and scores of a mapping, as in BEIR's runs, by descending score; ties keep their order.

    Raises:
        TargetError: a score is not a number.
    """
    return sorted(
        ((name, ordering(value, f"{who}: the score of {name!r:.60}")) for name, value in answers.items()),
        key=lambda pair: -pair[1],
    )


def ordering(value: Any, what: str) -> float:
    """A score to sort by; accepts numbers and numbers as text.

    Raises:
        TargetError: the value is not a number, or NaN.
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    except OverflowError:
        found = math.inf if value > 0 else -math.inf
    if math.isnan(found):
        shown = repr(value) if isinstance(value, float) else _shown(value)
        raise TargetError(f"{what} is {shown}, which cannot be ordered.", hint="Give numbers; the highest is the best.")
    return found


def _answer(value: Any, fields: Mapping[str, str], where: str) -> Answer:
    score: float | None = None
    hint = "Name what holds the id or the text with --field id=NAME."
    if isinstance(value, list | tuple) and len(value) == 2 and not isinstance(value[0], list | tuple):
        # (id or object, score), as LangChain's similarity_search_with_score returns.
        value, score = value[0], number_of(value[1])
        hint = "Of a pair the first is the id or an object, the second its score."
    if hasattr(value, "item") and not isinstance(value, str | Mapping):
        # A numpy integer, as faiss returns for ids.
        value = _plain(value)
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        found = Answer(id=_text(value), score=score)
    else:
        layers = _layers(value)
        if not layers:
            raise TargetError(
                f"{where} is {_shown(value)}, neither an id nor an object with `id` or `text`.", hint=hint
            )
        said = {what: _first(layers, (fields[what],) if what in fields else names) for what, names in _NAMES.items()}
        own = number_of(said["score"])
        found = Answer(
            _text(said["id"]),
            _text(said["text"]),
            _text(said["source"]),
            _text(said["language"]),
            score if own is None else own,
        )
    if not (found.id or found.text or found.source):
        raise TargetError(
            f"{where} has no id, no text and no source: {_shown(value)}.",
            hint="Name what holds them with --field id=NAME or --field text=NAME.",
        )
    return found


def _layers(value: Any) -> list[Mapping[str, Any]]:
    """An answer's fields, then those of objects nested in it, such as metadata, payload or node."""
    found: list[Mapping[str, Any]] = []
    outer = _named(value)
    if outer is None:
        return []
    found.append(outer)
    for name in _INSIDE:
        inner = _named(outer.get(name))
        if inner is not None:
            found.append(inner)
            # LlamaIndex has metadata inside a node.
            found += [deeper for each in _INSIDE if (deeper := _named(inner.get(each))) is not None]
    return found


def _named(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, Mapping):
        return value
    if value is None or isinstance(value, str | bytes | int | float | list | tuple | bool):
        return None
    names = {*_INSIDE, *(name for names in _NAMES.values() for name in names)}
    found = {}
    for name in names:
        try:
            inner = getattr(value, name, None)
        except Exception:
            continue
        if inner is not None and not callable(inner):
            found[name] = inner
    return found or None


def _first(layers: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Any:
    """The first non-empty text or number under any of the names; objects are skipped."""
    for name in names:
        for layer in layers:
            value = _joined(layer.get(name))
            if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
                return value
    return None


def _joined(value: Any) -> Any:
    """Joins a text in parts, as in OpenAI's search: [{"type": "text", "text": "…"}]."""
    if isinstance(value, list) and value and all(isinstance(each, Mapping) and "text" in each for each in value):
        return "\n".join(str(each["text"]) for each in value)
    return value


def _text(value: Any) -> str:
    try:
        return "" if value is None else str(value).strip()
    except ValueError:
        # An integer with too many digits for Python to convert is not an id.
        return ""


def number_of(value: Any) -> float | None:
    """A finite number, given as number or text; else None."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _could_be_score(value: Any) -> bool:
    if isinstance(value, str):
        return number_of(value) is not None
    return not isinstance(value, bool) and isinstance(value, int | float)


def _plain(value: Any) -> Any:
    try:
        return value.item()
    except Exception:
        # A foreign object with another kind of `item`.
        return value


def _shown(value: Any) -> str:
    try:
        words = f"{type(value).__name__} {value!r}" if not isinstance(value, str) else repr(value)
    except Exception:
        # A foreign object whose `repr` fails.
        words = type(value).__name__
    return words if len(words) <= 80 else words[:79] + "…"
