"""Why a request was refused: a kind, the fault, and the next step for an agent."""

from __future__ import annotations

from typing import Any

from ...engine.errors import (
    EncoderError,
    HybridSearchError,
    LibraryBusy,
    LibraryError,
    UnknownEncoder,
)
from ..contract.shapes import record, text

KINDS = {
    "invalid_arguments": "an argument is missing, of another type, or too large",
    "not_found": "there is no such passage, document or encoder",
    "busy": "too many requests, or another process is writing: the same call may succeed later",
    "not_allowed": "the server was started without the option that this needs",
    "library": "the library is missing, damaged or out of reach",
    "encoder": "the encoder cannot be used",
    "internal": "a bug in the program",
}

ERROR = record(
    {
        "error": record(
            {
                "kind": text(one_of=tuple(KINDS)),
                "message": text("the fault and its cause"),
                "next_step": text("the next step; may be empty"),
            }
        )
    },
    "set with `isError`; nothing was done",
)


class Refused(HybridSearchError):
    """A request that cannot be answered.

    Args:
        kind: one of `KINDS`.
        message: the fault and its cause.
        hint: the next step.
    """

    def __init__(self, kind: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        assert kind in KINDS
        self.kind = kind


def kind_of(error: HybridSearchError) -> str:
    """The kind of an error of the engine."""
    if isinstance(error, Refused):
        return error.kind
    if isinstance(error, LibraryBusy):
        return "busy"
    if isinstance(error, UnknownEncoder):
        return "not_found"
    if isinstance(error, LibraryError):
        return (
            "not_found"
            if error.message.startswith(("The library has no passage", "The library has no doc"))
            else "library"
        )
    # What else the engine refuses is about what was given, such as a folder that does not exist.
    return "encoder" if isinstance(error, EncoderError) else "invalid_arguments"


def as_answer(error: Exception) -> dict[str, Any]:
    """The error in the form of `ERROR`; of an unexpected one only the type, since its message may hold anything."""
    if isinstance(error, HybridSearchError):
        found = {"kind": kind_of(error), "message": error.message, "next_step": error.hint}
    else:
        found = {
            "kind": "internal",
            "message": f"The request failed because of a bug in the program ({type(error).__name__}).",
            "next_step": "Try another request; the server's stderr says more.",
        }
    return {"error": found}
