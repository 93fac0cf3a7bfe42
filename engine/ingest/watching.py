"""Watches folders: tells which of them need to be indexed again, until it is stopped."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from ..documents import concerns, exclusion, storable
from ..errors import HybridSearchError, reason

if TYPE_CHECKING:
    import pathspec

# A folder is due when nothing has changed for the first time, or the second time after its first change.
_QUIET = 0.2
_LONGEST = 2.0
# After a run the next one waits as long as that run took, at most this long, so that a file that changes all the time
# does not take more than half of the machine.
_REST = 5.0
_TICK = 0.4
# A file is reported as gone only after so long, since saving may remove it before writing the new one.
_GRACE = 1.0
# Without events from the system, all folders are due this often.
_POLL = 30.0
_DELETED = 3

Identity = tuple[int, int]


class _Notify(Protocol):
    """The interface of watchfiles that is used: it collects changes from its creation on, and `watch` returns them."""

    def watch(self, debounce_ms: int, step_ms: int, timeout_ms: int, stop_event: Any) -> set[tuple[int, str]] | str: ...

    def close(self) -> None: ...


@dataclass
class _Root:
    """A folder or a single file that is watched.

    Attributes:
        name: as given.
        place: its path with links resolved.
        one_file: whether it is a file.
        identity: its device and inode; None while it is gone.
        watched: the folder whose events concern it: itself, or that of a file, because saving by renaming creates
            another file each time.
        watched_identity: of that folder.
        gone_since: when it was first found missing.
        told: whether it was reported as gone.
    """

    name: Path
    place: str = ""
    one_file: bool = False
    identity: Identity | None = None
    watched: str = ""
    watched_identity: Identity | None = None
    gone_since: float = 0.0
    told: bool = False


class Watcher:
    """Tells which of several folders or single files need to be indexed again.

    Watching begins on creation: the first `due` includes changes during an indexing run that started later. Folders
    that are gone are waited for. Changes that would not affect indexing are ignored.

    Args:
        folders: folders or single files.
        own: the library's folder, whose changes are ignored.
        exclude: `.gitignore` patterns.
        every: seconds after which all folders are due, instead of waiting for the system's events, which network file
            systems do not provide.
        say: receives a sentence about a folder that is gone or back, or cannot be watched.

    Raises:
        HybridSearchError: an exclude pattern is not valid.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        own: Path,
        say: Callable[[str], None],
        exclude: Sequence[str] = (),
        every: float | None = None,
    ) -> None:
        self._roots = [_Root(folder) for folder in dict.fromkeys(folders)]
        self._own = os.path.realpath(own)
        self._patterns: pathspec.GitIgnoreSpec = exclusion(exclude)
        self._say = say
        self._every = every
        self._notifiers: list[_Notify] = []
        self._changed: dict[Path, None] = {}
        self._first = self._last = 0.0
        self._handed: float | None = None
        self._rested = 0.0
        self._next_poll = time.monotonic() + (every or 0.0)
        for root in self._roots:
            _meet(root)
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop watching."""
        for notifier in self._notifiers:
            notifier.close()
        self._notifiers = []

    def due(self, stopped: Callable[[], bool]) -> list[Path]:
        """Wait until folders need to be indexed; returns existing ones, in the given order.

        An empty list means that `stopped`, which is called several times a second, returned true.
        """
        now = time.monotonic()
        if self._handed is not None:
            self._rested, self._handed = now + min(now - self._handed, _REST), None
        while not stopped():
            self._take(min(_QUIET if self._changed else _TICK, self._every or _TICK), stopped)
            now = time.monotonic()
            self._look_for_roots(now)
            polled = self._every is not None and now >= self._next_poll
            if polled:
                self._mark(root.name for root in self._roots)
                self._next_poll = now + (self._every or 0.0)
            settled = now - self._last >= _QUIET or now - self._first >= _LONGEST
            if self._changed and (settled or polled) and now >= self._rested:
                there = [root.name for root in self._roots if root.identity is not None and root.name in self._changed]
                self._changed.clear()
                if there:
                    self._handed = now
                    return there
        return []

    def again(self, folders: Sequence[Path]) -> bool:
        """Retry folders whose indexing failed; False if none of them has disappeared.

        A folder that disappeared while it was indexed is waited for.
        """
        missed = [root for root in self._roots if root.name in folders and _state(root) is None]
        for root in missed:
            root.identity, root.gone_since = None, time.monotonic()
        self._mark(folder for folder in folders if missed)
        return bool(missed)

    def _mark(self, names: Iterator[Path]) -> None:
        now = time.monotonic()
        for name in names:
            self._first = self._first if self._changed else now
            self._last = now
            self._changed[name] = None

    # -- the system's events

    def _start(self) -> None:
        """Start to collect events."""
        self.close()
        there = [root for root in self._roots if root.identity is not None]
        groups = [
            (sorted({root.watched for root in there if not root.one_file}), True),
            (sorted({root.watched for root in there if root.one_file}), False),
        ]
        if self._every is not None:
            return
        try:
            self._notifiers = [_notifier(paths, recursive) for paths, recursive in groups if paths]
        except (OSError, RuntimeError, ValueError, ImportError) as error:
            if any(_state(root) is None for root in there):
                return  # one has just gone: `_look_for_roots` notices it, and calls this again on its return
            self.close()
            self._every, self._next_poll = _POLL, time.monotonic() + _POLL
            self._say(
                f"The system does not report changes ({reason(error)}): looking for them every {_POLL:.0f} s instead."
            )

    def _take(self, seconds: float, stopped: Callable[[], bool]) -> None:
        """Wait for events, and mark the roots that they concern."""
        if not self._notifiers:
            threading.Event().wait(seconds)
            return
        step = max(1, int(1000 * seconds / len(self._notifiers)))
        for notifier in list(self._notifiers):
            try:
                found = notifier.watch(int(1000 * _QUIET), 50, step, _Asked(stopped))
            except RuntimeError:
                # For example a name that is not UTF-8: the changed path is unknown, so all roots are due.
                self._start()
                self._mark(root.name for root in self._roots)
                return
            if found == "signal":
                raise KeyboardInterrupt
            if isinstance(found, str):
                continue
            paths = {path for _, path in found}
            self._mark(root.name for root in self._roots if any(self._tells_of(root, path) for path in paths))
            removed = {path for kind, path in found if kind == _DELETED}
            for root in self._roots:
                if root.watched in removed:
                    # A folder that is created again at once may get the same inode, but is no longer watched.
                    root.watched_identity = None

    def _tells_of(self, root: _Root, path: str) -> bool:
        if root.one_file:
            return path == root.place
        below = root.place.rstrip(os.sep) + os.sep
        if not path.startswith(below) or path == self._own or path.startswith(self._own + os.sep):
            return False
        return concerns(storable(Path(path[len(below) :])), self._patterns)

    # -- roots that go and come back

    def _look_for_roots(self, now: float) -> None:
        stale = False
        for root in self._roots:
            before, watched = root.identity, root.watched_identity
            if not _meet(root):
                root.gone_since = root.gone_since or now
                if not root.told and now - root.gone_since >= _GRACE:
                    root.told = True
                    self._say(
                        f"{storable(root.name)} is gone. The library keeps what it has of it; watching for its return."
                    )
                continue
            if root.told:
                self._say(f"{storable(root.name)} is back.")
            root.gone_since, root.told = 0.0, False
            if before != root.identity or watched != root.watched_identity:
                # Each atomic save changes a file's inode, after its event may have been handled.
                self._mark(iter([root.name]))
            stale = stale or watched != root.watched_identity or (before is None and not root.one_file)
        if stale:
            self._start()
            # Changes of the other roots between the old watch and the new one are unknown.
            self._mark(root.name for root in self._roots)


@dataclass
class _Asked:
    """A function in the form of an event, which watchfiles requires."""

    is_set: Callable[[], bool]


def follow(watcher: Watcher, look: Callable[[list[Path]], None], stopped: Callable[[], bool]) -> None:
    """Call `look` with the folders that need to be indexed, until `stopped`.

    Raises:
        HybridSearchError: raised by `look` although its folders still exist.

    """
    while folders := watcher.due(stopped):
        try:
            look(folders)
        except HybridSearchError:
            if not stopped() and not watcher.again(folders):
                raise


def _notifier(paths: list[str], recursive: bool) -> _Notify:
    from watchfiles._rust_notify import RustNotify

    made: _Notify = RustNotify(paths, False, False, 300, recursive, True)
    return made


def _meet(root: _Root) -> bool:
    """Update the facts about a root; returns whether it exists."""
    facts = _state(root)
    if facts is None:
        root.identity = None
        return False
    root.identity = facts.st_dev, facts.st_ino
    root.one_file = not stat.S_ISDIR(facts.st_mode)
    root.place = os.path.realpath(root.name)
    root.watched = os.path.dirname(root.place) if root.one_file else root.place  # noqa: PTH120 - a str for watchfiles
    try:
        around = os.stat(root.watched)  # noqa: PTH116
    except OSError:
        root.identity = None
        return False
    root.watched_identity = around.st_dev, around.st_ino
    return True


def _state(root: _Root) -> os.stat_result | None:
    """The `stat` of a root; None if it is gone, inaccessible, or an empty mount point."""
    try:
        facts = root.name.stat()
        if not stat.S_ISDIR(facts.st_mode):
            return facts
        with os.scandir(root.name) as listing:
            empty = next(listing, None) is None
    except (OSError, ValueError):
        return None
    known = root.watched_identity
    unmounted = empty and known is not None and not root.one_file and known[0] != facts.st_dev
    return None if unmounted else facts
