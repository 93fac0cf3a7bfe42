"""How far long work is: bars for people, events for programs, and the terminal's own mark of progress.

`bars.py` has the one thing that commands use; `events.py` writes events of `--jsonl`, `terminal.py` what a terminal
shows in its tab or task bar.
"""

from .bars import ProgressBars
from .events import begin_events, tell, tells_events, use_utf8

__all__ = ["ProgressBars", "begin_events", "tell", "tells_events", "use_utf8"]
