"""What a person writes for a target to the target: a scheme before a colon, an address, a library or a run file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ....engine.stores import STORES
from .protocol import Options, Target, TargetError

# By scheme the module of this room whose `open(place, options)` gives the target, and what is written after the colon.
# The place that it gets is all that follows "scheme:"; of an address (http, https) it is the whole.
SCHEMES: Mapping[str, tuple[str, str]] = {
    "encoder": (".by_encoder", "encoder:NAME, an encoder that ranks the kit's passages itself"),
    "library": (".in_library", "library:PATH, a library of this program"),
    "run": (".run_files", "run:FILE, rankings in TREC's format, JSON lines or BEIR's JSON"),
    "python": (".functions", "python:MODULE:FUNCTION, called with a question and how many answers"),
    "command": (".commands", "command:LINE, run for every question: the question on stdin, JSON on stdout"),
    "lines": (".commands", "lines:LINE, run once: a JSON object a line in, a line of JSON out"),
    "http": (".endpoints", "http://… or https://…, an endpoint that takes a question"),
    "https": (".endpoints", ""),
    # Written as `engine/stores/place.py` has them.
    **{kind.scheme: (".in_stores", f"{kind.form}, {kind.what}") for kind in STORES},
}


def open_target(text: str, options: Options) -> Target:
    """The target that a person means; it is to be closed.

    Raises:
        TargetError: it is of no known kind, or cannot be opened.
    """
    scheme, _, place = text.partition(":")
    scheme = scheme.lower()
    if scheme not in SCHEMES:
        scheme, place = _guessed(text), text
    if scheme in ("http", "https"):
        place = text
    opener: Callable[[str, str, Options], Any] = import_module(SCHEMES[scheme][0], __package__).open_target
    target: Target = opener(scheme, place, options)
    return target


def _guessed(text: str) -> str:
    """The scheme of what has none: a folder is a library, a file is a run."""
    from ....engine.places import place_of

    place = Path(text).expanduser()
    try:
        if place_of(place) is not None or place.is_dir():
            return "library"
        if place.is_file():
            return "run"
    except (OSError, ValueError):
        pass
    known = "; ".join(words for _, words in SCHEMES.values() if words)
    raise TargetError(f"There is no target {text!r:.200}.", hint=f"Known: a library's folder, a run file, {known}.")
