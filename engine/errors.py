"""Defines the errors that a user can cause: each names the thing, the cause and the next step."""

from __future__ import annotations


class HybridSearchError(Exception):
    """An expected failure, shown to the user as one message and never as a traceback.

    Args:
        message: the thing and the cause, one sentence.
        hint: the next step, one sentence; shown after the message.
    """

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """The message with its hint."""
        return f"{self.message} {self.hint}".strip()


class UnreadableDocument(HybridSearchError):
    """A file whose text is not available; the rest of the folder is indexed."""

    exit_code = 1


class UnknownEncoder(HybridSearchError):
    """A name of no trained or bundled encoder, no folder, and no Hugging Face model that can be loaded here."""


class EncoderError(HybridSearchError):
    """An encoder that exists but cannot be used: damaged, incomplete, of another dimension than it claims."""


class LibraryError(HybridSearchError):
    """A library on disk that is missing, damaged, of a newer version, or in use by another writer."""


class EmptyLibrary(LibraryError):
    """A library without passages, asked for something that needs some."""

    def __init__(self) -> None:
        super().__init__("The library has no passages yet.", hint="`hybrid-search index DIR` puts documents into it.")


class LibraryBusy(LibraryError):
    """A library that another process is writing to; the same call may succeed once that has finished."""


class DataError(HybridSearchError):
    """Training or benchmark data that cannot be read or is not suitable for the task."""


class TrainingError(HybridSearchError):
    """A training run that cannot start or had to stop; the message says what is kept."""
