"""The messages that parts of the app send each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.message import Message


@dataclass
class LibraryOpened(Message):
    """A library is open, or what it holds has changed."""

    status: dict[str, Any]


@dataclass
class LibraryFailed(Message):
    """A library could not be opened."""

    message: str
    hint: str


@dataclass
class JobProgress(Message):
    """Progress of long work (indexing, encoding, evaluating); `words` is its state as a sentence."""

    job: str
    words: str
    data: dict[str, Any]

    def can_replace(self, message: Message) -> bool:
        """Only the latest state matters."""
        return isinstance(message, JobProgress) and message.job == self.job


@dataclass
class JobEnded(Message):
    """Long work ended: with a result, with an error in words, or with neither if it was cancelled."""

    job: str
    result: dict[str, Any] | None
    error: str


@dataclass
class RankingArrived(Message):
    """A column's answer to a query, or a step on the way to it."""

    query: str
    column: str
    data: dict[str, Any]


@dataclass
class SentenceFound(Message):
    """The sentence of a passage that is nearest to a query."""

    query: str
    passage: int
    span: tuple[int, int]


@dataclass
class JudgedArrived(Message):
    """The judgements of a question's passages, and the ranks of the right ones; see the child's `judged`."""

    query: str
    data: dict[str, Any]


@dataclass
class TrainingEvent(Message):
    """An event of a training run; see `hybrid-search train --json`."""

    event: dict[str, Any]


@dataclass
class StudyEvent(Message):
    """An event of a sweep of alpha; see `hybrid-search study --json`."""

    event: dict[str, Any]


@dataclass
class Wanted(Message):
    """Asks a question on Compare; `language` is the question's, or "" if unknown."""

    query: str
    language: str
