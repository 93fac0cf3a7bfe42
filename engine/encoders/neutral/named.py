"""Runs `NAME+neutral`: an encoder whose vectors lose what their language adds, estimated on the demo texts."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ... import paths
from ...errors import EncoderError
from ...files import replacing_file
from ...stores import arrays_of
from ..protocol import Encoder, Vectors
from .encoder import NeutralEncoder
from .neutraliser import Neutraliser, fit

# Enough of a passage to estimate what its language adds, and fast to encode.
CHARACTERS = 300


def neutralised(encoder: Encoder) -> Encoder:
    """The encoder with neutral vectors; means are cached by its fingerprint.

    Raises:
        EncoderError: the demo passages, on which the means are estimated, are not installed.
    """
    documents = _cached(f"{encoder.fingerprint}-documents", lambda: _fitted(_passages(), encoder.encode_document))
    queries = _cached(f"{encoder.fingerprint}-queries", lambda: _fitted(_questions(), encoder.encode_query))
    return NeutralEncoder(encoder, documents, _languages_of, queries)


def _languages_of(texts: Sequence[str]) -> list[str]:
    from ...languages import detect_many

    return [found.code for found in detect_many(texts)]


def _fitted(texts: Sequence[tuple[str, str]], encode: Callable[[Sequence[str]], Vectors]) -> Neutraliser:
    return fit(encode([text for text, _ in texts]), [language for _, language in texts])


def _passages() -> list[tuple[str, str]]:
    """The beginnings of the demo passages, with their languages."""
    folder = paths.assets_folder() / "demo" / "passages"
    found = [
        (path.read_text("utf-8").split("\n", 1)[-1].strip()[:CHARACTERS], path.parent.name)
        for path in sorted(folder.glob("*/*.md"))
    ]
    return _some(found, folder)


def _questions() -> list[tuple[str, str]]:
    """The first demo question of each topic in every language."""
    path = paths.assets_folder() / "demo" / "questions.jsonl"
    topics: dict[str, dict[str, str]] = {}
    with contextlib.suppress(OSError), path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            topics.setdefault(row["topic"], row["question"])
    return _some([(text, code) for question in topics.values() for code, text in question.items()], path)


def _some(found: list[tuple[str, str]], path: Path) -> list[tuple[str, str]]:
    if not found:
        raise EncoderError(
            f"+neutral is estimated on the demo texts, and {path} has none.", hint="Install hybrid-search again."
        )
    return found


def _cached(key: str, make: Callable[[], Neutraliser]) -> Neutraliser:
    """The neutraliser of a key, from the cache or estimated again."""
    path = paths.cache_folder() / "neutral" / f"{key}.npz"
    with contextlib.suppress(OSError, ValueError):
        # Files of earlier versions have an empty "basis".
        return Neutraliser({name: each for name, each in arrays_of(path).items() if name != "basis"})
    made = make()
    with contextlib.suppress(OSError):
        means: dict[str, Any] = dict(made.means)
        with replacing_file(path, durable=False) as partial, partial.open("wb") as file:
            np.savez(file, **means)
    return made
