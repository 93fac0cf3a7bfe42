"""Which endpoints the person has named: texts go to these only, never to one that just a library names."""

from __future__ import annotations

import contextlib
import json

from ... import paths
from ...errors import EncoderError
from ...files import write_text
from .named import Named, is_endpoint, parse

# Named in this process, also where the list cannot be written.
_named: set[str] = set()


def remember(name: str) -> None:
    """Take a name that the person has typed: if it is an endpoint's, texts may be sent to it from now on.

    Raises:
        UnknownEncoder: it begins like an endpoint's name and is written wrongly.
        EncoderError: it holds a secret.
    """
    if not is_endpoint(name):
        return
    place = parse(name).place
    if place in _known():
        return
    _named.add(place)
    with contextlib.suppress(OSError):
        write_text(
            paths.data_folder() / "endpoints.json", json.dumps(sorted(_known()), ensure_ascii=False, indent=1) + "\n"
        )


def withheld(name: str) -> bool:
    """Whether a name is that of an endpoint that the person has never named.

    Raises:
        UnknownEncoder: it begins like an endpoint's name and is written wrongly.
        EncoderError: it holds a secret.
    """
    return is_endpoint(name) and parse(name).place not in _known()


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
