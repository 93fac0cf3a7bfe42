"""An agent without a model: asks a question in one language, and cites a passage in another one by offsets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Questions of the demo library: id, language of the question, language of the passage to cite.
ERRANDS = (
    ("silk-road-1", "en", "th"),
    ("windmill-1", "de", "ar"),
    ("tea-1", "es", "ja"),
    ("monsoon-2", "fr", "zh"),
    ("chess-1", "ru", "en"),
    ("olive-oil-1", "ko", "es"),
    ("earthquake-safety-2", "hi", "el"),
    ("monsoon-1", "zh", "vi"),
    ("subway-2", "ja", "tr"),
    ("silk-road-2", "ar", "de"),
)


@dataclass(frozen=True)
class Citation:
    """The place of an answer: characters `start` to `end` of the text of the document at `path`."""

    path: str
    start: int
    end: int
    language: str


@dataclass
class Session:
    """The calls and their answers, in order.

    Args:
        client: a connected client of the SDK.
    """

    client: Any
    calls: list[dict[str, Any]] = field(default_factory=list)

    async def cite(self, question: str, language: str) -> Citation:
        """Answer a question with a passage in a language: the first result, or its translation."""
        found = await self._call("search", query=question, limit=3)
        first = found["results"][0]
        places = {first["language"]: first["passage_id"]}
        places |= {each["language"]: each["passage_id"] for each in first["also_answered_in"]}
        passage = await self._call("read", passage_id=places[language], translations=False)
        return Citation(passage["path"], passage["start"], passage["end"], passage["language"])

    async def _call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        answered = await self.client.call_tool(tool, arguments)
        assert not answered.is_error, answered.structured_content
        self.calls.append({"tool": tool, "arguments": arguments, "answer": answered.structured_content})
        return answered.structured_content
