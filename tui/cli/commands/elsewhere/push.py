"""`hybrid-search push`: copies a library to an engine, to be searched there with `--library URI`."""

from __future__ import annotations

from pathlib import Path

import click

from ....display import flat
from ... import common
from ...paths import expanded


@click.command(short_help="Copy a library to Milvus or PostgreSQL, to be searched there.")
@click.argument("uri")
@click.option(
    "--index",
    type=click.Choice(["auto", "exact", "hnsw"]),
    default="auto",
    show_default=True,
    help="How the engine searches; auto means exact up to a million passages.",
)
@click.option("--replace", is_flag=True, help="Replace another library of the same name.")
@common.long_json_options
@common.library_option
def command(uri: str, index: str, replace: bool, as_json: bool, library_path: Path | None) -> int:
    """Copy passages, languages and the vectors of every encoder to URI; then `--library URI` searches there.

    URI is the address of a Milvus engine (http://host:19530), of a PostgreSQL with pgvector
    (postgresql://host/database), or a Milvus Lite file (name.db); with #NAME behind it an engine holds several
    libraries. HYBRID_SEARCH_TOKEN holds user:password or a key. Only differences are sent, so starting a stopped push
    again continues it. Without a library of your own, the demo library is copied.
    """
    from .....engine.places import Place
    from .....engine.remote import push

    place = Place.parse(expanded(uri))
    with (
        common.interruptible() as stopped,
        common.opened(library_path, or_demo=True) as library,
        common.ProgressBars() as bars,
    ):
        report = push(library, place, index=index, replace=replace, progress=bars.follow, cancelled=stopped)
    if as_json:
        common.write_json(report.as_dict())
    vectors = ", ".join(f"{number:,} of {flat(name)}" for name, number in report.vectors.items()) or "none"
    common.say(
        f"{place} holds {report.passages:,} passages, vectors {vectors}: {report.sent:,} records sent, "
        f"{report.deleted:,} deleted, {report.seconds:.1f} s."
    )
    if report.cancelled:
        common.say("Stopped; the same command continues.")
        return common.STOPPED
    return 0
