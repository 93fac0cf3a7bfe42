"""A library for asyncio: calls run one after another in a thread of the library and are awaited."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from ..encoders import Encoder
from ..errors import LibraryError
from ..search import Comparison, Passage, Ranking
from .library import IndexProgress, IndexReport, Library, Status

Given = TypeVar("Given")


class AsyncLibrary:
    """An asyncio version of `Library`; made by `open`, used as an asynchronous context manager.

    It never blocks the event loop. Calls on one library run one after another, those on several libraries at the same
    time. Methods raise what the methods of `Library` raise.

    >>> import asyncio, tempfile
    >>> from hybrid_search import AsyncLibrary
    >>> async def passages(folder: str) -> int:
    ...     async with await AsyncLibrary.open(folder, create=True) as library:
    ...         return (await library.status()).passages
    >>> asyncio.run(passages(tempfile.mkdtemp()))
    0

    """

    def __init__(self, library: Library, pool: ThreadPoolExecutor) -> None:
        self._library = library
        self._pool = pool
        self._open = True

    @classmethod
    async def open(
        cls,
        path: Path | str | None = None,
        *,
        create: bool = False,
        readonly: bool = False,
        notify: Callable[[str], None] | None = None,
    ) -> Self:
        """Open a library; see `Library.open`. `notify` is called in the library's thread."""
        pool = ThreadPoolExecutor(1, thread_name_prefix="library")
        opening = partial(Library.open, path, create=create, readonly=readonly, notify=notify)
        try:
            library = await asyncio.get_running_loop().run_in_executor(pool, opening)
        except BaseException:
            pool.shutdown(wait=False)
            raise
        return cls(library, pool)

    @property
    def path(self) -> Path:
        """Its folder."""
        return self._library.path

    @property
    def notices(self) -> list[str]:
        """Notices for the user, in order."""
        return self._library.notices

    async def _run(self, function: Callable[..., Given], *args: Any, **options: Any) -> Given:
        if not self._open:
            raise LibraryError(f"The library {self.path} was closed.", hint="Open it again.")
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(function, *args, **options))

    async def index(
        self,
        folders: Sequence[Path | str],
        *,
        encoders: Sequence[Encoder | str],
        exclude: Sequence[str] = (),
        progress: Callable[[IndexProgress], None] | None = None,
        text_column: str | None = None,
    ) -> IndexReport:
        """Update the library from folders; see `Library.index`.

        A cancelled task stops between two files or batches: stored work is kept, and the next call continues it.
        `progress` is called in the library's thread.
        """
        stop = threading.Event()
        work = asyncio.ensure_future(
            self._run(
                self._library.index,
                folders,
                encoders=encoders,
                exclude=exclude,
                progress=progress,
                cancelled=stop.is_set,
                text_column=text_column,
            )
        )
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([work])
            raise

    async def search(self, query: str, *, encoder: Encoder | str, k: int = 10, **options: Any) -> Ranking:
        """The k best passages for a query; options are those of `Library.search`."""
        return await self._run(self._library.search, query, encoder=encoder, k=k, **options)

    async def compare(
        self, query: str, *, encoders: Sequence[Encoder | str], k: int = 10, **options: Any
    ) -> Comparison:
        """The rankings of several encoders; options are those of `Library.compare`."""
        return await self._run(self._library.compare, query, encoders=encoders, k=k, **options)

    async def passage(self, id: int) -> Passage:
        """A passage by its id."""
        return await self._run(self._library.passage, id)

    async def translations(self, id: int) -> dict[str, Passage]:
        """The passages at the same place in parallel files, by language."""
        return await self._run(self._library.translations, id)

    async def remove(self, folder: Path | str) -> int:
        """Remove the documents of a folder or file from the library; returns how many."""
        return await self._run(self._library.remove, folder)

    async def status(self) -> Status:
        """What the library holds."""
        return await self._run(self._library.status)

    async def close(self) -> None:
        """Close it after the running call; finished work is kept. Closing it again does nothing."""
        if self._open:
            await self._run(self._library.close)
            self._open = False
            self._pool.shutdown(wait=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
