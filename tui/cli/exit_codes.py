"""What the exit codes of `hybrid-search` mean."""

from __future__ import annotations

from collections.abc import Mapping

# 141 is what a shell reports if a program was ended by SIGPIPE (128 + 13).
DONE, UNREADABLE, REFUSED, FELL, STOPPED, PIPE_CLOSED = 0, 1, 2, 3, 130, 141

EXIT_CODES: Mapping[int, str] = {
    DONE: "Done.",
    UNREADABLE: "Done, except for files that could not be read; `hybrid-search status --failed` says why.",
    REFUSED: "Not done: the call or the environment does not allow it. `check`: something stays wrong.",
    FELL: "`audit --baseline`: a language got worse, by a paired test over the same questions.",
    STOPPED: "Stopped by Ctrl-C; what was done is kept.",
    PIPE_CLOSED: "The output was closed early, as by `| head`.",
}
