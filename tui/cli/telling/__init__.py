"""Output of commands: consoles, progress bars for people, events for programs, and the terminal's own progress mark.

`bars.py` shows the progress of long work, `consoles.py` prints text, `events.py` writes the events of `--jsonl`,
`terminal.py` shows progress in a terminal's tab or task bar. Consoles are imported when they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....engine.late import late
from .bars import ProgressBars
from .events import begin_events, tell, tell_failure, tells_events, use_utf8, write_event

if TYPE_CHECKING:
    from . import consoles

__all__ = [
    "ProgressBars",
    "begin_events",
    "consoles",
    "tell",
    "tell_failure",
    "tells_events",
    "use_utf8",
    "write_event",
]

__getattr__ = late(__name__, {"consoles": "."})
