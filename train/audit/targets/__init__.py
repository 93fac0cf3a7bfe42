"""Retrievers under audit: a target's name comes in, a `Target` that can be asked goes out.

Open `protocol.py` first. `opening.py` lists the kinds: each is a module with `open_target(scheme, place, options)`.
`answers.py` reads the answers of functions, commands and servers.
"""

from .by_encoder import ByEncoder
from .in_library import InLibrary
from .in_memory import InMemory, Records, everything_in, unit
from .in_stores import InStore
from .opening import SCHEMES, open_target
from .protocol import DEPTH, FIELDS, Answer, Options, Question, Target, TargetError
from .run_files import RunFile

__all__ = [
    "DEPTH",
    "FIELDS",
    "SCHEMES",
    "Answer",
    "ByEncoder",
    "InLibrary",
    "InMemory",
    "InStore",
    "Options",
    "Question",
    "Records",
    "RunFile",
    "Target",
    "TargetError",
    "everything_in",
    "open_target",
    "unit",
]
