"""Knows the prompts that families of encoders were trained with; without them, retrieval is worse."""

from __future__ import annotations

import contextlib
import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from ..errors import HybridSearchError
from .protocol import Encoder, TextKind, TextsDone, Vectors, texts_of
from .weights import read_json

_ASKED = "Given a web search query, retrieve relevant passages that answer the query"
_SENTENCE = "Represent this sentence for searching relevant passages: "


@dataclass(frozen=True)
class Family:
    """Encoders that were trained with the same prompts.

    Attributes:
        name: as in `#prompts=NAME`.
        pattern: matches its encoders' names in lower case.
        query: put before a query.
        document: put before a passage.
    """

    name: str
    pattern: str
    query: str
    document: str = ""


# The first match counts.
FAMILIES = (
    Family("e5-instruct", r"\be5-.*(instruct|mistral)", f"Instruct: {_ASKED}\nQuery: "),
    Family("e5", r"\be5-", "query: ", "passage: "),
    Family("bge-zh", r"\bbge-(small|base|large)-zh", "为这个句子生成表示以用于检索相关文章："),
    Family("bge", r"\bbge-(small|base|large)\b", _SENTENCE),
    Family("nomic", r"\bnomic-embed-text", "search_query: ", "search_document: "),
    Family("qwen", r"\bqwen3-?embedding|gte-qwen", f"Instruct: {_ASKED}\nQuery: "),
    Family("gemma", r"\bembedding-?gemma", "task: search result | query: ", "title: none | text: "),
    Family("mxbai", r"\bmxbai-embed", _SENTENCE),
    Family("arctic-2", r"\bsnowflake-arctic-embed-?(2|[ml]-v2)|arctic-embed-[ml]-v2", "query: "),
    Family("arctic", r"\bsnowflake-arctic-embed", _SENTENCE),
)
# How many characters of a model card are searched for its metadata.
_CARD = 20_000
# `#prompts=none`: no text gets a prompt.
NONE = Family("none", r"(?!)", "")


def family_of(name: str) -> Family | None:
    """The family of an encoder by its name, or None."""
    # Of a folder or an id, only the last part names the encoder; Ollama's tags and sizes follow a colon.
    lowered = name.lower().rstrip("/").rsplit("/", 1)[-1]
    return next((family for family in FAMILIES if re.search(family.pattern, lowered)), None)


def family_named(name: str) -> Family | None:
    """The family of that name in `#prompts=NAME`, or None."""
    return next((family for family in (*FAMILIES, NONE) if family.name == name), None)


def chosen_prompts(saved: Mapping[str, str], name: str) -> dict[str, str]:
    """The prompts of queries and documents: the saved ones, else those of the encoder's family."""
    document = next((saved[key] for key in ("document", "passage", "corpus") if saved.get(key)), "")
    if saved.get("query") or document:
        return {"query": saved.get("query", ""), "document": document}
    family = family_of(name) or NONE
    return {"query": family.query, "document": family.document}


@runtime_checkable
class Prompted(Encoder, Protocol):
    """An encoder that tells which prompts it puts before texts, and can encode with others."""

    @property
    def prompts(self) -> Mapping[str, str]:
        """The prompts of a `query` and of a `document`."""

    @property
    def origins(self) -> tuple[str, ...]:
        """Names that may tell its family, the most reliable first: its own, then those of the models it is based on."""

    def encode_after(
        self, prompt: str, texts: Sequence[str], kind: TextKind, progress: TextsDone | None = None
    ) -> Vectors:
        """Unit vectors of texts with another prompt, float32, shape (len(texts), dimension)."""


class PrefixingEncoder(ABC):
    """Base of encoders that put their prompts before the texts; implements `Prompted`."""

    prompts: Mapping[str, str]

    @abstractmethod
    def _encode(self, texts: Sequence[str], prompt: str, progress: TextsDone | None) -> Vectors:
        """Unit vectors of texts with a prompt."""

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, float32, shape (len(texts), dimension)."""
        return self._encode(texts_of(texts), self.prompts["query"], None)

    def encode_document(self, texts: Sequence[str], progress: TextsDone | None = None) -> Vectors:
        """Unit vectors of passages, float32, shape (len(texts), dimension); `progress` gets counts of texts done."""
        return self._encode(texts_of(texts), self.prompts["document"], progress)

    def encode_after(
        self, prompt: str, texts: Sequence[str], kind: TextKind, progress: TextsDone | None = None
    ) -> Vectors:
        """Unit vectors of texts with another prompt, float32, shape (len(texts), dimension)."""
        return self._encode(texts_of(texts), prompt, progress)


class Reworded:
    """An `Encoder` with other prompts; its fingerprint keeps its vectors apart from those of the original.

    Args:
        inner: the encoder.
        query: the prompt of queries that replaces its own.
        document: the prompt of passages that replaces its own.
    """

    def __init__(self, inner: Prompted, query: str, document: str) -> None:
        self._inner = inner
        self.prompts = {"query": query, "document": document}
        self.name = inner.name
        self.dimension = inner.dimension
        self.max_tokens = inner.max_tokens
        digest = hashlib.sha256(repr((query, document)).encode("utf-8", "replace")).hexdigest()[:8]
        self.fingerprint = f"{inner.fingerprint}-prompts{digest}"

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, float32, shape (len(texts), dimension)."""
        return self._inner.encode_after(self.prompts["query"], texts, "query")

    def encode_document(self, texts: Sequence[str], progress: TextsDone | None = None) -> Vectors:
        """Unit vectors of passages, float32, shape (len(texts), dimension); `progress` gets counts of texts done."""
        return self._inner.encode_after(self.prompts["document"], texts, "document", progress)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """About how many tokens each text has, counted with the original's prompts."""
        return self._inner.count_tokens(texts)


def family_of_encoder(encoder: Prompted) -> Family | None:
    """The family of an encoder by its name or those of the models it was made from, or None."""
    return next((family for name in encoder.origins if (family := family_of(name)) is not None), None)


def lacking(encoder: Prompted) -> Family | None:
    """The family whose prompts an encoder lacks; None if it lacks none, or its family is unknown.

    An encoder with other prompts than its family's lacks none.
    """
    family = family_of_encoder(encoder)
    if family is None:
        return None
    for kind, needed in (("query", family.query), ("document", family.document)):
        if needed and not encoder.prompts.get(kind):
            return family
    return None


def origins_of(name: str, folder: Path, *others: Path) -> tuple[str, ...]:
    """The names that may tell an encoder's family: its own, its folder's, and those of the models it was made from.

    Args:
        name: of the encoder.
        folder: its folder.
        others: more folders that may name those models.
    """
    return (name, folder.name, *(each for place in (folder, *others) for each in _made_from(place)))


def _made_from(folder: Path) -> tuple[str, ...]:
    """The names of the models that an encoder was made from, in its configuration and its model card."""
    found: list[str] = []
    with contextlib.suppress(HybridSearchError, OSError, ValueError):
        if (folder / "config.json").is_file():
            found.append(str(read_json(folder / "config.json").get("_name_or_path") or ""))
    with contextlib.suppress(OSError):
        if (folder / "README.md").is_file():
            with (folder / "README.md").open(encoding="utf-8", errors="replace") as card:
                told = re.match(r"---\n(.*?)\n---", card.read(_CARD), re.DOTALL)
            inside = re.search(r"^base_model:\s*(?:-\s*)?(\S+)", told[1], re.MULTILINE) if told else None
            found.append(inside[1].strip("'\"") if inside else "")
    return tuple(name for name in found if name)
