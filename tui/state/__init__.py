"""State that the app keeps: settings and history, the demo's questions, and comparisons saved to a file.

Open `settings.py` first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late

if TYPE_CHECKING:
    from .again import command, python
    from .export import markdown, refusal, save
    from .measured import SOURCE, last_evaluation
    from .memory import Memory
    from .new_file import why_no_file
    from .questions import Questions
    from .settings import Settings, read_history, settings_file, write_history
    from .web_page import page

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
    "why_no_file",
    "write_history",
]

__getattr__ = late(
    __name__,
    {
        "SOURCE": ".measured",
        "Memory": ".memory",
        "Questions": ".questions",
        "Settings": ".settings",
        "command": ".again",
        "last_evaluation": ".measured",
        "markdown": ".export",
        "page": ".web_page",
        "python": ".again",
        "read_history": ".settings",
        "refusal": ".export",
        "save": ".export",
        "settings_file": ".settings",
        "why_no_file": ".new_file",
        "write_history": ".settings",
    },
)
