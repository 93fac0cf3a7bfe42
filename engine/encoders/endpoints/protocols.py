"""Defines the requests and answers of each kind of endpoint: one small adapter per protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..protocol import TextKind


class Unexpected(ValueError):
    """An answer that does not have the protocol's shape; the message says how."""


@dataclass(frozen=True)
class About:
    """What an endpoint says about its model.

    Attributes:
        model: the model's own name.
        revision: changes with the model's weights.
        tokens: the most tokens of a text; 0 if unknown.
        batch: the most texts of a request; 0 if unknown.
    """

    model: str = ""
    revision: str = ""
    tokens: int = 0
    batch: int = 0


class Protocol:
    """One kind of endpoint.

    Attributes:
        prefix: of names.
        title: for people.
        address: the default address; empty if a name has to give one.
        keys: environment variables that may hold its key, in the order of lookup.
        needs_model: whether a name must contain a model.
        prompted: whether prompts are put into the text; otherwise the request says whether it is a query or a passage.
        batch: the most texts of a request.
        tokens: the most tokens that its models read, if nothing else says so.
    """

    prefix: str
    title: str
    address: str = ""
    keys: tuple[str, ...] = ()
    needs_model: bool = True
    prompted: bool = False
    batch: int = 64
    tokens: int = 8192

    def headers(self, secret: str) -> dict[str, str]:
        """The header that carries the key."""
        return {"Authorization": f"Bearer {secret}"} if secret else {}

    def path(self, model: str) -> str:
        """The path after the address."""
        raise NotImplementedError

    def body(self, model: str, texts: Sequence[str], kind: TextKind, dimensions: int) -> dict[str, Any]:
        """The request for the vectors of texts."""
        raise NotImplementedError

    def rows(self, answer: Any, number: int) -> list[Any]:
        """The vectors of an answer, in the order of the `number` texts.

        Raises:
            Unexpected: it does not have the protocol's shape.
        """
        raise NotImplementedError

    def tokens_used(self, answer: Any, headers: Mapping[str, str]) -> int:
        """The tokens that the endpoint counted for an answer; 0 if it does not say."""
        return 0

    def about_path(self) -> str:
        """The path of information about the model; empty if there is none."""
        return ""

    def about(self, answer: Any, model: str) -> About:
        """The information in an answer from `about_path`."""
        return About()


class OpenAI(Protocol):
    """POST URL/embeddings, as for OpenAI and most model servers."""

    prefix, title, address = "openai", "OpenAI-compatible endpoint", "https://api.openai.com/v1"
    keys, prompted, tokens = ("OPENAI_API_KEY",), True, 8191

    def path(self, model: str) -> str:
        """The path for vectors."""
        return "/embeddings"

    def body(self, model: str, texts: Sequence[str], kind: TextKind, dimensions: int) -> dict[str, Any]:
        """The request for the vectors of texts."""
        asked = {"model": model, "input": list(texts), "encoding_format": "float"}
        return {**asked, "dimensions": dimensions} if dimensions else asked

    def rows(self, answer: Any, number: int) -> list[Any]:
        """Entries of `data` by their `index`."""
        return _indexed(_list(answer, "data"), number)

    def tokens_used(self, answer: Any, headers: Mapping[str, str]) -> int:
        """From `usage`."""
        return _count(answer, "usage", "total_tokens") or _count(answer, "usage", "prompt_tokens")


class Voyage(Protocol):
    """POST URL/embeddings with the type of the input."""

    prefix, title, address = "voyage", "Voyage", "https://api.voyageai.com/v1"
    keys, batch, tokens = ("VOYAGE_API_KEY",), 128, 32_000

    def path(self, model: str) -> str:
        """The path for vectors."""
        return "/embeddings"

    def body(self, model: str, texts: Sequence[str], kind: TextKind, dimensions: int) -> dict[str, Any]:
        """The request for the vectors of texts."""
        asked = {"model": model, "input": list(texts), "input_type": kind}
        return {**asked, "output_dimension": dimensions} if dimensions else asked

    def rows(self, answer: Any, number: int) -> list[Any]:
        """Entries of `data` by their `index`."""
        return _indexed(_list(answer, "data"), number)

    def tokens_used(self, answer: Any, headers: Mapping[str, str]) -> int:
        """From `usage`."""
        return _count(answer, "usage", "total_tokens")


class Cohere(Protocol):
    """POST URL/embed of version 2 with the type of the input."""

    prefix, title, address = "cohere", "Cohere", "https://api.cohere.com/v2"
    # Models of version 3 read 512 tokens, later ones far more: passages are cut to fit both.
    keys, batch, tokens = ("COHERE_API_KEY", "CO_API_KEY"), 96, 512

    def path(self, model: str) -> str:
        """The path for vectors."""
        return "/embed"

    def body(self, model: str, texts: Sequence[str], kind: TextKind, dimensions: int) -> dict[str, Any]:
        """The request for the vectors of texts."""
        asked = {
            "model": model,
            "texts": list(texts),
            "input_type": f"search_{kind}",
            "embedding_types": ["float"],
            "truncate": "END",
        }
        return {**asked, "output_dimension": dimensions} if dimensions else asked

    def rows(self, answer: Any, number: int) -> list[Any]:
        """`embeddings.float`."""
        return _list(answer.get("embeddings") if isinstance(answer, dict) else None, "float")

    def tokens_used(self, answer: Any, headers: Mapping[str, str]) -> int:
        """The billed tokens."""
        return _count(answer, "meta", "billed_units", "input_tokens")


