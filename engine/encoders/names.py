"""Defines the names of encoders that have a meaning: bundled ones, search by words, `+neutral`, kinds with a prefix.

`KIND:WHAT#SETTING=VALUE&…` is the form of every name that is neither a folder nor a Hugging Face id; `KINDS` lists all
kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from ..errors import UnknownEncoder
from ..files import is_folder_name

BASE = "base"
# From the least to the most language-biased, named after the batches that they were trained with.
TRIO = ("hybrid", "cross", "mono")
# The name of search by words, which can be given like an encoder's.
BM25 = "bm25"
# The name of several rankings joined into one.
FUSED = "fused"
# The prefix of an encoder that is asked the question in every language; its rankings are joined into one.
EVERY = "every:"
# Names that no trained encoder may have; `--encoder all` means all of a library.
RESERVED = (BASE, BM25, FUSED, "all")
# The suffix of an encoder whose vectors lose what their language adds.
NEUTRAL = "+neutral"

Runs = Literal["endpoint", "vectors", "static", "neutral", "column"]


@dataclass(frozen=True)
class Kind:
    """Encoders whose names begin with `PREFIX:`.

    Attributes:
        prefix: what is before the colon.
        form: of the whole name, with placeholders in capitals.
        what: a description for people.
        runs: the loader that runs it.
        settings: the settings allowed after `#`.
    """

    prefix: str
    form: str
    what: str
    runs: Runs
    settings: tuple[str, ...] = ()


_PROMPTED = ("dimensions", "prompts", "query", "document", "tokens", "batch", "timeout", "key", "price")
_TYPED = ("dimensions", "tokens", "batch", "timeout", "key", "price")

KINDS = (
    Kind("openai", "openai:MODEL[@URL]", "an OpenAI-compatible endpoint (POST URL/embeddings)", "endpoint", _PROMPTED),
    Kind("ollama", "ollama:MODEL[@URL]", "Ollama (POST URL/api/embed)", "endpoint", _PROMPTED),
    Kind("tei", "tei:URL", "Text Embeddings Inference (POST URL/embed)", "endpoint", _PROMPTED),
    Kind("cohere", "cohere:MODEL[@URL]", "Cohere (POST URL/embed, version 2)", "endpoint", _TYPED),
    Kind("voyage", "voyage:MODEL[@URL]", "Voyage (POST URL/embeddings)", "endpoint", _TYPED),
    Kind("gemini", "gemini:MODEL[@URL]", "Gemini (POST URL/models/MODEL:batchEmbedContents)", "endpoint", _TYPED),
    Kind(
        "vectors",
        "vectors:FILE",
        "vectors made by another program, with their texts",
        "vectors",
        ("queries", "ask"),
    ),
    Kind("static", "static:FOLDER|ID", "a model2vec or StaticEmbedding model, run without torch", "static"),
    Kind(
        "neutral",
        "neutral:FILE#ask=NAME",
        "an encoder with the correction that `neutralise` wrote to a file",
        "neutral",
        ("ask",),
    ),
    Kind(
        "fuse", "fuse:NAME,NAME,…", "other encoders' rankings, joined by reciprocal rank fusion", "column", ("depth",)
    ),
    Kind(
        "rerank",
        "rerank:MODEL",
        "what another encoder finds, reranked by a cross-encoder (a folder or id) or by an "
        "endpoint (rerank:tei:URL, rerank:cohere:MODEL, rerank:voyage:MODEL)",
        "column",
        ("of", "depth"),
    ),
    Kind(
        "sparse",
        "sparse:MODEL",
        "a sparse encoder of sentence-transformers, which compares up to 100,000 passages itself; with `of` or "
        "`depth` it reranks what another encoder finds",
        "column",
        ("of", "depth"),
    ),
    Kind(
        "multivector",
        "multivector:MODEL",
        "a multi-vector encoder of sentence-transformers, which compares up to 5,000 passages itself; with `of` or "
        "`depth` it reranks what another encoder finds",
        "column",
        ("of", "depth"),
    ),
)
# What each setting after `#` means.
SETTINGS = {
    "dimensions": "length of the vectors, for models that can give shorter ones",
    "prompts": "the family whose prompts to use (e5, bge, nomic, qwen, …), or none",
    "query": "what to put before a query, in place of the family's prompt",
    "document": "what to put before a passage, in place of the family's prompt",
    "tokens": "the most tokens of a text that the model reads",
    "batch": "the most texts of one request",
    "timeout": "seconds to wait for an answer",
    "key": "the environment variable that holds the key",
    "price": "price of a million tokens, to show the cost",
    "queries": "a file with vectors of questions, if they are in another file",
    "of": "the encoder whose results are reranked; default hybrid",
    "depth": "how many of its results are reranked; default 100",
    "ask": "the encoder of the queries; write # and & in its own settings as %23 and %26",
}


def kind_of(name: str) -> Kind | None:
    """The kind of a name's prefix; None for a name without one."""
    prefix = name.partition(":")[0]
    return next((kind for kind in KINDS if kind.prefix == prefix and ":" in name), None)


def parts_of(name: str, kind: Kind) -> tuple[str, dict[str, str]]:
    """The part of a name after its prefix, and its settings.

    Values are percent-encoded as in an address, `%20` for a space and `%26` for &; a plain space is allowed, too.

    Raises:
        UnknownEncoder: the kind does not have a setting, or nothing follows the prefix.
    """
    what, _, behind = name.partition(":")[2].partition("#")
    settings: dict[str, str] = {}
    for pair in behind.split("&") if behind else ():
        key, equals, value = pair.partition("=")
        if key not in kind.settings or not equals:
            known = ", ".join(kind.settings) or "none"
            raise UnknownEncoder(
                f"{name!r} has a setting {key!r}, which {kind.prefix}: does not know.",
                hint=f"It is written {kind.form}{'#SETTING=VALUE&…' if kind.settings else ''}; settings: {known}.",
            )
        settings[key] = unquote(value)
    if not what:
        raise UnknownEncoder(f"{name!r} is incomplete.", hint=f"It is written {kind.form}.")
    return what, settings


def name_problem(name: str) -> str:
    """Why no new encoder can have a name, in a sentence; "" if one can."""
    if name in RESERVED:
        return "It cannot be an encoder's name: it means something else."
    if not is_folder_name(name) or "+" in name or name.startswith(EVERY) or kind_of(name):
        return "It cannot be an encoder's name: use letters, digits, - and _."
    return ""


def is_encoder(name: str) -> bool:
    """Whether a column's name is that of one encoder, not of search by words or of joined rankings."""
    return name not in (BM25, FUSED) and not name.startswith(EVERY)


def best_first(names: Sequence[str]) -> list[str]:
    """Sort encoders' names: the trio first, from the least to the most biased, then the others by name."""
    return sorted(names, key=lambda name: (TRIO.index(name) if name in TRIO else len(TRIO), name))
