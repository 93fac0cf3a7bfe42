"""What the app keeps: settings and history, the demo's questions, and comparisons saved to a file.

Open `settings.py` first.
"""

from .again import command, python
from .export import markdown, refusal, save
from .measured import SOURCE, last_evaluation
from .memory import Memory
from .page import page
from .questions import Questions
from .settings import Settings, read_history, settings_file, write_history

__all__ = [
    "SOURCE",
    "Memory",
    "Questions",
    "Settings",
    "command",
    "last_evaluation",
    "markdown",
    "page",
    "python",
    "read_history",
    "refusal",
    "save",
    "settings_file",
    "write_history",
]
