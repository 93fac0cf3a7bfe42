"""The options of commands that ask a question, and the encoders that answer: named ones, all, or the best one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ...engine.encoders import BASE, BM25, TRIO, best_first
from ...engine.errors import UnknownEncoder
from ..display import flat
from . import common

if TYPE_CHECKING:
    from ...engine.library import Searchable

F = TypeVar("F", bound=Callable[..., Any])


def question_options(function: F) -> F:
    """A question, and how it is answered: `--encoder`, `-k`, `--lang`, `--exact` and `--neutral`."""
    exact = "Search exactly: compare with every vector instead of using the approximate index."
    neutral = "First subtract what each language adds to the vectors: its mean over the library."
    for option in (
        click.option("--neutral", is_flag=True, help=neutral),
        click.option("--exact", is_flag=True, help=exact),
        common.languages_option(),
        click.option("-k", "k", type=click.IntRange(min=1), default=10, show_default=True, help="How many passages."),
        click.option(
            "--encoder",
            "names",
            multiple=True,
            type=common.EncoderName(),
            metavar="NAME",
            help="An encoder of the library, `all` of them, or `bm25` for search by words; may be given several times.",
        ),
        click.argument("query", nargs=-1, required=True),
    ):
        function = option(function)
    return function


def chosen_encoders(library: Searchable, names: Sequence[str], *, several: bool = False) -> list[str]:
    """Names of the encoders to ask, the trio in its order first.

    Without names: `hybrid`, or else the library's best encoder; with `several`, also search by words. A library
    without any vectors is searched by words alone.
    """
    chosen: list[str] = []
    present = _present(library) if not names or "all" in names else []
    for name in names:
        chosen += present if name == "all" else [name]
    if not chosen:
        if not present:
            if not library.encoders():
                how = common.GROWING if library.busy else "`hybrid-search index DIR` makes vectors."
                common.say(f"This library holds no vectors yet, so it is searched by words. {how}")
                return [BM25]
            raise UnknownEncoder(
                "This library holds only vectors of endpoints that you have not named.",
                hint=f"Name the endpoint with --encoder, make other vectors with `hybrid-search index DIR`, or use "
                f"--encoder {BM25}.",
            )
        if present[0] != TRIO[0]:
            common.say(f"This library has no vectors of {TRIO[0]}; {flat(present[0])} answers.")
        chosen = [present[0], BM25] if several else [present[0]]
    return list(dict.fromkeys(chosen))


def _present(library: Searchable) -> list[str]:
    """The library's encoders that may be used; for a writable library without any, those that indexing would add."""
    held = best_first(library.encoders())
    if not held:
        return [] if library.readonly else default_encoders()
    return [name for name in held if not _withheld(name)]


def _withheld(name: str) -> bool:
    """Whether an encoder of the library is left out because the user never named its endpoint; says so on stderr."""
    if ":" not in name:
        return False
    from ...engine import encoders
    from ...engine.errors import HybridSearchError

    try:
        found = encoders.withheld(name.removesuffix(encoders.NEUTRAL))
    except HybridSearchError as error:
        common.say(f"{flat(name)} is left out: {error.message}")
        return True
    if found:
        common.say(f"{flat(name)} is an endpoint that you have not named: nothing is sent to it. --encoder names it.")
    return found


def default_encoders() -> list[str]:
    """The encoders that a new library gets: those of the trio that are installed, else the base."""
    from ...engine import encoders

    known = {info.name for info in encoders.available()}
    return [name for name in TRIO if name in known] or [BASE]
