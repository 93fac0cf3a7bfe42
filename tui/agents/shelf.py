"""The library and its encoders, kept open between requests, and the threads that ask them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from ...engine.encoders import BM25, best_first
from ...engine.errors import HybridSearchError, LibraryError
from ...engine.files import identity_of
from ...engine.paths import default_library
from ...engine.places import place_of
from .refusals import Refused

if TYPE_CHECKING:
    from ...engine.encoders import Encoder
    from ...engine.library import Searchable

T = TypeVar("T")
Lane = Literal["answers", "auditing", "indexing"]

# Requests that may wait or run at once; more are refused.
MOST_WAITING = 64


class Shelf:
    """One library, opened on first use and again after it was replaced.

    The protocol's thread may call only `run`, threads of long work only `ask`; everything else runs in the `answers`
    lane.

    Args:
        path: the library; None for the default one, or the demo if that does not exist.
        load: loads an encoder by name, in the precision of the stored vectors.
        allow_index: whether folders may be indexed into the library.
        say: gets messages for the person who runs the server.
    """

    def __init__(
        self,
        path: Path | None,
        load: Callable[[str, frozenset[str]], Encoder],
        *,
        allow_index: bool = False,
        say: Callable[[str], None] = lambda _message: None,
    ) -> None:
        self.allow_index = allow_index
        self.say = say
        self._named = path
        self.load = load
        self._library: Searchable | None = None
        self._identity: tuple[int, int] | None = None
        self._encoders: dict[str, Encoder] = {}
        self._lanes = {lane: ThreadPoolExecutor(max_workers=1, thread_name_prefix=lane) for lane in get_args(Lane)}
        self._stops: set[threading.Event] = set()

    # -- for the protocol

    async def run(self, work: Callable[[Callable[[], bool]], T], *, lane: Lane = "answers") -> T:
        """Run work in the thread of a lane, one piece at a time; it gets a function that says when to stop.

        Only the `answers` lane may use the shelf's library and encoders; long work in the others calls `ask`. Work
        that is cancelled before its turn never begins.

        Raises:
            Refused: too many requests wait already.
            HybridSearchError: what the work raises.
        """
        if len(self._stops) >= MOST_WAITING:
            raise Refused("busy", f"{MOST_WAITING} requests are already waiting.", hint="Ask again in a moment.")
        stop = threading.Event()
        self._stops.add(stop)
        if lane == "answers":
            future = self._lanes[lane].submit(self._guarded, work, stop)
        else:
            future = self._lanes[lane].submit(work, stop.is_set)
        future.add_done_callback(lambda _done: self._stops.discard(stop))
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            stop.set()
            raise

    def begin(self) -> None:
        """Open the library and load its first encoder, in the background."""
        from ...engine.languages import prepare

        threading.Thread(target=prepare, daemon=True).start()
        self._lanes["answers"].submit(self._prepare)

    def close(self) -> None:
        """Stop running work, then close the library."""
        for stop in list(self._stops):
            stop.set()
        for lane in ("indexing", "auditing"):
            self._lanes[lane].shutdown(wait=True, cancel_futures=True)
        self._lanes["answers"].submit(self._drop)
        self._lanes["answers"].shutdown(wait=True)

    def ask(self, work: Callable[[], T]) -> T:
        """Run work in the `answers` lane from the thread of another one, and wait for its result."""
        return self._lanes["answers"].submit(self._guarded, lambda _stopped: work(), threading.Event()).result()

    # -- for the work

    def library(self) -> Searchable:
        """The open library.

        Raises:
            LibraryError: it does not exist, or cannot be opened.
        """
        if self._library is not None and self._identity != self._identity_now():
            self._drop()
        if self._library is None:
            self._library = self._opened()
            self._identity = self._identity_now()
            stored = self._library.fingerprints()
            self._encoders = {name: each for name, each in self._encoders.items() if each.fingerprint in stored}
        return self._library

    def place(self) -> Path:
        """The library's path, whether it exists yet or not."""
        return self._named or default_library()

    def encoder(self, name: str) -> Encoder | str:
        """An encoder by name, loaded once; `bm25` is returned as it is."""
        if name == BM25:
            return name
        if name not in self._encoders:
            self._encoders[name] = self.load(name, self.library().fingerprints())
        return self._encoders[name]

    def names(self) -> list[str]:
        """The encoders that may be asked, the least biased first.

        One behind an endpoint is left out unless the user has named it: neither a library nor an agent may cause
        questions to be sent.
        """
        return [name for name in best_first(self.library().encoders()) if not _leads_out(name)]

    def first_encoder(self) -> str:
        """The default encoder: the least biased one that may be asked, or `bm25` if there is none."""
        return next(iter(self.names()), BM25)

    def known_encoder(self, name: str) -> str:
        """The name, if it is `bm25` or an encoder that may be asked.

        Raises:
            Refused: it is neither.
        """
        known = [*self.names(), BM25]
        if name not in known:
            raise Refused(
                "not_found", f"The library has no vectors of {name[:60]!r}.", hint=f"It has {', '.join(known)}."
            )
        return name

    def _guarded(self, work: Callable[[Callable[[], bool]], T], stop: threading.Event) -> T:
        try:
            return work(stop.is_set)
        except LibraryError:
            if self._library is not None and self._identity != self._identity_now():
                self._drop()
            raise

    def _prepare(self) -> None:
        try:
            name = self.first_encoder()
            encoder = self.encoder(name)
            if not isinstance(encoder, str):
                encoder.encode_query(["?"])
        except HybridSearchError as error:
            self.say(str(error))

    def _opened(self) -> Searchable:
        from ...engine.library import DATABASE, Library, open_demo

        where = self.place()
        place = place_of(where)
        if place is not None:
            from ...engine.remote import RemoteLibrary

            return RemoteLibrary.open(place, notify=self.say)
        if self._named is None and not (where / DATABASE).is_file() and not self.allow_index:
            self.say("There is no library yet: this is the demo library. `hybrid-search index DIR` makes your own.")
            return open_demo(notify=self.say)
        return Library.open(where, notify=self.say, readonly=not self.allow_index)

    def _identity_now(self) -> tuple[int, int] | None:
        """That of the database's file; None if there is no library, or no file of it here."""
        path: Any = getattr(self._library, "path", None)
        if path is None:
            return None
        from ...engine.library import DATABASE

        return identity_of(Path(path) / DATABASE)

    def _drop(self) -> None:
        library, self._library = self._library, None
        if library is not None:
            with suppress(HybridSearchError):
                library.close()


def _leads_out(name: str) -> bool:
    """Whether an encoder is behind an endpoint that the user has not named, or its name is invalid."""
    from ...engine.encoders import NEUTRAL, withheld

    try:
        return ":" in name and withheld(name.removesuffix(NEUTRAL))
    except HybridSearchError:
        return True
