"""The texts that families of encoders expect before a query and before a passage; without them they answer worse."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_ASKED = "Given a web search query, retrieve relevant passages that answer the query"
_SENTENCE = "Represent this sentence for searching relevant passages: "


@dataclass(frozen=True)
class Family:
    """Encoders that were trained with the same prompts.

    Attributes:
        name: as `#prompts=NAME` has it.
        pattern: matches the names of its encoders, in small letters.
        query: stands before a query.
        document: stands before a passage.
    """

    name: str
    pattern: str
    query: str
    document: str = ""


# The first that matches counts.
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
# `#prompts=none`: nothing stands before any text.
NONE = Family("none", r"(?!)", "")


def family_of(name: str) -> Family | None:
    """The family that an encoder's name tells, None where it tells none."""
    # A folder or an id: only its last part says what the encoder is; Ollama's tags and sizes come behind a colon.
    lowered = name.lower().rstrip("/").rsplit("/", 1)[-1]
    return next((family for family in FAMILIES if re.search(family.pattern, lowered)), None)


def family_named(name: str) -> Family | None:
    """The family that `#prompts=NAME` means, None where there is none of that name."""
    return next((family for family in (*FAMILIES, NONE) if family.name == name), None)


def chosen_prompts(saved: Mapping[str, str], name: str) -> dict[str, str]:
    """The prompts of queries and documents: those saved, else those that a known family was trained with."""
    document = next((saved[key] for key in ("document", "passage", "corpus") if saved.get(key)), "")
    if saved.get("query") or document:
        return {"query": saved.get("query", ""), "document": document}
    family = family_of(name) or NONE
    return {"query": family.query, "document": family.document}
