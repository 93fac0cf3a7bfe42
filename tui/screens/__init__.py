"""One screen for each mode of the app, and its dialogs.

Open `mode.py` first: what all screens share; then `compare.py`.
"""

from .choose import Confirm
from .help import HelpScreen
from .keys import KeysScreen

__all__ = ["Confirm", "HelpScreen", "KeysScreen"]
