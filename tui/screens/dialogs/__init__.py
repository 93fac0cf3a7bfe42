"""Dialogs that any screen can open: choose, type, confirm, pick a folder or columns, see the help and the keys.

Open `choose.py` first: the small ones, whose look the others share.
"""

from .choose import CANCEL, AskText, Choose, ChooseSeveral, Confirm, language_options
from .help import HelpScreen
from .keys import KeysScreen
from .pick_columns import PickColumns
from .pick_folder import PickFolder

__all__ = [
    "CANCEL",
    "AskText",
    "Choose",
    "ChooseSeveral",
    "Confirm",
    "HelpScreen",
    "KeysScreen",
    "PickColumns",
    "PickFolder",
    "language_options",
]
