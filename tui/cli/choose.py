"""Which encoders answer: those named, all of the library's, or the one that a newcomer wants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ...engine.encoders import BASE, BM25, TRIO, best_first
from . import common

if TYPE_CHECKING:
    from ...engine.library import Searchable

F = TypeVar("F", bound=Callable[..., Any])


def encoder_choice(function: F) -> F:
    """`--encoder NAME`, several times, with `all` and `bm25`."""
    return click.option(
        "--encoder",
        "names",
        multiple=True,
        metavar="NAME",
        help="An encoder of the library, `all` of them, or `bm25` for search by words; may be given several times.",
    )(function)


def chosen_encoders(library: Searchable, names: Sequence[str], *, several: bool = False) -> list[str]:
    """Names of the encoders to ask, the trio in its order first.

    Without names: `hybrid`, or what the library has instead; with `several`, search by words beside it. Words answer
    alone as long as the library has no vectors at all.
    """
    present = best_first(library.encoders()) or ([] if library.readonly else default_encoders())
    chosen: list[str] = []
    for name in names:
        chosen += present if name == "all" else [name]
    if not chosen:
        if not present:
            common.say("This library holds no vectors yet: words answer. `hybrid-search index DIR` makes vectors.")
            return [BM25]
        if present[0] != TRIO[0]:
            common.say(f"This library has no vectors of {TRIO[0]}; {present[0]} answers.")
        chosen = [present[0], BM25] if several else [present[0]]
    return list(dict.fromkeys(chosen))


def default_encoders() -> list[str]:
    """The encoders that a new library gets: the trio, or what of it is there, or the base that it was trained from."""
    from ...engine import encoders

    known = {info.name for info in encoders.available()}
    return [name for name in TRIO if name in known] or [BASE]
