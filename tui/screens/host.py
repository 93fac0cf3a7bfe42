"""What screens need of the app that shows them."""

from __future__ import annotations

from typing import Any, Protocol

from textual.screen import Screen

from ..service import Jobs, OnProgress, Training
from ..state import Settings


class Host(Protocol):
    """The app as its screens see it: the library that is open, settings, and whom to ask."""

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
        """What stands at the top right."""

    async def ask(
        self, op: str, progress: OnProgress | None = None, *, wake: bool = True, **parameters: Any
    ) -> dict[str, Any]:
        """The result of an operation of the child process; raises `ServiceError`."""

    def open_library(self, library: str = "") -> Any:
        """Open a library in the child process."""

    def refresh_library(self) -> Any:
        """Learn again what the library holds, and tell every screen."""

    def library_to_open(self) -> str:
        """The library to open again, as the child wants it named."""

    def at_training(self) -> str:
        """What of training goes on, as a sentence; "" for nothing: two at once would take twice as long each."""

    def where(self) -> dict[str, Any]:
        """The library that is open, as a parameter of long work."""

    async def ask_on_compare(self, query: str, language: str = "") -> None:
        """Go to Compare and ask there; `language` is that of the question where it is known."""
