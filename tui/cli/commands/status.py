"""`hybrid-search status`: shows what a library holds, and what could not be indexed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...display import colour, counted, flat
from .. import common

if TYPE_CHECKING:
    from rich.console import Console

    from ....engine.library import Status

BAR = 30


@click.command(short_help="Show what a library holds, by language and encoder, and what could not be indexed.")
@click.option("--failed", is_flag=True, help="List the files that could not be read, and why.")
@common.json_option
@common.library_option
def command(failed: bool, as_json: bool, library_path: Path | None) -> int:
    """Count documents, passages, languages and vectors of a library."""
    with common.asked(library_path) as library:
        status, busy = library.status(), library.busy
    if as_json:
        common.write_json(status.as_dict())
    elif failed:
        _show_failed(common.out(), status)
    else:
        _show(common.out(), status, busy=busy)
    return 0


def _show_failed(console: Console, status: Status) -> None:
    from rich.table import Table

    if not status.failed:
        common.say("Everything was read.")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("file", header_style="bold", overflow="fold")
    table.add_column("why it was not read", header_style="bold", overflow="fold")
    for each in status.failed:
        table.add_row(common.cell(each.path), common.cell(each.reason))
    console.print(table)


def _show(console: Console, status: Status, *, busy: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    from ....engine.languages import name

    console.print(Text(f"Library {common.fitted(str(status.path), console.width - 8)}"))
    for folder in status.folders:
        console.print(Text(f"  {common.fitted(folder, console.width - 2)}", style="dim"))
    console.print(
        f"{status.documents:,} documents in {status.files:,} files, {status.passages:,} passages"
        + (f", {status.size / 1e6:,.1f} MB" if status.size else "")
    )
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title, justify in (("language", "left"), ("", "left"), ("passages", "right"), ("", "left")):
        table.add_column(title, justify="right" if justify == "right" else "left", header_style="bold")
    most = max(status.languages.values(), default=1)
    for code, number in status.languages.items():
        bar = Text("█" * max(1, round(BAR * number / most)), style=colour(code))
        table.add_row(common.language_mark(code), name(code), f"{number:,}", bar)
    console.print()
    console.print(table)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("encoder", "numbers", "passages encoded", "still to do", "search"):
        table.add_column(title, justify="left" if title in ("encoder", "search") else "right", header_style="bold")
    for each in status.encoders:
        table.add_row(
            Text(common.fitted(each.name, 40)),
            str(each.dimension),
            f"{each.vectors:,}",
            f"{each.missing:,}",
            "approximate index" if each.indexed else "exact",
        )
    console.print()
    console.print(table)
    if status.failed:
        files = counted(len(status.failed), "file")
        console.print(f"\n{files} could not be read: `hybrid-search status --failed` says why.")
    for each in status.encoders:
        if each.missing:
            shown = flat(each.name)
            how = common.GROWING if busy else f"`hybrid-search index --encoder {shown}` makes them."
            console.print(f"{each.missing:,} passages have no vector of {shown} yet. {how}")
