"""Encodes what is missing for a column that waits; after a failure it does not begin again by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..display import counted
from .jobs import Jobs
from .messages import JobEnded, JobProgress

ENCODING = "encoding for "
MOST_AT_ONCE = 5_000


@dataclass(frozen=True)
class Told:
    """What a column shows meanwhile; `over` means that no answer will come, and `hint` says what to do."""

    words: str
    hint: str = ""
    over: bool = False


class Encoding:
    """Runs the encoding jobs of columns, one encoder after another.

    Args:
        jobs: runs long work.
        where: returns the open library, as parameters of a job.
    """

    def __init__(self, jobs: Jobs, where: Callable[[], dict[str, Any]]) -> None:
        self._jobs = jobs
        self._where = where
        self._words: dict[str, str] = {}
        self._waiting: set[str] = set()
        self._over: dict[str, Told] = {}
        self._asked_for: set[str] = set()

    def want(self, encoder: str, passages: int) -> Told:
        """Begin or go on with `passages` that are missing, wait for other work, or say why they are not encoded."""
        job, running = f"{ENCODING}{encoder}", self._jobs.running
        if encoder in self._over:
            return self._over[encoder]
        missing = counted(passages, "passage")
        if passages > MOST_AT_ONCE and encoder not in self._asked_for:
            words = f"Not encoded for {encoder} yet: {missing}."
            return Told(words, "Encode them on the Library screen (F3).", over=True)
        if running and running != job:
            self._waiting.add(encoder)
            return Told(f"Waiting for {running} to end, then for {missing} to be encoded for {encoder}.")
        if not running:
            self._jobs.start(job, "encode", encoder=encoder, **self._where())
        return Told(self._words.get(encoder) or f"Encoding {missing} for {encoder}…")

    def follow(self, event: JobProgress) -> str:
        """Take a job's progress; returns the encoder that it is about, or ""."""
        encoder = _encoder(event.job)
        if encoder:
            self._words[encoder] = event.words
        return encoder

    def end(self, event: JobEnded) -> Told | None:
        """Take a job's end; returns what its encoder's column shows now, or None if the column can be asked again."""
        encoder = _encoder(event.job)
        self._words.pop(encoder, None)
        if not encoder or event.result is not None:
            self._over.pop(encoder, None)
            return None
        cancelled = f"Encoding for {encoder} was cancelled; what was done is kept."
        self._over[encoder] = Told(
            event.error or cancelled, "e on the Library screen (F3) encodes the rest.", over=True
        )
        return self._over[encoder]

    def others_wait(self) -> bool:
        """Whether a column waited for the job that ended; the answer is forgotten after the call."""
        waited, self._waiting = bool(self._waiting), set()
        return waited

    def ask_for(self, encoders: Iterable[str]) -> None:
        """Let these encoders encode any number of passages, since the user named them."""
        self._asked_for |= set(encoders)

    def forget(self, encoders: list[str]) -> None:
        """Forget the failures of these encoders, so that they are tried again."""
        for encoder in encoders:
            self._over.pop(encoder, None)


def _encoder(job: str) -> str:
    """The encoder that a job encodes for, or ""."""
    return job.removeprefix(ENCODING) if job.startswith(ENCODING) else ""
