"""One screen for each mode of the app, and its dialogs.

Open `mode.py` first, for what all screens share, then `compare.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late

if TYPE_CHECKING:
    from .dialogs import Confirm, HelpScreen, Jump, KeysScreen
    from .keymap import KeyRow, all_keys

__all__ = ["Confirm", "HelpScreen", "Jump", "KeyRow", "KeysScreen", "all_keys"]

__getattr__ = late(
    __name__,
    {
        "Confirm": ".dialogs",
        "HelpScreen": ".dialogs",
        "Jump": ".dialogs",
        "KeysScreen": ".dialogs",
        "KeyRow": ".keymap",
        "all_keys": ".keymap",
    },
)
