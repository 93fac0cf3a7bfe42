"""Writes the events of `--jsonl` to stdout, and records whether they were asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from ....engine.shown import as_json
from ...contract import event

_ASKED = "hybrid_search.events"
_OF_LONG_WORK, _OF_RUNS = "--jsonl", "train, study"


def begin_events(context: click.Context, *, of_runs: bool = False) -> None:
    """Make stdout take events until the command ends: those of `--jsonl`, or those of training runs."""
    context.find_root().meta[_ASKED] = _OF_RUNS if of_runs else _OF_LONG_WORK


def _asked() -> str:
    context = click.get_current_context(silent=True)
    return "" if context is None else str(context.find_root().meta.get(_ASKED, ""))


def tells_events() -> bool:
    """Whether stdout takes the events of `--jsonl`."""
    return _asked() == _OF_LONG_WORK


def tell(kind: str, **values: Any) -> None:
    """Write an event of `--jsonl` to stdout."""
    write_event(event(kind, **values))


def tell_failure(message: str, hint: str, code: int, *, stopped: bool) -> None:
    """Write the event that ends the output of a command that failed, if stdout takes events."""
    if _asked() == _OF_LONG_WORK:
        tell("error", message=message, hint=hint, exit_code=code)
    elif _asked() == _OF_RUNS:
        write_event({"event": "stopped" if stopped else "error", "message": f"{message} {hint}".strip()})


def write_event(values: Mapping[str, Any]) -> None:
    """Write one event, on one line, to stdout."""
    use_utf8()
    sys.stdout.write(as_json(values) + "\n")
    sys.stdout.flush()


def use_utf8() -> None:
    """Switch stdout to UTF-8 if the platform's encoding is another one."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None and (sys.stdout.encoding or "").lower().replace("-", "") != "utf8":
        reconfigure(encoding="utf-8", errors="replace")
