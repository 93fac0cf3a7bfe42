"""What the exit codes of `hybrid-search` mean."""

from __future__ import annotations

from collections.abc import Mapping

DONE, UNREADABLE, REFUSED, STOPPED = 0, 1, 2, 130

EXIT_CODES: Mapping[int, str] = {
    DONE: "Done.",
    UNREADABLE: "Done, but for files that could not be read; `hybrid-search status --failed` says why.",
    REFUSED: "Not done: the call or the environment does not allow it. `check`: something stays wrong.",
    STOPPED: "Stopped by Ctrl-C; what was done is kept.",
}
