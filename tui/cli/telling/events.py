"""Writes the events of `--jsonl` to stdout, and records whether they were asked for."""

from __future__ import annotations

import sys
from typing import Any

import click

from ....engine.shown import as_json
from ...contract import event

_ASKED = "hybrid_search.events"


def begin_events(context: click.Context) -> None:
    """Make stdout take events until the command ends."""
    context.find_root().meta[_ASKED] = True


def tells_events() -> bool:
    """Whether stdout takes events."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.find_root().meta.get(_ASKED))


def tell(kind: str, **values: Any) -> None:
    """Write an event to stdout."""
    use_utf8()
    sys.stdout.write(as_json(event(kind, **values)) + "\n")
    sys.stdout.flush()


def use_utf8() -> None:
    """Switch stdout to UTF-8 if the platform's encoding is another one."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None and (sys.stdout.encoding or "").lower().replace("-", "") != "utf8":
        reconfigure(encoding="utf-8", errors="replace")
