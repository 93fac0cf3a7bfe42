"""What a check of the doctor found."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """A thing that was looked at.

    Attributes:
        topic: what it belongs to.
        name: what was looked at.
        state: `note` is worth knowing and needs nothing; `wrong` keeps something from working.
        found: what was found, in a sentence.
        mend: the command or the sentence that mends it; "" where nothing needs to be mended.
    """

    topic: str
    name: str
    state: State
    found: str
    mend: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def pip_install(what: str) -> str:
    """The command that installs something where the program runs, whatever `pip` may mean in this shell."""
    return f"{shlex.quote(sys.executable)} -m pip install {what}"
