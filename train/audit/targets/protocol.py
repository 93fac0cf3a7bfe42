"""Defines what an audit can ask: anything that takes a question and returns a ranking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Protocol

from ....engine.encoders import Encoder
from ....engine.errors import HybridSearchError
from ....engine.progress import OnStage

# Answers per question if neither the target nor the caller sets it.
DEPTH = 100


class TargetError(HybridSearchError):
    """A target that cannot be asked, or whose answers cannot be read."""


@dataclass(frozen=True)
class Question:
    """One question in one language.

    Attributes:
        id: its id in a kit's files and in run files ("abacus-1-de").
        language: its code.
        text: the question.
        group: a name that its translations share ("abacus-1").
    """

    id: str
    language: str
    text: str
    group: str


@dataclass(frozen=True)
class Answer:
    """One place of a ranking; at least one of `id`, `source` and `text` is given.

    Attributes:
        id: the target's id of the passage; a kit's passage is identified by its id.
        text: the passage or chunk; identifies it in the kit if the target has its own ids.
        source: the path or name of the document, if the target returns it.
        language: its code, if the target returns it; else it is detected.
        score: the target's score; only the order of answers counts.
    """

    id: str = ""
    text: str = ""
    source: str = ""
    language: str = ""
    score: float | None = None


# The names of an answer's fields.
FIELDS = tuple(each.name for each in fields(Answer))


class Target(Protocol):
    """A retriever under audit.

    Attributes:
        name: shown in the report.
        depth: answers per question unless the caller sets it; None for a whole ranking.
    """

    name: str
    depth: int | None

    def prepare(self, questions: Sequence[Question]) -> None:
        """Called once with all questions before the first is asked, for instance to encode them together."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The first k answers, best first; fewer if there are no more.

        Raises:
            TargetError: it fails; the message names the target, the cause and the question's id.
        """

    def languages(self) -> Mapping[str, int]:
        """How many passages of the collection each language has; empty if unknown."""

    def close(self) -> None:
        """Release resources; called once."""


@dataclass(frozen=True)
class Options:
    """Settings of a target; each kind reads those that it needs.

    Attributes:
        load: returns an encoder by name, in the precision of vectors `stored`.
        encoder: the encoder to search a library or vector store with, or the one behind another target.
        timeout: seconds that one answer may take.
        request: the body of a request, JSON that contains {question}, {k} and {language}.
        results: the JMESPath of the list of answers in a reply.
        fields: the names that answers use for `id`, `text`, `source`, `language` or `score`.
        headers: headers of a request, with environment variables as ${NAME}.
        notify: called with sentences for the user.
        remark: called with oddities of the answers, in sentences for the report.
        cwd: the folder in which modules and commands are searched for.
        texts: the kit's passages by id, for a target that ranks them itself.
        progress: called with a stage, items done and their total.
    """

    load: Callable[..., Encoder] | None = None
    encoder: str = ""
    timeout: float = 30.0
    request: str = ""
    results: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    notify: Callable[[str], None] = lambda message: None
    remark: Callable[[str], None] = lambda message: None
    cwd: Path = field(default_factory=Path)
    texts: Mapping[str, str] = field(default_factory=dict)
    progress: OnStage | None = None
