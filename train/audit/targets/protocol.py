"""What an audit asks: anything that takes a question and gives a ranking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Protocol

from ....engine.encoders import Encoder
from ....engine.errors import HybridSearchError
from ....engine.progress import OnStage

# How many answers a question gets where neither the target nor the caller says.
DEPTH = 100


class TargetError(HybridSearchError):
    """A target that cannot be asked, or that gives no answer that can be read."""


@dataclass(frozen=True)
class Question:
    """One question in one language.

    Attributes:
        id: its own, as it is in a kit's files and in run files ("abacus-1-de").
        language: its code.
        text: what is asked.
        group: what its translations share ("abacus-1").
    """

    id: str
    language: str
    text: str
    group: str


@dataclass(frozen=True)
class Answer:
    """One place of a ranking; at least one of `id`, `source` and `text` is given.

    Attributes:
        id: as the target names it; a kit's passage is known by its id.
        text: of the passage or chunk, by which it is found in the kit where the id is the target's own.
        source: the path or name of the document, where the target tells it.
        language: its code, where the target tells it; else it is detected.
        score: as the target gives it; only the order of answers counts.
    """

    id: str = ""
    text: str = ""
    source: str = ""
    language: str = ""
    score: float | None = None


# What may be said of an answer, by name.
FIELDS = tuple(each.name for each in fields(Answer))


class Target(Protocol):
    """A retriever under audit.

    Attributes:
        name: as the report names it.
        depth: how many answers each question is asked for where the caller says nothing; None for a whole ranking.
    """

    name: str
    depth: int | None

    def prepare(self, questions: Sequence[Question]) -> None:
        """Told once all that will be asked, before the first question: to encode them in one go, for instance."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The first k answers, best first; fewer where there are no more.

        Raises:
            TargetError: it gives none; the message names the target, the cause and the question's id.
        """

    def languages(self) -> Mapping[str, int]:
        """How many passages of the collection each language has; empty where that cannot be told."""

    def close(self) -> None:
        """Let go of what it holds; called once."""


@dataclass(frozen=True)
class Options:
    """What is said of a target beside its name; each kind reads what concerns it.

    Attributes:
        load: gives an encoder by name.
        encoder: the name of the one that a library or a vector store is asked with, or that is behind a target.
        timeout: seconds that one answer may take.
        request: the body of a request, JSON with {question}, {k} and {language} in it.
        results: the JMESPath of the list of answers in a reply.
        fields: for `id`, `text`, `source`, `language` or `score` the name by which answers have it.
        headers: of a request, with environment variables as ${NAME}.
        notify: gets what a person should know, in sentences.
        remark: gets what is odd about the answers, in sentences for the report.
        cwd: where modules and commands are looked for.
        texts: of the kit's passages by id, for a target that ranks these itself.
        progress: called with a stage, what is done and what there is in all.
    """

    load: Callable[[str], Encoder] | None = None
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
