"""One screen for each mode of the app, and its dialogs.

Open `mode.py` first: what all screens share; then `compare.py`.
"""

from .dialogs import Confirm, HelpScreen, KeysScreen

__all__ = ["Confirm", "HelpScreen", "KeysScreen"]
