"""Dialogs that any screen can open: choose, type, confirm, pick a folder or columns, see the help and the keys, jump.

Open `choose.py` first: the small dialogs, whose style the others share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....engine.late import late

if TYPE_CHECKING:
    from .choose import CANCEL, AskText, Choose, ChooseSeveral, Confirm, language_options
    from .dialog import Dialog
    from .help import HelpScreen
    from .jump import Jump
    from .keys import KeysScreen
    from .pick_columns import PickColumns
    from .pick_folder import PickFolder

__all__ = [
    "CANCEL",
    "AskText",
    "Choose",
    "ChooseSeveral",
    "Confirm",
    "Dialog",
    "HelpScreen",
    "Jump",
    "KeysScreen",
    "PickColumns",
    "PickFolder",
    "language_options",
]

__getattr__ = late(
    __name__,
    {
        "CANCEL": ".choose",
        "AskText": ".choose",
        "Choose": ".choose",
        "ChooseSeveral": ".choose",
        "Confirm": ".choose",
        "Dialog": ".dialog",
        "HelpScreen": ".help",
        "Jump": ".jump",
        "KeysScreen": ".keys",
        "PickColumns": ".pick_columns",
        "PickFolder": ".pick_folder",
        "language_options": ".choose",
    },
)
