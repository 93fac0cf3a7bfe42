"""Opens the target that a user names: by a scheme before a colon, an address, a library's folder or a run file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from ....engine.paths import typed
from ....engine.stores import STORES
from .protocol import Options, Target, TargetError

# By scheme: the module of this folder whose `open_target(scheme, place, options)` returns the target, and its help.
# `place` is the text after "scheme:", or the whole address for http and https.
SCHEMES: Mapping[str, tuple[str, str]] = {
    "encoder": (".by_encoder", "encoder:NAME, an encoder that ranks the kit's passages itself"),
    "library": (".in_library", "library:PATH, a library of this program"),
    "run": (".run_files", "run:FILE, rankings in TREC's format, JSON lines or BEIR's JSON"),
    "python": (".functions", "python:MODULE:FUNCTION, called with a question and how many answers"),
    "command": (".commands", "command:LINE, run for every question: the question on stdin, JSON on stdout"),
    "lines": (".commands", "lines:LINE, run once: a JSON object a line in, a line of JSON out"),
    "http": (".endpoints", "http://… or https://…, an endpoint that takes a question"),
    "https": (".endpoints", ""),
    # Defined in `engine/stores/place.py`.
    **{kind.scheme: (".in_stores", f"{kind.form}, {kind.what}") for kind in STORES},
}


def open_target(text: str, options: Options) -> Target:
    """The target that a user names; the caller closes it.

    Raises:
        TargetError: its kind is unknown, or it cannot be opened.
    """
    scheme, colon, place = text.partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in SCHEMES:
        scheme, place = _guessed(text), text
    elif not place.strip():
        raise TargetError(f"{text!r} is incomplete: what follows the colon is missing.", hint=_known())
    if scheme in ("http", "https"):
        place = text
    opener: Callable[[str, str, Options], Any] = import_module(SCHEMES[scheme][0], __package__).open_target
    target: Target = opener(scheme, place, options)
    return target


def _guessed(text: str) -> str:
    """The scheme of a target without one: a folder is a library, a file is a run."""
    from ....engine.places import place_of

    place = typed(text)
    try:
        if place_of(place) is not None or place.is_dir():
            return "library"
        if place.is_file():
            return "run"
    except (OSError, ValueError):
        pass
    raise TargetError(f"There is no target {text!r:.200}.", hint=_known())


def _known() -> str:
    return f"Known: a library's folder, a run file, {'; '.join(words for _, words in SCHEMES.values() if words)}."
