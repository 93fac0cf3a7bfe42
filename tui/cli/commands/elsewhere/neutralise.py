"""`hybrid-search neutralise`: remove what languages add to stored vectors; writes a corrected copy."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from .....engine.paths import typed
from ... import common
from ...paths import PathType

if TYPE_CHECKING:
    from .....engine.encoders import Encoder
    from .....train.audit import Figures
    from .....train.mending import Held, Plan

METHODS = ("centring", "lir", "lsar", "calibration")


@click.command(short_help="Remove what each language adds to stored vectors, after measuring the effect.")
@click.argument("target", required=False)
@click.option("--encoder", "name", type=common.EncoderName(), metavar="NAME", help="The encoder that made the vectors.")
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="centring",
    show_default=True,
    help="centring: each language's mean; lir: each language's first directions; lsar: the directions in which "
    "languages differ, which needs no language of a query later; calibration: an affine map, fitted through --encoder "
    "on bundled pairs.",
)
@click.option("--directions", type=click.IntRange(min=1), help="How many directions lir and lsar remove.")
@click.option(
    "--kit", "kit_path", type=PathType(), help="Questions for --encoder: a folder as `audit --kit` writes it."
)
@click.option("--to", "to", metavar="NAME", help="Name of the copy. Default: the old name followed by `neutral`.")
@click.option("--save", "file", type=PathType(dir_okay=False), help="File to write the correction for queries to.")
@click.option("--yes", is_flag=True, help="Write the copy without asking.")
@click.option("--dry-run", is_flag=True, help="Measure only.")
@common.library_option
@common.encoder_options
@common.long_json_options
@click.pass_context
def command(
    context: click.Context,
    /,
    target: str | None,
    name: str | None,
    method: str,
    directions: int | None,
    kit_path: Path | None,
    to: str | None,
    file: Path | None,
    yes: bool,
    dry_run: bool,
    library_path: Path | None,
    device: str,
    precision: str,
    threads: int | None,
    as_json: bool,
) -> int:
    """Estimate what each language adds to the vectors of TARGET, and write a copy of them without it.

    TARGET is a collection (pgvector:…, qdrant:…, chroma:…, lancedb:…, milvus:…), a file (vectors:FILE) or a library's
    folder; without it --library. The change in bias is measured first (with --encoder also in the answers to questions
    in many languages), then you are asked. The old vectors stay as they are: the copy is another collection, table,
    file, or encoder of the library. Queries need the same correction: the encoder named at the end applies it.
    """
    from .....engine.stores import is_store

    if target is not None:
        if not target.strip():
            raise click.UsageError("TARGET is empty: is a variable of the shell not set?")
        common.refuse_given(context, ("library_path",), "with TARGET, which names the library itself")
    load = common.loader(device=device, precision=precision, threads=threads)
    if method == "calibration" and name is None:
        raise click.UsageError("--method calibration is fitted through the encoder: name it with --encoder.")
    place = target if target is not None and is_store(target) else ""
    to = to or _name_of_copy(place)
    where = file or _file_of(to)
    with ExitStack() as open_things:
        bars = open_things.enter_context(common.ProgressBars())
        if place:
            held, encoder, inner = _collection(place, name, load, open_things, bars)
        else:
            path = typed(target) if target else library_path
            held, encoder, inner = _library(path, name, load, open_things)
        found = _plan(held, method, directions, encoder, kit_path, bars)
        kept = 0
        if not as_json:
            _show(found)
        short = where if file is not None else where.stem
        asked = f"neutral:{short}#ask={quote(inner or 'NAME', safe=':/@')}"
        to = to if place else asked
        if not dry_run and _wanted(yes, to, as_json=as_json):
            kept = found.write(to, where, bars.show)
    if as_json:
        told = {"to": to, "file": str(where), "encoder": asked} if kept else {}
        common.write_json({**found.as_dict(), "kept": kept, **told})
    elif kept:
        common.say(f"{kept:,} vectors are in {to}; the old ones are as they were. The correction is in {where}.")
        common.say(
            "Search with the encoder on stdout, or apply hybrid_search.Neutraliser.load(FILE) to vectors of queries."
        )
        click.echo(asked)
    elif dry_run or sys.stdin.isatty():
        common.say("Nothing was written.")
    else:
        common.say("Nothing was written: nobody can be asked here. --yes keeps it.")
    return 0


def _collection(
    target: str, name: str | None, load: Any, open_things: ExitStack, bars: common.ProgressBars
) -> tuple[Held, Encoder | None, str]:
    from .....engine.stores import open_collection
    from .....train.mending import in_collection

    encoder = load(name) if name is not None else None
    collection = open_collection(target)
    open_things.callback(collection.close)
    return in_collection(collection, bars.show), encoder, name or ""


def _library(path: Path | None, name: str | None, load: Any, open_things: ExitStack) -> tuple[Held, Encoder, str]:
    from .....engine.errors import LibraryError
    from .....train.mending import in_library

    library = open_things.enter_context(common.opened(path, readonly=False))
    known = library.encoders()
    if name is None and len(known) != 1:
        raise LibraryError(
            f"The library has vectors of {', '.join(known) or 'no encoder'}.", hint="Name one with --encoder."
        )
    inner = name or known[0]
    load = partial(load, stored=library.fingerprints())
    encoder = load(inner)
    return in_library(library, encoder, load), encoder, inner


def _plan(
    held: Held,
    method: str,
    directions: int | None,
    encoder: Encoder | None,
    kit_path: Path | None,
    bars: common.ProgressBars,
) -> Plan:
    from .....train.audit.kits import bundled_kit, read_kit
    from .....train.mending import plan

    kit = None
    if encoder is not None:
        kit = read_kit(kit_path) if kit_path is not None else bundled_kit()
    correct = None
    if method == "calibration":
        assert encoder is not None
        from .....train.calibration import correction_through

        made = correction_through(encoder, bars.show)
        correct = lambda _vectors, _languages: made  # noqa: E731
    return plan(
        held,
        method=method,
        directions=directions or 0,
        encoder=encoder,
        kit=kit,
        correct=correct,
        progress=bars.show,
    )


def _name_of_copy(place: str) -> str:
    """The old name of a collection, a file or an encoder, followed by `neutral`."""
    if not place:
        return "neutral"
    from .....engine.stores import parse

    found = parse(place)
    if found.collection:
        return f"{found.collection.rpartition('.')[2]}_neutral"
    old = Path(found.address)
    return f"{old.stem}-neutral{old.suffix}"


def _file_of(to: str) -> Path:
    """The default path of the correction."""
    from .....engine.encoders.neutral import folder as corrections

    plain = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in Path(to).stem) or "neutral"
    folder, number = corrections(), 1
    while (path := folder / f"{plain}-{number}.npz").exists():
        number += 1
    return path


def _wanted(yes: bool, to: str, *, as_json: bool) -> bool:
    """Whether to write the copy: given by --yes, else asked if stdin is a terminal."""
    if yes or as_json or not sys.stdin.isatty():
        return yes
    return click.confirm(f"Write the vectors as {to}?", err=True)


def _show(found: Plan) -> None:
    from rich.table import Table

    console = common.out()
    counts = ", ".join(f"{code} {number:,}" for code, number in list(found.languages.items())[:10])
    console.print(f"{len(found.held.ids):,} vectors of {found.held.name}: {counts}")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", header_style="bold")
    for title in ("before", "after"):
        table.add_column(title, justify="right", header_style="bold")
    percent = common.percent
    table.add_row("own language among the ten nearest", percent(found.before.own), percent(found.after.own))
    table.add_row("the same if language had no influence", percent(found.before.chance), percent(found.after.chance))
    table.add_row("nearest of the own language that stay nearest", "", percent(found.after.kept))
    from .....train.measure import registry

    for key, words in _ANSWERS.items():
        label = words or registry.named(key).label
        before, after = _figure(found.asked_before, key), _figure(found.asked_after, key)
        if before and after:
            table.add_row(label, before, after)
    console.print(table)


# Figures of an audit in the order shown; labels for those that are not in the registry.
_ANSWERS = {
    "own": "share of the question's language in answers",
    "pull": "what asking in a language adds to its share",
    "multi": "",
    "mono": "",
    "lost": "lost through language alone",
}


def _figure(figures: Figures | None, key: str) -> str:
    found = getattr(figures, key, None)
    return f"{found.value:.3f}" if found is not None and found.known else ""
