"""Folders followed: which of them need another look, from before the first look on until somebody says stop."""

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
from ..errors import HybridSearchError

if TYPE_CHECKING:
    import pathspec

# A look follows when nothing has changed for the first time, and at the latest the second time after a change.
_QUIET = 0.2
_LONGEST = 2.0
# After a look the next one waits as long as that took, at most this long, so that a file that changes all the time
# leaves half of the machine to others.
_REST = 5.0
_TICK = 0.4
# A save that removes a file before it writes the new one is no reason to say that it is gone.
_GRACE = 1.0
# Where the system tells of nothing, everything is looked at this often.
_POLL = 30.0
_DELETED = 3

Identity = tuple[int, int]


class _Notify(Protocol):
    """What is used of watchfiles: changes are collected from its making on, and taken by `watch`."""

    def watch(self, debounce_ms: int, step_ms: int, timeout_ms: int, stop_event: Any) -> set[tuple[int, str]] | str: ...

    def close(self) -> None: ...


@dataclass
class _Root:
    """A folder or a single file that is followed.

    Attributes:
        name: as the person gave it.
        place: where that leads, links resolved.
        one_file: whether it is a file.
        identity: device and inode; None while it is gone.
        watched: the folder whose events tell of it: itself, or the one around a file, because a file that is saved by
            renaming is another file each time.
        watched_identity: of that folder.
        gone_since: when it was first missed.
        told: whether it was said that it is gone.
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
    """Tells which of several folders or single files need another look.

    Watching begins when it is made: what changes during a first look that comes after is told by the first `due`.
    Folders that are gone are waited for. Changes that no look would take notice of are ignored.

    Args:
        folders: folders or single files.
        own: a folder whose changes never count: the library's.
        exclude: `.gitignore` patterns.
        every: seconds; look at everything this often instead of waiting for the system's events, which network file
            systems do not give.
        say: gets a sentence about a folder that is gone or back, or that cannot be watched.

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
        """Watch no more."""
        for notifier in self._notifiers:
            notifier.close()
        self._notifiers = []

    def due(self, stopped: Callable[[], bool]) -> list[Path]:
        """Wait until folders need a look; they are there, and in the order in which they were given.

        An empty list means that `stopped` said so; it is asked several times a second.
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
        """Look once more at folders whose look failed; False if nothing has happened to any of them.

        A folder that went away while it was looked at is waited for.
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
        """Collect events, from now on."""
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
                return  # one has just gone: the next look for roots sees it, and its return starts this again
            self.close()
            self._every, self._next_poll = _POLL, time.monotonic() + _POLL
            self._say(f"The system does not tell of changes ({error}): looking for them every {_POLL:.0f} s instead.")

    def _take(self, seconds: float, stopped: Callable[[], bool]) -> None:
        """Wait a while for events, and mark what they concern."""
        if not self._notifiers:
            threading.Event().wait(seconds)
            return
        step = max(1, int(1000 * seconds / len(self._notifiers)))
        for notifier in list(self._notifiers):
            try:
                found = notifier.watch(int(1000 * _QUIET), 50, step, _Asked(stopped))
            except RuntimeError:
                # Such as a name that is no UTF-8: what it was about is not known, so everything is looked at.
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
                    # A folder that is made anew at once may get the inode of the old one, and is not watched for that.
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
                # Each atomic save makes a file another one; its own event may have been told of already.
                self._mark(iter([root.name]))
            stale = stale or watched != root.watched_identity or (before is None and not root.one_file)
        if stale:
            self._start()
            # What happened to the others between the old watch and the new one is not known.
            self._mark(root.name for root in self._roots)


@dataclass
class _Asked:
    """A function in the shape of an event, as watchfiles wants it."""

    is_set: Callable[[], bool]


def follow(watcher: Watcher, look: Callable[[list[Path]], None], stopped: Callable[[], bool]) -> None:
    """Give `look` the folders that need a look, until `stopped`.

    Raises:
        HybridSearchError: what `look` raised, where the folders that it was given are still there.

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
    """Bring what is known of a root up to date; whether it is there."""
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
    """The facts of a root; None while it is gone, closed, or only the empty place that something was mounted on."""
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
