"""Defines the result of a check."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One thing that was checked.

    Attributes:
        topic: the group it is shown in.
        name: what was checked.
        state: `note` needs no action; `wrong` keeps something from working.
        found: what was found, in a sentence.
        mend: the command or sentence that fixes it; "" if nothing needs fixing.
    """

    topic: str
    name: str
    state: State
    found: str
    mend: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The finding in the form of the JSON output."""
        return asdict(self)


def pip_install(what: str) -> str:
    """The command that installs a package into the program's own environment, whichever `pip` the shell finds."""
    return f"{shlex.quote(sys.executable)} -m pip install {what}"
