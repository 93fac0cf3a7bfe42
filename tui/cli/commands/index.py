"""`hybrid-search index`: folders into a library, once or for as long as they change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....engine.encoders import TRIO
from ...display import flat
from .. import common
from ..choose import default_encoders

if TYPE_CHECKING:
    from ....engine.encoders import Encoder
    from ....engine.library import IndexReport, Library

SHOWN = 10
KEPT = "Stopped. What is done is kept; the same command goes on from there."


@click.command(short_help="Index a folder: passages of its documents, with vectors of each encoder.")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[DIR]...")
@click.option("--encoder", "names", multiple=True, metavar="NAME", help=f"Default: {', '.join(TRIO)}.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="What to leave out, as in .gitignore.")
@click.option("--text-column", metavar="NAME", help="The column of csv, tsv and jsonl files that holds the text.")
@click.option("--watch", is_flag=True, help="Go on, and follow changes in the folders until Ctrl-C.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that encode; more than one needs much memory.")
@common.encoder_options
@common.json_option
@common.library_option
def command(
    folders: tuple[Path, ...],
    names: tuple[str, ...],
    exclude: tuple[str, ...],
    text_column: str | None,
    watch: bool,
    workers: int | None,
    device: str,
    precision: str,
    threads: int | None,
    as_json: bool,
    library_path: Path | None,
) -> int:
    """Put the documents of DIR into a library: text, languages, and vectors of each encoder.

    Documents that have not changed cost nothing; those that are gone leave. Files that cannot be read are named, and
    the exit code is then 1; so are those that are too large: texts and tables of more than 256 MB, others of more than
    100 MB, after unpacking. Each file is read in a process of its own, within limits of memory and time. Without DIR
    the encoders named encode what the library already holds.
    """
    from ....engine.library import Library
    from ....engine.paths import default_library

    if not folders and (not names or watch):
        raise click.UsageError("Name a folder to index, or an encoder that is to encode what the library holds.")
    where = library_path or default_library()
    stored = _stored(where)
    loaded = common.loader(device=device, precision=precision, threads=threads, workers=workers, stored=stored)
    encoders = [loaded(name) for name in dict.fromkeys(names or default_encoders())]
    with (
        common.interruptible() as stopped,
        Library.open(where, create=bool(folders), notify=common.say) as library,
    ):
        run = _Run(library, folders, encoders, exclude, text_column, stopped, as_json=as_json, compact=watch)
        code = run.once() if folders else run.encode()
        if watch and not stopped():
            run.follow()
            return 0
        return common.STOPPED if stopped() else code


def _stored(where: Path) -> frozenset[str]:
    """The fingerprints that a library has vectors of; a library is only made once its encoders are known to load."""
    from ....engine.library import DATABASE, Library

    if not (where / DATABASE).is_file():
        return frozenset()
    with Library.open(where, create=True, notify=common.say) as library:
        return library.fingerprints()


@dataclass
class _Run:
    """What to index, where, and how to report it."""

    library: Library
    folders: Sequence[Path]
    encoders: Sequence[Encoder]
    exclude: Sequence[str]
    text_column: str | None
    stopped: Callable[[], bool]
    as_json: bool
    compact: bool

    def once(self, *, quiet: bool = False) -> int:
        """Index the folders, show the report, return the exit code."""
        with common.ProgressBars() as bars:
            report = self.library.index(
                list(self.folders),
                encoders=self.encoders,
                exclude=list(self.exclude),
                progress=bars.follow,
                cancelled=self.stopped,
                text_column=self.text_column,
            )
        if self.as_json:
            common.write_json(report.as_dict(), compact=self.compact)
        if not quiet or report.changes:
            _tell(report)
        return 1 if report.unreadable else 0

    def encode(self) -> int:
        """Encode what the library holds, without looking at any folder."""
        encoded: dict[str, int] = {}
        with common.ProgressBars() as bars:
            for encoder in self.encoders:
                if not self.stopped():
                    encoded[encoder.name] = self.library.encode_missing(encoder, bars.follow, self.stopped)
        if self.as_json:
            common.write_json({"encoded": encoded, "cancelled": self.stopped()})
        for name, number in encoded.items():
            common.say(f"{flat(name)}: {number:,} texts encoded.")
        if self.stopped():
            common.say(KEPT)
        return 0

    def follow(self) -> None:
        """Index again whenever something in the folders changes, until Ctrl-C."""
        from watchfiles import watch

        own = self.library.path.resolve()
        end = threading.Event()

        def relevant(_change: Any, path: str) -> bool:
            return not Path(path).is_relative_to(own)

        common.say("Watching; Ctrl-C ends it.")
        changes = watch(
            *self.folders,
            watch_filter=relevant,
            stop_event=end,
            rust_timeout=500,
            yield_on_timeout=True,
            raise_interrupt=False,
        )
        for changed in changes:
            if self.stopped():
                end.set()
            elif changed:
                self.once(quiet=True)
        common.say("Stopped watching. The library holds what was there at the last change.")


def _tell(report: IndexReport) -> None:
    """The report in words, on stderr."""
    from ....engine.languages import name

    counts = [  # what is renamed is among the unchanged
        f"{number:,} {word}"
        for number, word in (
            (report.new, "new"),
            (report.changed, "changed"),
            (report.unchanged, "unchanged"),
            (report.removed, "removed"),
            (report.renamed, "renamed"),
            (len(report.unreadable), "unreadable"),
        )
        if number
    ]
    if not counts:
        common.say("There are no documents here.")
        return
    common.say(f"Documents: {', '.join(counts)}. {report.passages:,} passages in {report.seconds:,.1f} s.")
    if report.languages:
        most = sorted(report.languages.items(), key=lambda pair: -pair[1])
        shown = ", ".join(f"{name(code)} {number:,}" for code, number in most[:SHOWN])
        common.say(f"Languages: {shown}{', …' if len(most) > SHOWN else ''}.")
    for each in report.unreadable[:SHOWN]:
        common.say(f"  not read: {flat(each.path)}: {flat(each.reason)}")
    if len(report.unreadable) > SHOWN:
        common.say(f"  and {len(report.unreadable) - SHOWN:,} more: `hybrid-search status --failed` lists them.")
    if report.cancelled:
        common.say(KEPT)
