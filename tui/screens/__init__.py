"""One screen for each mode of the app, and its dialogs.

Open `mode.py` first: what all screens share; then `compare.py`.
"""

from .help import HelpScreen

__all__ = ["HelpScreen"]
