"""`hybrid-search index`: put folders into a library, once or continuously."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from ....engine.encoders import TRIO
from ....engine.errors import LibraryBusy
from ...display import Estimate, flat
from ...state import read_history
from .. import common
from ..choose import default_encoders
from ..paths import PathType

if TYPE_CHECKING:
    from ....engine.encoders import Encoder
    from ....engine.ingest import Unreadable
    from ....engine.library import IndexReport, Library

T = TypeVar("T")

SHOWN = 10
WAIT = 60.0
KEPT = "Stopped. The work done is kept; the same command continues."


@click.command(short_help="Index a folder: passages of its documents, with vectors of each encoder.")
@click.argument("folders", nargs=-1, type=PathType(), metavar="[DIR]...")
@click.option(
    "--encoder", "names", multiple=True, type=common.EncoderName(), metavar="NAME", help=f"Default: {', '.join(TRIO)}."
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="GLOB",
    help="Files to leave out, written as in a .gitignore; such files themselves are not read.",
)
@click.option("--text-column", metavar="NAME", help="The column of csv, tsv and jsonl files that holds the text.")
@click.option(
    "--boilerplate",
    is_flag=True,
    help="Keep repeated text: paragraphs found in most documents, such as a site's menu, and headers and footers of "
    "pages.",
)
@click.option("--watch", is_flag=True, help="Then follow changes in the folders until Ctrl-C.")
@click.option(
    "--poll",
    type=common.Number(min=0.1),
    metavar="SECONDS",
    help="With --watch: look for changes this often instead of waiting for the system to report them, which network "
    "file systems do not.",
)
@click.option(
    "--wait",
    type=common.Number(min=0),
    default=WAIT,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait while another process writes to the library; --watch waits as long as it takes.",
)
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that encode; each needs memory of its own.")
@common.encoder_options
@common.long_json_options
@common.library_option
@click.pass_context
def command(
    context: click.Context,
    /,
    folders: tuple[Path, ...],
    names: tuple[str, ...],
    exclude: tuple[str, ...],
    text_column: str | None,
    boilerplate: bool,
    watch: bool,
    poll: float | None,
    wait: float,
    workers: int | None,
    device: str,
    precision: str,
    threads: int | None,
    as_json: bool,
    library_path: Path | None,
) -> int:
    """Put the documents of DIR into a library: text, languages, and vectors of each encoder.

    Unchanged documents are skipped, and deleted ones are removed. Files that cannot be read are listed, and the exit
    code is then 1; this includes files that are too large (after unpacking, texts and tables above 256 MB, others above
    100 MB). Files are read in separate processes, within limits of memory and time. Without DIR, the named encoders
    encode what the library already holds.
    """
    from ....engine.documents import is_file
    from ....engine.ingest import Watcher, follow
    from ....engine.library import Library
    from ....engine.paths import default_library
    from ....engine.store import when_free

    if not folders and (not names or watch):
        raise click.UsageError("Name a folder to index, or an encoder to encode what the library holds.")
    if not folders:
        common.refuse_given(context, ("exclude", "text_column", "boilerplate"), "without DIR")
    if poll is not None and not watch:
        raise click.UsageError("--poll only changes how --watch works: give both.")
    for folder in folders:
        is_file(folder)  # checks that it exists before anything is loaded
    where = library_path or default_library()
    with ExitStack() as open_things:
        stopped = open_things.enter_context(common.interruptible())

        def free(work: Callable[[], T]) -> T:
            return when_free(work, wait=math.inf if watch else wait, say=common.say, stopped=stopped)

        try:
            stored = free(lambda: _stored(where))
            loaded = common.loader(device=device, precision=precision, threads=threads, workers=workers, stored=stored)
            encoders = [loaded(name) for name in dict.fromkeys(names or default_encoders())]
            opened = free(lambda: Library.open(where, create=bool(folders), notify=common.say))
            library = open_things.enter_context(opened)
            run = _Run(library, folders, encoders, exclude, text_column, boilerplate, stopped, as_json, watch)
            if not watch:
                code = free(run.once if folders else run.encode)
                return common.STOPPED if stopped() else code
            # Watching starts before the first pass, so that changes during it are not missed.
            watcher = Watcher(folders, own=library.path, say=common.say, exclude=exclude, every=poll)
            open_things.enter_context(watcher)
            free(run.once)
            if not stopped():
                common.say("Watching; press Ctrl-C to stop.")
            follow(watcher, lambda changed: free(lambda: run.again(changed)), stopped)
        except LibraryBusy:
            if not stopped():
                raise
            return common.STOPPED
        common.say("Stopped watching. The library is up to date with the last change.")
        return 0


def _stored(where: Path) -> frozenset[str]:
    """The fingerprints of a library's vectors; a missing library is not created, as its encoders may fail to load."""
    from ....engine.library import DATABASE, Library

    if not os.path.isfile(where / DATABASE):  # noqa: PTH113 - false, not an error, in an unreadable folder
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
    boilerplate: bool
    stopped: Callable[[], bool]
    as_json: bool
    compact: bool
    named: set[Unreadable] = field(default_factory=set)

    def once(self) -> int:
        """Index the folders, show the report, return the exit code."""
        report = self._index(self.folders)
        self.named.update(report.unreadable)
        self._show(report)
        return 1 if report.unreadable else 0

    def again(self, folders: Sequence[Path]) -> None:
        """Index the folders that changed; folders without changes are not shown."""
        report = self._index(folders)
        if report.changes or not self.named.issuperset(report.unreadable):
            self._show(report)
        self.named.update(report.unreadable)

    def _index(self, folders: Sequence[Path]) -> IndexReport:
        with common.ProgressBars() as bars:
            return self.library.index(
                list(folders),
                encoders=self.encoders,
                exclude=list(self.exclude),
                progress=Estimate(bars.follow, len(self.encoders), common.say),
                cancelled=self.stopped,
                asked=read_history(),
                text_column=self.text_column,
                boilerplate=self.boilerplate,
            )

    def _show(self, report: IndexReport) -> None:
        if self.as_json:
            common.write_json(report.as_dict(), compact=self.compact)
        _tell(report)

    def encode(self) -> int:
        """Encode what the library holds, without looking at any folder."""
        encoded: dict[str, int] = {}
        with common.ProgressBars() as bars:
            follow = Estimate(bars.follow, len(self.encoders), common.say)
            for encoder in self.encoders:
                if not self.stopped():
                    encoded[encoder.name] = self.library.encode_missing(encoder, follow, self.stopped, read_history())
        if self.as_json:
            common.write_json({"encoded": encoded, "cancelled": self.stopped()})
        for name, number in encoded.items():
            common.say(f"{flat(name)}: {number:,} texts encoded.")
        if self.stopped():
            common.say(KEPT)
        return 0


def _tell(report: IndexReport) -> None:
    """The report in words, on stderr."""
    from ....engine.languages import name

    counts = [  # renamed files are counted among the unchanged ones
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
