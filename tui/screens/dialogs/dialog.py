"""The base of all dialogs: each closes once."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType


class Dialog(ModalScreen[ScreenResultType]):
    """A screen over another one, which returns a result."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close this dialog if it is in front.

        A second key or click may be on its way to a dialog that has just closed. Textual would then close the screen
        below, or end the app if that is the last one.
        """
        return super().dismiss(result) if self.is_active else AwaitComplete()
