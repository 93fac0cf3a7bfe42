"""What the app keeps: settings and history, the demo's questions, and comparisons saved to a file.

Open `settings.py` first.
"""

from .export import markdown, refusal, save
from .measured import SOURCE, last_evaluation
from .memory import Memory
from .questions import Questions
from .settings import Settings, read_history, write_history

__all__ = [
    "SOURCE",
    "Memory",
    "Questions",
    "Settings",
    "last_evaluation",
    "markdown",
    "read_history",
    "refusal",
    "save",
    "write_history",
]
