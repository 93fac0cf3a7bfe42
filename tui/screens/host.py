"""Declares what screens need of the app."""

from __future__ import annotations

from typing import Any, Protocol

from textual.screen import Screen

from ..service import Jobs, OnProgress, Training
from ..state import Settings


class Host(Protocol):
    """The app as its screens see it: the open library, settings, and services to ask."""

    settings: Settings
    jobs: Jobs
    training: Training
    study: Training
    """A sweep of alpha."""
    history: list[str]
    listeners: list[Screen[Any]]
    first_query: str
    question: str
    """What is asked on Compare."""
    status: dict[str, Any] | None
    trouble: str

    @property
    def folders(self) -> list[str]:
        """The folders that the library was made from."""

    @property
    def state_words(self) -> str:
        """The words at the top right."""

    async def ask(
        self, op: str, progress: OnProgress | None = None, *, wake: bool = True, **parameters: Any
    ) -> dict[str, Any]:
        """The result of an operation of the child process; raises `ServiceError`."""

    def settle(self) -> None:
        """Call this once a screen that stays to the end has been drawn."""

    def open_library(self, library: str = "") -> Any:
        """Open a library in the child process."""

    def refresh_library(self) -> Any:
        """Ask again what the library holds, and tell every screen."""

    def library_to_open(self) -> str:
        """The library to open again, as the child takes it."""

    def at_training(self) -> str:
        """The training or sweep that is running, as a sentence, or "": two at once would each take twice as long."""

    def where(self) -> dict[str, Any]:
        """The library that is open, as a parameter of long work."""

    async def ask_on_compare(self, query: str, language: str = "") -> None:
        """Go to Compare and ask there; `language` is the question's, if known."""
