"""Which endpoints the person has named: texts go to these only, never to one that just a library names."""

from __future__ import annotations

import contextlib
import json

from ... import paths
from ...errors import EncoderError
from ...files import write_text
from ..names import kind_of, parts_of
from .named import Named, is_endpoint, parse

# Named in this process, also where the list cannot be written.
_named: set[str] = set()


def remember(name: str) -> None:
    """Take a name that the person has typed: if texts would go to an endpoint, they may from now on.

    Raises:
        UnknownEncoder: it begins like an endpoint's name and is written wrongly.
        EncoderError: it holds a secret.
    """
    place = _place(name)
    if not place or place in _known():
        return
    _named.add(place)
    with contextlib.suppress(OSError):
        write_text(
            paths.data_folder() / "endpoints.json", json.dumps(sorted(_known()), ensure_ascii=False, indent=1) + "\n"
        )


def withheld(name: str) -> bool:
    """Whether texts would go to an endpoint that the person has never named.

    Raises:
        UnknownEncoder: it begins like an endpoint's name and is written wrongly.
        EncoderError: it holds a secret.
    """
    place = _place(name)
    return bool(place) and place not in _known()


def _place(name: str) -> str:
    """The endpoint behind a name, also behind one that names another encoder; empty for none."""
    kind = kind_of(name)
    if kind is not None and "ask" in kind.settings:
        return _place(parts_of(name, kind)[1].get("ask", ""))
    return parse(name).place if is_endpoint(name) else ""


def require(endpoint: Named) -> None:
    """Make sure that the person has named an endpoint.

    Raises:
        EncoderError: only a library, or a setting, names it.
    """
    if endpoint.place not in _known():
        raise EncoderError(
            f"{endpoint.name} is an endpoint that you have not named yourself: nothing is sent to it.",
            hint=f"If you trust it, name it in a command: `hybrid-search search QUESTION --encoder '{endpoint.name}'`.",
        )


def _known() -> set[str]:
    try:
        read = json.loads((paths.data_folder() / "endpoints.json").read_text("utf-8"))
    except (OSError, ValueError):
        read = []
    return _named | {each for each in read if isinstance(each, str)} if isinstance(read, list) else set(_named)
