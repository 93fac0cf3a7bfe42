"""What the app keeps: settings and history, the demo's questions, and comparisons saved to a file.

Open `settings.py` first.
"""

from .export import markdown, save
from .questions import Questions
from .settings import Settings, read_history, write_history

__all__ = ["Questions", "Settings", "markdown", "read_history", "save", "write_history"]
