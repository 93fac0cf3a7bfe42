"""Records which endpoints the user has named: texts are sent only to these, not to one that only a library names."""

from __future__ import annotations

import contextlib
import json
from urllib.parse import unquote

from ... import paths
from ...errors import EncoderError, HybridSearchError
from ...files import read_regular, write_text
from ..names import NEUTRAL, kind_of, parts_of
from .named import Named, parse

# Endpoints of names that were typed in this process.
_named: set[str] = set()
# How many names are kept: the last ones used.
_MOST = 50


def remember(name: str) -> None:
    """Record a name that the user typed: from now on, texts may be sent to its endpoints.

    Raises:
        UnknownEncoder: it begins like an endpoint's name and has the wrong form.
        EncoderError: it contains a secret.
    """
    _named.update(_places(name))


def keep(name: str) -> None:
    """Store a name that works, so that it can be used again without being typed; see `kept`."""
    before = kept()
    if name in before[:1]:
        return
    names = [name, *(each for each in before if each != name)][:_MOST]
    with contextlib.suppress(OSError):
        write_text(
            paths.data_folder() / "named.json", json.dumps(names, ensure_ascii=False, indent=1) + "\n", durable=False
        )


def kept() -> list[str]:
    """The names of encoders with a prefix that were typed and worked, the last one first."""
    try:
        read = json.loads(read_regular(paths.data_folder() / "named.json"))
    except (OSError, ValueError, RecursionError):
        return []
    return [each for each in read if isinstance(each, str) and kind_of(each)] if isinstance(read, list) else []


def withheld(name: str) -> bool:
    """Whether texts would go to an endpoint that the user has never named.

    Raises:
        UnknownEncoder: it begins like an endpoint's name and has the wrong form.
        EncoderError: it contains a secret.
    """
    return bool(set(_places(name)) - _known())


def _places(name: str) -> list[str]:
    """The endpoints that a name leads to, directly or through other encoders that it names."""
    kind = kind_of(name)
    if kind is None:
        return []
    if kind.runs == "endpoint":
        return [parse(name).place]
    what, settings = parts_of(name, kind)
    inner = [settings.get("ask", ""), settings.get("of", "")]
    if kind.prefix == "fuse":
        inner += [unquote(each) for each in what.split(",")]
    if kind.prefix == "rerank":
        inner.append(unquote(what))
    return [place for each in inner for place in _places(each.removesuffix(NEUTRAL))]


def require(endpoint: Named) -> None:
    """Make sure that the user has named an endpoint.

    Raises:
        EncoderError: the user has not: only a library or a setting names it.
    """
    if endpoint.place not in _known():
        raise EncoderError(
            f"{endpoint.name} is an endpoint that you have not named yourself, so nothing is sent to it.",
            hint=f"If you trust it, name it in a command: `hybrid-search search QUESTION --encoder '{endpoint.name}'`; "
            "in Python, load it with named=True.",
        )


def _known() -> set[str]:
    """The endpoints of all names that were ever typed."""
    found = set(_named)
    for name in kept():
        with contextlib.suppress(HybridSearchError):
            found.update(_places(name))
    return found
