"""The events of `--jsonl`: what long work reports on stdout as it runs, one JSON object a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...train.run import EVENTS as OF_TRAINING
from ...train.run import EventKind
from .shapes import Shape

# The key that tells events apart.
KEY = "event"

EVENTS: Mapping[str, EventKind] = {
    "progress": EventKind(
        "A stage began, went on or ended; at most a few a second.",
        {
            "stage": "what is done",
            "done": "number of files, passages, vectors or questions done",
            "total": "total; 0 while unknown",
            "path": "current file; empty if none",
        },
    ),
    "result": EventKind("The work is done.", {"result": "what --json prints"}),
    "error": EventKind(
        "The work failed. Nothing follows.",
        {"message": "what and why", "hint": "the next step; may be empty", "exit_code": "of the process"},
    ),
}


def event(kind: str, **values: Any) -> dict[str, Any]:
    """An event of a declared kind, with the values of its keys."""
    assert set(values) == set(EVENTS[kind].keys)
    return {KEY: kind, **values}


def event_schema(name: str, kind: EventKind) -> Shape:
    """The schema of a kind of event."""
    keys: dict[str, Shape] = {key: {"description": meaning} for key, meaning in kind.keys.items()}
    return {
        "type": "object",
        "description": kind.when,
        "properties": {KEY: {"const": name}, **keys},
        "required": [KEY, *keys],
    }


def schemas() -> dict[str, dict[str, Shape]]:
    """The schemas of all events, by the option or commands that write them."""
    return {
        "--jsonl": {name: event_schema(name, kind) for name, kind in EVENTS.items()},
        "train, study": {name: event_schema(name, kind) for name, kind in OF_TRAINING.items()},
    }
