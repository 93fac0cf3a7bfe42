"""Keeps settings and history, and saves them as they change, since a terminal may be closed at any time."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, replace

from .settings import Settings, read_history, write_history


class Memory:
    """Settings and the questions asked, now and as last saved.

    `trouble` is a sentence on what is wrong with the settings file, or "".
    """

    def __init__(self) -> None:
        self.settings, self.trouble = Settings.load()
        self.history = read_history()
        self._writing = asyncio.Lock()
        self._written = self._now(self.settings.columns)

    def _now(self, columns: list[str]) -> tuple[str, tuple[str, ...]]:
        return json.dumps(asdict(replace(self.settings, columns=columns))), tuple(self.history)

    async def keep(self, columns: list[str]) -> str:
        """Save changes in a thread; returns a sentence on why the settings could not be saved, or "".

        Args:
            columns: the value to save for the setting of that name.
        """
        async with self._writing:
            now = self._now(columns)
            if now == self._written:
                return ""
            self._written = now
            copy, asked = replace(self.settings, columns=list(columns)), list(now[1])
            trouble = await asyncio.to_thread(copy.save)
            await asyncio.to_thread(write_history, asked)
            return trouble