class Gemini(Protocol):
    """POST URL/models/MODEL:batchEmbedContents with the type of the task."""

    prefix, title, address = "gemini", "Gemini", "https://generativelanguage.googleapis.com/v1beta"
    keys, batch, tokens = ("GEMINI_API_KEY", "GOOGLE_API_KEY"), 100, 2048

    def headers(self, secret: str) -> dict[str, str]:
        """The header that carries the key."""
        return {"x-goog-api-key": secret} if secret else {}

    def path(self, model: str) -> str:
        """The path for vectors."""
        return f"/models/{quote(model.removeprefix('models/'), safe='')}:batchEmbedContents"

    def body(self, model: str, texts: Sequence[str], kind: TextKind, dimensions: int) -> dict[str, Any]:
        """The request for the vectors of texts."""
        task = {"model": f"models/{model.removeprefix('models/')}", "taskType": f"RETRIEVAL_{kind.upper()}"}
        if dimensions:
            task["outputDimensionality"] = dimensions  # type: ignore[assignment]
        return {"requests": [{**task, "content": {"parts": [{"text": text}]}} for text in texts]}

    def rows(self, answer: Any, number: int) -> list[Any]:
        """`values` of each entry of `embeddings`."""
        return [_list(entry, "values") for entry in _list(answer, "embeddings")]

    def tokens_used(self, answer: Any, headers: Mapping[str, str]) -> int:
        """From `usageMetadata`, if there is one."""
        return _count(answer, "usageMetadata", "promptTokenCount")


class Ollama(Protocol):
    """POST URL/api/embed."""

    prefix, title, address = "ollama", "Ollama", "http://localhost:11434"
    keys, prompted, tokens = ("OLLAMA_API_KEY",), True, 2048

    def path(self, model: str) -> str:
        """The path for vectors."""
        return "/api/embed"

    def body(self, model: str, texts: Sequence[str], kind: TextKind, dimensions: int) -> dict[str, Any]:
        """The request for the vectors of texts."""
        asked = {"model": model, "input": list(texts), "truncate": True}
        return {**asked, "dimensions": dimensions} if dimensions else asked

    def rows(self, answer: Any, number: int) -> list[Any]:
        """`embeddings`."""
        return _list(answer, "embeddings")

    def tokens_used(self, answer: Any, headers: Mapping[str, str]) -> int:
        """`prompt_eval_count`."""
        return _count(answer, "prompt_eval_count")

    def about_path(self) -> str:
        """The list of models."""
        return "/api/tags"

    def about(self, answer: Any, model: str) -> About:
        """The digest of the model, which changes when another model is pulled under the same name."""
        models = answer.get("models") if isinstance(answer, dict) else None
        for each in models if isinstance(models, list) else ():
            if isinstance(each, dict) and each.get("name") in (model, f"{model}:latest"):
                return About(model, str(each.get("digest") or ""))
        return About(model)


class Tei(Protocol):
    """POST URL/embed of Text Embeddings Inference."""

    prefix, title = "tei", "Text Embeddings Inference"
    needs_model, prompted, batch, tokens = False, True, 32, 512

    def path(self, model: str) -> str:
        """The path for vectors."""
        return "/embed"

    def body(self, model: str, texts: Sequence[str], kind: TextKind, dimensions: int) -> dict[str, Any]:
        """The request for the vectors of texts."""
        asked = {"inputs": list(texts), "truncate": True, "normalize": True}
        return {**asked, "dimensions": dimensions} if dimensions else asked

    def rows(self, answer: Any, number: int) -> list[Any]:
        """The answer itself."""
        if not isinstance(answer, list):
            raise Unexpected("the answer is not a list of vectors")
        return answer

    def tokens_used(self, answer: Any, headers: Mapping[str, str]) -> int:
        """From a header."""
        counted = headers.get("x-compute-tokens", "")
        return int(counted) if counted.isascii() and counted.isdigit() else 0

    def about_path(self) -> str:
        """The path of information about the served model."""
        return "/info"

    def about(self, answer: Any, model: str) -> About:
        """The model, its revision and its limits."""
        return About(
            _word(answer, "model_id"),
            _word(answer, "model_sha"),
            _count(answer, "max_input_length"),
            _count(answer, "max_client_batch_size"),
        )


PROTOCOLS: dict[str, Protocol] = {
    each.prefix: each for each in (OpenAI(), Ollama(), Tei(), Cohere(), Voyage(), Gemini())
}


def _list(answer: Any, key: str) -> list[Any]:
    found = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise Unexpected(f"the answer has no list {key!r}")
    return found


def _indexed(entries: list[Any], number: int) -> list[Any]:
    """The vectors of entries in the order of their indexes; without indexes, in the order of the answer."""
    if any(not isinstance(entry, dict) or "embedding" not in entry for entry in entries):
        raise Unexpected("an entry of 'data' has no 'embedding'")
    if len(entries) != number:
        return [entry["embedding"] for entry in entries]
    if any(type(entry.get("index", 0)) is not int for entry in entries):
        raise Unexpected("'index' of an entry is not a number")
    rows = {entry.get("index", place): entry["embedding"] for place, entry in enumerate(entries)}
    if rows.keys() != set(range(number)):
        raise Unexpected(f"'index' of the entries is not 0 to {number - 1}")
    return [rows[index] for index in range(number)]


def _count(answer: Any, *keys: str) -> int:
    for key in keys:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer if isinstance(answer, int) and not isinstance(answer, bool) and answer > 0 else 0


def _word(answer: Any, key: str) -> str:
    found = answer.get(key) if isinstance(answer, dict) else None
    return found if isinstance(found, str) else ""
